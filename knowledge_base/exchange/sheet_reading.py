"""The rows of one sheet: headings found wherever they stand, merged cells, formulas, and the value of every cell.

Comes in: a sheet of a workbook opened for streaming. Goes out: rows of values by field path, and every fault with its cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries

from core.errors import shown
from knowledge_base.exchange.cells import CellInvalid, is_blank, read, unescaped
from knowledge_base.exchange.layout import OWNER_ID, OWNER_NAME, Column, Sheet, plain_heading
from knowledge_base.exchange.reports import ImportFault, ImportReading

MOST_ROWS = 20_000
"""Rows of a sheet. A district has some 2,000 items with ten materials each."""
MOST_BLANK_ROWS = 100_000
MOST_COLUMNS = 100
MOST_WIDE_CELLS = 1_000_000
"""Cells beyond the last column that are looked at, filled or not; a whole sheet's width has 16,384 columns."""
HEADING_ROWS = 5
"""A title may stand above the headings."""
MOST_MERGED = 5_000
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_CHUNK = 1024 * 1024


@dataclass(slots=True)
class Row:
    """One row. `values` by field path; `owner`: id and name of the entry it belongs to; `broken`: paths whose cell is wrong."""

    number: int
    values: dict[tuple[str, ...], Any] = field(default_factory=dict)
    owner: tuple[str | None, str | None] = (None, None)
    broken: set[tuple[str, ...]] = field(default_factory=set)


@dataclass
class SheetRows:
    """The rows of one sheet and where its columns are."""

    sheet: Sheet
    rows: list[Row]
    letters: Mapping[tuple[str, ...], str]

    def fault(self, message: str, row: int | None = None, path: tuple[str, ...] | None = None) -> ImportFault:
        """A fault at a field's cell, or at its row if the column is not there."""
        return _fault(self.sheet.title, message, row, self.letters.get(path) if path is not None else None)


def _fault(title: str, message: str, row: int | None = None, column: str | None = None) -> ImportFault:
    place = f"{title}!{column}{row}" if column and row else f"{title} 第 {row} 行" if row else title
    return ImportFault(place, message, title, row, column)


def read_rows(page: Any, sheet: Sheet, reading: ImportReading) -> SheetRows:
    """Every row that is not blank; faults go to `reading`. Stops at more than 20,000 rows."""
    page.reset_dimensions()
    owner = not sheet.kind
    found: dict[int, Column | str] = {}
    rows: list[Row] = []
    merged = _merged(page, sheet, reading)
    spread: dict[tuple[int, int], tuple[Any, str]] = {}
    heading_row = 0
    first: list[tuple[Any, ...]] = []
    wide_cells = 0
    for number, all_cells in enumerate(page.iter_rows(), 1):
        cells, wide = all_cells[:MOST_COLUMNS], all_cells[MOST_COLUMNS:]
        wide_cells += len(wide)
        _tell_wide(sheet, wide, number, reading)
        if wide_cells > MOST_WIDE_CELLS:
            reading.fault(_fault(sheet.title, f"第 {MOST_COLUMNS} 列以后的单元格太多，请删去多余的列", number))
            break
        if not heading_row:
            first.append(cells)
            known = _known(sheet, cells)
            if len(known) >= 2:
                heading_row = number
                found = _headings(sheet, cells, number, reading)
            elif number >= HEADING_ROWS:
                break
            continue
        if number > MOST_BLANK_ROWS or len(rows) >= MOST_ROWS:
            if number > MOST_BLANK_ROWS or any(not is_blank(cell.value) for cell in cells):
                reading.fault(_fault(sheet.title, f"超过 {MOST_ROWS:,} 行(或空行太多)，请拆成几个文件分别导入", number))
                break
            continue
        row = _row(sheet, cells, number, found, merged, spread, reading)
        if row is not None:
            rows.append(row)
    if not heading_row and any(not is_blank(cell.value) for cells in first for cell in cells):
        reading.fault(_fault(sheet.title, f"前 {HEADING_ROWS} 行里没有列名；请按模板的第一行写列名"))
    letters = {column.path: get_column_letter(number) for number, column in found.items() if isinstance(column, Column)}
    result = SheetRows(sheet, rows, letters)
    if rows:
        for column in sheet.columns:
            if column.required and column.path not in letters:
                reading.fault(result.fault(f"缺少必须有的列“{column.heading}”"))
        if owner and not any(isinstance(column, str) for column in found.values()):
            reading.fault(result.fault(f"缺少列“{OWNER_ID}”或“{OWNER_NAME}”，不知道各行属于哪一条内容"))
    return result


def _tell_wide(sheet: Sheet, cells: tuple[Any, ...], row: int, reading: ImportReading) -> None:
    """A fault for everything that stands beyond the last column that is read."""
    for column, cell in enumerate(cells, MOST_COLUMNS + 1):
        if not is_blank(cell.value):
            told = f"第 {MOST_COLUMNS} 列以后的内容不读；请移到前面的列，或清空"
            reading.fault(_fault(sheet.title, told, row, get_column_letter(column)))


