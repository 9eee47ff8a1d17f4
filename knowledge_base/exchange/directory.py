"""A catalogue of names to directory entries (目录事项): lines of JSON {department, group, name, link}.

Ids come from department and name, so that importing the list again changes nothing. A name that a department has twice is
one entry.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson

from core.errors import Invalid
from knowledge_base.entries import DirectoryItem
from knowledge_base.exchange.reports import ImportFault, ImportReading
from knowledge_base.reading import ContentInvalid, parse_entry
from knowledge_base.terms import EntryKind

MOST_LINES = 50_000
UNGROUPED = "未分类"


def directory_id(department: str, name: str) -> str:
    """`dir-` and 12 hexadecimal digits of department and name."""
    return "dir-" + hashlib.sha256(f"{department}\0{name}".encode()).hexdigest()[:12]


def read_directory(path: Path, *, area: str | None = None) -> ImportReading:
    """The entries of a list; `area` is the division whose list it is.

    Raises:
        Invalid: the file can't be read (code `directory_unreadable`).
    """
    reading = ImportReading()
    found: dict[str, DirectoryItem] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise Invalid(f"目录文件 {path.name} 读不了；应为 UTF-8 的 JSONL。", code="directory_unreadable") from None
    if len(lines) > MOST_LINES:
        raise Invalid(f"目录文件超过 {MOST_LINES:,} 行。", code="directory_unreadable")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            department, name = str(row["department"]).strip(), str(row["name"]).strip()
            group, link = row.get("group"), row.get("link")
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            reading.fault(ImportFault(f"第 {number} 行", "应为 JSON，并有 department 和 name", row=number))
            continue
        entry_id = directory_id(department, name)
        if entry_id in found:
            reading.notices.append(ImportFault(f"第 {number} 行", f"“{name[:40]}”与前面的重复，合为一条", row=number))
            continue
        document = {"id": entry_id, "name": name, "department": department, "area": area, "link": link}
        document["group"] = None if group == UNGROUPED else group
        try:
            entry = parse_entry(EntryKind.DIRECTORY, {key: value for key, value in document.items() if value})
        except ContentInvalid as error:
            for fault in error.faults:
                reading.fault(ImportFault(f"第 {number} 行 {fault.field}", fault.expected, row=number))
            continue
        assert isinstance(entry, DirectoryItem)
        found[entry_id] = entry
    reading.entries = list(found.values()) if reading.sound else []
    return reading
