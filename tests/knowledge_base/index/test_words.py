"""Terms and BM25 shares."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from knowledge_base.index.words import WordIndex, bigrams, normalise, terms


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
    whole = idf[1] + idf[2] + idf[0]
    assert shares == pytest.approx([(idf[1] + idf[2]) / 2.2 / whole, idf[2] / 2.2 / whole], rel=1e-5)


@pytest.mark.parametrize("query", ["", "，，", "龘"])
def test_a_query_without_a_known_term_scores_nothing(query: str) -> None:
    assert np.array_equal(WordIndex.of(["卫生许可"]).scores(query), np.zeros(1, dtype=np.float32))


@pytest.mark.parametrize("texts", [[], [""], ["", "。"]])
def test_texts_without_terms_can_be_indexed(texts: list[str]) -> None:
    assert np.array_equal(WordIndex.of(texts).scores("卫生"), np.zeros(len(texts), dtype=np.float32))
