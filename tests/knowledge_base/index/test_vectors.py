"""The vector index against plain arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.index.vectors import VectorIndex


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
