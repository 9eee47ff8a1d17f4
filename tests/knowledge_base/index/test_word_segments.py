"""Segments: the same scores as bm25s, whatever the index went through."""

from __future__ import annotations

import random

import bm25s
import numpy as np
import pytest

from knowledge_base.index.search_documents import sections_of_library
from knowledge_base.index.word_segments import coded
from knowledge_base.index.words import LENGTH_WEIGHT, SATURATION, SEGMENTS, WordIndex, terms
from knowledge_base.library import Library

QUESTIONS = ["食品经营许可证要带什么材料", "居住证 2017 要要要多久", "TSG 08-2017规则 abcdefghijklm", "龘"]


@pytest.fixture(scope="module")
def texts(library: Library) -> list[str]:
    return [document.full_text for _, document in sections_of_library(library)][:400]


def reference(texts: list[str], question: str) -> np.ndarray:
    other = bm25s.BM25(k1=SATURATION, b=LENGTH_WEIGHT, method="lucene")
    other.index([terms(text) for text in texts], show_progress=False)
    known = [term for term in terms(question) if term in other.vocab_dict]
    weight = sum(term.asked * term.rarity for term in WordIndex.of(texts).weights(question))
    return other.get_scores(known) / weight if known else np.zeros(len(texts))


def test_every_term_has_a_number_of_its_own(texts: list[str]) -> None:
    every = [*texts, "A1 b-2 abcdefgh abcdefghi 卫 生a证 ㈱ Ｘ１"]
    codes, rows = coded(every)
    counted = [terms(text) for text in every]
    assert np.bincount(rows, minlength=len(every)).tolist() == [len(found) for found in counted]
    assert len(set(codes.tolist())) == len({term for found in counted for term in found})


@pytest.mark.parametrize("question", QUESTIONS)
def test_scores_are_those_of_bm25s(texts: list[str], question: str) -> None:
    assert WordIndex.of(texts).scores(question) == pytest.approx(reference(texts, question), abs=1e-5)


def test_an_index_that_was_changed_often_scores_like_one_made_anew(texts: list[str]) -> None:
    chance = random.Random(5)
    held = texts[:200]
    index = WordIndex.of(held)
    for number in range(3 * SEGMENTS):
        removed = sorted(chance.sample(range(len(held)), 7 if number % 5 else 60))
        added = chance.sample(texts, 50 if number % 5 == 0 else 7)
        index = index.extended(np.array(removed, dtype=np.intp), added)
        held = [text for place, text in enumerate(held) if place not in set(removed)] + added
        assert len(index.segments) <= SEGMENTS
        assert len(index) == len(held)
        for question in QUESTIONS:
            assert index.scores(question) == pytest.approx(WordIndex.of(held).scores(question), abs=1e-6)


def test_the_index_before_a_change_stays_as_it_was(texts: list[str]) -> None:
    index = WordIndex.of(texts)
    before = index.scores(QUESTIONS[0])
    index.extended(np.arange(100, dtype=np.intp), ["食品"]).scores(QUESTIONS[0])
    assert np.array_equal(index.scores(QUESTIONS[0]), before)
