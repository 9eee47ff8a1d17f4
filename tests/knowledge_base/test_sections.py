"""Elements become text that is complete: no threshold, exception or standard may get lost."""

from __future__ import annotations

import pytest

from knowledge_base.schema import Condition, Fee, Material, Phone, Place, ServiceItem, TimeLimit, Visits
from knowledge_base.sections import sections_of
from knowledge_base.terms import HandlingKind

BASE = {
    "id": "x",
    "version": 1,
    "name": "某事项",
    "item_type": "行政许可",
    "level": "县（区）",
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
