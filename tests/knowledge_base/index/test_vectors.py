"""The vector index against plain arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.index.vectors import ROUGH_ROWS, VectorIndex


def unit(rows: int, dimension: int) -> np.ndarray:
    vectors = np.random.default_rng(7).standard_normal((rows, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_cosines_are_inner_products_in_the_order_of_the_documents() -> None:
    vectors = unit(300, 384)
    index = VectorIndex.of(vectors)
    assert len(index) == 300
    assert np.allclose(index.cosines(vectors[17]), vectors @ vectors[17], atol=1e-6)
    assert int(np.argmax(index.cosines(vectors[17]))) == 17


def test_a_vector_of_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match="dimension 384"):
        VectorIndex.of(unit(3, 384)).cosines(unit(1, 256)[0])


def test_a_large_index_is_near_enough_and_follows_changes() -> None:
    vectors = unit(ROUGH_ROWS + 300, 384)
    index = VectorIndex.of(vectors[:ROUGH_ROWS])
    question = vectors[17]
    assert np.allclose(
        index.cosines(question), vectors[:ROUGH_ROWS] @ question, atol=1e-6
    )  # exact, until there is time
    index.quicken()
    assert 0 < np.abs(index.cosines(question) - vectors[:ROUGH_ROWS] @ question).max() < 0.003
    changed = index.extended(np.array([3, 17, 8000]), vectors[ROUGH_ROWS:])
    left = np.concatenate([np.delete(vectors[:ROUGH_ROWS], [3, 17, 8000], axis=0), vectors[ROUGH_ROWS:]])
    assert len(changed) == len(left)
    assert np.abs(changed.cosines(question) - left @ question).max() < 0.003
    # What is small is exact, and what is alike stays equal.
    assert changed.cosines(question)[-300:] == pytest.approx(left[-300:] @ question, abs=1e-6)
    same = VectorIndex.of(np.repeat(vectors[:1], ROUGH_ROWS, axis=0))
    same.quicken()
    assert len(np.unique(same.cosines(question))) == 1
    # The nearest are exact, in their order.
    near = np.argsort(-(left @ question))[:200]
    assert changed.cosines(question)[near] == pytest.approx(left[near] @ question, abs=1e-6)
    assert np.array_equal(np.argsort(-changed.cosines(question))[:200], near)


def test_a_vector_of_zeros_and_another_dimension_are_searched_too() -> None:
    vectors = unit(ROUGH_ROWS, 128)
    vectors[5] = 0
    index = VectorIndex.of(vectors)
    index.quicken()
    assert index.cosines(vectors[0])[5] == 0
    odd = unit(ROUGH_ROWS, 100)
    index = VectorIndex.of(odd)
    index.quicken()
    assert index.cosines(odd[0]) == pytest.approx(odd @ odd[0], abs=1e-6)
