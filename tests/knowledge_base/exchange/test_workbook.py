"""Workbooks: what goes out comes back equal, and everything that is wrong is told with its cell."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pydantic import BaseModel

from core.errors import HubError
from knowledge_base.entries import ENTRY_TYPES
from knowledge_base.exchange import containers
from knowledge_base.exchange.layout import SHEETS
from knowledge_base.exchange.reports import ImportReading
from knowledge_base.exchange.workbook_reading import NO_SHEET, read_workbook
from knowledge_base.exchange.workbook_writing import template, write_workbook
from knowledge_base.library import Library
from knowledge_base.reading import load_yaml, parse_entry
from knowledge_base.schema import ServiceItem
from knowledge_base.terms import EntryKind
from tests.knowledge_base.conftest import SMALL_ITEM

ITEM = parse_entry(EntryKind.ITEM, load_yaml(SMALL_ITEM, source="small"))
Change = Callable[[Any], None]


def changed(change: Change, content: bytes | None = None) -> bytes:
    book = load_workbook(io.BytesIO(content or write_workbook([ITEM])))
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def put(title: str, heading: str, value: Any, row: int = 2) -> Change:
    def change(book: Any) -> None:
        page = book[title]
        column = next(cell.column for cell in page[1] if cell.value.strip("*") == heading)
        page.cell(row, column).value = value

    return change


def faults(reading: ImportReading) -> dict[str, str]:
    assert reading.entries == []
    told: dict[str, str] = {}
    for fault in reading.faults:
        told[fault.place] = "；".join(filter(None, (told.get(fault.place), fault.message)))
    return told


def read(change: Change) -> ImportReading:
    return read_workbook(changed(change))


def test_the_whole_library_survives(library: Library) -> None:
    reading = read_workbook(write_workbook(library.entries.values()))
    assert reading.faults == []
    lacking = dict.fromkeys(NO_SHEET, ())
    read_back = {entry.id: entry for entry in reading.entries}
    assert read_back == {
        entry.id: entry.model_copy(update=lacking) if isinstance(entry, ServiceItem) else entry
        for entry in library.entries.values()
    }
    assert reading.keeping == NO_SHEET


def test_every_field_of_the_schema_has_a_column() -> None:
    def fields(model: type[BaseModel], before: tuple[str, ...]) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for name, info in model.model_fields.items():
            inner = list(re.findall(r"schema\.(\w+)|entries\.(\w+)", str(info.annotation)))
            names = [one or two for one, two in inner]
            import knowledge_base.entries as entries
            import knowledge_base.schema as schema

            parts = [getattr(schema, one, None) or getattr(entries, one, None) for one in names]
            models = [one for one in parts if isinstance(one, type) and issubclass(one, BaseModel)]
            found |= fields(models[0], (*before, name)) if models else {(*before, name)}
        return found

    for kind, model in ENTRY_TYPES.items():
        columns = {(*sheet.part, *one.path) for sheet in SHEETS if kind in sheet.kinds for one in sheet.columns}
        left_to_the_library = {(one,) for one in NO_SHEET} if kind is EntryKind.ITEM else set()
        assert fields(model, ()) <= columns | left_to_the_library, kind


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda text: text.strip() == text
)
LINES = st.lists(TEXTS, max_size=3)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=TEXTS,
    aliases=LINES,
    note=TEXTS,
    thresholds=LINES,
    fee=st.booleans(),
    day=st.dates(date(1901, 1, 1), date(2999, 1, 1)),
)
def test_any_text_survives(
    name: str, aliases: list[str], note: str, thresholds: list[str], fee: bool, day: date
) -> None:
    data = ITEM.model_dump(exclude_none=True) | {
        "name": name,
        "aliases": aliases,
        "effective_date": day,
        "conditions": [{"text": note, "thresholds": thresholds}, {"text": name}],
        "fee": {"charged": fee, "standard": note, "cases": [{"text": name, "when": note}]},
        "situations": [
            {"id": "one", "question": name, "options": [{"value": "a", "label": note}, {"value": "b", "label": "b"}]},
            {"id": "two", "question": note, "kind": "number", "unit": "岁", "minimum": 0.5},
        ],
    }
    try:
        entry = ServiceItem.model_validate(data)
    except ValueError:
        return  # texts that only pydantic calls blank
    reading = read_workbook(write_workbook([entry]))
    assert reading.faults == []
    assert reading.entries == [entry]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@SUM(A1)", '=HYPERLINK("x")', "'quoted", "a\\nb", "_x0041_"])
def test_what_looks_like_a_formula_is_written_as_text(text: str) -> None:
    entry = ITEM.model_copy(update={"summary": text})
    content = write_workbook([entry])
    page = load_workbook(io.BytesIO(content))["事项"]
    cell = next(cell for cell in page[2] if cell.value is not None and cell.column == _column(page, "概述"))
    assert cell.data_type == "s"
    assert cell.quotePrefix == (text[0] in "=+-@")
    assert read_workbook(content).entries == [entry]


def _column(page: Any, heading: str) -> int:
    return next(cell.column for cell in page[1] if cell.value.strip("*") == heading)


def test_columns_are_found_by_their_headings() -> None:
    def reversed_columns(book: Any) -> None:
        for page in book.worksheets[1:]:
            rows = [[cell.value for cell in row][::-1] for row in page.iter_rows()]
            for number, row in enumerate(rows, 1):
                for place, value in enumerate(row, 1):
                    page.cell(number, place).value = value

    assert read(reversed_columns).entries == [ITEM]


def test_unknown_double_and_missing_columns_are_told() -> None:
    def change(book: Any) -> None:
        page = book["材料"]
        page.cell(1, _column(page, "纸张")).value = "颜色"
        page.cell(1, _column(page, "填报须知")).value = "材料份数"
        page.cell(1, _column(page, "受理标准")).value = None
        for row in page.iter_rows(min_row=2):
            for cell in row:
                cell.value = cell.value if page.cell(1, cell.column).value else None

    found = faults(read(change))
    assert "没有名为“颜色”的列" in found["材料!I1"]
    assert "是同一项" in found["材料!J1"]
    assert "缺少必须有的列“受理标准”" in found["材料"]


def test_what_stands_beyond_the_last_column_is_told_by_its_cell() -> None:
    def change(book: Any) -> None:
        page = book["材料"]
        page.cell(1, 101).value = "纸张"
        page.cell(2, 120).value = "A4"
        page.cell(2, 110).value = "  "

    found = faults(read(change))
    assert {"材料!CW1", "材料!DP2"} == {place for place, told in found.items() if "第 100 列以后" in told}
    assert read(lambda book: setattr(book["材料"].cell(2, 110), "value", "  ")).entries == [ITEM]


def test_a_sheet_that_is_wide_without_end_is_refused_soon() -> None:
    book = Workbook(write_only=True)
    page = book.create_sheet("材料")
    page.append(["事项编号", "材料编号", "材料名称"])
    for number in range(100):
        page.append(["dog-licence", f"m{number}", "免疫证明", *[None] * 16_380, "x"])
    stream = io.BytesIO()
    book.save(stream)
    reading = read_workbook(stream.getvalue())
    assert any("单元格太多" in fault.message for fault in reading.faults)


def test_everything_wrong_is_told_at_once_with_its_cell() -> None:
    def change(book: Any) -> None:
        put("材料", "份数", "一份")(book)
        put("事项", "事项类型", "许可")(book)
        put("事项", "生效日期", "2026-02-30")(book)
        put("事项", "实施主体", None)(book)
        put("依据", "事项编号", "cat-licence")(book)

    reading = read(change)
    found = faults(reading)
    assert found["材料!G2"] == "份数应为数字，不要写单位"
    assert "行政许可" in found["事项!E2"]
    assert any("实施主体：缺少这一项" in message for message in found.values())
    assert any("应为日期" in message for message in found.values())
    assert "没有编号为 cat-licence" in found["依据 第 2 行"]
    assert reading.fault_count == len(reading.faults)


@pytest.mark.parametrize(
    ("title", "heading", "value"),
    [
        ("材料", "份数", "１"),
        ("材料", "份数", " 1 "),
        ("材料", "份数", 1.0),
        ("事项", "法定办结时限", "５"),
        ("事项", "事项名称", " 养犬登记  "),
        ("事项", "服务对象", "自然人、"),
        ("材料", "材料编号", "ｖaccination "),
    ],
)
def test_numbers_as_text_full_width_and_blanks_are_read(title: str, heading: str, value: Any) -> None:
    assert read(put(title, heading, value)).entries == [ITEM]


@pytest.mark.parametrize("day", [date(2026, 1, 31), "2026-01-31", "2026/1/31", "2026年1月31日", "２０２６.1.31"])
def test_dates_are_read_as_dates_and_as_text(day: Any) -> None:
    (entry,) = read(put("事项", "生效日期", day)).entries
    assert entry.effective_date == date(2026, 1, 31)


def test_formulas_are_refused_with_their_cell() -> None:
    assert "公式" in faults(read(put("材料", "受理标准", '=WEBSERVICE("x")')))["材料!K2"]


def test_long_numbers_are_refused_since_their_end_is_lost() -> None:
    assert any("15 位" in told for told in faults(read(put("事项", "实施编码", 1234567890123456789))).values())


def test_cells_merged_downwards_are_filled_and_sideways_refused() -> None:
    entry = ITEM.model_copy(
        update={"materials": (ITEM.materials[0], ITEM.materials[0].model_copy(update={"id": "other"}))}  # type: ignore[attr-defined]
    )

    def down(book: Any) -> None:
        book["材料"].merge_cells("A2:A3")
        book["材料"].merge_cells("D2:D3")

    assert read_workbook(changed(down, write_workbook([entry]))).entries == [entry]

    def sideways(book: Any) -> None:
        for _ in range(6):
            book["材料"].append(["dog-licence"])
        book["材料"].merge_cells("D7:E7")

    assert "左右合并" in faults(read(sideways))["材料!D7"]


def test_hidden_and_unknown_sheets_are_told() -> None:
    def change(book: Any) -> None:
        book["材料"].sheet_state = "hidden"
        book.create_sheet("备注")

    reading = read(change)
    assert "隐藏" in faults(reading)["材料"]
    assert reading.notices[0].place == "备注"


def test_an_id_is_made_of_the_name_and_parts_find_their_entry_by_name() -> None:
    def change(book: Any) -> None:
        for title in ("事项", "材料", "依据"):
            page = book[title]
            page.cell(2, 1).value = None

    (entry,) = read(change).entries
    assert entry.id == "yang-quan-deng-ji"
    assert entry.model_copy(update={"id": ITEM.id}) == ITEM


def test_the_same_id_twice_is_told() -> None:
    content = write_workbook([ITEM, ITEM])
    assert "重复" in faults(read_workbook(content))["事项!A3"]


def test_fifty_thousand_rows_are_refused_within_memory() -> None:
    book = Workbook(write_only=True)
    page = book.create_sheet("材料")
    page.append(["事项编号", "材料编号", "材料名称"])
    for number in range(50_000):
        page.append(["dog-licence", f"m{number}", "免疫证明"])
    stream = io.BytesIO()
    book.save(stream)
    tracemalloc.start()
    reading = read_workbook(stream.getvalue())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert any("20,000" in fault.message for fault in reading.faults)
    assert len(reading.faults) <= 1_000
    assert peak < 300 * 1024 * 1024


def archive(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return stream.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(write_workbook([ITEM]))) as zipped:
        parts = {info.filename: zipped.read(info) for info in zipped.infolist()}
    return archive(parts | {name: content})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "file_protected"),
        (b"PK\x03\x04 no archive", "file_damaged"),
        (archive({"a.txt": b"a"}), "file_kind_unknown"),
        (archive({"xl/workbook.xml": b"<a/>"}), "file_damaged"),
        (with_part("xl/vbaProject.bin", b"macro"), "macros_refused"),
        (with_part("xl/worksheets/sheet2.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "file_unsafe"),
        (with_part("xl/worksheets/sheet2.xml", b"<a/>".decode().encode("utf-16")), "file_unsafe"),
        (with_part("xl/media/bomb.xml", b" " * 30_000_000), "archive_too_large"),
        (b"%PDF-1.7", "file_kind_unknown"),
        (template(), "workbook_empty"),
    ],
)
def test_what_is_no_safe_workbook_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(HubError) as error:
        read_workbook(content)
    assert error.value.code == code


def test_too_large_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MOST_BYTES", 1000)
    with pytest.raises(HubError) as error:
        read_workbook(write_workbook([ITEM]))
    assert error.value.code == "file_too_large"


def test_the_template_explains_itself() -> None:
    book = load_workbook(io.BytesIO(template()))
    assert book.sheetnames[:3] == ["填写说明", "事项", "常见问答"]
    page = book["材料"]
    assert page.cell(1, _column(page, "必要性")).value == "必要性*"
    assert "容缺后补" in page.cell(1, _column(page, "必要性")).comment.text
    assert any(rule.formula1 == '"必要,非必要,容缺后补"' for rule in page.data_validations.dataValidation)
