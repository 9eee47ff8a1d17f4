"""Words: what is flagged, what is innocent, and where exactly."""

from __future__ import annotations

import pytest

from knowledge_base.guide_lint import CLAUSE_RULES, Severity, lint_document, lint_rules
from knowledge_base.lint.clauses import hits
from knowledge_base.terms import EntryKind


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("法律、法规规定的其他材料", [("catch_all", "法律、法规规定的其他材料")]),
        ("营业执照、公章以及法律、法规规定的其他材料", [("catch_all", "以及法律、法规规定的其他材料")]),
        ("申请表、主管部门认为必要的材料", [("catch_all", "主管部门认为必要的材料")]),
        ("其他需要提供的材料", [("catch_all", "其他需要提供的材料")]),
        ("其他组织加盖公章", []),
        ("药师或者其他药学技术人员", []),
        ("其他跨省临时外出就医人员", []),
        ("其他符合规定条件的人员", [("catch_all", "其他符合规定条件的人员")]),
        ("社区类可以直接登记，其他的要提交批准文件", []),
        ("负责人的资格证书和其他从业人员培训合格证明", []),
        ("就读学校出具的其他材料", [("catch_all", "就读学校出具的其他材料")]),
        ("不需要提供其他材料", []),
        ("不动产权证书和其他材料", [("catch_all", "和其他材料")]),
        ("其他材料（即结婚证、离婚证）", []),
        ("身份证、户口簿等材料", [("open_enumeration", "等")]),
        ("身份证、户口簿等", [("open_enumeration", "等")]),
        ("劳动合同等材料", [("open_enumeration", "等")]),
        ("工伤、生育等待遇", [("open_enumeration", "等")]),
        ("子公司、分公司等分支机构", [("open_enumeration", "等")]),
        ("身份证、户口簿等 2 项材料", []),
        ("身份证、户口簿等两种材料", []),
        ("餐饮服务，如饭店、奶茶店等", []),
        ("如有身份证、户口簿等材料", [("open_enumeration", "等")]),
        ("高等、中等学校", []),
        ("一、二等奖", []),
        ("职业技能等级", []),
        ("双方地位平等", []),
        ("请等叫号", []),
        ("税额等于应纳税额", []),
        ("《关于城镇住房等问题的通知》", []),
        ("材料包括但不限于身份证", [("open_enumeration", "包括但不限于")]),
        ("相关证明", [("vague_reference", "相关证明")]),
        ("相关证明（结婚证或者户口簿）", []),
        ("有关部门出具", [("vague_reference", "有关部门")]),
        ("有关联单位盖章", []),
        ("与租赁有关的《商品房屋租赁管理办法》", []),
        ("符合要求的照片", [("vague_standard", "符合要求")]),
        ("照片符合《出入境证件相片照相指引》的要求", []),
        ("按规定缴费", [("vague_standard", "按规定")]),
        ("按《住房公积金管理条例》的规定缴存", []),
        ("按国家有关规定办理", [("vague_standard", "按国家有关规定")]),
        ("根据实际情况确定", [("discretion", "根据实际情况")]),
        ("按实际情况填写", []),
        ("视情况而定", [("discretion", "视情况而定")]),
        ("视力状况合格", []),
        ("必要时现场核查", [("discretion", "必要时")]),
        ("原则上当场办结", [("discretion", "原则上")]),
        ("按照自愿原则上门服务", []),
        ("一般为 5 个工作日", [("discretion", "一般为")]),
        ("一般纳税人", []),
        ("适用一般程序", []),
        ("可以适当延长", [("discretion", "可以适当延长")]),
        ("以窗口答复为准", [("discretion", "以窗口答复为准")]),
        ("以不动产登记簿记载为准", []),
        ("复印件若干份", [("vague_amount", "若干")]),
        ("《上海市若干规定》", []),
        ("尽快办理", [("vague_amount", "尽快")]),
        ("及时办理，最迟 3 日内", []),
        ("未及时履行清算义务", []),
        ("可以适当延长，不得超过 30 日", []),
        ("地点以及时间", []),
        ("一定数量的人员", [("vague_amount", "一定数量")]),
        ("不一定要本人到场", []),
        ("居住证申领表一式一份", []),
    ],
)
def test_words(text: str, found: list[tuple[str, str]]) -> None:
    assert [(hit.rule, text[hit.start : hit.end]) for hit in hits(text)] == found


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"legal_basis": [{"law": "行政许可法", "text": "法律、法规规定的其他条件"}]}, None),
        ({"name": "身份证等证件换领"}, None),
        ({"conditions": [{"text": "法律、法规规定的其他条件"}]}, Severity.ERROR),
        ({"conditions": [{"text": "年满 16 周岁", "exceptions": ["法律、法规规定的其他情形"]}]}, Severity.WARNING),
        ({"situations": [{"options": [{"label": "其他情形"}]}]}, Severity.WARNING),
        ({"situations": [{"options": [{"label": "其他情形", "note": "父母一方为外国人"}]}]}, None),
    ],
)
def test_where_the_words_stand_decides(document: dict[str, object], expected: Severity | None) -> None:
    found = [one for one in lint_document(EntryKind.ITEM, document) if one.rule in CLAUSE_RULES]
    assert [one.severity for one in found] == ([] if expected is None else [expected])


def test_every_finding_says_why_and_what_to_do() -> None:
    (finding,) = lint_document(EntryKind.FAQ, {"answer": "带上相关证明就行"})
    assert finding.place == ("answer",)
    assert "相关证明" in finding.reason
    assert "{" not in finding.reason + finding.suggestion
    assert len(finding.suggestion) > 5


def test_every_rule_is_complete() -> None:
    assert set(CLAUSE_RULES) <= lint_rules().keys()
    assert all(rule.title and rule.reason and rule.suggestion for rule in lint_rules().values())
