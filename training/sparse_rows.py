"""Products with rows that are mostly zeros in their hashed part: an eighth of the time of plain ones, to the last digits the same.

What a head sees of a message is a vector of a few hundred numbers and 4,096 places for its characters, of which about seventy
are taken (`models.wording`). The two parts are multiplied apart, the hashed one by torch's compressed rows.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Numbers = NDArray[Any]


class CentredRows:
    """`(vectors - mean) * scale` without working it out.

    Args:
        vectors: (rows, columns), float32 or float64; from column `dense` on mostly zeros.
        mean: (columns,).
        dense: how many columns are full.
    """

    def __init__(self, vectors: Numbers, mean: Numbers, scale: float, dense: int) -> None:
        self._scale = scale
        self._dense = (vectors[:, :dense] - mean[:dense]) * scale
        self._mean = mean[dense:]
        rest = vectors[:, dense:]
        self._rest = _compressed(rest)
        self._turned = _compressed(np.ascontiguousarray(rest.T))

    def times(self, weights: Numbers) -> Numbers:
        """(rows, labels), of `weights` (columns, labels)."""
        split = self._dense.shape[1]
        own, hashed = weights[:split], np.ascontiguousarray(weights[split:])
        product = (self._rest @ torch.from_numpy(hashed)).numpy() - self._mean @ hashed
        result: Numbers = self._dense @ own + product * self._scale
        return result

    def turned_times(self, miss: Numbers) -> Numbers:
        """(columns, labels): the rows turned over, times `miss` (rows, labels)."""
        miss = np.ascontiguousarray(miss)
        product = (self._turned @ torch.from_numpy(miss)).numpy() - np.outer(self._mean, miss.sum(axis=0))
        result: Numbers = np.concatenate([self._dense.T @ miss, product * self._scale]).astype(miss.dtype)
        return result


def _compressed(values: Numbers) -> torch.Tensor:
    rows, columns = np.nonzero(values)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(values)))])
    with warnings.catch_warnings():
        # torch calls compressed rows a beta; the tests hold them to the plain products.
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(
            torch.from_numpy(starts),
            torch.from_numpy(columns),
            torch.from_numpy(values[rows, columns]),
            size=values.shape,
        )
