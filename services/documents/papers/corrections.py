"""What people put right: a field's value, or which kind a paper is; kept with its history, and as samples to learn from.

Comes in: a clerk's or the owner's correction. Goes out: the paper as it then holds. A value typed in any form is brought to the
field's normal form (2021年6月1日 -> 2021-06-01); one that has none is refused with what was expected.

A sample keeps the text only of fields that say nothing about a person (policy.yaml); of all others only which characters were
misread as which, and whether the reader had been sure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import HubError, Invalid, NotFound
from knowledge_base.life.lifecycle import Actor
from knowledge_base.samples import Consent, SampleKind, Samples
from services.access import Caller
from services.documents.extraction.characters import comparable
from services.documents.extraction.kinds import FieldKind, ValueType, paper_kinds
from services.documents.extraction.normalising import Normalised, normalised
from services.documents.extraction.page_lines import Quad
from services.documents.papers.policy import Policy, load_policy
from services.documents.papers.reading import fields_of
from services.documents.papers.sorting import OTHER
from services.documents.papers.storing import PaperState, boxes_of, papers_of, parts_of, seals_on, write_fields
from services.documents.papers.tables import DocumentCorrection, DocumentField, DocumentPaper
from services.documents.tables import Document, DocumentPage
from services.documents.views import Views

LONGEST_VALUE = 2000
ALIKE = 0.6
"""Share of characters that two readings of one value have in common, at least."""
EXPECTED: dict[ValueType, str] = {
    ValueType.DATE: "日期，如 2021-06-01 或 2021年6月1日",
    ValueType.PERIOD: "起止日期，如 2021-06-01 至 2031-06-01，或 2021-06-01 至 长期",
    ValueType.MONEY: "金额，如 12000 或 壹万贰仟元整",
    ValueType.AREA: "面积，如 86.5 平方米",
    ValueType.IDENTITY_NUMBER: "18 位公民身份号码",
    ValueType.CREDIT_CODE: "18 位统一社会信用代码",
    ValueType.FOOD_LICENCE: "食品经营许可证编号",
    ValueType.SUBJECT_NUMBER: "统一社会信用代码或公民身份号码",
}

_NUMBER = re.compile(r"[0-9][0-9,]*(?:[.][0-9]+)?")

log = structlog.get_logger("documents")


class Corrections:
    """Corrections in `database`.

    Args:
        find: the document, if the caller may see it (raises NotFound).
        views: where it is written down that the caller was shown the papers.
        samples: where corrections are kept to learn from, or None.
    """

    def __init__(
        self,
        database: Database,
        find: Callable[[Session, str, Caller], Document],
        views: Views,
        samples: Samples | None,
        policy: Policy | None = None,
    ) -> None:
        self._database = database
        self._find = find
        self._views = views
        self._samples = samples
        self._policy = policy or load_policy()

    async def correct_field(
        self,
        document_id: str,
        paper: int,
        field_id: str,
        value: str | None,
        box: tuple[int, Quad] | None,
        caller: Caller,
    ) -> list[PaperState]:
        """Set a field's value (None: the paper doesn't have it), or confirm the one that it has. `box`: page and place where
        it was seen, if it was pointed at.

        Raises:
            NotFound: `document_not_found`, `paper_not_found`, `field_not_found`.
            Invalid: `field_value_invalid` (no normal form), `page_not_found`.
        """

        def write(session: Session) -> tuple[list[PaperState], dict[str, Any]]:
            found = self._paper(session, document_id, paper, caller)
            row, kind = _field(session, found, field_id)
            read = typed(value, kind)
            if box is not None and session.get(DocumentPage, (document_id, box[0])) is None:
                raise Invalid(f"这份文件没有第 {box[0]} 页。", code="page_not_found", param="page")
            sample = self._field_sample(found.kind, kind, row, read.value)
            session.add(_correction(found, field_id, row.value, read.value, caller))
            # Who points to another place has not left the field as it was.
            confirmed = box is None and read.value is not None and read.value == row.value
            row.value, row.proven, row.repair = read.value, read.proven, None
            row.parts = None
            at = now()
            if not confirmed or row.corrected_by is None:
                row.corrected_by, row.corrected_at = caller.id, at
            row.confirmed_by, row.confirmed_at = (caller.id, at) if confirmed else (None, None)
            if box is not None:
                row.boxes = boxes_of(box[0], [box[1]])
            session.flush()
            return papers_of(session, document_id), sample

        await self._views.record(caller, document_id, "result")
        papers, sample = await self._database.run(write)
        await self._keep(f"{document_id}/{paper}/{field_id}", sample, caller)
        return papers

    async def name_kind(self, document_id: str, paper: int, kind: str, caller: Caller) -> list[PaperState]:
        """Say which kind a paper is; its fields are read again for that kind.

        Raises:
            NotFound: `document_not_found`, `paper_not_found`.
            Invalid: `paper_kind_unknown`.
        """
        if kind != OTHER and kind not in paper_kinds():
            raise Invalid("没有这种材料；可选的种类见 /api/documents/kinds。", code="paper_kind_unknown", param="kind")

        def write(session: Session) -> tuple[list[PaperState], dict[str, Any]]:
            found = self._paper(session, document_id, paper, caller)
            sample = {"what": "paper-kind", "read": found.kind, "right": kind, "chance": found.chance}
            session.add(_correction(found, None, found.kind, kind, caller))
            found.kind, found.kind_by = kind, caller.id
            write_fields(
                session, document_id, paper, fields_of(kind, parts_of(session, found), seals_on(session, document_id))
            )
            return papers_of(session, document_id), sample

        await self._views.record(caller, document_id, "result")
        papers, sample = await self._database.run(write)
        await self._keep(f"{document_id}/{paper}/kind", sample, caller)
        return papers

    async def history(self, document_id: str, caller: Caller) -> list[DocumentCorrection]:
        """All corrections of a document, the oldest first. Raises NotFound (`document_not_found`)."""

        def read(session: Session) -> list[DocumentCorrection]:
            self._find(session, document_id, caller)
            rows = select(DocumentCorrection).where(DocumentCorrection.document_id == document_id)
            return list(session.scalars(rows.order_by(DocumentCorrection.id)))

        return await self._database.run(read, read_only=True)

    def _paper(self, session: Session, document_id: str, number: int, caller: Caller) -> DocumentPaper:
        self._find(session, document_id, caller)
        paper = session.get(DocumentPaper, (document_id, number))
        if paper is None:
            raise NotFound(f"这份文件里没有第 {number} 份材料。", code="paper_not_found")
        return paper

    def _field_sample(self, kind: str, field: FieldKind, row: DocumentField, after: str | None) -> dict[str, Any]:
        sample: dict[str, Any] = {
            "what": "field",
            "kind": kind,
            "field": field.id,
            "type": field.type.value,
            "outcome": "same"
            if row.value == after
            else "missed"
            if not row.value
            else "gone"
            if not after
            else "other",
            "confidence": round(row.confidence, 3),
            "sure": row.sure,
            "misread": misread(row.value or "", after or ""),
        }
        if field.id in self._policy.public_fields.get(kind, ()):
            sample |= {"read": row.value, "right": after}
        return sample

    async def _keep(self, place: str, label: Mapping[str, Any], caller: Caller) -> None:
        """A sample is a by-product: that it can't be kept never undoes the correction."""
        if self._samples is None:
            return
        consent = Consent.GIVEN if caller.anonymous else Consent.STAFF
        text = f"{label['what']} {label.get('kind', label.get('right'))} {label.get('field', '')}".strip()
        try:
            await self._samples.add(
                SampleKind.CORRECTION,
                text,
                dict(label),
                origin=f"document:{place}"[:120],
                consent=consent,
                by=Actor(caller.id, caller.name),
            )
        except HubError as error:
            log.warning("correction_not_kept_as_sample", code=error.code)


