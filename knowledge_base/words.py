"""Scores by words: BM25 over characters and character bigrams.

Chinese has no spaces. Bigrams keep the order of neighbours, single characters let a question meet a text that says the
same in other words (领证 / 领取证书); docs/decisions/0006-fused-search.md has the comparison with word segmentation. Runs
of Latin letters and of digits stay whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from math import log

import bm25s
import numpy as np
from numpy.typing import NDArray

SATURATION = 1.2
"""BM25's k1."""
LENGTH_WEIGHT = 0.9
"""BM25's b: how much a long text is held back."""

_RUN = re.compile(r"[㐀-䶿一-鿿]+|[a-z0-9]+")


def normalise(text: str) -> str:
    """NFKC, lower case, single spaces: ＡＢＣ１２３ -> abc123."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def runs(text: str) -> list[str]:
    """Unbroken runs of Chinese characters, or of Latin letters and digits, of `text`."""
    return _RUN.findall(normalise(text))


def bigrams(text: str) -> list[str]:
    """Neighbouring pairs of Chinese characters; a run of one character, or of Latin letters or digits, as it is."""
    found: list[str] = []
    for run in runs(text):
        if run[0].isascii() or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[start : start + 2] for start in range(len(run) - 1))
    return found


def terms(text: str) -> list[str]:
    """What the index counts: bigrams, and every single Chinese character."""
    return [character for run in runs(text) if not run[0].isascii() for character in run] + bigrams(text)


class WordIndex:
    """BM25 (Lucene's form) over `texts`, as shares. Made once, then only read: safe for concurrent callers."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._count = len(texts)
        self._index = bm25s.BM25(k1=SATURATION, b=LENGTH_WEIGHT, method="lucene")
        counted = [terms(text) for text in texts]
        frequency = Counter(term for found in counted for term in set(found))
        self._rarity = {term: self._rarity_of(number) for term, number in frequency.items()}
        if frequency:
            self._index.index(counted, show_progress=False)

    def scores(self, query: str) -> NDArray[np.float32]:
        """The share (0..1) of the query's weight that each text holds, shape (texts,).

        BM25 divided by what a text would get that held every term of the query endlessly often; terms that stand in no
        text count among them. Within one query the order is BM25's; across queries the share says how much to trust it.
        """
        asked = terms(query)
        known = [term for term in asked if term in self._rarity]
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        unknown = self._rarity_of(0) * (len(asked) - len(known))
        whole = sum(self._rarity[term] for term in known) + unknown
        scores: NDArray[np.float32] = (self._index.get_scores(known) / whole).astype(np.float32)
        return scores

    def _rarity_of(self, number: int) -> float:
        """Lucene's idf of a term that stands in `number` texts."""
        return log(1 + (self._count - number + 0.5) / (number + 0.5))
