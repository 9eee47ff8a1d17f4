"""The library: every published service item, and its sections by id.

Comes in: a folder with one YAML file per item, named `<item id>.yaml`. Goes out: `Library`, which never changes; a new
state of the folder is a new library. A file that breaks the schema is refused with its name, line, field and what was
expected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from core.errors import HubError, NotFound, shown
from knowledge_base.schema import Element, ItemStatus, Section, ServiceItem
from knowledge_base.sections import sections_of

CODE = "content_invalid"

# What pydantic found, in the words of the person who edits the file. {…} are filled from the error's context.
EXPECTED: dict[str, str] = {
    "missing": "缺少这一项，必须填写",
    "extra_forbidden": "没有这个字段，请检查拼写",
    "string_type": "应为文字(数字或日期请加引号)",
    "string_too_short": "不能为空",
    "string_too_long": "太长，最多 {max_length} 字",
    "string_pattern_mismatch": "格式不对，应符合 {pattern}",
    "enum": "应为以下之一：{expected}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "应不小于 {ge}",
    "less_than_equal": "应不大于 {le}",
    "too_short": "至少 {min_length} 条",
    "tuple_type": "应为列表(每条以“- ”开头)",
    "model_type": "应为“字段: 值”的形式",
    "date_from_datetime_parsing": "应为日期，如 2026-01-31",
    "date_type": "应为日期，如 2026-01-31",
    "value_error": "{error}",
}


class Library:
    """Published items and their sections. Made by `Library.load(folder)`, or from items in tests and tools."""

    def __init__(self, items: Mapping[str, ServiceItem]) -> None:
        self.items: Mapping[str, ServiceItem] = MappingProxyType(dict(items))
        """Every item by its id, in the order of ids."""
        self._by_item = {
            item.id: sections_of(item) if item.status is ItemStatus.IN_USE else () for item in self.items.values()
        }
        self._by_id = {section.id: section for sections in self._by_item.values() for section in sections}
        self.generation: str = _generation(self._by_id)
        """Changes whenever any section's text does; 16 hexadecimal digits."""

    @classmethod
    def load(cls, folder: Path) -> Library:
        """Read every `*.yaml` in `folder`.

        Raises:
            HubError: code `content_invalid`; names the file, line, field and what was expected.
        """
        if not folder.is_dir():
            raise HubError(f"办事指南目录 {folder} 不存在。请检查设置 content_dir。", code=CODE)
        items: dict[str, ServiceItem] = {}
        names: dict[str, str] = {}
        for path in sorted(folder.glob("*.yaml")):
            item = read_item(path)
            if item.name in names:
                raise HubError(
                    f"{path.name}:name “{shown(item.name)}”与 {names[item.name]} 重复。事项名称应各不相同。", code=CODE
                )
            names[item.name] = path.name
            items[item.id] = item
        if not items:
            raise HubError(f"办事指南目录 {folder} 里没有 YAML 文件。", code=CODE)
        return cls(items)

    def item(self, item_id: str) -> ServiceItem:
        """The item with this id. Raises NotFound (`item_not_found`)."""
        try:
            return self.items[item_id]
        except KeyError:
            raise NotFound(f"没有编号为 {shown(item_id)} 的事项。", code="item_not_found") from None

    def section(self, section_id: str) -> Section:
        """The section with this id (`item/element@version`). Raises NotFound (`section_not_found`)."""
        try:
            return self._by_id[section_id]
        except KeyError:
            raise NotFound(f"没有编号为 {shown(section_id)} 的段落。", code="section_not_found") from None

    def sections(self, item_id: str | None = None, element: Element | str | None = None) -> tuple[Section, ...]:
        """Sections of items in use, in the order of items and elements; of one item or one element if given."""
        if item_id is not None:
            self.item(item_id)
            chosen = self._by_item[item_id]
        else:
            chosen = tuple(self._by_id.values())
        return chosen if element is None else tuple(section for section in chosen if section.element == element)


def read_item(path: Path) -> ServiceItem:
    """Read one item's file. Raises HubError (`content_invalid`)."""
    try:
        text = path.read_text(encoding="utf-8")
        data = YAML(typ="safe").load(text)
    except UnicodeDecodeError:
        raise HubError(f"{path.name}：不是 UTF-8 文本。请另存为 UTF-8。", code=CODE) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path.name} 第 {mark.line + 1} 行" if mark else path.name
        raise HubError(f"{where}：不是合法的 YAML({error.problem or error.context})。", code=CODE) from None
    except YAMLError as error:
        raise HubError(f"{path.name}：不是合法的 YAML({error})。", code=CODE) from None
    if not isinstance(data, dict):
        raise HubError(f"{path.name}：应为一个事项(“字段: 值”的形式)。", code=CODE)
    try:
        item = ServiceItem.model_validate(data)
    except ValidationError as error:
        raise _refusal(path.name, text, error) from None
    if item.id != path.stem:
        raise HubError(
            f"{path.name}:id 应与文件名一致，应为 {path.stem}，实为 {shown(item.id)}。", code=CODE, param="id"
        )
    return item


def _refusal(name: str, text: str, error: ValidationError) -> HubError:
    """One message with every fault of the file, in the order of lines."""
    tree = YAML().load(text)  # read again, this time keeping line numbers
    faults = []
    for problem in error.errors(include_url=False, include_input=False):
        location = problem["loc"]
        field = ".".join(str(part) for part in location) or "(整个文件)"
        template = EXPECTED.get(problem["type"])
        expected = template.format(**problem.get("ctx", {})) if template else problem["msg"]
        faults.append((_line(tree, location), field, expected))
    faults.sort(key=lambda fault: fault[0])
    listed = "；".join(f"第 {line} 行 {field}：{expected}" for line, field, expected in faults[:10])
    more = f";另有 {len(faults) - 10} 处" if len(faults) > 10 else ""
    return HubError(
        f"{name}:{listed}{more}。",
        code=CODE,
        param=faults[0][1],
        detail={
            "file": name,
            "errors": [{"line": line, "field": field, "expected": expected} for line, field, expected in faults],
        },
    )


def _line(tree: Any, location: tuple[int | str, ...]) -> int:
    """The line (from 1) of the deepest part of `location` that stands in the file."""
    line = 0
    for part in location:
        try:
            line = tree.lc.item(part)[0] if isinstance(part, int) else tree.lc.key(part)[0]
            tree = tree[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line + 1


def _generation(sections: Mapping[str, Section]) -> str:
    digest = hashlib.sha256()
    for section_id, section in sections.items():
        digest.update(f"{section_id}\0{section.item_name}\0{section.text}\0".encode())
    return digest.hexdigest()[:16]
