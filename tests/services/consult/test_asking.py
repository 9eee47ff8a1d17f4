import pytest

from services.consult.asking import QuestionReader
from services.consult.policy import load_policy


@pytest.fixture(scope="module")
def reader():
    return QuestionReader(load_policy().words)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("居住证要什么材料", ["materials"]),
        ("要带什么", ["materials"]),
        ("多少钱", ["fee"]),
        ("那要多少钱", ["fee"]),
        ("多久能办好", ["limits"]),
        ("提前多久办延续", ["conditions"]),
        # Until when one has to come is a condition; how long it takes is the time limit.
        ("换了法人多少天之内要去登记", ["conditions"]),
        ("签了合同几天内备案", ["conditions"]),
        ("几天之内能办好", ["limits"]),
        ("最晚什么时候去续", ["conditions"]),
        ("住满多久才能办", ["conditions"]),
        ("在哪里办", ["places"]),
        ("去哪个窗口", ["places"]),
        ("几点下班", ["hours"]),
        ("周六上班吗", ["hours"]),
        ("电话是多少", ["phones"]),
        ("有什么条件", ["conditions"]),
        ("流程是怎样的", ["steps"]),
        ("依据是什么", ["legal_basis"]),
        ("网上能办吗", ["visits"]),
        ("有效期几年", ["result"]),
        ("怎么办理", ["overview"]),
        ("怎么办,要带什么材料", ["materials"]),
        ("要什么材料,多少钱", ["materials", "fee"]),
        ("居住证", []),
    ],
)
def test_elements(reader, text, elements):
    assert [element.value for element in reader.read(text).elements] == elements


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("公共场所卫生许可证注销要什么材料", {"cancel"}),
        ("店不开了,卫生许可证怎么办", {"cancel"}),
        ("换成变更呢", {"change"}),
        ("快到期了怎么办", {"renew"}),
        ("丢了怎么补办", {"reissue"}),
        ("想办公共场所卫生许可证", {"new"}),
        ("办理公共场所卫生许可证注销", {"cancel"}),
        ("公共场所卫生许可证要什么材料", set()),
    ],
)
def test_actions(reader, text, actions):
    assert set(reader.read(text).actions) == actions


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("请问一下护照怎么办理", "护照"),
        ("那要多少钱", ""),
        ("在哪里办呢", ""),
        ("居住证要什么材料啊", "居住证"),
        ("换成变更呢", ""),
        ("如果是注销呢", ""),
    ],
)
def test_matter(reader, text, matter):
    assert reader.read(text).bare_matter == matter


def test_words_for_an_element_that_are_part_of_a_name_ask_for_nothing():
    named = QuestionReader(load_policy().words, names=["医疗费用手工（零星）报销", "不动产登记资料查询"])
    assert named.read("医疗费用手工（零星）报销").elements == ()
    assert named.read("不动产登记资料查询").elements == ()
    assert [element.value for element in named.read("不动产登记资料查询要多少钱").elements] == ["fee"]
    assert [element.value for element in named.read("登记要什么资料").elements] == ["materials"]
