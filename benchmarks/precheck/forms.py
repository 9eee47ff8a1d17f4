"""A plan's typed values in the fields of an item's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from knowledge_base.checks import FormField, FormFieldKind

MEANINGS: tuple[tuple[str, str], ...] = (
    ("agent_number", "agent_number"),
    ("agent", "agent"),
    ("landlord", "landlord"),
    ("legal_representative", "head"),
    ("representative", "head"),
    ("head", "head"),
    ("operator_name", "name"),
    ("credit", "credit_code"),
    ("phone", "phone"),
    ("home", "home"),
    ("area", "area"),
    ("birth", "birth"),
    ("sex", "sex"),
    ("nation", "nation"),
    ("scope", "scope"),
    ("premises", "premises"),
    ("place", "premises"),
    ("location", "premises"),
    ("number", "number"),
    ("name", "name"),
    ("applicant", "name"),
)
"""Part of a field's id -> what it means, the first that fits."""


def meaning(field: FormField, company: bool) -> str | None:
    """What a field of a form asks for, in the plan's words; None for what no world has."""
    if field.kind is FormFieldKind.ADDRESS:
        return "premises" if company else "home"
    found = next((what for part, what in MEANINGS if part in field.id), None)
    if found == "name" and field.kind is FormFieldKind.NAME:
        return "person"
    return found


def typed(fields: Sequence[FormField], form: Mapping[str, str], company: bool, applied: str) -> dict[str, str]:
    """Field id -> value. What isn't known is filled with something that fits its kind, so that a clean form is a full one."""
    if not form:
        return {}
    values = {}
    for field in fields:
        known = form.get(meaning(field, company) or "")
        if known is None and not field.required:
            continue
        values[field.id] = known if known is not None else _filling(field, applied)
    return values


def _filling(field: FormField, applied: str) -> str:
    if field.options:
        return field.options[0]
    return {
        FormFieldKind.DATE: applied,
        FormFieldKind.PERIOD: f"{applied}/长期",
        FormFieldKind.MONEY: "1000.00",
        FormFieldKind.AREA: "60",
        FormFieldKind.PHONE: "13800000001",
        FormFieldKind.ADDRESS: "上海市普陀区武宁路1号",
    }.get(field.kind, "如实填写")
