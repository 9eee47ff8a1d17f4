"""The gate that all content passes: every fault with its place, nothing that swells, rules checked against questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from knowledge_base.entries import Faq
from knowledge_base.library import Library
from knowledge_base.reading import ContentInvalid, load_yaml, parse_entry, read_entries
from knowledge_base.terms import EntryKind

QUESTION = {
    "id": "kind",
    "question": "哪种？",
    "options": [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}],
}


def document(content: Path) -> dict[str, Any]:
    data: dict[str, Any] = YAML(typ="safe").load((content / "items" / "dog-licence.yaml").read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize(
    ("change", "place", "expected"),
    [
        ({"version": 0}, "version", "不小于 1"),
        ({"situations": [{**QUESTION, "rule": "kind =="}]}, "situations.0.rule", "写法不对"),
        ({"situations": [{**QUESTION, "rule": "kind == 'a'"}]}, "situations.0.rule", "前面"),
        ({"situations": [QUESTION, QUESTION]}, "situations.1.id", "重复"),
        ({"situations": [{**QUESTION, "options": []}]}, "situations.0", "至少要有 2 个"),
        ({"conditions": [{"text": "x", "rule": "true"}]}, "conditions.0", "必须写 when"),
        ({"conditions": [{"text": "x", "when": "y", "rule": "other == 'a'"}]}, "conditions.0.rule", "other"),
        ({"effective_date": "2026-02-30"}, "effective_date", "日期"),
        ({"effective_date": "2026-02-01", "cancel_date": "2026-01-01"}, "(整个文件)", "晚于"),
    ],
)
def test_a_fault_has_its_place(content: Path, change: dict[str, Any], place: str, expected: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        parse_entry(EntryKind.ITEM, {**document(content), **change})
    assert [fault.field for fault in caught.value.faults] == [place]
    assert expected in caught.value.faults[0].expected
    assert caught.value.status == 422


def test_what_is_no_mapping_is_refused() -> None:
    for data in (None, [], "x", 3):
        with pytest.raises(ContentInvalid):
            parse_entry(EntryKind.FAQ, data)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "别名"),
        ("[" * 600 + "]" * 600, "嵌套"),
        ("a: " + "x" * 1_100_000, "1 MB"),
        ("a: [", "不是合法的 YAML"),
        ("a: !!python/object/apply:os.system [x]", "不是合法的 YAML"),
        ("a: \x00", "不是合法的 YAML"),
    ],
)
def test_yaml_that_is_made_to_harm_is_refused(text: str, said: str) -> None:
    with pytest.raises(ContentInvalid, match=said):
        load_yaml(text, source="x.yaml")


def test_text_may_hold_ampersands_and_stars() -> None:
    assert load_yaml("a: 甲&乙\nb: '*号'\nc: 3 & 4\n", source="x.yaml") == {"a": "甲&乙", "b": "*号", "c": "3 & 4"}


def test_a_list_shares_what_stands_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "dog-licence.yaml"
    path.write_text(
        "item: dog-licence\ndepartment: 公安分局\nentries:\n"
        "  - {id: faq-1, name: 要钱吗？, element: fee, answer: 不要}\n"
        "  - {id: faq-2, name: 多久？, element: limits, answer: 5 个工作日}\n",
        encoding="utf-8",
    )
    first, second = read_entries(path, EntryKind.FAQ)
    assert isinstance(first, Faq)
    assert isinstance(second, Faq)
    assert (first.item, second.item, second.department) == ("dog-licence", "dog-licence", "公安分局")
    path.write_text(path.read_text(encoding="utf-8").replace("element: limits", "element: limit"), encoding="utf-8")
    with pytest.raises(ContentInvalid) as caught:
        read_entries(path, EntryKind.FAQ)
    assert (caught.value.faults[0].line, caught.value.faults[0].field) == (5, "entries.1.element")


def test_an_entry_may_only_name_items_that_are_there(content: Path) -> None:
    (content / "faq").mkdir()
    (content / "faq" / "x.yaml").write_text(
        "item: cat-licence\ndepartment: 公安分局\nentries: [{id: faq-1, name: 要钱吗？, element: fee, answer: 不要}]\n",
        encoding="utf-8",
    )
    with pytest.raises(ContentInvalid, match="cat-licence 不在库里"):
        Library.load(content)
