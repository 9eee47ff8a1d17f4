"""Scores of different kinds made one: pure functions over arrays.

Vectors always find some text nearest; how near says little across questions, so their scores are brought to mean 0 and
deviation 1 over *all* documents. Words are scored as the share of the question that a text holds (`knowledge_base.index.words`):
that share is a weight by itself. Where the best text by words holds nearly all of the question, as with formal sentences, words
decide and vectors only part what is equal by them. docs/decisions/0006-fused-search.md has the comparison.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Tuned on the dev halves of `benchmarks.retrieval`, reported on the test halves.
WORDS_WEIGHT = 11.0
"""Deviations of the vectors' scores that a text gets which holds the whole question."""
DECIDING_WEIGHT = 150.0
"""The same, once words decide."""
DECIDING_COVERAGE = 0.75
"""Words decide from this coverage (0..1) of the question by its best text on."""


def z_normalise(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """`scores` (documents,) with mean 0 and standard deviation 1; all 0 if they don't differ."""
    if scores.size == 0:
        return scores.astype(np.float32)
    deviation = float(scores.std())
    if deviation < 1e-9:
        return np.zeros_like(scores, dtype=np.float32)
    normalised: NDArray[np.float32] = ((scores - scores.mean()) / deviation).astype(np.float32)
    return normalised


def words_weight(coverage: float) -> float:
    """What words weigh for a question of which its best text by words holds `coverage` (0..1)."""
    return DECIDING_WEIGHT if coverage >= DECIDING_COVERAGE else WORDS_WEIGHT


def fuse(words: NDArray[np.float32], vectors: NDArray[np.float32], weight: float = WORDS_WEIGHT) -> NDArray[np.float32]:
    """One score of each document from `words` (shares, 0..1) and `vectors` (any scale); all arrays (documents,). `weight`:
    of words, see `words_weight`."""
    if words.shape != vectors.shape:
        raise ValueError(f"words {words.shape} and vectors {vectors.shape} must score the same documents")
    fused: NDArray[np.float32] = (weight * words + z_normalise(vectors)).astype(np.float32)
    return fused


def group_maximum(scores: NDArray[np.float32], groups: NDArray[np.intp], count: int) -> NDArray[np.float32]:
    """The best score of each group: `scores` (n,), `groups` (n,) with values below `count` -> (count,)."""
    best = np.full(count, -np.inf, dtype=np.float32)
    np.maximum.at(best, groups, scores)
    return best


def best_first(scores: NDArray[np.float32], count: int) -> list[int]:
    """Indices of the `count` best scores, best first; equal scores in their order."""
    return [int(index) for index in np.argsort(-scores, kind="stable")[:count]]
