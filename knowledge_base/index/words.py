"""Scores by words: BM25 over characters and character bigrams, in segments.

Chinese has no spaces. Bigrams keep the order of neighbours, single characters let a question meet a text that says the
same in other words (领证 / 领取证书); docs/decisions/0006-fused-search.md has the comparison with word segmentation. Runs
of Latin letters and of digits stay whole.

An index is a few segments, none of which ever changes (`knowledge_base.index.word_segments`). What depends on all texts together
(how rare a term is, how long a text is beside the others) is worked in when a question comes, so that one changed text
costs a small new segment and not a new index; docs/decisions/0011-index-in-segments.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index.word_segments import LivingSegment, WordSegment, coded, merged

SATURATION = 0.6
"""BM25's k1: low, since that a text holds a term says more than how often."""
LENGTH_WEIGHT = 0.75
"""BM25's b: how much a long text is held back."""
SEGMENTS = 8
"""More segments than this are merged: each costs a question a few lookups."""
DEAD_SHARE = 0.25
"""A segment of which more is dead than this is written anew without it."""

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


@dataclass(frozen=True, slots=True)
class TermWeight:
    """A term of a question: how often it was asked, in how many texts it stands, and Lucene's idf of it."""

    term: str
    asked: int
    texts: int
    rarity: float


class WordIndex:
    """BM25 (Lucene's form) over texts, as shares. Made once, then only read: safe for concurrent callers.

    Args:
        segments: what is searched; the texts' order is that of the segments, the dead left out.
    """

    def __init__(self, segments: Sequence[LivingSegment]) -> None:
        self.segments = tuple(segments)
        self._count = sum(part.count for part in self.segments)
        total = sum(part.characters for part in self.segments)
        mean = total / self._count if total else 1.0
        # A text's length beside the mean: k1 (1 - b + b length / mean). Worked into every posting here, 20 ms for the 7
        # million of 40,000 texts, since a question would do it for 200,000 of them.
        self._worths = [
            part.segment.worths(
                (SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT / mean * part.segment.lengths)).astype(np.float32)
            )
            for part in self.segments
        ]

    @classmethod
    def of(cls, texts: Sequence[str]) -> WordIndex:
        """An index of `texts` in one segment."""
        return cls([LivingSegment.whole(WordSegment.of(texts))])

    def __len__(self) -> int:
        return self._count

    def extended(self, removed: NDArray[np.intp], texts: Sequence[str]) -> WordIndex:
        """The index without the texts at `removed` (places in the order of scores) and with `texts` after the rest."""
        parts: list[LivingSegment] = []
        start = 0
        for part in self.segments:
            own = removed[(removed >= start) & (removed < start + part.count)] - start
            start += part.count
            parts.append(part.without(own) if own.size else part)
        if texts:
            parts.append(LivingSegment.whole(WordSegment.of(texts)))
        return WordIndex(_compacted([part for part in parts if part.count]))

    def weights(self, query: str) -> list[TermWeight]:
        """The question's terms with what each weighs, in the order in which they stand in it."""
        asked: dict[str, int] = {}
        for term in terms(query):
            asked[term] = asked.get(term, 0) + 1
        # A pair is counted after its two characters.
        codes = np.array([coded([term])[0][-1] for term in asked], dtype=np.int64)
        texts = self._frequencies(codes)
        return [
            TermWeight(term, number, int(texts[place]), float(rarity))
            for place, ((term, number), rarity) in enumerate(zip(asked.items(), self._rarities(texts), strict=True))
        ]

    def scores(self, query: str) -> NDArray[np.float32]:
        """The share (0..1) of the query's weight that each text holds, shape (texts,).

        BM25 divided by what a text would get that held every term of the query endlessly often; terms that stand in no
        text count among them. Within one query the order is BM25's; across queries the share says how much to trust it.
        """
        return self.scores_and_coverage(query)[0]

    def scores_and_coverage(self, query: str) -> tuple[NDArray[np.float32], float]:
        """`scores`, and the coverage of the query by the text with the best of them (the first, if several are equal):
        the share (0..1) of the query's weight whose terms stand in that text, however often and however long it is."""
        codes, asked = np.unique(coded([query])[0], return_counts=True)
        texts = self._frequencies(codes)
        if not texts.any():
            return np.zeros(self._count, dtype=np.float32), 0.0
        weights = asked * self._rarities(texts)
        weights = (weights / weights.sum()).astype(np.float32)
        living = [
            part.only_living(part.segment.scores(codes, weights, worths))
            for part, worths in zip(self.segments, self._worths, strict=True)
        ]
        place = max(range(len(living)), key=lambda place: living[place].max(initial=-1.0))
        held = self.segments[place].holding(int(living[place].argmax()), codes)
        return living[0] if len(living) == 1 else np.concatenate(living), float(weights[held].sum())

    def _frequencies(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        found = np.zeros(len(codes), dtype=np.int64)
        for part in self.segments:
            found += part.frequencies(codes)
        return found

    def _rarities(self, texts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Lucene's idf of terms that stand in so many `texts`."""
        rarities: NDArray[np.float64] = np.log(1 + (self._count - texts + 0.5) / (texts + 0.5))
        return rarities


def _compacted(parts: list[LivingSegment]) -> list[LivingSegment]:
    """Few segments with few dead texts in them; the order of the living stays."""
    parts = [merged([part]) if part.dead > DEAD_SHARE * len(part.segment.lengths) else part for part in parts]
    if len(parts) > SEGMENTS:
        # The large one at the front is left alone until what came after it is a fair part of it.
        first = 1 if parts[0].count > 4 * sum(part.count for part in parts[1:]) else 0
        parts = [*parts[:first], merged(parts[first:])]
    return parts
