"""Entries to a workbook, and the empty workbook that people fill in.

Comes in: entries. Goes out: the bytes of an .xlsx that `workbook_reading` reads back to the same entries. Text that begins
with = + - @ is stored as text with the quote prefix, so that opening the file runs nothing.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from core.errors import Invalid, shown
from knowledge_base.entries import kind_of
from knowledge_base.exchange.cells import LONGEST_CELL, escaped, written
from knowledge_base.exchange.layout import GUIDE, GUIDE_TITLE, OWNER_ID, OWNER_NAME, SHEETS, Column, Sheet
from knowledge_base.schema import Entry

_HEADING = Font(bold=True, color="FFFFFF")
_FILL = PatternFill("solid", fgColor="1F5FA8")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_RISKY = ("=", "+", "-", "@", "\t", "\r")
LONGEST_LIST = 255
"""Characters of a drop-down that stands in the sheet itself."""
VALIDATED_ROWS = 5_000


def write_workbook(entries: Iterable[Entry]) -> bytes:
    """The entries as a workbook; sheets that would be empty are there with their headings.

    Raises:
        Invalid: a list is too long for one cell (code `cell_too_long`).
    """
    plain = [(entry, entry.model_dump(mode="json", exclude_none=True)) for entry in entries]
    book = Workbook(write_only=True)
    _guide(book)
    for sheet in SHEETS:
        _write_sheet(book, sheet, plain)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def template() -> bytes:
    """The workbook without rows."""
    return write_workbook(())


def _guide(book: Any) -> None:
    page = book.create_sheet(GUIDE_TITLE)
    page.column_dimensions["A"].width = 18
    page.column_dimensions["B"].width = 22
    page.column_dimensions["C"].width = 100
    for line in GUIDE:
        page.append([None, None, line])
    page.append([])
    page.append([_heading(page, text) for text in ("工作表", "列", "怎样填写")])
    for sheet in SHEETS:
        for column in sheet.columns:
            page.append([sheet.title, _title(column), _note(column)])


def _title(column: Column) -> str:
    return column.heading + ("*" if column.required else "")


def _note(column: Column) -> str:
    parts = ["必填" if column.required else "", column.note or ""]
    if column.words:
        parts.append("可选：" + "、".join(column.words.values()))
    if column.also:
        parts.append("也认：" + "、".join(column.also))
    return "。".join(part for part in parts if part)


def _heading(page: Any, text: str, note: str = "") -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value=text)
    cell.font, cell.fill, cell.alignment = _HEADING, _FILL, _WRAPPED
    if note:
        cell.comment = Comment(note, "靠普智枢", height=120, width=280)
    return cell


def _write_sheet(book: Any, sheet: Sheet, entries: Sequence[tuple[Entry, Mapping[str, Any]]]) -> None:
    page = book.create_sheet(sheet.title)
    page.freeze_panes = "C2"
    owners = () if sheet.kind else (OWNER_ID, OWNER_NAME)
    for number, column in enumerate(sheet.columns, len(owners) + 1):
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = 36 if column.many or column.type == "text" else 16
        offered = tuple(column.words.values()) or (("是", "否") if column.type == "flag" else ())
        listed = ",".join(offered)
        if offered and not column.many and len(listed) <= LONGEST_LIST:
            rule = DataValidation("list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=True)
            rule.errorTitle, rule.error = column.heading, "请从下拉列表中选择"
            rule.add(f"{letter}2:{letter}{VALIDATED_ROWS}")
            page.data_validations.append(rule)
    notes = [_heading(page, owner, "属于哪一条内容：编号或名称，填一个即可") for owner in owners]
    page.append([*notes, *(_heading(page, _title(column), _note(column)) for column in sheet.columns)])
    for entry, plain in entries:
        for row in _rows(sheet, entry, plain):
            page.append([_cell(page, sheet, entry, value) for value in row])


def _rows(sheet: Sheet, entry: Entry, plain: Mapping[str, Any]) -> Iterator[list[Any]]:
    if kind_of(entry) not in sheet.kinds:
        return
    if sheet.kind:
        yield [written(column, _found(plain, column.path)) for column in sheet.columns]
        return
    for part in _found(plain, sheet.part) or ():
        details = part.get(sheet.detail) if sheet.detail else None
        for detail in details or [None]:
            told = {**part, sheet.detail: detail or {}} if sheet.detail else part
            yield [
                entry.id,
                escaped(entry.name),
                *(written(column, _found(told, column.path)) for column in sheet.columns),
            ]


def _found(data: Any, path: Sequence[str]) -> Any:
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def _cell(page: Any, sheet: Sheet, entry: Entry, value: Any) -> Any:
    if value is None:
        return None
    cell = WriteOnlyCell(page, value=value)
    cell.alignment = _WRAPPED
    if isinstance(value, str):
        if len(value) > LONGEST_CELL:
            raise Invalid(
                f"“{shown(entry.name)}”的{sheet.title}有一格超过 {LONGEST_CELL} 字，工作簿装不下；请导出为 JSON。",
                code="cell_too_long",
            )
        cell.data_type = "s"
        cell.number_format = "@"
        if value.startswith(_RISKY):
            cell.quotePrefix = True
    elif not isinstance(value, int | float):
        cell.number_format = "yyyy-mm-dd"
    return cell