def misread(read: str, right: str) -> list[list[str]]:
    """Which characters were read as which: pairs of at most two. Nothing where the texts are mostly different: those are two
    values, and would say too much of a person and too little of the reader."""
    matcher = SequenceMatcher(None, read, right, autojunk=False)
    if matcher.ratio() < ALIKE:
        return []
    return [
        [read[a:b], right[c:d]]
        for what, a, b, c, d in matcher.get_opcodes()
        if what != "equal" and b - a <= 2 and d - c <= 2
    ]


def typed(value: str | None, field: FieldKind) -> Normalised:
    """What a person typed (or a box holds) in the field's normal form. Raises Invalid (`field_value_invalid`)."""
    text = comparable((value or "").strip())
    if not text:
        return Normalised(None)
    if len(text) > LONGEST_VALUE:
        raise Invalid(f"一个字段最多 {LONGEST_VALUE} 字。", code="field_value_invalid", param="value")
    if field.type in (ValueType.TEXT, ValueType.NAME, ValueType.ADDRESS) and not field.options:
        return Normalised((value or "").strip(), proven=None)
    read = _plainly(text, field)
    if read.value is None:
        expected = "、".join(field.options) or EXPECTED.get(field.type, "别的内容")
        raise Invalid(f"“{field.name}”应为：{expected}。", code="field_value_invalid", param="value")
    return read


def _plainly(text: str, field: FieldKind) -> Normalised:
    """What a person typed, in normal form: not put right by check digits, and not held to what is printed around it."""
    if field.type is ValueType.PERIOD:
        text = text.replace("/", "至")
    # On paper a number alone may be anything; a person who types one into this field means it.
    if field.type is ValueType.MONEY and _NUMBER.fullmatch(text):
        text += "元"
    if field.type is ValueType.AREA and _NUMBER.fullmatch(text):
        text += "平方米"
    read = normalised(text, field.model_copy(update={"pattern": None}))
    if read.repair is not None:
        return Normalised(text.upper(), proven=False)
    return read


def _field(session: Session, paper: DocumentPaper, field_id: str) -> tuple[DocumentField, FieldKind]:
    kind = paper_kinds().get(paper.kind)
    known = next((one for one in kind.fields if one.id == field_id), None) if kind else None
    row = session.scalars(
        select(DocumentField).where(
            DocumentField.document_id == paper.document_id,
            DocumentField.paper == paper.number,
            DocumentField.field == field_id,
        )
    ).one_or_none()
    if known is None or row is None:
        raise NotFound("这份材料没有这个字段。", code="field_not_found")
    return row, known


def _correction(
    paper: DocumentPaper, field_id: str | None, before: str | None, after: str | None, caller: Caller
) -> DocumentCorrection:
    return DocumentCorrection(
        document_id=paper.document_id,
        paper=paper.number,
        field=field_id,
        before=before,
        after=after,
        by=caller.id,
        at=now(),
    )
