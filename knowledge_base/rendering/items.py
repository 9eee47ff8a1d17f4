"""A service item's elements as text."""

from __future__ import annotations

from collections.abc import Callable

from knowledge_base.rendering.parts import (
    SAMPLE_MARK,
    basis_text,
    condition_text,
    for_whom,
    numbered,
    phone_text,
    sentence,
    situation_lines,
    step_text,
)
from knowledge_base.schema import Material, Place, Result, ServiceItem, TimeLimit
from knowledge_base.terms import Element, HandlingKind, LimitUnit


def _overview(item: ServiceItem) -> str:
    lines = [sentence(item.summary)]
    kinds = "、".join(kind.value for kind in item.applicant_kinds)
    lines.append(
        f"事项类型：{item.item_type.value}。实施主体：{item.authority}，行使层级：{item.level.value}。"
        f"服务对象：{kinds}。办件类型：{item.handling_kind.value}。"
    )
    if item.online_channels or item.online_depth:
        depth = f"（{item.online_depth}）" if item.online_depth else ""
        lines.append(f"网上办理：{'、'.join(item.online_channels) or '支持'}{depth}。")
    lines.extend(situation_lines(item.situations))
    if item.sample:
        lines.append("本指南为示例内容，据公开的法律法规编写。")
    return "\n".join(lines)


def _conditions(item: ServiceItem) -> str | None:
    if not item.conditions:
        return None
    if len(item.conditions) == 1:
        return f"办理“{item.name}”的条件：\n" + numbered([condition_text(item.conditions[0])])[0]
    heading = f"办理“{item.name}”要同时符合以下 {len(item.conditions)} 项条件："
    return "\n".join([heading, *numbered(condition_text(condition) for condition in item.conditions)])


def _material(material: Material) -> str:
    copies = "" if material.copies == 0 else f" {material.copies} 份"
    kind = "电子材料" if material.copies == 0 else material.kind.value
    facts = [material.necessity.value, f"{kind}{copies}", material.source.value]
    if material.page_format:
        facts.append(material.page_format)
    parts = [f"{material.name}（{'，'.join(facts)}）。"]
    if material.when:
        parts.append(f"仅在下列情形提交：{sentence(material.when)}")
    if material.filling_notes:
        parts.append(f"填报须知：{sentence(material.filling_notes)}")
    parts.append(f"受理标准：{sentence(material.acceptance_standard)}")
    if material.exempt_by_sharing:
        parts.append("能通过数据共享核验的，免于提交。")
    if material.electronic_licence:
        parts.append(f"可调用电子证照：{sentence(material.electronic_licence)}")
    if material.blank_form:
        parts.append(f"空白表样：{sentence(material.blank_form)}")
    if material.legal_basis:
        parts.append(f"依据：{sentence(material.legal_basis)}")
    return "".join(parts)


def _materials(item: ServiceItem) -> str | None:
    if not item.materials:
        return None
    heading = f"办理“{item.name}”的申请材料共 {len(item.materials)} 项："
    return "\n".join([heading, *numbered(_material(material) for material in item.materials)])


def _steps(item: ServiceItem) -> str | None:
    if not item.steps:
        return None
    heading = f"“{item.name}”的办理流程分 {len(item.steps)} 步："
    return "\n".join([heading, *numbered(step_text(step) for step in item.steps)])


def _limit(title: str, limit: TimeLimit) -> str:
    amount = "即时办结" if limit.unit is LimitUnit.IMMEDIATE else f"{limit.number} 个{limit.unit.value}"
    return f"{title}：{amount}。" + "".join(sentence(note) for note in limit.notes)


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
        lines.append(("收费标准：" if item.fee.charged else "说明：") + sentence(item.fee.standard))
    lines.extend(numbered(for_whom(case) + sentence(case.text) for case in item.fee.cases))
    if item.fee.legal_basis:
        lines.append(f"收费依据：{sentence(item.fee.legal_basis)}")
    return "\n".join(lines)


def _results(item: ServiceItem) -> str | None:
    if not item.results:
        return None
    return "\n".join(line for result in item.results for line in _result(result))


def _result(result: Result) -> list[str]:
    lines = [f"办理结果：{for_whom(result)}{result.name}（{result.kind.value}）。"]
    if result.validity:
        lines.append(f"有效期：{sentence(result.validity)}")
    if result.delivery:
        lines.append(f"送达方式：{sentence(result.delivery)}")
    lines.extend(sentence(note) for note in result.notes)
    return lines


def _visits(item: ServiceItem) -> str | None:
    if item.visits is None:
        return None
    count = item.visits.count
    first = f"办理“{item.name}”" + ("不用到现场，可以全程网办。" if count == 0 else f"最多到现场 {count} 次。")
    if item.sample:
        first = first[:-1] + SAMPLE_MARK + "。"
    return first + (f"\n{sentence(item.visits.note)}" if item.visits.note else "")


def _place(place: Place) -> str:
    mark = SAMPLE_MARK if place.sample else ""
    parts = [f"{for_whom(place)}{place.name}{mark}"]
    if place.address:
        parts.append(f"地址：{place.address}")
    if place.window:
        parts.append(f"窗口：{place.window}")
    return sentence("，".join(parts))


def _places(item: ServiceItem) -> str | None:
    if not item.places and not item.online_channels:
        return None
    lines = [f"“{item.name}”的办理地点："]
    if item.online_channels:
        lines.append(f"网上：{'、'.join(item.online_channels)}。")
    lines.extend(numbered(_place(place) for place in item.places))
    return "\n".join(lines)


def _hours(item: ServiceItem) -> str | None:
    if not item.hours:
        return None
    lines = [sentence(hours.text + (SAMPLE_MARK if hours.sample else "")) for hours in item.hours]
    return "\n".join([f"“{item.name}”的办理时间：", *numbered(lines)])


def _phones(item: ServiceItem) -> str | None:
    lines = []
    if item.consult_phone:
        lines.append(phone_text("咨询电话", item.consult_phone))
    if item.supervise_phone:
        lines.append(phone_text("监督投诉电话", item.supervise_phone))
    return "\n".join([f"“{item.name}”的电话：", *lines]) if lines else None


def _legal_basis(item: ServiceItem) -> str:
    return "\n".join([f"“{item.name}”的设定依据：", *numbered(basis_text(basis) for basis in item.legal_basis)])


ITEM: dict[Element, Callable[[ServiceItem], str | None]] = {
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
"""What makes each element of a service item, in the order in which they are shown."""
