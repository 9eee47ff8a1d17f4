"""Structure, numbers, names, forms: tables of one change each to an item that has nothing wrong."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.guide_lint import Severity, lint_document, lint_entry, lint_library
from knowledge_base.library import Library
from knowledge_base.lint.numerals import number_of
from knowledge_base.reading import Fault, parse_entry
from knowledge_base.schema import Entry
from knowledge_base.terms import EntryKind

TODAY = date(2026, 11, 23)

GOOD: dict[str, Any] = {
    "id": "dog-licence",
    "name": "养犬登记",
    "aliases": ["狗证"],
    "sample": True,
    "item_type": "行政许可",
    "level": "县（区）",
    "department": "公安分局",
    "authority": "公安分局",
    "applicant_kinds": ["自然人"],
    "handling_kind": "承诺件",
    "summary": "饲养犬只的个人应当办理养犬登记",
    "situations": [
        {
            "id": "applicant",
            "question": "谁来办理？",
            "options": [{"value": "self", "label": "本人"}, {"value": "agent", "label": "代办人"}],
        },
        {"id": "weight", "question": "犬只多重？", "kind": "number", "unit": "千克", "minimum": 0},
    ],
    "conditions": [{"text": "养犬人年满 18 周岁，有固定住所", "thresholds": ["每户限养一条"]}],
    "materials": [
        {
            "id": "form",
            "name": "养犬登记申请表",
            "necessity": "必要",
            "kind": "原件",
            "copies": 1,
            "source": "申请人自备",
            "acceptance_standard": "填写完整，养犬人签字",
        },
        {
            "id": "proxy",
            "name": "授权委托书",
            "necessity": "必要",
            "kind": "原件",
            "copies": 1,
            "source": "申请人自备",
            "acceptance_standard": "写明委托事项和期限",
            "when": "委托他人办理",
            "rule": "applicant == 'agent'",
        },
        {
            "id": "photo",
            "name": "犬只照片",
            "necessity": "必要",
            "kind": "原件",
            "copies": 2,
            "source": "申请人自备",
            "acceptance_standard": "正面、侧面各 1 张",
            "when": "20 千克以上的犬只",
            "rule": "weight >= 20.0",
        },
    ],
    "steps": [{"name": "申请", "text": "向派出所提交材料"}],
    "statutory_limit": {"number": 10, "unit": "工作日"},
    "promised_limit": {"number": 5, "unit": "工作日"},
    "fee": {"charged": False, "standard": "不收费"},
    "results": [{"name": "养犬登记证", "kind": "证照", "validity": "1 年", "notes": ["有效期届满 30 日前办理年检"]}],
    "visits": {"count": 1},
    "places": [{"name": "派出所", "address": "示例路 1 号", "sample": True}],
    "hours": [{"text": "周一至周五 9:00—17:00", "sample": True}],
    "consult_phone": {"name": "热线", "number": "12345"},
    "supervise_phone": {"name": "热线", "number": "12345"},
    "legal_basis": [{"law": "上海市养犬管理条例"}],
}


def with_value(place: str, value: Any) -> dict[str, Any]:
    """GOOD with one value set; None takes it out."""
    data = copy.deepcopy(GOOD)
    part: Any = data
    *keys, last = (int(key) if key.isdecimal() else key for key in place.split("."))
    for key in keys:
        part = part[key]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return data


def rules(document: dict[str, Any], **more: Any) -> set[tuple[str, str]]:
    return {(one.rule, one.field) for one in lint_document(EntryKind.ITEM, document, today=TODAY, **more)}


def test_nothing_is_wrong_with_a_good_item() -> None:
    assert lint_entry(parse_entry(EntryKind.ITEM, GOOD), today=TODAY) == []
    assert rules(GOOD) == set()


@pytest.mark.parametrize(
    ("place", "value", "rule", "field"),
    [
        ("fee", None, "missing_element", "fee"),
        ("steps", [], "missing_element", "steps"),
        ("promised_limit.number", 11, "promised_exceeds_statutory", "promised_limit"),
        ("statutory_limit", {"unit": "即办"}, "promised_exceeds_statutory", "promised_limit"),
        ("promised_limit", {"unit": "即办"}, "immediate_with_days", "promised_limit"),
        ("handling_kind", "即办件", "immediate_with_days", "promised_limit"),
        ("summary", "养犬登记，承诺办结时限 7 个工作日", "limit_contradicted", "summary"),
        ("materials.1.rule", "applicant == 'nobody'", "material_never_needed", "materials.1.rule"),
        ("materials.2.rule", "weight < 0.0", "material_never_needed", "materials.2.rule"),
        (
            "conditions.0",
            {"text": "有住所", "when": "无", "rule": "weight < 0.0"},
            "part_never_applies",
            "conditions.0.rule",
        ),
        ("situations.1.rule", "applicant == 'other'", "question_never_asked", "situations.1.rule"),
        ("materials.2.rule", None, "question_changes_nothing", "situations.1.question"),
        ("materials.2.rule", None, "when_without_rule", "materials.2.when"),
        ("fee.cases", [{"text": "每证缴纳工本费 10 元"}], "fee_contradicted", "fee.cases.0.text"),
        ("fee", {"charged": True, "standard": "由物价部门定"}, "fee_without_amount", "fee.standard"),
        ("materials.0.acceptance_standard", "一式两份", "copies_contradicted", "materials.0.acceptance_standard"),
        ("materials.0.copies", 0, "copies_contradicted", "materials.0.copies"),
        ("summary", "养犬登记证有效期 2 年", "validity_contradicted", "summary"),
        ("steps.0.text", "有效期届满 60 日前申请", "renewal_contradicted", "results.0.notes.0"),
        ("materials.0.name", "养犬登记证", "", ""),
        ("results.0.validity", "二年", "", ""),
        ("places.0.sample", False, "sample_unmarked", "places.0.sample"),
        ("hours.0.sample", False, "sample_unmarked", "hours.0.sample"),
        ("consult_phone.number", "021-56789012", "sample_unmarked", "consult_phone.sample"),
        ("materials.2.name", "授权委托书", "", ""),
        ("summary", "2026 年 2 月 30 日起办理", "date_impossible", "summary"),
        ("summary", "每年 4 月 31 日前年检", "date_impossible", "summary"),
        ("summary", "自 2026/1/5 起办理", "date_form", "summary"),
        ("summary", "优惠执行至 2025 年 12 月 31 日", "expired", "summary"),
        ("summary", "优惠执行至 2027 年 12 月 31 日", "", ""),
        ("cancel_date", "2026-01-31", "expired", "cancel_date"),
        ("hours.0.text", "周一至周五 9:00—5:00", "time_impossible", "hours.0.text"),
        ("summary", "饲养犬只,应当登记", "half_width_punctuation", "summary"),
        ("summary", "饲养犬只(个人)应当登记", "half_width_punctuation", "summary"),
        ("summary", "重 1,000 千克(kg)以下，登记时间 9:00", "", ""),
        ("summary", "每户限养１条", "full_width_digits", "summary"),
        ("summary", "饲养犬只（个人应当登记", "brackets_broken", "summary"),
        ("summary", "1）个人；2）单位", "", ""),
        ("summary", "联系人手机 13812345678", "personal_phone", "summary"),
        ("summary", "咨询电话：5678901", "phone_form", "summary"),
        ("summary", "提供户口薄", "material_name_varies", "summary"),
    ],
)
def test_one_change(place: str, value: Any, rule: str, field: str) -> None:
    found = rules(with_value(place, value))
    assert (rule, field) in found if rule else found == set()


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("021-56789012", None),
        ("021-56789012-801", None),
        ("0571-8765432", None),
        ("400-820-1234", None),
        ("12345", None),
        ("962222", None),
        ("110", None),
        ("5678901", "phone_form"),
        ("56789012", "phone_form"),
        ("021-5678901", "phone_form"),
        ("02156789012", "phone_form"),
        ("０２１-56789012", "phone_form"),
        ("13812345678", "personal_phone"),
        ("138-1234-5678", "personal_phone"),
    ],
)
def test_phones(number: str, rule: str | None) -> None:
    found = rules(with_value("supervise_phone", {"name": "监督", "number": number, "sample": True}))
    assert found == ({(rule, "supervise_phone.number")} if rule else set())


@pytest.mark.parametrize(
    ("statutory", "promised"),
    [(("工作日", 20), ("自然日", 25)), (("自然日", 20), ("工作日", 25)), (("工作日", 20), ("工作日", 20))],
)
def test_limits_are_compared_within_a_unit_only(statutory: tuple[str, int], promised: tuple[str, int]) -> None:
    data = with_value("statutory_limit", {"unit": statutory[0], "number": statutory[1]})
    data["promised_limit"] = {"unit": promised[0], "number": promised[1]}
    assert rules(data) == set()


@pytest.mark.parametrize(
    ("first", "second", "contradicts"),
    [
        ("申请人年满 16 周岁", "申请人年满 18 周岁，本人签字", True),
        ("申请人年满 16 周岁", "申请人未满 18 周岁的，监护人签字", False),
        ("男年满 22 周岁", "女年满 20 周岁", False),
        ("未满 16 周岁的由监护人代为申请", "未满 18 周岁的由监护人代为申请", True),
        ("养犬登记证有效期 1 年", "身份证有效期 10 年", False),
        ("自取得营业执照之日起 30 日内申请", "取得营业执照之日起 15 日内申请", True),
        ("自受理之日起 5 日内告知", "自受理之日起 20 日内作出决定", False),
        ("有效期届满 30 日前申请延续", "有效期届满 60 日前申请延续", True),
        ("有效期届满前 3 个月内换领", "有效期届满 30 日前申请", False),
        ("许可证有效期届满前 30 个工作日申请", "许可证有效期届满前 30 个工作日申请", False),
    ],
)
def test_two_numbers(first: str, second: str, contradicts: bool) -> None:
    data = with_value("results.0.notes", [])
    data["conditions"] = [{"text": first}]
    data["materials"][0]["acceptance_standard"] = second
    found = {rule for rule, _ in rules(data)}
    assert (
        bool(found & {"age_contradicted", "validity_contradicted", "renewal_contradicted", "deadline_contradicted"})
        is contradicts
    )


def test_other_numbers_for_other_cases_are_no_contradiction() -> None:
    data = with_value("conditions.0.text", "申请人年满 18 周岁")
    data["conditions"].append({"text": "申请人年满 16 周岁", "when": "以自己的劳动收入为主要生活来源"})
    assert "age_contradicted" not in {rule for rule, _ in rules(data)}


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("养犬登记", None),
        ("食品经营许可证新办", "食品经营许可新办"),
        ("食品经营许可（新办）", "食品经营许可新办"),
        ("食品经营许可新办理", "食品经营许可新办"),
        ("食品经营许可变更", None),
        ("结婚登记", None),
    ],
)
def test_names_against_the_catalogue(name: str, official: str | None) -> None:
    data = with_value("name", name)
    found = lint_document(
        EntryKind.ITEM, data, catalogue_names=["养犬登记", "食品经营许可新办", "结婚登记"], today=TODAY
    )
    assert [one.suggestion for one in found if one.rule == "name_off_catalogue"] == (
        [f"改用目录名称“{official}”；口头叫法写进 aliases(别名)"] if official else []
    )


def test_one_paper_by_two_names() -> None:
    data = with_value("materials.0.name", "居民身份证")
    data["materials"][1]["name"] = "代办人身份证"
    data["materials"][2]["name"] = "单位身份证明"
    assert rules(data) == {("material_name_varies", "materials.1.name")}


def test_the_same_material_twice() -> None:
    data = with_value("materials.1", {**GOOD["materials"][0], "id": "again"})
    assert ("duplicate_material", "materials.1.name") in rules(data)


def library_of(answer: str, element: str = "result", **more: Any) -> Library:
    faq = {"id": "faq-dog", "item": "dog-licence", "element": element, "name": "狗证多久有效", "department": "公安分局"}
    return Library(
        [parse_entry(EntryKind.ITEM, {**GOOD, **more}), parse_entry(EntryKind.FAQ, {**faq, "answer": answer})]
    )


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("养犬登记证有效期 1 年", None),
        ("养犬登记证有效期 2 年", "faq_contradicts_item"),
        ("有效期届满 15 日前办理年检", "faq_contradicts_item"),
        ("承诺办结时限为 8 个工作日", "limit_contradicted"),
        ("承诺办结时限为 5 个工作日", None),
        ("办理时缴纳登记费 20 元", "fee_contradicted"),
        ("不收费，不用缴纳登记费 20 元", None),
        ("养犬登记不收费；补领身份证的，每证收取工本费 40 元", None),
        ("身份证有效期 20 年", None),
    ],
)
def test_an_answer_against_its_guide(answer: str, rule: str | None) -> None:
    found = lint_library(library_of(answer), today=TODAY)
    assert [(one.entry_id, one.rule) for one in found] == ([("faq-dog", rule)] if rule else [])


def test_an_amount_that_the_guide_does_not_know() -> None:
    fee = {"charged": True, "standard": "每证收取登记费 30 元"}
    wrong = lint_library(library_of("收取登记费 50 元", "fee", fee=fee), today=TODAY)
    assert [one.rule for one in wrong] == ["faq_contradicts_item"]
    assert lint_library(library_of("收取登记费 30 元", "fee", fee=fee), today=TODAY) == []


def test_an_alias_of_two_items() -> None:
    other = {**GOOD, "id": "dog-change", "name": "养犬变更登记", "aliases": ["狗证", "养犬登记"]}
    library = Library([parse_entry(EntryKind.ITEM, GOOD), parse_entry(EntryKind.ITEM, other)])
    found = {(one.entry_id, one.words) for one in lint_library(library, today=TODAY) if one.rule == "alias_shared"}
    assert found == {("dog-change", "狗证"), ("dog-change", "养犬登记"), ("dog-licence", "狗证")}


def test_a_follow_up_question_is_reached_through_its_own_question() -> None:
    data = with_value("situations.1.rule", "applicant == 'agent'")
    data["materials"][2]["rule"] = "applicant == 'self' && weight >= 20.0"
    assert ("material_never_needed", "materials.2.rule") in rules(data)


def test_nothing_is_said_about_a_questionnaire_that_is_not_finished() -> None:
    data = with_value("situations.1.question", None)
    assert not {"material_never_needed", "question_changes_nothing"} & {rule for rule, _ in rules(data)}


def test_findings_come_in_the_order_of_the_form() -> None:
    data = with_value("places.0.sample", False)
    data["summary"] = "及时办理"
    data["materials"][2]["name"] = "相关证明"
    data["materials"][0]["name"] = "相关材料"
    found = lint_document(EntryKind.ITEM, data, today=TODAY)
    assert [one.field for one in found] == ["summary", "materials.0.name", "materials.2.name", "places.0.sample"]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("30", 30),
        ("３０", 30),
        ("三十", 30),
        ("十五", 15),
        ("二十五", 25),
        ("两", 2),
        ("十", 10),
        ("百", None),
        ("", None),
    ],
)
def test_numbers(written: str, number: int | None) -> None:
    assert number_of(written) == number


@pytest.mark.parametrize("text", ["、等", "届满前 30 日前", "规定的其他材料、", "有关材料"])
def test_what_no_guide_could_hold_is_not_looked_at(text: str) -> None:
    document = {"conditions": [{"text": text * 4_000}] * 400}
    assert 0 < len(lint_document(EntryKind.ITEM, document, today=TODAY)) < 10_000


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["等", "有效期 5 年", "即办", "2026-13-40", "x == 1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "text", "rule", "when", "number", "unit", "options", "copies"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from(EntryKind),
    st.dictionaries(st.sampled_from([*GOOD, "item", "answer", "entries"]), _JSON, max_size=8),
)
@settings(max_examples=150, deadline=None)
def test_any_draft_is_answered(kind: EntryKind, document: dict[str, Any]) -> None:
    for finding in lint_document(kind, document, library=Library([]), catalogue_names=["养犬登记"], today=TODAY):
        assert finding.reason
        assert finding.suggestion


LOOSE_CHECK = {
    "id": "signed",
    "aspect": "signed",
    "of": ["form"],
    "rule": "form.signature_count > 0 && has(form.kind)",
    "clerk": "申请表没有签字。",
    "applicant": "申请表没有签字。",
    "mend": "请签字。",
}


def test_checks_do_not_hide_what_is_wrong_with_the_questionnaire() -> None:
    dead = copy.deepcopy(GOOD) | {"checks": [LOOSE_CHECK]}
    dead["materials"][1]["rule"] = "applicant == 'agent' && applicant == 'self'"
    without = {key: value for key, value in dead.items() if key != "checks"}
    found = lint_document(EntryKind.ITEM, dead, today=TODAY)
    assert "materials.1.rule" in {one.field for one in found} or any(one.place[:2] == ("materials", 1) for one in found)
    assert found == lint_document(EntryKind.ITEM, without, today=TODAY)


def test_what_those_upstairs_object_to_is_an_error() -> None:
    def objects(entry: Entry) -> list[Fault]:
        return [Fault(("checks", 0, "rule"), f"{entry.name}的规则{{算}}不出")]

    document = GOOD | {"checks": [LOOSE_CHECK]}
    (found,) = lint_document(EntryKind.ITEM, document, today=TODAY, extra_faults=objects)
    assert (found.rule, found.severity, found.field) == ("check_cannot_work", Severity.ERROR, "checks.0.rule")
    assert found.reason == "养犬登记的规则{算}不出"
    unfinished = {key: value for key, value in document.items() if key != "legal_basis"}
    rules = {one.rule for one in lint_document(EntryKind.ITEM, unfinished, today=TODAY, extra_faults=objects)}
    assert "check_cannot_work" not in rules
    entry = parse_entry(EntryKind.ITEM, document)
    assert [one.rule for one in lint_entry(entry, today=TODAY, extra_faults=objects)] == ["check_cannot_work"]
    assert lint_entry(parse_entry(EntryKind.ITEM, GOOD), today=TODAY, extra_faults=objects) == []