def _by_heading(sheet: Sheet) -> dict[str, Column | str]:
    named: dict[str, Column | str] = {}
    for column in sheet.columns:
        for heading in column.also:
            named.setdefault(plain_heading(heading), column)
    for column in sheet.columns:
        named[plain_heading(column.heading)] = column
    if not sheet.kind:
        named |= {OWNER_ID: OWNER_ID, OWNER_NAME: OWNER_NAME}
    return named


def _known(sheet: Sheet, cells: tuple[Any, ...]) -> set[str]:
    named = _by_heading(sheet)
    return {plain_heading(cell.value) for cell in cells if not is_blank(cell.value)} & named.keys()


def _headings(sheet: Sheet, cells: tuple[Any, ...], row: int, reading: ImportReading) -> dict[int, Column | str]:
    named = _by_heading(sheet)
    found: dict[int, Column | str] = {}
    for number, cell in enumerate(cells, 1):
        if is_blank(cell.value):
            continue
        letter = get_column_letter(number)
        column = named.get(plain_heading(cell.value))
        if column is None:
            reading.fault(
                _fault(sheet.title, f"没有名为“{shown(cell.value)}”的列；请对照模板，不用的列请删去", row, letter)
            )
        elif column in found.values():
            before = next(get_column_letter(place) for place, one in found.items() if one == column)
            reading.fault(_fault(sheet.title, f"“{shown(cell.value)}”与 {before} 列是同一项，只能留一列", row, letter))
        else:
            found[number] = column
    return found


def _merged(page: Any, sheet: Sheet, reading: ImportReading) -> dict[tuple[int, int], tuple[int, int]]:
    """Covered cells (row, column) and the cell whose value they take: merged downwards in one column."""
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    for reference in _merged_ranges(page):
        left, top, right, bottom = range_boundaries(reference)
        if left != right:
            if top > HEADING_ROWS:
                reading.fault(
                    _fault(
                        sheet.title,
                        f"单元格 {reference} 左右合并了，请取消合并后逐格填写",
                        top,
                        get_column_letter(left),
                    )
                )
            continue
        if len(covered) + bottom - top > MOST_ROWS * 5:
            reading.fault(_fault(sheet.title, "合并的单元格太多，请取消合并", top))
            break
        covered |= {(row, left): (top, left) for row in range(top + 1, bottom + 1)}
    return covered


def _merged_ranges(page: Any) -> Iterator[str]:
    with page._get_source() as stream:  # openpyxl doesn't read them when it streams
        tail, count = b"", 0
        while chunk := stream.read(_CHUNK):
            window, end = tail + chunk, 0
            for match in _MERGED.finditer(window):
                yield match[1].decode()
                end, count = match.end(), count + 1
                if count >= MOST_MERGED:
                    return
            tail = window[max(end, len(window) - 200) :]


def _row(
    sheet: Sheet,
    cells: tuple[Any, ...],
    number: int,
    found: Mapping[int, Column | str],
    merged: Mapping[tuple[int, int], tuple[int, int]],
    spread: dict[tuple[int, int], tuple[Any, str]],
    reading: ImportReading,
) -> Row | None:
    values: dict[int, tuple[Any, str]] = {}
    filled = False
    for place, cell in enumerate(cells, 1):
        value, data_type = cell.value, cell.data_type
        if not is_blank(value):
            filled = True
            if merged:
                spread[(number, place)] = (value, data_type)
        elif (number, place) in merged:
            value, data_type = spread.get(merged[(number, place)], (None, "n"))
        if not is_blank(value):
            values[place] = (value, data_type)
    if not filled:
        return None
    owners: dict[str, str | None] = {OWNER_ID: None, OWNER_NAME: None}
    row = Row(number)
    for place, (value, data_type) in values.items():
        column, letter = found.get(place), get_column_letter(place)
        if data_type in ("f", "e"):
            told = "有公式，请复制后“选择性粘贴 → 数值”" if data_type == "f" else f"是错误值 {shown(value)}，请改正"
            reading.fault(_fault(sheet.title, told, number, letter))
            if isinstance(column, Column):
                row.broken.add(column.path)
        elif isinstance(column, str):
            owners[column] = unescaped(str(value).strip(), lines=False)
        elif column is None:
            if place not in found:
                reading.fault(_fault(sheet.title, "这一列没有列名，却填了内容；请写上列名或清空", number, letter))
        else:
            try:
                row.values[column.path] = read(column, value)
            except CellInvalid as error:
                row.broken.add(column.path)
                reading.fault(_fault(sheet.title, f"{column.heading}{error}", number, letter))
    row.owner = (owners[OWNER_ID], owners[OWNER_NAME])
    return row
