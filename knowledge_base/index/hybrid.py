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
class WordScores:
    """What words alone say: `shares`, float32 (documents,), see `Scores.words`; `coverage` (0..1) of the query by the best."""

    shares: NDArray[np.float32]
    coverage: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of every document for one query, each (documents,). `words`: share of the query that the document holds,
    0..1, in BM25's order; `vectors`: cosine; `fused`: see `knowledge_base.index.fusion`."""

    words: NDArray[np.float32]
    vectors: NDArray[np.float32]
    fused: NDArray[np.float32]


class HybridIndex:
    """Words and vectors of the same documents. Made once, then only read: safe for concurrent callers.

    Args:
        words, vectors: the documents in the same order.
    """

    def __init__(self, words: WordIndex, vectors: VectorIndex) -> None:
        if len(words) != len(vectors):
            raise ValueError(f"words of {len(words)} documents but {len(vectors)} vectors")
        self.words, self.vectors = words, vectors

    @classmethod
    def of(cls, texts: Sequence[str], vectors: NDArray[np.float32]) -> HybridIndex:
        """An index of the documents' full texts; `vectors`: float32 (documents, dimension), L2 norm 1, of each as a passage."""
        of_vectors = VectorIndex.of(vectors)
        of_vectors.quicken()
        return cls(WordIndex.of(texts), of_vectors)

    def word_scores(self, query: str) -> WordScores:
        """Score every document by words: what can be done before the query's vector is there."""
        return WordScores(*self.words.scores_and_coverage(query))

    def scores(self, query: str, vector: NDArray[np.float32], words: WordScores | None = None) -> Scores:
        """Score every document. `vector`: float32 (dimension,), L2 norm 1, of `query` as a query. `words`: `word_scores` of it,
        if they are known."""
        words = words or self.word_scores(query)
        vectors = self.vectors.cosines(vector)
        fused = fuse(words.shares, vectors, words_weight(words.coverage))
        return Scores(words=words.shares, vectors=vectors, fused=fused)
