"""Answers told in the words that the library's authors noted: the real questionnaires."""

import pytest

from services.consult.situation_sayings import answer_in_sayings


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("child", "想收养福利院的弃婴，要带什么", "foundling"),
        ("child", "不是福利院的弃婴，要带什么", None),
        ("child", "福利院的弃婴和亲戚家的孩子有什么两样", None),
        ("married", "我没结婚，能收养吗", False),
        ("married", "夫妻俩一起收养要什么", True),
        ("married", "不是夫妻俩一起收养要什么", None),
    ],
)
def test_only_one_undenied_answer_counts(library, question, text, answer):
    item = library.item("adoption-registration")
    situation = next(one for one in item.situations if one.id == question)
    assert answer_in_sayings(situation, text, "") == answer
