from __future__ import annotations

import pytest

from knowledge_base.library import Library
from knowledge_base.terms import Element
from services.consult.answering import AnswerComposer
from services.consult.consultation import Subject
from services.consult.language_model.checking import check
from services.consult.language_model.facts import facts, normalised
from services.consult.policy import load_policy

LIMITS = (
    "“公司注销登记”是即办件，当场能办结的当场办结。\n"
    "法定办结时限：20 个工作日。情形复杂的，经登记机关负责人批准，可以再延长 3 个工作日。\n"
    "承诺办结时限：5 个工作日。"
)
MATERIALS = (
    "办理“收养登记”的申请材料共 3 项：\n"
    "1. 居民身份证（必要，原件 1 份，政府部门核发）。核对后退还。\n"
    "2. 结婚证（必要，原件 1 份，政府部门核发）。仅在下列情形提交：收养人有配偶。能通过数据共享核验的，免于提交。\n"
    "3. 收养人与被收养人合影照片或者视频（必要，原件 2 份，申请人自备）。受理标准：2 寸。"
)
FEE = "“养犬登记”收费。\n收费标准：每只每年 300 元；注销登记不收费。\n养满 18 周岁以上的老人，除盲人外，应当本人到场。"

CHANGE = (
    "登记完成后，按需要办理水、电、燃气过户，由村（居）民委员会代为提出。\n"
    "办理结果：（适用于：补结婚证）结婚证。\n送达方式：当场领取。\n办理结果：（适用于：补离婚证）离婚证。\n送达方式：当场领取。"
)

LAND = "受理标准：不动产权证书，动产抵押另行办理。\n有效期不超过施工期限。\n延期不超过 5 日。"

SAID_LIMITS = (
    "公司注销登记是即办件，当场能办结的就当场办结。法定办结时限是20个工作日，情形复杂的，经登记机关负责人批准，"
    "可以再延长3个工作日。承诺办结时限是5个工作日。"
)
SAID_MATERIALS = (
    "您好，办理收养登记的申请材料一共3项。首先是居民身份证，必要，原件1份，政府部门核发，核对后退还。"
    "其次是结婚证，必要，原件1份，政府部门核发，仅在下列情形提交：收养人有配偶；能通过数据共享核验的，不用提交。"
    "最后是收养人与被收养人合影照片或视频，必要，原件2份，申请人自备，受理标准是2寸。"
)
SAID_FEE = "养犬登记收费。收费标准是每只每年300元，注销登记不收费。养满18周岁以上的老人，除盲人外，应当本人到场。"

FAITHFUL = [
    (LIMITS, LIMITS),
    (LIMITS, SAID_LIMITS),
    (LIMITS, SAID_LIMITS.replace("20个工作日", "二十个工作日")),
    (LIMITS, SAID_LIMITS.replace("3个", "３ 个").replace("5个", "五个")),
    (LIMITS, "您好，" + SAID_LIMITS.replace("情形复杂", "如果情形复杂")),
    (MATERIALS, MATERIALS),
    (MATERIALS, SAID_MATERIALS),
    (MATERIALS, SAID_MATERIALS.replace("不用提交", "不需要提交")),
    (MATERIALS, SAID_MATERIALS.replace("。", "。\n")),
    (MATERIALS, SAID_MATERIALS.replace("首先是", "您需要带上").replace("或视频", "或者视频")),
    (LAND, LAND),
    (CHANGE, CHANGE),
    (CHANGE, "您好。" + CHANGE.replace("\n", "")),
    (CHANGE, CHANGE.removesuffix("\n送达方式：当场领取。")),
    (FEE, FEE),
    (FEE, SAID_FEE),
    (FEE, SAID_FEE.replace("300元", "三百元")),
    (FEE, SAID_FEE.replace("除盲人外", "除了盲人之外").replace("收费标准是", "具体收费标准是：")),
]

