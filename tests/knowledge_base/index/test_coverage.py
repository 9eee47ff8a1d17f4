"""How much of a question is about an item."""

from __future__ import annotations

import pytest

from knowledge_base.index.coverage import NameCoverage, content_bigrams

NAMES = [["居住证申领", "暂住证"], ["敬老卡", "老年卡"], ["社会保障卡申领"]]


@pytest.mark.parametrize(
    ("question", "expected"),
    [("请问怎么办居住证", ["问怎", "办居", "居住", "住证"]), ("要什么材料", ["么材"]), ("？", [])],
)
def test_content_bigrams(question: str, expected: list[str]) -> None:
    assert content_bigrams(question) == expected


def test_a_question_in_the_item_s_own_words_is_covered_whole() -> None:
    assert NameCoverage(NAMES).share("敬老卡", 1) == 1
    assert [NameCoverage(NAMES).share("暂住证", item) for item in range(3)] == [1, 0, 0]


def test_foreign_words_lower_the_share() -> None:
    coverage = NameCoverage(NAMES)
    own, foreign = coverage.share("居住证", 0), coverage.share("护照居住证", 0)
    assert 0 < foreign < own


@pytest.mark.parametrize("question", ["", "？？", "今天天气如何"])
def test_nothing_in_common_is_nothing(question: str) -> None:
    assert [NameCoverage(NAMES).share(question, item) for item in range(3)] == [0, 0, 0]


def test_made_from_an_earlier_state_it_is_as_if_made_anew() -> None:
    changed = [NAMES[2], ["敬老卡", "老年卡", "长者卡"], ["护照申领"], NAMES[0]]
    anew, after = NameCoverage(changed), NameCoverage(changed, NameCoverage(NAMES))
    for question in ("老年卡怎么办", "居住证申领", "长者卡", "护照和社会保障卡", "暂住证"):
        assert [after.share(question, item) for item in range(4)] == [anew.share(question, item) for item in range(4)]
