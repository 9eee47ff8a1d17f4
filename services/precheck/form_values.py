"""The item's form: what was typed is kept as it was typed, and brought to normal form where it is checked. Pure.

Comes in: field id -> text, as the applicant or a prefilled value gave it. Goes out: the texts kept, and the values in the normal
forms of `services/documents/extraction`; what has none is passed on as typed, so that a rule can say so.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import HubError, Invalid, shown
from knowledge_base.checks import FormField, FormFieldKind
from services.documents.extraction.kinds import FieldKind, ValueType
from services.documents.papers.corrections import typed

LONGEST = 500
_SAME = {kind: ValueType(kind.value) for kind in FormFieldKind if kind.value in set(ValueType)}


def kept(fields: tuple[FormField, ...], given: Mapping[str, str | None]) -> dict[str, str | None]:
    """What is kept of a form. Raises Invalid: `form_field_unknown`, `form_value_too_long`, `form_value_invalid` (no option)."""
    known = {field.id: field for field in fields}
    values: dict[str, str | None] = {}
    for name, value in given.items():
        field = known.get(name)
        if field is None:
            raise Invalid(f"表单没有字段 {shown(name)}。", code="form_field_unknown", param=shown(name))
        text = " ".join((value or "").split())
        if len(text) > LONGEST or "\0" in text:
            raise Invalid(f"“{field.name}”最多 {LONGEST} 个字。", code="form_value_too_long", param=name)
        if text and field.options and text not in field.options:
            raise Invalid(
                f"“{field.name}”应为 {'、'.join(field.options)} 之一。", code="form_value_invalid", param=name
            )
        values[name] = text or None
    return values


def in_normal_form(fields: tuple[FormField, ...], values: Mapping[str, str | None]) -> dict[str, str]:
    """Field id -> value, of the fields that have one."""
    normal = {}
    for field in fields:
        if text := values.get(field.id):
            normal[field.id] = _normal(field, text)
    return normal


def _normal(field: FormField, text: str) -> str:
    kind = _SAME.get(field.kind)
    if kind is None or kind is ValueType.TEXT:
        return text
    try:
        return typed(text, FieldKind(id=field.id, name=field.name, type=kind)).value or text
    except HubError:
        return text
