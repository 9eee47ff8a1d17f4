from __future__ import annotations

from typing import Any

import pytest

from knowledge_base.life.diff import difference, matched, words_of
from knowledge_base.life.field_titles import TITLES, titled_schema
from knowledge_base.terms import EntryKind
from tests.knowledge_base.small_library import item_document


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [
        (element.title, change.title, change.place, change.change)
        for element in difference(EntryKind.ITEM, before, after)
        for change in element.changes
    ]


def test_the_same_is_no_difference() -> None:
    assert told(item_document(), item_document(aliases=[])) == []


def test_a_material_put_first_is_one_new_material() -> None:
    before, after = item_document(), item_document()
    after["materials"].insert(0, {"id": "form", "name": "申请表"})
    assert told(before, after) == [("申请材料", "申请材料 › “申请表”", "materials.0", "added")]
    assert told(after, before) == [("申请材料", "申请材料 › “申请表”", "materials.0", "removed")]


def test_a_changed_field_inside_a_part_that_moved() -> None:
    before = item_document(materials=[{"id": one, "name": one, "copies": 1} for one in ("a", "b", "c")])
    after = item_document(materials=[{"id": one, "name": one, "copies": 2 if one == "c" else 1} for one in "cab"])
    assert told(before, after) == [
        ("申请材料", "申请材料 › “c” › 份数", "materials.0.copies", "changed"),
        ("申请材料", "申请材料 › “c”", "materials.0", "moved"),
    ]


def test_an_unnamed_part_is_matched_by_likeness() -> None:
    before = item_document(conditions=[{"text": "年满十八周岁且有固定住所"}, {"text": "已经接种狂犬病疫苗"}])
    after = item_document(conditions=[{"text": "已经接种狂犬病疫苗"}, {"text": "年满十六周岁且有固定住所"}])
    changes = told(before, after)
    assert ("受理条件", "受理条件 › “年满十六周岁且有固定住所” › 内容", "conditions.1.text", "changed") in changes
    assert {change for *_, change in changes} == {"changed", "moved"}


def test_words_are_marked() -> None:
    runs = [(run.operation, run.text) for run in words_of("面积 200 平方米以上", "面积 300 平方米以上")]
    assert runs == [("same", "面积 "), ("removed", "200"), ("added", "300"), ("same", " 平方米以上")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "新"),
        ("旧", ""),
        ("甲乙丙丁", "甲X丙Y"),
        ("未满 16 周岁的除外", "未满 18 周岁的人除外；"),
        ("一样", "一样"),
    ],
)
def test_no_word_is_lost(before: str, after: str) -> None:
    runs = words_of(before, after)
    assert "".join(run.text for run in runs if run.operation != "added") == before
    assert "".join(run.text for run in runs if run.operation != "removed") == after


def test_every_part_is_matched_at_most_once() -> None:
    pairs = matched(["a", "a", "b"], ["a", "b", "a", "a"])
    assert len(pairs) == len({old for old, _ in pairs}) == len({new for _, new in pairs}) == 3


def test_incomplete_drafts_can_be_compared() -> None:
    assert told({"materials": "oops"}, {"materials": [{"name": 3}], "fee": None}) != []


def _field_names(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        own = set(schema.get("properties", {}))
        return own.union(*(_field_names(value) for value in schema.values()))
    return set().union(*(_field_names(value) for value in schema)) if isinstance(schema, list) else set()


@pytest.mark.parametrize("kind", list(EntryKind))
def test_every_field_has_a_chinese_title(kind: EntryKind) -> None:
    names = _field_names(titled_schema(kind)) - {"version"}
    assert names - set(TITLES) == set()


CHECK = {
    "id": "term",
    "aspect": "in_date",
    "of": ["lease"],
    "rule": "last_day(lease.term) >= day(today)",
    "clerk": "租赁期限已满。",
    "applicant": "租赁期限已满。",
    "mend": "请续签。",
}
AREA = {"id": "area", "name": "经营面积", "kind": "area", "from": ["lease.area"]}


def test_checks_and_forms_are_told_in_words() -> None:
    before, after = item_document(checks=[CHECK], form=[AREA]), item_document(checks=[CHECK | {"severity": "note"}])
    assert told(before, after) == [
        ("申请表单", "申请表单", "form", "removed"),
        ("审查规则", "审查规则 › “租赁期限已满。” › 轻重", "checks.0.severity", "added"),
    ]
    stricter = item_document(
        checks=[CHECK | {"rule": "in_date(lease.term, today)"}], form=[AREA | {"from": ["lease.size"]}]
    )
    assert [title for _, title, _, _ in told(before, stricter)] == [
        "申请表单 › “经营面积” › 取值来源 › “lease.size”",
        "审查规则 › “租赁期限已满。” › 怎样算符合",
    ]
