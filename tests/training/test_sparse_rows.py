"""Products with mostly empty rows agree with the plain ones."""

import numpy as np
import pytest

from training.sparse_rows import CentredRows


@pytest.mark.parametrize("dense", [0, 5, 40])
def test_products_are_those_of_the_centred_rows(dense):
    draw = np.random.default_rng(3)
    vectors = draw.normal(size=(30, 40))
    vectors[:, dense:] *= draw.random((30, 40 - dense)) < 0.1
    vectors[7, dense:] = 0
    mean = vectors.mean(axis=0)
    plain = (vectors - mean) * 20.0
    rows = CentredRows(vectors, mean, 20.0, dense)
    weights, miss = draw.normal(size=(40, 3)), draw.normal(size=(30, 3))
    assert np.allclose(rows.times(weights), plain @ weights)
    assert np.allclose(rows.turned_times(miss), plain.T @ miss)
