"""Raw content to checked entries: the one gate that YAML files, workbooks, documents and the editor all pass.

Comes in: a mapping and its kind, or a YAML file. Goes out: a frozen `Entry`, or `ContentInvalid` with every fault: its place
(`materials.2.copies`), its line where there is one, and what was expected, in Chinese.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from core.errors import Invalid, shown
from knowledge_base.entries import ENTRY_TYPES, LifeEvent
from knowledge_base.questionnaire import rule_faults
from knowledge_base.schema import Conditional, Entry, ServiceItem, Situation
from knowledge_base.terms import EntryKind

CODE = "content_invalid"
MAX_YAML_BYTES = 1024 * 1024
DEEPEST = 20
MANY_BRACKETS = 500
SHOWN_FAULTS = 10

# What pydantic found, in the words of the person who edits the text. {…} are filled from the error's context.
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


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `place`: keys and indices from the entry's root; `line` from 1, if it came from a file."""

    place: tuple[str | int, ...]
    expected: str
    line: int | None = None

    @property
    def field(self) -> str:
        """The place as people write it: materials.2.copies."""
        return ".".join(str(part) for part in self.place) or "(整个文件)"


class ContentInvalid(Invalid):
    """An entry that breaks the schema; `faults` has every one of them."""

    code = CODE

    def __init__(self, source: str, faults: list[Fault]) -> None:
        self.faults = faults
        listed = "；".join(
            (f"第 {fault.line} 行 " if fault.line else "") + f"{fault.field}：{fault.expected}"
            for fault in faults[:SHOWN_FAULTS]
        )
        more = f"；另有 {len(faults) - SHOWN_FAULTS} 处" if len(faults) > SHOWN_FAULTS else ""
        super().__init__(
            f"{source}：{listed}{more}。",
            code=CODE,
            param=faults[0].field if faults else None,
            detail={
                "file": source,
                "errors": [{"line": fault.line, "field": fault.field, "expected": fault.expected} for fault in faults],
            },
        )


def parse_entry(kind: EntryKind, data: Any, *, source: str = "内容") -> Entry:
    """`data` as an entry of `kind`, with its rules checked against its questions. `source` names it in the message.

    Raises:
        ContentInvalid: with every fault and its place.
    """
    if not isinstance(data, Mapping):
        raise ContentInvalid(source, [Fault((), "应为“字段: 值”的形式")])
    try:
        entry = ENTRY_TYPES[kind].model_validate(dict(data))
    except ValidationError as error:
        raise ContentInvalid(source, validation_faults(error)) from None
    faults = [Fault(place, expected) for place, expected in entry_faults(entry)]
    if faults:
        raise ContentInvalid(source, faults)
    return entry


def validation_faults(error: ValidationError) -> list[Fault]:
    """What pydantic found, in Chinese."""
    faults = []
    for problem in error.errors(include_url=False, include_input=False):
        template = EXPECTED.get(problem["type"])
        expected = template.format(**problem.get("ctx", {})) if template else problem["msg"]
        faults.append(Fault(tuple(problem["loc"]), expected))
    return faults


def entry_faults(entry: Entry) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What the types alone can't say: rules that name unknown questions, ids that are used twice."""
    situations: tuple[Situation, ...] = ()
    if isinstance(entry, ServiceItem | LifeEvent):
        situations = entry.situations
    yield from _repeated(situations, "situations")
    if isinstance(entry, ServiceItem):
        yield from _repeated(entry.materials, "materials")
    yield from rule_faults(situations, rules_of(entry)).items()


def rules_of(entry: Entry) -> dict[tuple[str | int, ...], str]:
    """Every rule of the entry by its place."""
    return dict(_rules(entry, ()))


def _rules(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, BaseModel):
        if isinstance(value, Conditional | Situation) and value.rule is not None:
            yield (*place, "rule"), value.rule
        for name in type(value).model_fields:
            yield from _rules(getattr(value, name), (*place, name))
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            yield from _rules(part, (*place, number))


