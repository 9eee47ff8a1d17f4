"""One index of words and vectors over documents: what section search and the retrieval benchmark both use.

Every document is scored for every query, by both rankers and fused; nothing is cut to a top-k before fusing. At the size
of a guide library (thousands of sections) that takes a millisecond or two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index.fusion import fuse, words_weight
from knowledge_base.index.vectors import VectorIndex
from knowledge_base.index.words import WordIndex


@dataclass(frozen=True, slots=True)
class Document:
    """What is searched. `title` may be empty; it counts as the text's beginning."""

    id: str
    title: str
    text: str

    @property
    def full_text(self) -> str:
        """Title and text as both rankers read them."""
        return f"{self.title} {self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of every document for one query, each (documents,). `words`: share of the query that the document holds,
    0..1, in BM25's order; `vectors`: cosine; `fused`: see `knowledge_base.index.fusion`."""

    words: NDArray[np.float32]
    vectors: NDArray[np.float32]
    fused: NDArray[np.float32]


class HybridIndex:
    """Words and vectors over `documents`. Made once, then only read: safe for concurrent callers.

    Args:
        documents: in the order of the scores.
        vectors: float32 (documents, dimension), L2 norm 1, of each document's `full_text` as a passage; or their index.
        words: the index of the full texts, if there is one already.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        vectors: NDArray[np.float32] | VectorIndex,
        words: WordIndex | None = None,
    ) -> None:
        if len(documents) != len(vectors):
            raise ValueError(f"{len(documents)} documents but {len(vectors)} vectors")
        if words is not None and len(words) != len(documents):
            raise ValueError(f"{len(documents)} documents but words of {len(words)}")
        self.documents = tuple(documents)
        self.words = words or WordIndex.of([document.full_text for document in documents])
        self.vectors = vectors if isinstance(vectors, VectorIndex) else VectorIndex.of(vectors)

    def extended(
        self, removed: NDArray[np.intp], added: Sequence[Document], vectors: NDArray[np.float32]
    ) -> HybridIndex:
        """Without the documents at `removed` (places, ascending) and with `added` and their `vectors` after the rest."""
        gone = set(removed.tolist())
        kept = [document for place, document in enumerate(self.documents) if place not in gone]
        return HybridIndex(
            [*kept, *added],
            self.vectors.extended(removed, vectors),
            self.words.extended(removed, [document.full_text for document in added]),
        )

    def scores(self, query: str, vector: NDArray[np.float32]) -> Scores:
        """Score every document. `vector`: float32 (dimension,), L2 norm 1, of `query` as a query."""
        words, coverage = self.words.scores_and_coverage(query)
        vectors = self.vectors.cosines(vector)
        return Scores(words=words, vectors=vectors, fused=fuse(words, vectors, words_weight(coverage)))
