"""Files that are refused say where and why; files that are taken give sections with stable ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import HubError, NotFound
from knowledge_base.library import Library
from knowledge_base.terms import Element

Change = Callable[[str, str], Path]


def refused(folder: Path) -> HubError:
    with pytest.raises(HubError) as caught:
        Library.load(folder)
    assert caught.value.code == "content_invalid"
    return caught.value


def test_a_good_item_loads_with_the_sections_it_has(content: Path) -> None:
    library = Library.load(content)
    assert list(library.items) == ["dog-licence"]
    assert [section.id for section in library.sections()] == [
        "dog-licence/overview@3",
        "dog-licence/materials@3",
        "dog-licence/limits@3",
        "dog-licence/legal_basis@3",
    ]
    assert library.section("dog-licence/limits@3").title == "办理时限"


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "expected"),
    [
        ("name: 养犬登记\n", "", 1, "name", "必须填写"),
        ("aliases:", "alias:", 4, "alias", "没有这个字段"),
        ("version: 3", "version: 三", 2, "version", "整数"),
        ("version: 3", "version: 0", 2, "version", "不小于 1"),
        ("行政许可", "许可", 5, "item_type", "行政许可"),
        ("[自然人]", "[]", 9, "applicant_kinds", "至少 1 条"),
        ("summary: 饲养犬只应当办理登记", "summary: ''", 11, "summary", "不能为空"),
        ("    copies: 1\n", "    copies: 0\n", 13, "materials.0", "电子材料"),
        ("    copies: 1\n", "    copies: 99\n", 17, "materials.0.copies", "不大于 20"),
        ("    acceptance_standard: 在有效期内\n", "", 13, "materials.0.acceptance_standard", "必须填写"),
        ("  number: 5\n", "", 20, "statutory_limit", "天数"),
        ("unit: 工作日", "unit: 天", 22, "statutory_limit.unit", "自然日"),
        ("legal_basis:\n  - law: 示例条例\n", "legal_basis: []\n", 23, "legal_basis", "至少 1 条"),
        ("statutory_limit:\n", "fee: {charged: true}\nstatutory_limit:\n", 20, "fee", "收费标准"),
        ("name: 养犬登记\n", "name: 养犬登记\ncatalogue_code: '123'\n", 4, "catalogue_code", "格式"),
    ],
)
def test_a_fault_is_named_by_file_line_field_and_expectation(
    content: Path, change: Change, old: str, new: str, line: int, field: str, expected: str
) -> None:
    change(old, new)
    error = refused(content)
    assert error.message.startswith("dog-licence.yaml")
    assert f"第 {line} 行 {field}" in error.message
    assert expected in error.message
    assert error.detail["errors"][0]["line"] == line


def test_every_fault_of_a_file_is_told_at_once(content: Path, change: Change) -> None:
    change("version: 3", "version: x")
    change("unit: 工作日", "unit: 天")
    assert [fault["field"] for fault in refused(content).detail["errors"]] == ["version", "statutory_limit.unit"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: [", "第 1 行"),
        ("- a\n- b\n", "应为“字段: 值”的形式"),
        ("", "应为“字段: 值”的形式"),
        ("id: a\nid: b\n", "第 2 行"),
        ("name: !!python/object:os.system x\n", "不是合法的 YAML"),
    ],
)
def test_what_is_not_an_item_is_refused(content: Path, text: str, expected: str) -> None:
    (content / "items" / "dog-licence.yaml").write_text(text, encoding="utf-8")
    error = refused(content)
    assert "dog-licence.yaml" in error.message
    assert expected in error.message


def test_a_file_in_another_encoding_is_refused(content: Path) -> None:
    (content / "items" / "dog-licence.yaml").write_bytes("name: 养犬登记".encode("gbk"))
    assert "UTF-8" in refused(content).message


def test_the_file_is_named_for_the_item(content: Path, change: Change) -> None:
    change("id: dog-licence", "id: cat-licence")
    assert "应为 dog-licence" in refused(content).message


def test_two_items_of_one_name_are_refused(content: Path) -> None:
    text = (content / "items" / "dog-licence.yaml").read_text(encoding="utf-8")
    (content / "items" / "dog-licence-2.yaml").write_text(
        text.replace("id: dog-licence", "id: dog-licence-2"), encoding="utf-8"
    )
    assert "重复" in refused(content).message


def test_an_empty_or_missing_folder_is_refused(tmp_path: Path) -> None:
    assert "没有事项" in refused(tmp_path).message
    assert "不存在" in refused(tmp_path / "none").message


def test_what_is_unknown_is_not_found(content: Path) -> None:
    library = Library.load(content)
    for ask, code in (
        (lambda: library.item("cat"), "item_not_found"),
        (lambda: library.section("dog-licence/limits@2"), "section_not_found"),
        (lambda: library.sections("cat"), "item_not_found"),
    ):
        with pytest.raises(NotFound) as caught:
            ask()
        assert caught.value.code == code


def test_sections_can_be_narrowed_to_an_item_and_an_element(library: Library) -> None:
    assert {section.element for section in library.sections(element="fee")} == {Element.FEE}
    (section,) = library.sections("senior-card-apply", Element.RESULT)
    assert section.id == "senior-card-apply/result@1"


def test_an_item_that_is_not_in_use_has_no_sections(content: Path, change: Change) -> None:
    change("version: 3", "version: 3\nstatus: 取消")
    library = Library.load(content)
    assert library.item("dog-licence").name == "养犬登记"
    assert library.sections() == ()


def test_the_generation_follows_the_text(content: Path, change: Change) -> None:
    before = Library.load(content).generation
    assert Library.load(content).generation == before
    change("number: 5", "number: 6")
    assert Library.load(content).generation != before