def _repeated(parts: tuple[Any, ...], name: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
    seen: set[str] = set()
    for number, part in enumerate(parts):
        if part.id in seen:
            yield (name, number, "id"), f"编号 {part.id} 重复"
        seen.add(part.id)


def load_yaml(text: str, *, source: str) -> Any:
    """The plain data of one YAML text.

    Raises:
        ContentInvalid: not YAML, or made to swell: aliases, more than 1 MB, nested more than 20 deep.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_YAML_BYTES:
        raise ContentInvalid(source, [Fault((), "文件超过 1 MB，请拆成多个文件")])
    try:
        # Swelling takes an anchor, deep nesting takes brackets; the slow walk over events is for texts that have them.
        suspicious = "&" in text or text.count("[") + text.count("{") > MANY_BRACKETS
        depth = 0
        for event in YAML(typ="safe", pure=True).parse(text) if suspicious else ():
            if isinstance(event, AliasEvent):
                raise ContentInvalid(source, [Fault((), "不能使用 YAML 别名(*)", event.start_mark.line + 1)])
            if isinstance(event, CollectionStartEvent):
                depth += 1
            elif isinstance(event, CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST:
                raise ContentInvalid(source, [Fault((), f"嵌套超过 {DEEPEST} 层", event.start_mark.line + 1)])
        return YAML(typ="safe").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise ContentInvalid(source, [Fault((), f"不是合法的 YAML({error.problem or error.context})", line)]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise ContentInvalid(source, [Fault((), f"不是合法的 YAML({shown(error)})")]) from None


def read_file(path: Path) -> str:
    """A UTF-8 text file. Raises ContentInvalid."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ContentInvalid(path.name, [Fault((), "不是 UTF-8 文本，请另存为 UTF-8")]) from None


def read_entries(path: Path, kind: EntryKind) -> list[Entry]:
    """The entries of one file: one, or for FAQ and the directory a list that shares what stands beside it.

    An entry's file is named by its id. A shared list: `{item: <item id>, entries: [...]}`; what stands beside `entries` is
    added to every one of them.
    """
    text = read_file(path)
    data = load_yaml(text, source=path.name)
    lines = Lines(text)
    if isinstance(data, Mapping) and "entries" in data:
        shared = {key: value for key, value in data.items() if key != "entries"}
        listed = data["entries"]
        if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
            raise ContentInvalid(path.name, [Fault(("entries",), "应为列表(每条以“- ”开头)")])
        found: list[Entry] = []
        for number, one in enumerate(listed):
            found.append(_parsed(path, kind, {**shared, **one}, lines, ("entries", number)))
        return found
    entry = _parsed(path, kind, data, lines, ())
    if entry.id != path.stem:
        fault = Fault(("id",), f"id 应与文件名一致，应为 {path.stem}，实为 {shown(entry.id)}", lines.line(("id",)))
        raise ContentInvalid(path.name, [fault])
    return [entry]


def _parsed(path: Path, kind: EntryKind, data: Any, lines: Lines, before: tuple[str | int, ...]) -> Entry:
    try:
        return parse_entry(kind, data, source=path.name)
    except ContentInvalid as error:
        faults = [
            Fault((*before, *fault.place), fault.expected, lines.line((*before, *fault.place)))
            for fault in error.faults
        ]
        raise ContentInvalid(path.name, sorted(faults, key=lambda fault: fault.line or 0)) from None


class Lines:
    """Where things stand in a YAML text; it is read a second time only if something is wrong."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tree: Any = None

    def line(self, place: tuple[str | int, ...]) -> int:
        """The line (from 1) of the deepest part of `place` that stands in the file."""
        if self._tree is None:
            self._tree = YAML().load(self._text)
        tree, line = self._tree, 0
        for part in place:
            try:
                line = tree.lc.item(part)[0] if isinstance(part, int) else tree.lc.key(part)[0]
                tree = tree[part]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return line + 1
