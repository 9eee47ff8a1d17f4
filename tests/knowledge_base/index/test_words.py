"""Terms and BM25 shares."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from knowledge_base.index.words import SATURATION, WordIndex, bigrams, normalise, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ＡＢＣ１２３", "abc123"), ("  一\u3000二\n三 ", "一 二 三"), ("（甲）", "(甲)"), ("", "")],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("卫生许可证", ["卫生", "生许", "许可", "可证"]),
        ("证", ["证"]),
        ("卫生，许可", ["卫生", "许可"]),
        ("TSG 08-2017规则", ["tsg", "08", "2017", "规则"]),
        ("，。!", []),
    ],
)
def test_bigrams(text: str, expected: list[str]) -> None:
    assert bigrams(text) == expected


def test_terms_are_characters_and_bigrams() -> None:
    assert sorted(terms("卫生证A1")) == sorted(["卫", "生", "证", "卫生", "生证", "a1"])


def test_a_share_is_bm25_over_the_weight_of_the_whole_query() -> None:
    index = WordIndex.of(["a b", "b c"])
    # Lucene's idf over 2 texts: a in 1, b in 2, z in 0; both texts have mean length, tf 1: 1 / (1 + k1).
    idf = {number: log(1 + (2 - number + 0.5) / (number + 0.5)) for number in (0, 1, 2)}
    shares = index.scores("a b z")
    whole = (idf[1] + idf[2] + idf[0]) * (1 + SATURATION)
    assert shares == pytest.approx([(idf[1] + idf[2]) / whole, idf[2] / whole], rel=1e-5)


TEXTS = ["a b", "b c c c", "d " * 40 + "a b c"]


@pytest.mark.parametrize(
    ("query", "best", "held", "lacking"),
    [
        ("a b", 0, ["a", "b"], []),
        ("b c", 1, ["b", "c"], []),  # however often: c stands there three times
        ("a z", 0, ["a"], ["z"]),  # what stands in no text is lacking as well
        ("a a d", 2, ["a", "a", "d"], []),  # asked twice weighs twice
        ("c z z", 1, ["c"], ["z", "z"]),
        ("z", 0, [], ["z"]),
        ("", 0, [], []),
    ],
)
def test_coverage_is_the_weight_of_the_query_that_its_best_text_holds(
    query: str, best: int, held: list[str], lacking: list[str]
) -> None:
    index = WordIndex.of(TEXTS)
    scores, coverage = index.scores_and_coverage(query)
    rarities = {term.term: term.rarity for term in index.weights(query)}
    whole = sum(rarities[term] for term in held + lacking)
    assert int(scores.argmax()) == best
    assert np.array_equal(scores, index.scores(query))
    assert coverage == pytest.approx(sum(rarities[term] for term in held) / whole if whole else 0.0, abs=1e-6)


def test_coverage_is_of_the_living_and_the_same_in_segments() -> None:
    index = WordIndex.of(["甲乙丙", *TEXTS]).extended(np.array([0, 1]), ["a b c", "丙丁"])
    whole = WordIndex.of([*TEXTS[1:], "a b c", "丙丁"])
    assert len(index.segments) > 1
    for query in ("a b", "b c", "甲乙丙", "丙丁戊", "d d", "丁 a", "c z"):
        scores, coverage = index.scores_and_coverage(query)
        expected, expected_coverage = whole.scores_and_coverage(query)
        assert scores == pytest.approx(expected, abs=1e-6)
        assert coverage == pytest.approx(expected_coverage, abs=1e-6)
    assert index.scores_and_coverage("甲乙")[1] == 0.0


@pytest.mark.parametrize("query", ["", "，，", "龘"])
def test_a_query_without_a_known_term_scores_nothing(query: str) -> None:
    assert np.array_equal(WordIndex.of(["卫生许可"]).scores(query), np.zeros(1, dtype=np.float32))


@pytest.mark.parametrize("texts", [[], [""], ["", "。"]])
def test_texts_without_terms_can_be_indexed(texts: list[str]) -> None:
    scores, coverage = WordIndex.of(texts).scores_and_coverage("卫生")
    assert np.array_equal(scores, np.zeros(len(texts), dtype=np.float32))
    assert coverage == 0.0