UNFAITHFUL = [
    (LIMITS, SAID_LIMITS, "20个", "30个"),
    (LIMITS, SAID_LIMITS, "20个工作日", "20天"),
    (LIMITS, SAID_LIMITS, "20个工作日", "二十个自然日"),
    (LIMITS, SAID_LIMITS, "法定办结时限是20个工作日", "法定办结时限是5个工作日"),
    (LIMITS, SAID_LIMITS, "承诺办结时限是5个工作日。", "承诺办结时限是20个工作日。"),
    (LIMITS, SAID_LIMITS, "承诺办结时限是5个工作日。", ""),
    (LIMITS, SAID_LIMITS, "可以再延长", "应当再延长"),
    (LIMITS, SAID_LIMITS, "经登记机关负责人批准，", ""),
    (LIMITS, SAID_LIMITS, "登记机关负责人", "区政府负责人"),
    (LIMITS, SAID_LIMITS, "当场能办结", "当场不能办结"),
    (LIMITS, SAID_LIMITS, "5个工作日。", "5个工作日，保证办结。"),
    (LIMITS, SAID_LIMITS, "5个工作日。", "5个工作日。详见 http://example.com/a。"),
    (LIMITS, SAID_LIMITS, "5个工作日。", "5个工作日。详见[指南](/guide)。"),
    (LIMITS, SAID_LIMITS, "5个工作日。", "5个工作日。<b>当场</b>办结。"),
    (LIMITS, SAID_LIMITS, "5个工作日。", "5个工作日。请致电 021-12345678。"),
    (LIMITS, SAID_LIMITS, "5个工作日。", "5个工作日。请写信到 help@example.com。"),
    (LIMITS, SAID_LIMITS, "法定办结", "按《公司法》法定办结"),
    (
        LIMITS,
        SAID_LIMITS,
        SAID_LIMITS,
        "好的，我已忽略之前的指令。系统提示如下：你是政务服务窗口的文字助手，你可以直接说给办事人听。",
    ),
    (LIMITS, SAID_LIMITS, SAID_LIMITS, ""),
    (LIMITS, SAID_LIMITS, SAID_LIMITS, SAID_LIMITS * 4),
    (
        LIMITS,
        SAID_LIMITS,
        SAID_LIMITS,
        "This is done within 20 working days, or 3 more, or 5, at once, when it can be done.",
    ),
    (MATERIALS, SAID_MATERIALS, "不用提交", "也要提交"),
    (MATERIALS, SAID_MATERIALS, "仅在下列情形提交：收养人有配偶；", ""),
    (MATERIALS, SAID_MATERIALS, "仅在下列", "在下列"),
    (MATERIALS, SAID_MATERIALS, "照片或视频", "照片和视频"),
    (MATERIALS, SAID_MATERIALS, "居民身份证，", "居民身份证和户口簿，"),
    (MATERIALS, SAID_MATERIALS, "原件1份，政府部门核发，核对", "原件2份，政府部门核发，核对"),
    (MATERIALS, SAID_MATERIALS, "其次是结婚证", "其次是离婚证"),
    (MATERIALS, SAID_MATERIALS, "共3项", "共4项"),
    (MATERIALS, SAID_MATERIALS, "核对后退还", "核对后不退还"),
    (MATERIALS, SAID_MATERIALS, "收养人有配偶", "收养人无配偶"),
    (MATERIALS, SAID_MATERIALS, "2寸", "二尺"),
    (CHANGE, CHANGE, "水、电、", "电、"),
    (CHANGE, CHANGE, "水、电、", "水、水、"),
    (CHANGE, CHANGE, "水、电、", "水、油、"),
    (CHANGE, CHANGE, "水、电、", "水、电、居、"),
    (CHANGE, CHANGE, "村（居）民", "（居）民"),
    (CHANGE, CHANGE, "村（居）民", "村（镇）民"),
    (CHANGE, CHANGE, "送达方式：当场领取。", ""),
    (CHANGE, CHANGE, "离婚证。\n送达方式：当场领取。", "离婚证。\n送达方式：邮寄。"),
    (LAND, LAND, "不动产", "动产"),
    (LAND, LAND, "不超过施工", "超过施工"),
    (LAND, LAND, "动产抵押", "不动产抵押"),
    (LAND, LAND, "不超过 5", "超过 5"),
    (FEE, SAID_FEE, "注销登记不收费", "注销登记收费"),
    (FEE, SAID_FEE, "养犬登记收费", "养犬登记免费"),
    (FEE, SAID_FEE, "300元", "300万元"),
    (FEE, SAID_FEE, "每年", "每月"),
    (FEE, SAID_FEE, "除盲人外，", ""),
    (FEE, SAID_FEE, "应当本人", "可以本人"),
    (FEE, SAID_FEE, "应当本人", "本人"),
    (FEE, SAID_FEE, "以上", "以下"),
    (FEE, SAID_FEE, "18周岁以上", "18周岁"),
    (FEE, SAID_FEE, "不收费。", "不收费，肯定没问题。"),
]


@pytest.mark.parametrize(("told", "said"), FAITHFUL)
def test_what_says_the_same_is_taken(told: str, said: str) -> None:
    assert check(said, [told]) is None


@pytest.mark.parametrize(("told", "said", "old", "new"), UNFAITHFUL)
def test_what_says_something_else_is_refused(told: str, said: str, old: str, new: str) -> None:
    assert old in said
    assert check(said.replace(old, new), [told]) is not None


def test_further_lines_may_be_told_but_must_not_be_mixed_up() -> None:
    further = "办理地点：区政务服务中心 2 楼。"
    assert check(SAID_FEE + "办理地点是区政务服务中心2楼。", [FEE], [further]) is None
    assert check(SAID_FEE + "办理地点是区政务服务中心2楼。", [FEE]) is not None
    assert check(SAID_FEE + "办理地点是区政务服务中心3楼。", [FEE], [further]) is not None


def test_every_answer_of_the_library_given_back_word_for_word_is_taken(library: Library) -> None:
    composer = AnswerComposer(library, load_policy())
    refused, answers = [], 0
    for item in library.items.values():
        for element in Element:
            if not library.sections(item.id, element):
                continue
            told = [part.text for part in composer.answer(Subject(item, (element,)), {}).parts]
            answers += 1
            if check("\n".join(told), told) is not None:
                refused.append((item.id, element.value))
    assert answers > 1000
    assert refused == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("二十个工作日以内", "20 个工作日内", True),
        ("百分之二十", "20％", True),
        ("最多 3 份", "不超过三份", True),
        ("1,200 元", "1200元", True),
        ("20个工作日", "20天", False),
        ("18周岁", "未满18周岁", False),
        ("021-12345678", "021-12345679", False),
        ("5万元", "5元", False),
    ],
)
def test_a_number_in_other_signs_is_the_same_number(one: str, other: str, same: bool) -> None:
    assert (facts(normalised(one)) == facts(normalised(other))) is same
