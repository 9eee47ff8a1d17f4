"""FAQ, policies, life events and directory entries as text. `names`: of items by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from knowledge_base.entries import DirectoryItem, Faq, LifeEvent, Policy
from knowledge_base.rendering.parts import (
    SAMPLE_NOTE,
    bases_text,
    basis_text,
    condition_text,
    for_whom,
    numbered,
    phone_text,
    sentence,
    situation_lines,
    step_text,
)
from knowledge_base.terms import Element


def faq_text(faq: Faq) -> str:
    """A question with its answer: an FAQ is one section."""
    lines = [faq.name, sentence(faq.answer)]
    if faq.legal_basis:
        lines.append("依据：" + "".join(basis_text(basis) for basis in faq.legal_basis))
    if faq.sample:
        lines.append(SAMPLE_NOTE)
    return "\n".join(lines)


def _policy_overview(policy: Policy, names: Mapping[str, str]) -> str:
    kinds = "、".join(kind.value for kind in policy.applicant_kinds)
    lines = [
        sentence(policy.summary),
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
    return "\n".join([f"享受“{policy.name}”的条件：", *numbered(condition_text(one) for one in policy.conditions)])


def _policy_amounts(policy: Policy, _names: Mapping[str, str]) -> str | None:
    if not policy.amounts:
        return None
    lines = numbered(for_whom(amount) + sentence(amount.text) for amount in policy.amounts)
    return "\n".join([f"“{policy.name}”的内容与标准：", *lines])


def _policy_deadlines(policy: Policy, _names: Mapping[str, str]) -> str | None:
    lines = [sentence(deadline) for deadline in policy.deadlines]
    if policy.valid_until:
        until = policy.valid_until
        lines.append(f"政策有效期至 {until.year} 年 {until.month} 月 {until.day} 日。")
    return "\n".join([f"“{policy.name}”的期限：", *numbered(lines)]) if lines else None


def _policy_steps(policy: Policy, _names: Mapping[str, str]) -> str | None:
    if not policy.steps:
        return None
    return "\n".join([f"“{policy.name}”怎样申请：", *numbered(step_text(step) for step in policy.steps)])


def _policy_phones(policy: Policy, _names: Mapping[str, str]) -> str | None:
    return phone_text("咨询电话", policy.consult_phone) if policy.consult_phone else None


def _policy_basis(policy: Policy, _names: Mapping[str, str]) -> str | None:
    return bases_text(f"“{policy.name}”的依据：", policy.legal_basis)


def _event_overview(event: LifeEvent, _names: Mapping[str, str]) -> str:
    lines = [sentence(event.summary), f"牵头部门：{event.department}。", *situation_lines(event.situations)]
    lines.extend(sentence(note) for note in event.notes)
    if event.sample:
        lines.append(SAMPLE_NOTE)
    return "\n".join(lines)


def _event_items(event: LifeEvent, names: Mapping[str, str]) -> str:
    lines = [
        for_whom(part) + sentence(names.get(part.item, part.item) + (f"：{part.note}" if part.note else ""))
        for part in event.items
    ]
    return "\n".join([f"“{event.name}”一件事包含 {len(lines)} 个事项，依次办理：", *numbered(lines)])


def _event_steps(event: LifeEvent, _names: Mapping[str, str]) -> str | None:
    if not event.steps:
        return None
    return "\n".join([f"“{event.name}”一件事的办理流程：", *numbered(step_text(step) for step in event.steps)])


def _event_basis(event: LifeEvent, _names: Mapping[str, str]) -> str | None:
    return bases_text(f"“{event.name}”一件事的依据：", event.legal_basis)


def directory_overview(item: DirectoryItem) -> str:
    """All that is known of an item without a guide."""
    area = f"（{item.area}）" if item.area else ""
    return f"“{item.name}”由{item.department}{area}负责。本库收录了该事项的名称和负责部门，没有收录办事指南。"


POLICY: dict[Element, Callable[[Policy, Mapping[str, str]], str | None]] = {
    Element.OVERVIEW: _policy_overview,
    Element.CONDITIONS: _policy_conditions,
    Element.AMOUNTS: _policy_amounts,
    Element.DEADLINES: _policy_deadlines,
    Element.STEPS: _policy_steps,
    Element.PHONES: _policy_phones,
    Element.LEGAL_BASIS: _policy_basis,
}
LIFE_EVENT: dict[Element, Callable[[LifeEvent, Mapping[str, str]], str | None]] = {
    Element.OVERVIEW: _event_overview,
    Element.ITEMS: _event_items,
    Element.STEPS: _event_steps,
    Element.LEGAL_BASIS: _event_basis,
}
