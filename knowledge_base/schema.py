"""A service item (政务服务事项) and its guide (办事指南) as typed data, and the section that search and citations name.

Comes in: one mapping per file of `knowledge_base/content`. Goes out: frozen models; an unknown or missing field is
refused. Terms are those of the guides themselves; texts are Chinese and stand without a closing full stop, which the
rendering in `knowledge_base.sections` adds. An element that is not known for sure is left out, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class Element(StrEnum):
    """The parts of a guide that a question can be about; each becomes one section."""

    OVERVIEW = "overview"
    CONDITIONS = "conditions"
    MATERIALS = "materials"
    STEPS = "steps"
    LIMITS = "limits"
    FEE = "fee"
    RESULT = "result"
    VISITS = "visits"
    PLACES = "places"
    HOURS = "hours"
    PHONES = "phones"
    LEGAL_BASIS = "legal_basis"

    @property
    def display_name(self) -> str:
        """What the element is called on screen."""
        return ELEMENT_TITLES[self]


ELEMENT_TITLES: dict[Element, str] = {
    Element.OVERVIEW: "事项概述",
    Element.CONDITIONS: "受理条件",
    Element.MATERIALS: "申请材料",
    Element.STEPS: "办理流程",
    Element.LIMITS: "办理时限",
    Element.FEE: "收费标准",
    Element.RESULT: "办理结果",
    Element.VISITS: "到现场次数",
    Element.PLACES: "办理地点",
    Element.HOURS: "办理时间",
    Element.PHONES: "咨询与监督电话",
    Element.LEGAL_BASIS: "设定依据",
}


class ItemType(StrEnum):
    """事项类型."""

    LICENCE = "行政许可"
    CONFIRMATION = "行政确认"
    BENEFIT = "行政给付"
    ADJUDICATION = "行政裁决"
    LEVY = "行政征收"
    AWARD = "行政奖励"
    OTHER_POWER = "其他行政权力"
    PUBLIC_SERVICE = "公共服务"


class Level(StrEnum):
    """行使层级."""

    NATION = "国家"
    PROVINCE = "省"
    CITY = "市"
    DISTRICT = "县（区）"
    STREET = "乡镇（街道）"
    VILLAGE = "村（社区）"


class ApplicantKind(StrEnum):
    """服务对象."""

    PERSON = "自然人"
    LEGAL_PERSON = "法人"
    UNINCORPORATED = "非法人组织"


class HandlingKind(StrEnum):
    """办件类型: done while you wait, or within a promised time."""

    IMMEDIATE = "即办件"
    PROMISED = "承诺件"


class ItemStatus(StrEnum):
    """状态."""

    IN_USE = "在用"
    SUSPENDED = "挂起"
    CANCELLED = "取消"


class Necessity(StrEnum):
    """Whether a material must be there on submission."""

    REQUIRED = "必要"
    OPTIONAL = "非必要"
    LATER = "容缺后补"


class MaterialKind(StrEnum):
    """The form in which a material is handed in."""

    ORIGINAL = "原件"
    COPY = "复印件"
    ELECTRONIC = "电子"
    ORIGINAL_AND_COPY = "原件和复印件"
    ORIGINAL_OR_COPY = "原件或复印件"


class MaterialSource(StrEnum):
    """Who makes the material."""

    APPLICANT = "申请人自备"
    GOVERNMENT = "政府部门核发"
    OTHER = "其他"


class LimitUnit(StrEnum):
    """The unit of a time limit. 工作日 and 自然日 are never converted into each other."""

    WORKING_DAY = "工作日"
    CALENDAR_DAY = "自然日"
    IMMEDIATE = "即办"


class ResultKind(StrEnum):
    """What kind of thing the applicant gets."""

    CERTIFICATE = "证照"
    APPROVAL = "批文"
    OTHER = "其他"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Condition(_Part):
    """One condition. `any_of`: one of these is enough. `thresholds`: the numbers that decide. `exceptions`: when it
    does not hold, or another way is to be taken."""

    text: Text
    any_of: tuple[Text, ...] = ()
    thresholds: tuple[Text, ...] = ()
    exceptions: tuple[Text, ...] = ()


class Material(_Part):
    """One application material. `when`: only then must it be handed in. `exempt_by_sharing`: what shared data already
    hold is not asked for again (免于提交)."""

    name: Text
    necessity: Necessity
    kind: MaterialKind
    copies: Annotated[int, Field(ge=0, le=20)]
    source: MaterialSource
    when: Text | None = None
    page_format: Text | None = None
    filling_notes: Text | None = None
    acceptance_standard: Text
    exempt_by_sharing: bool = False
    electronic_licence: Text | None = None

    @model_validator(mode="after")
    def _electronic_has_no_copies(self) -> Self:
        if (self.copies == 0) != (self.kind is MaterialKind.ELECTRONIC):
            raise ValueError("copies 只有电子材料(kind: 电子)填 0，其余至少 1")
        return self


class TimeLimit(_Part):
    """A time limit. `number` is left out with 即办 only. `notes`: what does not count, how it can be extended."""

    number: Annotated[int, Field(ge=1, le=3_650)] | None = None
    unit: LimitUnit
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _number_with_unit(self) -> Self:
        if (self.number is None) != (self.unit is LimitUnit.IMMEDIATE):
            raise ValueError("number 与 unit 不配：工作日、自然日必须有天数，即办不写天数")
        return self


class Fee(_Part):
    """收费. `standard`: how much, or why nothing; needed when something is charged."""

    charged: bool
    standard: Text | None = None
    legal_basis: Text | None = None

    @model_validator(mode="after")
    def _charge_has_standard(self) -> Self:
        if self.charged and self.standard is None:
            raise ValueError("charged 为 true 时必须写明 standard(收费标准)")
        return self


class Step(_Part):
    """One step of 办理流程: 申请, 受理, 审查, 决定, 送达 and what comes between."""

    name: Text
    text: Text


class Result(_Part):
    """办理结果. `validity`: how long it holds. `delivery`: how it reaches the applicant. `notes`: what follows."""

    name: Text
    kind: ResultKind
    validity: Text | None = None
    delivery: Text | None = None
    notes: tuple[Text, ...] = ()


class Visits(_Part):
    """到现场次数: 0 means fully online."""

    count: Annotated[int, Field(ge=0, le=9)]
    note: Text | None = None


class Place(_Part):
    """办理地点. `sample` marks an address that is made up for demonstration."""

    name: Text
    address: Text | None = None
    window: Text | None = None
    sample: bool = False


class Hours(_Part):
    """办理时间, as it is written on the door."""

    text: Text
    sample: bool = False


class Phone(_Part):
    """A telephone number and whose it is."""

    name: Text
    number: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9\-]{2,19}$")]
    sample: bool = False


class LegalBasis(_Part):
    """设定依据. `article` is left out where it is not known for sure; `text` says what follows from it."""

    law: Text
    document_number: Text | None = None
    article: Text | None = None
    text: Text | None = None


class SituationOption(_Part):
    """One answer to a situation's question, and what follows from it."""

    label: Text
    note: Text | None = None


