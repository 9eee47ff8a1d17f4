"""An entry's elements as text: the same entry always gives the same sections, word for word.

`Section` is the unit of search and of citation. Nothing is cut and nothing is added: thresholds, exceptions, acceptance
standards and what is only a sample all stand in the text, because an answer quotes it. Lines are separated by a line feed,
lines of a list begin with "1. ", so that a page can show them as lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge_base.entries import DirectoryItem, Faq, LifeEvent, Policy, kind_of
from knowledge_base.schema import (
    AnswerKind,
    Condition,
    Conditional,
    Entry,
    LegalBasis,
    Material,
    Phone,
    Place,
    Result,
    ServiceItem,
    Situation,
    Step,
    TimeLimit,
)
from knowledge_base.terms import Element, EntryKind, HandlingKind, LimitUnit

SAMPLE_MARK = "（示例）"
SAMPLE_NOTE = "本内容为示例，据公开的法律法规编写。"


@dataclass(frozen=True, slots=True)
class Section:
    """One element of one entry as text.

    `id` is `entry/element@version`, stable for published text. `text` is complete and in lines; lines of a list begin
    with "1. ". `title` is the element's name on screen. `item_id`, `item_name`: what the text is about, which is the
    entry itself except for an FAQ, which is about an item. `element`: likewise, an FAQ's is the one that it explains.
    """

    id: str
    entry_id: str
    kind: EntryKind
    item_id: str
    item_name: str
    element: Element
    title: str
    text: str
    version: int


def sections_of(entry: Entry, names: Mapping[str, str] | None = None) -> tuple[Section, ...]:
    """The entry's sections in the order of `Element`; an element that it lacks has none.

    `names`: of items by id, for entries that name items (FAQ, policies, life events); an unknown one shows as its id.
    """
    kind = kind_of(entry)
    if isinstance(entry, Faq):
        about = (names or {}).get(entry.item, entry.item)
        return (
            _section(entry, kind, entry.element, _faq(entry), f"{entry.id}/{Element.ANSWER.value}", entry.item, about),
        )
    sections = []
    for element, rendering in RENDERINGS[kind].items():
        text = rendering(entry, names or {}) if kind in NAMING else rendering(entry)
        if text is not None:
            sections.append(_section(entry, kind, element, text, f"{entry.id}/{element.value}", entry.id, entry.name))
    return tuple(sections)


def _section(
    entry: Entry, kind: EntryKind, element: Element, text: str, path: str, item_id: str, item_name: str
) -> Section:
    title = Element.ANSWER.display_name if kind is EntryKind.FAQ else element.display_name
    return Section(f"{path}@{entry.version}", entry.id, kind, item_id, item_name, element, title, text, entry.version)


def _bare(text: str) -> str:
    return text.rstrip("。；;. \n")


def _sentence(text: str) -> str:
    return _bare(text) + "。"


def _numbered(lines: Iterable[str]) -> list[str]:
    return [f"{number}. {line}" for number, line in enumerate(lines, 1)]


def _parenthesised(parts: Sequence[str]) -> str:
    return "；".join(f"（{number}）{_bare(part)}" for number, part in enumerate(parts, 1)) + "。"


def _overview(item: ServiceItem) -> str:
    lines = [_sentence(item.summary)]
    kinds = "、".join(kind.value for kind in item.applicant_kinds)
    lines.append(
        f"事项类型：{item.item_type.value}。实施主体：{item.authority}，行使层级：{item.level.value}。"
        f"服务对象：{kinds}。办件类型：{item.handling_kind.value}。"
    )
    if item.online_channels or item.online_depth:
        depth = f"（{item.online_depth}）" if item.online_depth else ""
        lines.append(f"网上办理：{'、'.join(item.online_channels) or '支持'}{depth}。")
    lines.extend(_situations(item.situations))
    if item.sample:
        lines.append("本指南为示例内容，据公开的法律法规编写。")
    return "\n".join(lines)


def _situations(situations: Sequence[Situation]) -> list[str]:
    lines: list[str] = []
    for situation in situations:
        asked = situation.question
        if situation.kind is AnswerKind.NUMBER:
            asked = f"{asked.rstrip('？?')}（{situation.unit}）？"
        lines.append(asked + (_sentence(situation.note) if situation.note else ""))
        lines.extend(
            _numbered(
                f"{option.label}：{_sentence(option.note)}" if option.note else _sentence(option.label)
                for option in situation.options
            )
        )
    return lines


def _for_whom(part: Conditional) -> str:
    return f"（适用于：{_bare(part.when)}）" if part.when else ""


def _condition(condition: Condition) -> str:
    parts = [_for_whom(condition) + _sentence(condition.text)]
    if condition.any_of:
        parts[0] = _for_whom(condition) + _bare(condition.text) + "，符合下列之一即可："
        parts.append(_parenthesised(condition.any_of))
    if condition.thresholds:
        parts.append("标准：" + "；".join(_bare(threshold) for threshold in condition.thresholds) + "。")
    if condition.exceptions:
        parts.append("例外：" + "；".join(_bare(exception) for exception in condition.exceptions) + "。")
    return "".join(parts)


def _conditions(item: ServiceItem) -> str | None:
    if not item.conditions:
        return None
    if len(item.conditions) == 1:
        return f"办理“{item.name}”的条件：\n" + _numbered([_condition(item.conditions[0])])[0]
    heading = f"办理“{item.name}”要同时符合以下 {len(item.conditions)} 项条件："
    return "\n".join([heading, *_numbered(_condition(condition) for condition in item.conditions)])


def _material(material: Material) -> str:
    copies = "" if material.copies == 0 else f" {material.copies} 份"
    kind = "电子材料" if material.copies == 0 else material.kind.value
    facts = [material.necessity.value, f"{kind}{copies}", material.source.value]
    if material.page_format:
        facts.append(material.page_format)
    parts = [f"{material.name}（{'，'.join(facts)}）。"]
    if material.when:
        parts.append(f"仅在下列情形提交：{_sentence(material.when)}")
    if material.filling_notes:
        parts.append(f"填报须知：{_sentence(material.filling_notes)}")
    parts.append(f"受理标准：{_sentence(material.acceptance_standard)}")
    if material.exempt_by_sharing:
        parts.append("能通过数据共享核验的，免于提交。")
    if material.electronic_licence:
        parts.append(f"可调用电子证照：{_sentence(material.electronic_licence)}")
    if material.blank_form:
        parts.append(f"空白表样：{_sentence(material.blank_form)}")
    if material.legal_basis:
        parts.append(f"依据：{_sentence(material.legal_basis)}")
    return "".join(parts)


def _materials(item: ServiceItem) -> str | None:
    if not item.materials:
        return None
    heading = f"办理“{item.name}”的申请材料共 {len(item.materials)} 项："
    return "\n".join([heading, *_numbered(_material(material) for material in item.materials)])


def _steps(item: ServiceItem) -> str | None:
    if not item.steps:
        return None
    heading = f"“{item.name}”的办理流程分 {len(item.steps)} 步："
    return "\n".join([heading, *_numbered(_step(step) for step in item.steps)])


def _step(step: Step) -> str:
    return f"{step.name}{_for_whom(step)}：{_sentence(step.text)}"


def _limit(title: str, limit: TimeLimit) -> str:
    amount = "即时办结" if limit.unit is LimitUnit.IMMEDIATE else f"{limit.number} 个{limit.unit.value}"
    return f"{title}：{amount}。" + "".join(_sentence(note) for note in limit.notes)


def _limits(item: ServiceItem) -> str | None:
    lines = []
    if item.statutory_limit:
        lines.append(_limit("法定办结时限", item.statutory_limit))
    if item.promised_limit:
        mark = SAMPLE_MARK if item.sample else ""
        lines.append(_limit("承诺办结时限" + mark, item.promised_limit))
    if not lines:
        return None
    immediate = "，当场能办结的当场办结" if item.handling_kind is HandlingKind.IMMEDIATE else ""
    return "\n".join([f"“{item.name}”是{item.handling_kind.value}{immediate}。", *lines])


def _fee(item: ServiceItem) -> str | None:
    if item.fee is None:
        return None
    lines = [f"“{item.name}”{'收费' if item.fee.charged else '不收费'}。"]
    if item.fee.standard:
        lines.append(("收费标准：" if item.fee.charged else "说明：") + _sentence(item.fee.standard))
    lines.extend(_numbered(_for_whom(case) + _sentence(case.text) for case in item.fee.cases))
    if item.fee.legal_basis:
        lines.append(f"收费依据：{_sentence(item.fee.legal_basis)}")
    return "\n".join(lines)


def _results(item: ServiceItem) -> str | None:
    if not item.results:
        return None
    return "\n".join(line for result in item.results for line in _result(result))


def _result(result: Result) -> list[str]:
    lines = [f"办理结果：{_for_whom(result)}{result.name}（{result.kind.value}）。"]
    if result.validity:
        lines.append(f"有效期：{_sentence(result.validity)}")
    if result.delivery:
        lines.append(f"送达方式：{_sentence(result.delivery)}")
    lines.extend(_sentence(note) for note in result.notes)
    return lines


def _visits(item: ServiceItem) -> str | None:
    if item.visits is None:
        return None
    count = item.visits.count
    first = f"办理“{item.name}”" + ("不用到现场，可以全程网办。" if count == 0 else f"最多到现场 {count} 次。")
    if item.sample:
        first = first[:-1] + SAMPLE_MARK + "。"
    return first + (f"\n{_sentence(item.visits.note)}" if item.visits.note else "")


def _place(place: Place) -> str:
    mark = SAMPLE_MARK if place.sample else ""
    parts = [f"{_for_whom(place)}{place.name}{mark}"]
    if place.address:
        parts.append(f"地址：{place.address}")
    if place.window:
        parts.append(f"窗口：{place.window}")
    return _sentence("，".join(parts))


def _places(item: ServiceItem) -> str | None:
    if not item.places and not item.online_channels:
        return None
    lines = [f"“{item.name}”的办理地点："]
    if item.online_channels:
        lines.append(f"网上：{'、'.join(item.online_channels)}。")
    lines.extend(_numbered(_place(place) for place in item.places))
    return "\n".join(lines)


def _hours(item: ServiceItem) -> str | None:
    if not item.hours:
        return None
    lines = [_sentence(hours.text + (SAMPLE_MARK if hours.sample else "")) for hours in item.hours]
    return "\n".join([f"“{item.name}”的办理时间：", *_numbered(lines)])


def _phone(title: str, phone: Phone) -> str:
    return f"{title}：{phone.number}（{phone.name}{'，示例号码' if phone.sample else ''}）。"


def _phones(item: ServiceItem) -> str | None:
    lines = []
    if item.consult_phone:
        lines.append(_phone("咨询电话", item.consult_phone))
    if item.supervise_phone:
        lines.append(_phone("监督投诉电话", item.supervise_phone))
    return "\n".join([f"“{item.name}”的电话：", *lines]) if lines else None


def _basis(basis: LegalBasis) -> str:
    number = f"（{basis.document_number}）" if basis.document_number else ""
    head = f"《{basis.law.strip('《》')}》{number}{basis.article or ''}"
    return f"{head}：{_sentence(basis.text)}" if basis.text else _sentence(head)


def _bases(heading: str, bases: Sequence[LegalBasis]) -> str | None:
    return "\n".join([heading, *_numbered(_basis(basis) for basis in bases)]) if bases else None


def _legal_basis(item: ServiceItem) -> str:
    return "\n".join([f"“{item.name}”的设定依据：", *_numbered(_basis(basis) for basis in item.legal_basis)])


def _faq(faq: Faq) -> str:
    lines = [faq.name, _sentence(faq.answer)]
    if faq.legal_basis:
        lines.append("依据：" + "".join(_basis(basis) for basis in faq.legal_basis))
    if faq.sample:
        lines.append(SAMPLE_NOTE)
    return "\n".join(lines)


def _policy_overview(policy: Policy, names: Mapping[str, str]) -> str:
    kinds = "、".join(kind.value for kind in policy.applicant_kinds)
    lines = [
        _sentence(policy.summary),
        f"发布机关：{policy.issuer}。负责部门：{policy.department}。适用对象：{kinds}。",
    ]
    if policy.items:
        lines.append("办理事项：" + "、".join(names.get(item, item) for item in policy.items) + "。")
    if policy.sample:
        lines.append(SAMPLE_NOTE)
    return "\n".join(lines)


def _policy_conditions(policy: Policy, _names: Mapping[str, str]) -> str | None:
    if not policy.conditions:
        return None
    return "\n".join([f"享受“{policy.name}”的条件：", *_numbered(_condition(one) for one in policy.conditions)])


def _policy_amounts(policy: Policy, _names: Mapping[str, str]) -> str | None:
    if not policy.amounts:
        return None
    lines = _numbered(_for_whom(amount) + _sentence(amount.text) for amount in policy.amounts)
    return "\n".join([f"“{policy.name}”的内容与标准：", *lines])


def _policy_deadlines(policy: Policy, _names: Mapping[str, str]) -> str | None:
    lines = [_sentence(deadline) for deadline in policy.deadlines]
    if policy.valid_until:
        until = policy.valid_until
        lines.append(f"政策有效期至 {until.year} 年 {until.month} 月 {until.day} 日。")
    return "\n".join([f"“{policy.name}”的期限：", *_numbered(lines)]) if lines else None


def _policy_steps(policy: Policy, _names: Mapping[str, str]) -> str | None:
    if not policy.steps:
        return None
    return "\n".join([f"“{policy.name}”怎样申请：", *_numbered(_step(step) for step in policy.steps)])


def _policy_phones(policy: Policy, _names: Mapping[str, str]) -> str | None:
    return _phone("咨询电话", policy.consult_phone) if policy.consult_phone else None


def _policy_basis(policy: Policy, _names: Mapping[str, str]) -> str | None:
    return _bases(f"“{policy.name}”的依据：", policy.legal_basis)


def _event_overview(event: LifeEvent, _names: Mapping[str, str]) -> str:
    lines = [_sentence(event.summary), f"牵头部门：{event.department}。", *_situations(event.situations)]
    lines.extend(_sentence(note) for note in event.notes)
    if event.sample:
        lines.append(SAMPLE_NOTE)
    return "\n".join(lines)


def _event_items(event: LifeEvent, names: Mapping[str, str]) -> str:
    lines = [
        _for_whom(part) + _sentence(names.get(part.item, part.item) + (f"：{part.note}" if part.note else ""))
        for part in event.items
    ]
    return "\n".join([f"“{event.name}”一件事包含 {len(lines)} 个事项，依次办理：", *_numbered(lines)])


def _event_steps(event: LifeEvent, _names: Mapping[str, str]) -> str | None:
    if not event.steps:
        return None
    return "\n".join([f"“{event.name}”一件事的办理流程：", *_numbered(_step(step) for step in event.steps)])


def _event_basis(event: LifeEvent, _names: Mapping[str, str]) -> str | None:
    return _bases(f"“{event.name}”一件事的依据：", event.legal_basis)


def _directory_overview(item: DirectoryItem) -> str:
    area = f"（{item.area}）" if item.area else ""
    return f"“{item.name}”由{item.department}{area}负责。本库收录了该事项的名称和负责部门，没有收录办事指南。"


_ITEM: dict[Element, Callable[[ServiceItem], str | None]] = {
    Element.OVERVIEW: _overview,
    Element.CONDITIONS: _conditions,
    Element.MATERIALS: _materials,
    Element.STEPS: _steps,
    Element.LIMITS: _limits,
    Element.FEE: _fee,
    Element.RESULT: _results,
    Element.VISITS: _visits,
    Element.PLACES: _places,
    Element.HOURS: _hours,
    Element.PHONES: _phones,
    Element.LEGAL_BASIS: _legal_basis,
}
_POLICY: dict[Element, Callable[[Policy, Mapping[str, str]], str | None]] = {
    Element.OVERVIEW: _policy_overview,
    Element.CONDITIONS: _policy_conditions,
    Element.AMOUNTS: _policy_amounts,
    Element.DEADLINES: _policy_deadlines,
    Element.STEPS: _policy_steps,
    Element.PHONES: _policy_phones,
    Element.LEGAL_BASIS: _policy_basis,
}
_LIFE_EVENT: dict[Element, Callable[[LifeEvent, Mapping[str, str]], str | None]] = {
    Element.OVERVIEW: _event_overview,
    Element.ITEMS: _event_items,
    Element.STEPS: _event_steps,
    Element.LEGAL_BASIS: _event_basis,
}
NAMING = frozenset({EntryKind.POLICY, EntryKind.LIFE_EVENT})
"""Kinds whose text names items."""
RENDERINGS: dict[EntryKind, Mapping[Element, Callable[..., str | None]]] = {
    EntryKind.ITEM: _ITEM,
    EntryKind.POLICY: _POLICY,
    EntryKind.LIFE_EVENT: _LIFE_EVENT,
    EntryKind.DIRECTORY: {Element.OVERVIEW: _directory_overview},
}
"""What makes each element's text, by kind; an FAQ is one section."""
