"""Elements become text that is complete: no threshold, exception or standard may get lost."""

from __future__ import annotations

import pytest

from knowledge_base.entries import DirectoryItem, Faq, LifeEvent, Policy
from knowledge_base.schema import Condition, Fee, Material, Phone, Place, ServiceItem, TimeLimit, Visits
from knowledge_base.sections import sections_of
from knowledge_base.terms import HandlingKind

BASE = {
    "id": "x",
    "version": 1,
    "name": "某事项",
    "item_type": "行政许可",
    "level": "县（区）",
    "department": "某局",
    "authority": "某局",
    "applicant_kinds": ["自然人"],
    "handling_kind": "承诺件",
    "summary": "概述",
    "legal_basis": [{"law": "某法", "document_number": "第1号", "article": "第二条", "text": "内容。"}],
}


def rendered(element: str, **more: object) -> str:
    item = ServiceItem.model_validate({**BASE, **more})
    return next(section.text for section in sections_of(item) if section.element == element)


def test_conditions_keep_alternatives_thresholds_and_exceptions() -> None:
    conditions = (
        Condition(text="甲"),
        Condition(text="乙", any_of=("一", "二"), thresholds=("满 30 日",), exceptions=("丙除外", "丁除外")),
    )
    assert rendered("conditions", conditions=conditions).split("\n") == [
        "办理“某事项”要同时符合以下 2 项条件：",
        "1. 甲。",
        "2. 乙，符合下列之一即可：（1）一；（2）二。标准：满 30 日。例外：丙除外；丁除外。",
    ]


def test_a_material_says_all_that_is_asked_of_it() -> None:
    material = Material.model_validate(
        {
            "id": "form",
            "name": "表",
            "necessity": "容缺后补",
            "kind": "原件和复印件",
            "copies": 2,
            "source": "政府部门核发",
            "when": "代办",
            "page_format": "A4",
            "filling_notes": "用黑色笔",
            "acceptance_standard": "有章",
            "exempt_by_sharing": True,
            "electronic_licence": "居民身份证",
        }
    )
    assert rendered("materials", materials=(material,)).split("\n") == [
        "办理“某事项”的申请材料共 1 项：",
        "1. 表（容缺后补，原件和复印件 2 份，政府部门核发，A4）。仅在下列情形提交：代办。填报须知：用黑色笔。"
        "受理标准：有章。能通过数据共享核验的，免于提交。可调用电子证照：居民身份证。",
    ]


def test_limits_keep_their_unit_and_notes() -> None:
    text = rendered(
        "limits",
        statutory_limit=TimeLimit.model_validate({"number": 20, "unit": "工作日", "notes": ["可以延长 10 个工作日"]}),
        promised_limit=TimeLimit.model_validate({"number": 15, "unit": "自然日"}),
    )
    assert text.split("\n")[1:] == ["法定办结时限：20 个工作日。可以延长 10 个工作日。", "承诺办结时限：15 个自然日。"]


def test_an_immediate_limit_has_no_days() -> None:
    limit = TimeLimit.model_validate({"unit": "即办"})
    text = rendered("limits", promised_limit=limit, handling_kind=HandlingKind.IMMEDIATE)
    assert text == "“某事项”是即办件，当场能办结的当场办结。\n承诺办结时限：即时办结。"


@pytest.mark.parametrize(
    ("fee", "first"),
    [(Fee(charged=False), "“某事项”不收费。"), (Fee(charged=True, standard="每本 20 元"), "“某事项”收费。")],
)
def test_fee_says_whether_something_is_charged(fee: Fee, first: str) -> None:
    assert rendered("fee", fee=fee).split("\n")[0] == first


def test_what_is_only_a_sample_is_marked() -> None:
    more = {
        "sample": True,
        "places": (Place(name="中心", address="示例路 1 号", sample=True),),
        "consult_phone": Phone(name="窗口", number="021-00000000", sample=True),
        "promised_limit": TimeLimit.model_validate({"number": 3, "unit": "工作日"}),
        "visits": Visits(count=1),
    }
    for element in ("places", "phones", "limits", "visits", "overview"):
        assert "示例" in rendered(element, **more), element


