"""The vectors of all documents in faiss indexes, one a segment.

Comes in: unit vectors, one a document. Goes out: the cosine of a question with every one of them. Fusion wants all scores, so
products are computed for all rows and never sorted. Small segments are scanned exactly; large ones in 8 bits
(`knowledge_base.index.rough_cosines`), and exactly again where it was near. The 8 bits are made when there is time
(`VectorIndex.quicken`); until then large segments are scanned exactly as well. A changed document costs a small new segment; the
segments that are there are shared, never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge_base.index.rough_cosines import BLOCK, RoughCosines

SEGMENTS = 8
"""More segments than this are copied into one."""
DEAD_SHARE = 0.25
ROUGH_ROWS = 8192
"""Segments from this size on are scanned in 8 bits. Below, an exact scan takes half a millisecond."""
NEAREST = 300
"""About so many of a large segment's rows, the nearest ones, get their exact cosine."""
SAMPLED = 16
"""One row of so many tells what counts as near: finding out exactly would take as long as the scan."""


@dataclass(slots=True)
class _Rough:
    """A segment in 8 bits, once it was made; shared by all states of the library that have the segment."""

    cosines: RoughCosines | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A faiss index that never changes, the rows of it that still count (int64, ascending), and the same in 8 bits if it is
    large: None if it is small."""

    index: faiss.IndexFlatIP
    rows: NDArray[np.int64]
    rough: _Rough | None

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> _Part:
        count, dimension = vectors.shape
        index = faiss.IndexFlatIP(dimension)
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        rough = _Rough() if count >= ROUGH_ROWS and dimension % BLOCK == 0 else None
        return cls(index, np.arange(count, dtype=np.int64), rough)

    def vectors(self) -> NDArray[np.float32]:
        whole: NDArray[np.float32] = self.index.reconstruct_n(0, self.index.ntotal)
        return whole[self.rows]

    def quicken(self) -> None:
        """Make the 8 bits, if the segment is large and lacks them."""
        if self.rough is not None and self.rough.cosines is None:
            self.rough.cosines = RoughCosines(self.index.reconstruct_n(0, self.index.ntotal))

    def cosines(self, query: NDArray[np.float32], found: NDArray[np.float32]) -> None:
        """Write the cosine of `query` and each row that counts to `found`, float32 (rows,)."""
        rough = self.rough.cosines if self.rough is not None else None
        if rough is not None:
            every = rough.of(query)
            found[:] = every if len(every) == len(self.rows) else every[self.rows]
            near = np.flatnonzero(found >= _nearness(found))
            found[near] = self._exact(query, self.rows[near])
        else:
            found[:] = self._exact(query, self.rows)

    def _exact(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        found = np.empty(len(rows), dtype=np.float32)
        self.index.compute_distance_subset(  # type: ignore[attr-defined]  # the stubs lack it
            1, faiss.swig_ptr(query), len(rows), faiss.swig_ptr(found), faiss.swig_ptr(rows)
        )
        return found


class VectorIndex:
    """Cosines by inner product. Made once, then only read: safe for concurrent callers.

    Args:
        parts: what is searched; the documents' order is that of the parts.
    """

    def __init__(self, parts: Sequence[_Part], dimension: int) -> None:
        self._parts = tuple(parts)
        self.dimension = dimension
        self._count = sum(len(part.rows) for part in self._parts)

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> VectorIndex:
        """An index of `vectors`, float32 (documents, dimension), L2 norm 1."""
        return cls([_Part.of(vectors)], vectors.shape[1])

    def __len__(self) -> int:
        return self._count

    def extended(self, removed: NDArray[np.intp], vectors: NDArray[np.float32]) -> VectorIndex:
        """The index without the documents at `removed` and with `vectors` after the rest."""
        parts: list[_Part] = []
        start = 0
        for part in self._parts:
            own = removed[(removed >= start) & (removed < start + len(part.rows))] - start
            start += len(part.rows)
            parts.append(replace(part, rows=np.delete(part.rows, own)) if own.size else part)
        if len(vectors):
            parts.append(_Part.of(vectors))
        return VectorIndex(_compacted([part for part in parts if part.rows.size]), self.dimension)

    def quicken(self) -> None:
        """Make the 8 bits of the large segments that lack them: a tenth of a second for 70,000 rows, more where onnx has to be
        loaded. May be done beside questions, which are scanned exactly meanwhile. Raises what onnxruntime raises."""
        for part in self._parts:
            part.quicken()

    def cosines(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (documents,): the cosine of `vector`, float32 (dimension,) with L2 norm 1, and each document's; in a large
        index that was quickened within 0.003 for those that are not among the nearest."""
        query = np.ascontiguousarray(vector, dtype=np.float32)
        if query.shape != (self.dimension,):
            raise ValueError(f"a vector of shape {query.shape} for an index of dimension {self.dimension}")
        found = np.empty(len(self), dtype=np.float32)
        # One query is one thread's work, but faiss still wakes a team and waits for it: 8 ms where the model's threads hold
        # the processors. The setting belongs to the calling thread.
        faiss.omp_set_num_threads(1)
        start = 0
        for part in self._parts:
            part.cosines(query, found[start : start + len(part.rows)])
            start += len(part.rows)
        return found


def _nearness(cosines: NDArray[np.float32]) -> np.float32:
    """From which cosine on a row is among the nearest, about."""
    sample = cosines[::SAMPLED]
    place = max(0, len(sample) - 1 - NEAREST // SAMPLED)
    nearness: np.float32 = np.partition(sample, place)[place]
    return nearness


def _compacted(parts: list[_Part]) -> list[_Part]:
    """Few parts with few dead rows in them; the order stays."""
    parts = [
        _Part.of(part.vectors()) if part.index.ntotal - len(part.rows) > DEAD_SHARE * part.index.ntotal else part
        for part in parts
    ]
    if len(parts) > SEGMENTS:
        first = 1 if len(parts[0].rows) > 4 * sum(len(part.rows) for part in parts[1:]) else 0
        parts = [*parts[:first], _Part.of(np.concatenate([part.vectors() for part in parts[first:]]))]
    return parts
