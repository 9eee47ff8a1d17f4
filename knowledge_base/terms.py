"""The closed lists of words that guides are written with (domain terms of 政务服务事项), and what they are called on screen.

No logic: each value is the word as it stands in a guide. Kinds of entries and states of a text stand here too, because the
database, the API and the pages all name them.
"""

from __future__ import annotations

from enum import StrEnum


class EntryKind(StrEnum):
    """What the library holds. A directory entry (目录事项) is a name and a department without a guide."""

    ITEM = "item"
    FAQ = "faq"
    POLICY = "policy"
    LIFE_EVENT = "life_event"
    DIRECTORY = "directory"

    @property
    def display_name(self) -> str:
        """What the kind is called on screen."""
        return ENTRY_KIND_TITLES[self]


ENTRY_KIND_TITLES: dict[EntryKind, str] = {
    EntryKind.ITEM: "办事指南",
    EntryKind.FAQ: "常见问答",
    EntryKind.POLICY: "政策",
    EntryKind.LIFE_EVENT: "一件事",
    EntryKind.DIRECTORY: "目录事项",
}


class TextState(StrEnum):
    """Where one version of a text stands: draft -> review -> approved -> published -> superseded or withdrawn.

    `approved` waits to be published by hand or for its effective date. At most one version of an entry is published.
    """

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"

    @property
    def display_name(self) -> str:
        """What the state is called on screen."""
        return TEXT_STATE_TITLES[self]


TEXT_STATE_TITLES: dict[TextState, str] = {
    TextState.DRAFT: "草稿",
    TextState.REVIEW: "待审核",
    TextState.APPROVED: "待发布",
    TextState.PUBLISHED: "已发布",
    TextState.SUPERSEDED: "已替换",
    TextState.WITHDRAWN: "已撤下",
}


class Element(StrEnum):
    """The parts of an entry that a question can be about; each becomes one section."""

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
    AMOUNTS = "amounts"
    DEADLINES = "deadlines"
    ITEMS = "items"
    ANSWER = "answer"

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
    Element.AMOUNTS: "政策内容与标准",
    Element.DEADLINES: "申报期限",
    Element.ITEMS: "包含事项",
    Element.ANSWER: "解答",
}
ITEM_ELEMENTS: tuple[Element, ...] = tuple(Element)[:12]
"""What a service item's guide has; the rest belong to policies, life events and FAQ."""


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


class PaperType(StrEnum):
    """Kinds of paper that the document service tells apart; a material names those that satisfy it."""

    ID_CARD_FACE = "居民身份证人像面"
    ID_CARD_BACK = "居民身份证国徽面"
    BUSINESS_LICENCE = "营业执照"
    HOUSEHOLD_REGISTER = "户口簿"
    RESIDENCE_PERMIT = "居住证"
    REAL_ESTATE_CERTIFICATE = "不动产权证书"
    FOOD_BUSINESS_LICENCE = "食品经营许可证"
    HYGIENE_LICENCE = "公共场所卫生许可证"
    MARRIAGE_CERTIFICATE = "结婚证"
    HEALTH_CERTIFICATE = "健康证明"
    LEASE_CONTRACT = "房屋租赁合同"
    POWER_OF_ATTORNEY = "授权委托书"
    APPLICATION_FORM = "申请表"
    OTHER = "其他"


class ResultKind(StrEnum):
    """What kind of thing the applicant gets."""

    CERTIFICATE = "证照"
    APPROVAL = "批文"
    OTHER = "其他"
