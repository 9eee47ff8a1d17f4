"""Fusion as tables."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.index.fusion import (
    DECIDING_COVERAGE,
    DECIDING_WEIGHT,
    WORDS_WEIGHT,
    best_first,
    fuse,
    group_maximum,
    words_weight,
    z_normalise,
)


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (array(1, 3), array(-1, 1)),
        (array(0, 0, 0, 4), array(-1, -1, -1, 3) / 3**0.5),
        (array(5, 5, 5), array(0, 0, 0)),
        (array(7), array(0)),
        (array(), array()),
    ],
)
def test_z_normalise(scores: np.ndarray, expected: np.ndarray) -> None:
    assert z_normalise(scores) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("words", "vectors", "weight", "expected"),
    [
        (array(0, 0), array(0.8, 0.9), 17, array(-1, 1)),
        (array(0.5, 0), array(0.8, 0.9), 2, array(0, 1)),
        (array(0.5, 0), array(0.8, 0.9), 10, array(4, 1)),
        (array(0.2, 0.1), array(0.9, 0.9), 10, array(2, 1)),
    ],
)
def test_fuse(words: np.ndarray, vectors: np.ndarray, weight: float, expected: np.ndarray) -> None:
    assert fuse(words, vectors, weight) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("coverage", "weight"),
    [
        (0.0, WORDS_WEIGHT),
        (DECIDING_COVERAGE - 0.001, WORDS_WEIGHT),
        (DECIDING_COVERAGE, DECIDING_WEIGHT),
        (1.0, DECIDING_WEIGHT),
    ],
)
def test_words_decide_from_a_coverage_on(coverage: float, weight: float) -> None:
    assert words_weight(coverage) == weight


def test_where_words_decide_vectors_part_only_what_is_equal_by_words() -> None:
    words, vectors = array(0.6, 0.5, 0.5, 0, 0, 0), array(0.1, 0.2, 0.9, 0.1, 0.1, 0.1)
    assert best_first(fuse(words, vectors, words_weight(0.5)), 3) == [2, 0, 1]
    assert best_first(fuse(words, vectors, words_weight(0.9)), 3) == [0, 2, 1]


def test_the_scale_of_vectors_does_not_matter() -> None:
    words, vectors = array(0.1, 0.3, 0.2), array(0.5, 0.1, 0.9)
    assert fuse(words, vectors * 0.01 + 0.8) == pytest.approx(fuse(words, vectors), abs=1e-3)


def test_fuse_refuses_scores_of_different_documents() -> None:
    with pytest.raises(ValueError, match="same documents"):
        fuse(array(1, 2), array(1, 2, 3))


def test_group_maximum() -> None:
    best = group_maximum(array(1, 5, -2, 3), np.array([0, 1, 2, 1]), 3)
    assert best == pytest.approx(array(1, 5, -2))


@pytest.mark.parametrize(
    ("scores", "count", "expected"),
    [(array(1, 3, 2), 2, [1, 2]), (array(2, 2, 3), 3, [2, 0, 1]), (array(1), 5, [0]), (array(), 3, [])],
)
def test_best_first(scores: np.ndarray, count: int, expected: list[int]) -> None:
    assert best_first(scores, count) == expected