class Situation(_Part):
    """情形: a question whose answer decides what applies."""

    question: Text
    options: Annotated[tuple[SituationOption, ...], Field(min_length=2)]


class ServiceItem(_Part):
    """业务办理项: the smallest thing that a person applies for, with its whole guide."""

    id: Slug
    version: Annotated[int, Field(ge=1)]
    status: ItemStatus = ItemStatus.IN_USE
    effective_date: date | None = None
    cancel_date: date | None = None
    sample: bool = False

    name: Text
    aliases: tuple[Text, ...] = ()
    item_type: ItemType
    catalogue_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{12}$")] | None = None
    implementation_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{31}$")] | None = None
    level: Level
    authority: Text
    applicant_kinds: Annotated[tuple[ApplicantKind, ...], Field(min_length=1)]
    handling_kind: HandlingKind
    online_depth: Text | None = None
    online_channels: tuple[Text, ...] = ()
    life_events: tuple[Text, ...] = ()
    summary: Text

    situations: tuple[Situation, ...] = ()
    conditions: tuple[Condition, ...] = ()
    materials: tuple[Material, ...] = ()
    steps: tuple[Step, ...] = ()
    statutory_limit: TimeLimit | None = None
    promised_limit: TimeLimit | None = None
    fee: Fee | None = None
    result: Result | None = None
    visits: Visits | None = None
    places: tuple[Place, ...] = ()
    hours: tuple[Hours, ...] = ()
    consult_phone: Phone | None = None
    supervise_phone: Phone | None = None
    legal_basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Section:
    """One element of one item as text: the unit of search and of citation.

    `id` is `item/element@version`, stable for published text. `text` is complete and in lines; lines of a list begin
    with "1. ". `title` is the element's name on screen.
    """

    id: str
    item_id: str
    item_name: str
    element: Element
    title: str
    text: str
    version: int
