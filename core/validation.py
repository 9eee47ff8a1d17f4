"""What pydantic found wrong in a request, in a few words for the caller; what was sent is not repeated."""

from __future__ import annotations

_SAID = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "string_type": "应为文字",
    "string_too_short": "不能为空",
    "string_too_long": "太长",
    "string_pattern_mismatch": "写法不对",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "too_long": "太多",
    "too_short": "太少",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为 JSON 对象",
    "json_invalid": "不是正确的 JSON",
    "greater_than_equal": "太小",
    "greater_than": "太小",
    "less_than_equal": "太大",
    "less_than": "太大",
    "literal_error": "不在可选值之内",
    "enum": "不在可选值之内",
    "value_error": "不符合要求",
}


def in_words(problem: str) -> str:
    """What a type of error of pydantic's means."""
    return _SAID.get(problem, "不符合要求")
