"""The vectors of all documents in one exact faiss index.

Comes in: unit vectors, one a document. Goes out: the cosine of a question with every one of them. Fusion wants all scores, so
distances are computed for all rows and never sorted: 4 ms at 40,000 rows on one core, where a search for all of them
takes 9.
"""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray


class VectorIndex:
    """Cosines by exact inner product. Made once, then only read: safe for concurrent callers.

    Args:
        vectors: float32 (documents, dimension), L2 norm 1.
    """

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        count, dimension = vectors.shape
        self._index = faiss.IndexFlatIP(dimension)
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        self._all = np.arange(count, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._all)

    def cosines(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (documents,): the cosine of `vector`, float32 (dimension,) with L2 norm 1, and each document's."""
        query = np.ascontiguousarray(vector, dtype=np.float32)
        if query.shape != (self._index.d,):
            raise ValueError(f"a vector of shape {query.shape} for an index of dimension {self._index.d}")
        found = np.empty(len(self), dtype=np.float32)
        self._index.compute_distance_subset(  # type: ignore[attr-defined]  # the stubs lack it
            1, faiss.swig_ptr(query), len(self), faiss.swig_ptr(found), faiss.swig_ptr(self._all)
        )
        return found