def test_legal_basis_names_law_number_and_article() -> None:
    assert rendered("legal_basis").split("\n")[1] == "1. 《某法》（第1号）第二条：内容。"


def test_an_element_that_is_not_known_has_no_section() -> None:
    item = ServiceItem.model_validate(BASE)
    assert [section.element.value for section in sections_of(item)] == ["overview", "legal_basis"]


def test_whom_a_part_applies_to_is_said() -> None:
    situations = [{"id": "area", "question": "面积多大？", "kind": "number", "unit": "平方米"}]
    text = rendered(
        "conditions",
        situations=situations,
        conditions=[{"text": "甲", "when": "200 平方米以上", "rule": "area >= 200.0"}],
    )
    assert text.split("\n")[1] == "1. （适用于：200 平方米以上）甲。"
    assert "面积多大（平方米）？" in rendered("overview", situations=situations)


def test_every_result_has_its_own_lines() -> None:
    results = [
        {"name": "许可证", "kind": "证照", "validity": "4 年"},
        {"name": "不予许可决定书", "kind": "批文", "when": "不符合条件的"},
    ]
    assert rendered("result", results=results).split("\n") == [
        "办理结果：许可证（证照）。",
        "有效期：4 年。",
        "办理结果：（适用于：不符合条件的）不予许可决定书（批文）。",
    ]


def test_an_faq_is_one_section_about_its_item_and_element() -> None:
    faq = Faq.model_validate(
        {
            "id": "faq-x-1",
            "version": 2,
            "department": "某局",
            "item": "x",
            "element": "fee",
            "name": "要钱吗？",
            "answer": "不收费",
        }
    )
    (section,) = sections_of(faq, {"x": "某事项"})
    assert (section.id, section.entry_id, section.item_id, section.item_name) == (
        "faq-x-1/answer@2",
        "faq-x-1",
        "x",
        "某事项",
    )
    assert section.element == "fee"
    assert section.text == "要钱吗？\n不收费。"


def test_a_policy_names_amounts_deadlines_and_items() -> None:
    policy = Policy.model_validate(
        {
            "id": "policy-x",
            "name": "某补贴",
            "department": "某局",
            "issuer": "某委",
            "applicant_kinds": ["自然人"],
            "summary": "给谁",
            "amounts": [{"text": "每人每月 100 元", "when": "年满 60 周岁"}],
            "deadlines": ["每年 6 月 30 日前申报"],
            "valid_until": "2027-12-31",
            "items": ["x", "gone"],
            "legal_basis": [{"law": "某办法"}],
        }
    )
    texts = {section.element.value: section.text for section in sections_of(policy, {"x": "某事项"})}
    assert list(texts) == ["overview", "amounts", "deadlines", "legal_basis"]
    assert "办理事项：某事项、gone。" in texts["overview"]
    assert "1. （适用于：年满 60 周岁）每人每月 100 元。" in texts["amounts"]
    assert "2. 政策有效期至 2027 年 12 月 31 日。" in texts["deadlines"]


def test_a_life_event_lists_its_items_in_order() -> None:
    event = LifeEvent.model_validate(
        {
            "id": "event-x",
            "name": "开店",
            "department": "某局",
            "summary": "概述",
            "items": [{"item": "x"}, {"item": "y", "when": "卖吃的", "note": "可以一起交"}],
        }
    )
    texts = {section.element.value: section.text for section in sections_of(event, {"x": "甲", "y": "乙"})}
    assert texts["items"].split("\n") == [
        "“开店”一件事包含 2 个事项，依次办理：",
        "1. 甲。",
        "2. （适用于：卖吃的）乙：可以一起交。",
    ]


def test_a_directory_entry_says_that_it_has_no_guide() -> None:
    entry = DirectoryItem.model_validate({"id": "dir-1", "name": "某事", "department": "某局", "area": "示例区"})
    (section,) = sections_of(entry)
    assert section.text == "“某事”由某局（示例区）负责。本库收录了该事项的名称和负责部门，没有收录办事指南。"
