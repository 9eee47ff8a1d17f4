"""A workbook to entries, all or nothing: with the cell of everything that is wrong.

Comes in: the bytes of an .xlsx. Goes out: `ImportReading`. Columns are found by their headings, so their order doesn't
matter. The sheets' rows become the same documents that YAML files hold and pass the same gate (`knowledge_base.reading`),
whose faults are led back to their cells.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook

from core.errors import Invalid, shown
from knowledge_base.entries import kind_of
from knowledge_base.exchange.containers import FileKind, file_kind
from knowledge_base.exchange.layout import GUIDE_TITLE, SHEETS_BY_TITLE, Sheet
from knowledge_base.exchange.reports import ImportFault, ImportReading
from knowledge_base.exchange.sheet_reading import Row, SheetRows, read_rows
from knowledge_base.life.documents import new_id
from knowledge_base.reading import ContentInvalid, Fault, parse_entry

MOST_SHEETS = 60
NO_SHEET = ("form", "checks")
"""Fields that no sheet holds: rules over papers are no table."""


@dataclass
class _Draft:
    """One entry as it is put together. `origins`: the sheet and row of each part, by its place in the document."""

    rows: SheetRows
    row: Row
    data: dict[str, Any]
    origins: dict[tuple[str | int, ...], tuple[SheetRows, Row]] = field(default_factory=dict)


def read_workbook(content: bytes) -> ImportReading:
    """The entries of a workbook, or what is wrong with it.

    Raises:
        Invalid, TooLarge: it can't be opened at all (see `containers.file_kind`); `workbook_empty`.
    """
    if file_kind(content) is not FileKind.XLSX:
        raise Invalid("这不是 .xlsx 工作簿。", code="file_kind_unknown", param="file")
    reading = ImportReading(keeping=NO_SHEET)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except Exception:
        # openpyxl raises whatever its parsers do; the file is at fault.
        raise _damaged() from None
    try:
        sheets = _sheets(book, reading)
        reads = [read_rows(page, sheet, reading) for page, sheet in sheets]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, SyntaxError, OSError):
        raise _damaged() from None
    finally:
        book.close()
    drafts = _entries(reads, reading)
    _attach(reads, drafts, reading)
    for draft in drafts:
        _parse(draft, reading)
    if reading.sound and not reading.entries:
        raise Invalid("工作簿里没有内容；请在“事项”等工作表里从第二行起填写。", code="workbook_empty", param="file")
    if not reading.sound:
        reading.entries.clear()
    return reading


def _damaged() -> Invalid:
    return Invalid("工作簿损坏，读不了；请用表格软件打开后重新保存。", code="file_damaged", param="file")


def _sheets(book: Any, reading: ImportReading) -> list[tuple[Any, Sheet]]:
    found = []
    for page in book.worksheets[:MOST_SHEETS]:
        title = page.title.strip()
        sheet = SHEETS_BY_TITLE.get(title)
        if sheet is None:
            if title != GUIDE_TITLE:
                reading.notices.append(ImportFault(shown(title), "不认识的工作表，没有读", shown(title)))
        elif page.sheet_state != "visible":
            reading.fault(ImportFault(title, "工作表被隐藏了；请取消隐藏看过内容，或删去它", title))
        else:
            found.append((page, sheet))
    if not found and reading.sound:
        listed = "、".join(title for title in SHEETS_BY_TITLE)
        reading.fault(ImportFault("工作簿", f"没有可以读的工作表；应有 {listed} 中的一张以上，请下载模板"))
    return found


def _entries(reads: list[SheetRows], reading: ImportReading) -> list[_Draft]:
    drafts: list[_Draft] = []
    by_id: dict[str, _Draft] = {}
    for rows in reads:
        if rows.sheet.kind is None:
            continue
        for row in rows.rows:
            draft = _Draft(rows, row, {})
            for path, value in row.values.items():
                _put(draft.data, path, value)
            drafts.append(draft)
            entry_id = draft.data.get("id")
            if entry_id in by_id:
                reading.fault(
                    rows.fault(f"编号 {shown(entry_id)} 与第 {by_id[entry_id].row.number} 行重复", row.number, ("id",))
                )
            elif entry_id is not None:
                by_id[entry_id] = draft
    taken = set(by_id)
    for draft in drafts:
        if "id" not in draft.data and ("id",) not in draft.row.broken and isinstance(draft.data.get("name"), str):
            try:
                draft.data["id"] = new_id({"name": draft.data["name"]}, taken)
                taken.add(draft.data["id"])
            except ContentInvalid:
                reading.fault(draft.rows.fault("名称没有可用的读音，请填写编号", draft.row.number, ("id",)))
                draft.row.broken.add(("id",))
    return drafts


def _put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        data = data.setdefault(name, {})
    data[path[-1]] = value


def _attach(reads: list[SheetRows], drafts: list[_Draft], reading: ImportReading) -> None:
    by_id: dict[str, _Draft] = {}
    by_name: dict[str, list[_Draft]] = {}
    for draft in drafts:
        by_id.setdefault(draft.data.get("id", ""), draft)
        by_name.setdefault(draft.data.get("name", ""), []).append(draft)
    for rows in reads:
        if rows.sheet.kind is not None:
            continue
        previous: tuple[_Draft | None, Row | None] = (None, None)
        for row in rows.rows:
            owner = _owner(rows, row, by_id, by_name, reading)
            if owner is None:
                continue
            _add_part(rows, row, owner, previous, reading)
            previous = (owner, row)


def _owner(
    rows: SheetRows, row: Row, by_id: Mapping[str, _Draft], by_name: Mapping[str, list[_Draft]], reading: ImportReading
) -> _Draft | None:
    entry_id, name = row.owner
    found: _Draft | None = None
    told: str | None = None
    if entry_id:
        found = by_id.get(entry_id)
        if found is None:
            told = f"没有编号为 {shown(entry_id)} 的内容"
        elif name and found.data.get("name") != name:
            told = f"编号 {shown(entry_id)} 的名称是“{shown(found.data.get('name'))}”，这一行写的是“{shown(name)}”"
    elif name:
        named = [one for one in by_name.get(name, ()) if one.rows.sheet.kind in rows.sheet.kinds]
        if len(named) == 1:
            found = named[0]
        else:
            told = (
                f"名称“{shown(name)}”有 {len(named)} 条内容，请改填编号"
                if named
                else f"没有名称为“{shown(name)}”的内容"
            )
    else:
        told = "没有写事项编号或事项名称，不知道这一行属于哪一条内容"
    if told is None and found is not None and found.rows.sheet.kind not in rows.sheet.kinds:
        told = f"“{shown(found.data.get('name'))}”在“{found.rows.sheet.title}”表里，没有{rows.sheet.title}这一部分"
    if told is not None:
        reading.fault(rows.fault(told, row.number))
        return None
    return found


def _add_part(
    rows: SheetRows, row: Row, owner: _Draft, previous: tuple[_Draft | None, Row | None], reading: ImportReading
) -> None:
    sheet, data = rows.sheet, owner.data
    base, detail = sheet.part, sheet.detail
    for name in base[:-1]:
        data = data.setdefault(name, {})
    parts: list[dict[str, Any]] = data.setdefault(base[-1], [])
    own: dict[str, Any] = {}
    for path, value in row.values.items():
        _put(own, path, value)
    element = own.pop(detail, None) if detail else None
    same = detail is not None and bool(parts) and previous[0] is owner
    same = same and own.get("id", parts[-1].get("id")) == parts[-1].get("id")
    if not same:
        parts.append(own)
        owner.origins[(*base, len(parts) - 1)] = (rows, row)
    else:
        for key, value in own.items():
            if key in parts[-1] and parts[-1][key] != value:
                reading.fault(rows.fault("与同一问题上一行写的不一样；可以留空", row.number, (key,)))
            parts[-1].setdefault(key, value)
        if element is None:
            reading.fault(rows.fault(f"编号 {shown(own.get('id', ''))} 重复，这一行又没有写选项", row.number, ("id",)))
    if detail and element is not None:
        listed = parts[-1].setdefault(detail, [])
        listed.append(element)
        owner.origins[(*base, len(parts) - 1, detail, len(listed) - 1)] = (rows, row)


def _parse(draft: _Draft, reading: ImportReading) -> None:
    kind = draft.rows.sheet.kind
    assert kind is not None
    try:
        entry = parse_entry(kind, draft.data, source=str(draft.data.get("name") or "内容"))
    except ContentInvalid as error:
        for fault in error.faults:
            _lead_back(draft, fault, reading)
    else:
        assert kind_of(entry) is kind
        reading.entries.append(entry)


def _lead_back(draft: _Draft, fault: Fault, reading: ImportReading) -> None:
    place = fault.place
    for length in range(len(place), -1, -1):
        origin = draft.origins.get(place[:length])
        if origin is not None:
            rows, row = origin
            names = tuple(part for part in place[length:] if isinstance(part, str))
            path = (*((rows.sheet.detail,) if "options" in place[:length] and rows.sheet.detail else ()), *names)
            break
    else:
        rows, row = draft.rows, draft.row
        path = tuple(part for part in place if isinstance(part, str))
    column = next((one for one in rows.sheet.columns if one.path == path), None)
    if column is None and path:  # of several columns that make one field: the first
        column = next((one for one in rows.sheet.columns if one.path[: len(path)] == path), None)
    if column is not None and column.path in row.broken:
        return  # told already, by its cell
    lacking = column is not None and column.required and column.path not in rows.letters
    if lacking:
        return  # told already, by its column
    sentence = f"{column.heading}：{fault.expected}" if column else fault.expected
    if column is None and path:
        sentence = f"{fault.field}：{fault.expected}"
    reading.fault(rows.fault(sentence, row.number, column.path if column else None))
