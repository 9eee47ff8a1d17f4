"""YAML and JSON in and out: the documents as they are, one by one or many in one file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from core.errors import Invalid, shown
from knowledge_base.entries import kind_of
from knowledge_base.exchange.reports import ImportFault, ImportReading
from knowledge_base.library import FOLDERS
from knowledge_base.reading import DEEPEST, ContentInvalid, Lines, load_yaml, parse_entry
from knowledge_base.schema import Entry
from knowledge_base.terms import EntryKind

FORMAT = "kaopu-library/1"
MOST_ENTRIES = 20_000
_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]')


def plain_of(entry: Entry) -> dict[str, Any]:
    """The entry as plain data in the schema's order: what is left out has its default."""
    return entry.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def entry_yaml(entry: Entry) -> str:
    """The entry as a YAML file that `read_entries` reads back equal. The version always stands in it."""
    data = {"id": entry.id, "version": entry.version, **plain_of(entry)}
    stream = io.StringIO()
    yaml = YAML()
    yaml.width = 4_096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(_quoted(data), stream)
    return stream.getvalue()


def _quoted(value: Any) -> Any:
    """Texts that would wrap, or hold what YAML folds, in quotes; ruamel quotes what looks like something else itself."""
    if isinstance(value, Mapping):
        return {key: _quoted(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_quoted(part) for part in value]
    if isinstance(value, str) and not value.isprintable():
        return DoubleQuotedScalarString(value)
    return value


def write_folder(folder: Path, entries: Iterable[Entry]) -> int:
    """One file per entry in a folder that `library.read_folder` reads; how many were written."""
    count = 0
    for entry in entries:
        place = folder / FOLDERS[kind_of(entry)]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{entry.id}.yaml").write_text(entry_yaml(entry), encoding="utf-8")
        count += 1
    return count


def write_json(entries: Iterable[Entry], *, generation: str | None = None) -> bytes:
    """{"format", "generation", "entries": [{"kind", "document"}]}, indented."""
    listed = [{"kind": kind_of(entry).value, "document": plain_of(entry)} for entry in entries]
    data = {"format": FORMAT, "generation": generation, "entries": listed}
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_json(content: bytes, *, source: str = "文件") -> ImportReading:
    """Entries of a JSON file: what `write_json` writes, or one document. Raises Invalid (`json_invalid`)."""
    depth = 0
    for match in _BRACKET.finditer(content):
        if match[0] in b"[{":
            depth += 1
        elif match[0] in b"]}":
            depth -= 1
        if depth > DEEPEST:
            raise Invalid(f"JSON 嵌套超过 {DEEPEST} 层。", code="json_invalid", param="file")
    try:
        data = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Invalid(f"不是合法的 JSON(第 {error.lineno} 行)。", code="json_invalid", param="file") from None
    return _read(data, source, None)


def read_yaml(content: bytes, *, source: str = "文件") -> ImportReading:
    """Entries of a YAML file: one document, or a list as in the content folder. Raises ContentInvalid, Invalid."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("YAML 文件不是 UTF-8 文本，请另存为 UTF-8。", code="yaml_invalid", param="file") from None
    return _read(load_yaml(text, source=source), source, Lines(text))


def _read(data: Any, source: str, lines: Lines | None) -> ImportReading:
    reading = ImportReading()
    shared: dict[str, Any] = {}
    listed: list[Any] = [data]
    several = isinstance(data, Mapping) and "entries" in data
    if several or isinstance(data, list):
        listed = data["entries"] if several else data
        shared = (
            {key: value for key, value in data.items() if key not in ("entries", "format", "generation")}
            if several
            else {}
        )
    if not isinstance(listed, list) or len(listed) > MOST_ENTRIES:
        raise Invalid(f"entries 应为列表，最多 {MOST_ENTRIES:,} 条。", code="entries_invalid", param="file")
    seen: set[str] = set()
    for number, one in enumerate(listed):
        before: tuple[str | int, ...] = ("entries", number) if several else (number,) if isinstance(data, list) else ()
        document, kind = _document(one, shared)
        if document is None or kind is None:
            reading.fault(
                ImportFault(f"第 {number + 1} 条", "看不出是哪一种内容；应有 kind 和 document，或办事指南的字段")
            )
            continue
        try:
            entry = parse_entry(kind, document, source=source)
        except ContentInvalid as error:
            for fault in error.faults:
                place = (*before, *fault.place)
                line = lines.line(place) if lines else None
                told = f"第 {line} 行 {fault.field}" if line else f"第 {number + 1} 条 {fault.field}"
                reading.fault(ImportFault(told, fault.expected, row=line))
            continue
        if entry.id in seen:
            reading.fault(ImportFault(f"第 {number + 1} 条 id", f"编号 {shown(entry.id)} 重复"))
        seen.add(entry.id)
        reading.entries.append(entry)
    if not reading.sound:
        reading.entries.clear()
    return reading


def _document(one: Any, shared: Mapping[str, Any]) -> tuple[dict[str, Any] | None, EntryKind | None]:
    if not isinstance(one, Mapping):
        return None, None
    if "document" in one and isinstance(one["document"], Mapping) and one.get("kind") in set(EntryKind):
        return dict(one["document"]), EntryKind(one["kind"])
    document = {**shared, **one}
    return document, _kind(document)


def _kind(document: Mapping[str, Any]) -> EntryKind:
    """By the fields that only one kind has; an item where nothing tells."""
    keys = set(document)
    own = {
        EntryKind.FAQ: {"answer", "element"},
        EntryKind.POLICY: {"issuer", "amounts", "deadlines", "valid_until"},
        EntryKind.LIFE_EVENT: {"items"},
        EntryKind.DIRECTORY: {"area", "group", "link"},
    }
    if keys & {"item_type", "materials", "implementation_code", "authority"}:
        return EntryKind.ITEM
    for kind, fields in own.items():
        if keys & fields:
            return kind
    only = {"id", "version", "name", "department", "status", "aliases", "sample", "effective_date", "cancel_date"}
    return EntryKind.DIRECTORY if keys and keys <= only else EntryKind.ITEM
