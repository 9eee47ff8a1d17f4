"""Reading the fields of a JSON object by hand: as fast as it gets, and every message says which field and what it should be.

An optional field that is null counts as not given, as OpenAI's own API has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import Invalid

_KINDS = {
    str: "字符串",
    int: "整数",
    float: "小数",
    bool: "true 或 false",
    list: "数组",
    dict: "对象",
    type(None): "null",
}


def kind_of(value: object) -> str:
    """What a JSON value is called in a message."""
    return _KINDS.get(type(value), "其他")


def text(document: Mapping[str, Any], name: str) -> str:
    """A required, non-empty string. Raises Invalid (`field_missing`, `field_invalid`)."""
    value = document.get(name)
    if isinstance(value, str) and value:
        return value
    if name not in document:
        raise Invalid(f"缺少 {name}；应为字符串。", code="field_missing", param=name)
    found = "空字符串" if value == "" else kind_of(value)
    raise Invalid(f"{name} 应为非空字符串，收到的是{found}。", code="field_invalid", param=name)


def choice(document: Mapping[str, Any], name: str, choices: Mapping[str, Any], default: str) -> Any:
    """The meaning of one of several words. Raises Invalid (`field_invalid`)."""
    value = document.get(name)
    if value is None:
        value = default
    if isinstance(value, str) and value in choices:
        return choices[value]
    raise Invalid(f"{name} 只能取 {'、'.join(choices)}。", code="field_invalid", param=name)


def positive(document: Mapping[str, Any], name: str) -> int | None:
    """An optional whole number from 1 up. Raises Invalid (`field_invalid`)."""
    value = document.get(name)
    if value is None:
        return None
    if type(value) is int and value >= 1:
        return value
    raise Invalid(f"{name} 应为不小于 1 的整数。", code="field_invalid", param=name)


def flag(document: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """An optional true or false. Raises Invalid (`field_invalid`)."""
    value = document.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    raise Invalid(f"{name} 应为 true 或 false。", code="field_invalid", param=name)
