"""What /api/documents answers about papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.documents.extraction.kinds import PaperKind, paper_kinds
from services.documents.papers.sorting import OTHER
from services.documents.papers.storing import PaperState
from services.documents.papers.tables import DocumentCorrection, DocumentField

Corner = Annotated[tuple[float, float], Field(description="(x, y)，相对页宽、页高 0..1")]
Level = Literal["sure", "check", "missing"]
OTHER_TITLE = "其他材料"


class PlaceView(BaseModel):
    """Where something stands."""

    page: int
    box: list[Corner] = Field(min_length=4, max_length=4, description="四角，自文字左上角起顺时针，以上传时的方向为准")


class RepairView(BaseModel):
    """One misread character that a check digit put right."""

    place: int = Field(description="第几个字符，从 0 起")
    read: str = Field(description="原来读成什么")


class FieldView(BaseModel):
    """One field of a paper."""

    id: str
    name: str
    value: str | None = Field(description="规范后的值；没有读到为空")
    raw: str = Field(description="纸上读到的原文")
    confidence: float = Field(ge=0, le=1, description="值完全正确的把握")
    level: Level = Field(description="sure 可直接采用；check 请核对；missing 没有读到")
    proven: bool | None = Field(description="校验位或格式是否成立；空为无从校验")
    repair: RepairView | None = None
    parts: dict[str, str] | None = Field(None, description="地址的各部分")
    places: list[PlaceView]
    corrected: bool = Field(description="是否由人定过：改过，或核对过")
    corrected_at: datetime | None = None
    confirmed: bool = Field(description="是否由人核对过，值没有变")
    confirmed_by: str | None = Field(None, description="谁核对的：密钥的编号")
    confirmed_at: datetime | None = None


class PaperView(BaseModel):
    """One paper."""

    number: int
    kind: str
    title: str
    chance: float = Field(ge=0, le=1, description="模型对种类的把握")
    named_by_person: bool
    pages: list[int]
    fields: list[FieldView]


class KindView(BaseModel):
    """A kind of paper that the hub knows."""

    id: str
    title: str
    paper_type: str
    fields: dict[str, str] = Field(description="字段 id -> 名称")


class CorrectionView(BaseModel):
    """One correction; `field` empty: of the paper's kind."""

    paper: int
    field: str | None
    before: str | None
    after: str | None
    by: str
    at: datetime


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FieldWanted(_Wanted):
    """A correction of a field."""

    value: Annotated[str, Field(max_length=2000)] | None = Field(description="正确的值；空表示纸上没有这一项")
    page: Annotated[int, Field(ge=1)] | None = None
    box: Annotated[list[tuple[float, float]], Field(min_length=4, max_length=4)] | None = Field(
        None, description="在页面上指出的位置"
    )


class KindWanted(_Wanted):
    """A paper's kind as a person names it."""

    kind: Annotated[str, Field(max_length=60)]


class RegionWanted(_Wanted):
    """A box that is read again, and for which field."""

    left: Annotated[float, Field(ge=0, le=1)]
    top: Annotated[float, Field(ge=0, le=1)]
    right: Annotated[float, Field(ge=0, le=1)]
    bottom: Annotated[float, Field(ge=0, le=1)]
    kind: Annotated[str, Field(max_length=60)] | None = Field(None, description="按哪种材料")
    field: Annotated[str, Field(max_length=60)] | None = Field(None, description="的哪个字段来规范")


class RegionView(BaseModel):
    """What stands in a box."""

    text: str
    confidence: float
    value: str | None = Field(None, description="按所指字段规范后的值")
    proven: bool | None = None


def paper_views(papers: Sequence[PaperState]) -> list[PaperView]:
    """Papers as callers see them."""
    return [_paper(one) for one in papers]


def _paper(state: PaperState) -> PaperView:
    kind = paper_kinds().get(state.paper.kind)
    names = {one.id: one.name for one in kind.fields} if kind else {}
    return PaperView(
        number=state.paper.number,
        kind=state.paper.kind,
        title=kind.title if kind else OTHER_TITLE,
        chance=state.paper.chance,
        named_by_person=state.paper.kind_by is not None,
        pages=[part["page"] for part in state.paper.parts],
        fields=[_field(one, names) for one in state.fields if one.field in names],
    )


def _field(row: DocumentField, names: dict[str, str]) -> FieldView:
    corrected = row.corrected_by is not None
    level: Level = "missing" if row.value is None else "sure" if row.sure or corrected else "check"
    return FieldView(
        id=row.field,
        name=names[row.field],
        value=row.value,
        raw=row.raw,
        confidence=row.confidence,
        level=level,
        proven=row.proven,
        repair=None if row.repair is None else RepairView(place=row.repair["place"], read=row.repair["read"]),
        parts=row.parts,
        places=[PlaceView.model_validate(one) for one in row.boxes],
        corrected=corrected,
        corrected_at=row.corrected_at,
        confirmed=row.confirmed_by is not None,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
    )


def kind_views() -> list[KindView]:
    """All kinds by title, the last being none of them."""
    known = sorted(paper_kinds().values(), key=lambda kind: kind.title)
    return [*(_kind(one) for one in known), KindView(id=OTHER, title=OTHER_TITLE, paper_type="其他", fields={})]


def _kind(kind: PaperKind) -> KindView:
    return KindView(
        id=kind.id, title=kind.title, paper_type=kind.paper_type.value, fields={one.id: one.name for one in kind.fields}
    )


def correction_view(row: DocumentCorrection) -> CorrectionView:
    """A correction as the history shows it."""
    return CorrectionView(paper=row.paper, field=row.field, before=row.before, after=row.after, by=row.by, at=row.at)
