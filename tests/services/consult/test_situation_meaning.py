"""Answers told in other words than the library's: the real questionnaires."""

import pytest

from services.consult.policy import load_policy
from services.consult.situation_meaning import denies, windows
from services.consult.situation_reading import SituationReader


@pytest.fixture(scope="module")
def reader():
    return SituationReader(load_policy().situations)


@pytest.mark.parametrize(
    ("item", "question", "text", "answer"),
    [
        ("company-cancel", "way", "公司不开了，没有外面欠的债务，股东们也都同意，怎么注销", "simple"),
        ("company-cancel", "way", "公司注销要多久", None),
        ("adoption-registration", "child", "想收养一个福利院里捡来的弃婴", "foundling"),
        ("adoption-registration", "child", "收养登记要带什么", None),
    ],
)
def test_told_in_other_words(library, reader, item, question, text, answer):
    assert reader.told(library.item(item), text, {}).get(question) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("还欠着供应商的钱", "normal"),
        ("债已经都还清了", "simple"),
        ("还欠着供应商的钱怎么办", None),
        ("债", None),
        ("今天天气不错", None),
    ],
)
def test_a_typed_reply_chooses_or_is_asked_again(library, reader, text, answer):
    way = next(one for one in library.item("company-cancel").situations if one.id == "way")
    assert reader.reply(way, text) == answer


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("没结婚", True),
        ("结婚了", False),
        ("是不是结婚了", False),
        ("不是没结婚", False),
        ("不动产", False),
        ("未成年人", False),
    ],
)
def test_negation(text, denied):
    assert denies(text) is denied


def test_a_long_clause_is_looked_at_in_parts():
    parts = [part for part, _ in windows("我们公司开了三年没什么业务现在股东都同意了想走简易注销，我去办")]
    assert len(parts) > 2
    assert max(map(len, parts)) <= 15
    assert parts[-1] == "我去办"
    assert any("简易注销" in part for part in parts)


def test_the_name_of_the_item_tells_nobodys_case(library, reader):
    item = library.item("real-estate-transfer")
    assert "二手房买卖" in item.name
    assert "reason" not in reader.told(item, item.name, {})
    assert "reason" not in reader.told(item, f"{item.name}要带什么", {})
