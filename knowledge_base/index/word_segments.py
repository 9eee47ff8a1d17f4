"""Segments of the word index: postings as arrays, made without a loop over terms.

A term is a number: a Chinese character its code point (16 bits), a pair of them both (32 bits), a run of Latin letters and
digits the run in base 37 (up to 8 characters) or a hash of it. So a segment is five arrays, which are kept on disk as they
are, and no dictionary has to be built when they are read.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK_CHARACTERS = 1_000_000
"""Texts counted at a time: bounds the memory of building."""
BLOCK_TEXTS = 1 << 16
_ROW_BITS = 17  # of a sort key, beside 46 of the term
_SHORT_RUN = 1 << 44
_LONG_RUN = 1 << 45
_RUN_LENGTH = 8
_POWERS = 37 ** np.arange(_RUN_LENGTH, dtype=np.int64)


def coded(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every term of `texts` as a number, and the text that it stands in; both (terms,), repeated as often as they stand.

    The terms are those of `knowledge_base.index.words.terms`.
    """
    clean = [unicodedata.normalize("NFKC", text).lower() for text in texts]
    joined = "\n".join(clean)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    rows = np.repeat(np.arange(len(clean)), [len(text) + 1 for text in clean])[: len(points)]

    chinese = ((points >= 0x3400) & (points <= 0x4DBF)) | ((points >= 0x4E00) & (points <= 0x9FFF))
    single = np.flatnonzero(chinese)
    paired = np.flatnonzero(chinese[:-1] & chinese[1:])
    # A run of one character counts once more, in the place of the pairs that it lacks.
    alone = np.flatnonzero(chinese & ~np.append(False, chinese[:-1]) & ~np.append(chinese[1:], False))

    plain = ((points >= 0x30) & (points <= 0x39)) | ((points >= 0x61) & (points <= 0x7A))
    starts = np.flatnonzero(plain & ~np.append(False, plain[:-1]))
    ends = np.flatnonzero(plain & ~np.append(plain[1:], False)) + 1
    codes = [
        points[single],
        (points[paired] << 16) | points[paired + 1],
        points[alone],
        _runs(joined, points, starts, ends),
    ]
    return np.concatenate(codes), np.concatenate([rows[single], rows[paired], rows[alone], rows[starts]])


def _runs(
    joined: str, points: NDArray[np.int64], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.int64]:
    codes = np.empty(len(starts), dtype=np.int64)
    lengths = ends - starts
    short = np.flatnonzero(lengths <= _RUN_LENGTH)
    if short.size:
        spread = np.minimum(starts[short, None] + np.arange(_RUN_LENGTH), len(points) - 1)
        letters = points[spread]
        values = np.where(letters < 0x61, letters - 0x30, letters - 0x61 + 10) + 1
        values[np.arange(_RUN_LENGTH) >= lengths[short, None]] = 0
        codes[short] = _SHORT_RUN + values @ _POWERS
    for place in np.flatnonzero(lengths > _RUN_LENGTH):
        run = joined[starts[place] : ends[place]].encode()
        codes[place] = _LONG_RUN | int.from_bytes(hashlib.blake2b(run, digest_size=5).digest())
    return codes


def summed(
    starts: NDArray[np.int64],
    rows: NDArray[np.int32],
    terms: NDArray[np.intp],
    weights: NDArray[np.float32],
    count: int,
    worths: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """What each of `count` rows gets from `terms`, float32 (count,): the sum of their `weights`, times the posting's worth
    if there are `worths`. `starts`, `rows`: postings as in `WordSegment`.

    One sum over all postings at once: term by term, numpy copies every row's number and score twice.
    """
    spans = list(zip(starts[terms].tolist(), starts[terms + 1].tolist(), weights, strict=True))
    if not spans:
        return np.zeros(count, dtype=np.float32)
    found = np.concatenate([rows[start:end] for start, end, _ in spans])
    if worths is None:
        amounts = np.repeat(weights, [end - start for start, end, _ in spans])
    else:
        amounts = np.concatenate([weight * worths[start:end] for start, end, weight in spans])
    return np.bincount(found, amounts, minlength=count).astype(np.float32)


@dataclass(frozen=True, slots=True)
class WordSegment:
    """Postings of some texts; never changes.

    `codes`: int64 (terms,), ascending. `starts`: int64 (terms + 1,), where each term's postings begin. `rows`: int32
    (postings,), the texts that hold the term, ascending within it. `counts`: uint16 (postings,), how often. `lengths`:
    int32 (texts,), terms of each text.
    """

    codes: NDArray[np.int64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[np.uint16]
    lengths: NDArray[np.int32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> WordSegment:
        """Count the terms of `texts`."""
        blocks: list[WordSegment] = []
        start = characters = 0
        for place, text in enumerate(texts):
            characters += len(text)
            if characters >= BLOCK_CHARACTERS or place - start >= BLOCK_TEXTS or place == len(texts) - 1:
                blocks.append(_counted(texts[start : place + 1]))
                start, characters = place + 1, 0
        if not blocks:
            return _counted([])
        return blocks[0] if len(blocks) == 1 else merged([LivingSegment.whole(block) for block in blocks]).segment

    def places(self, codes: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Where `codes` stand among this segment's terms, and whether they do; both shaped like `codes`."""
        if not self.codes.size:
            return np.zeros(len(codes), dtype=np.intp), np.zeros(len(codes), dtype=np.bool_)
        places = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return places, self.codes[places] == codes

    def worths(self, held_back: NDArray[np.float32]) -> NDArray[np.float32]:
        """What each posting is worth to its text, count / (count + held_back), float32 (postings,). `held_back`: of each
        text, float32 (texts,)."""
        counts = self.counts.astype(np.float32)
        worths: NDArray[np.float32] = counts / (counts + held_back[self.rows])
        return worths

    def scores(
        self, codes: NDArray[np.int64], weights: NDArray[np.float32], worths: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Sum of weight x worth over `codes`, float32 (texts,), the dead among them."""
        places, found = self.places(codes)
        return summed(self.starts, self.rows, places[found], weights[found], len(self.lengths), worths)

    def holding(self, row: int, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of `codes` stand in the text at `row`; shaped like `codes`."""
        places, held = self.places(codes)
        for number in np.flatnonzero(held):
            rows = self.rows[self.starts[places[number]] : self.starts[places[number] + 1]]
            # The row in the postings' own type: of another one numpy would copy them all.
            nearest = rows.searchsorted(rows.dtype.type(row))
            held[number] = nearest < len(rows) and rows[nearest] == row
        return held


def _counted(texts: Sequence[str]) -> WordSegment:
    codes, rows = coded(texts)
    keys = (codes << _ROW_BITS) | rows
    keys.sort()
    firsts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if keys.size else np.zeros(0, dtype=np.intp)
    counts = np.diff(np.append(firsts, keys.size))
    owners = keys[firsts] >> _ROW_BITS
    heads = np.flatnonzero(np.append(True, owners[1:] != owners[:-1])) if owners.size else np.zeros(0, dtype=np.intp)
    return WordSegment(
        codes=owners[heads],
        starts=np.append(heads, owners.size).astype(np.int64),
        rows=(keys[firsts] & ((1 << _ROW_BITS) - 1)).astype(np.int32),
        counts=np.minimum(counts, np.iinfo(np.uint16).max).astype(np.uint16),
        lengths=np.bincount(rows, minlength=len(texts)).astype(np.int32),
    )


@dataclass(frozen=True, slots=True)
class LivingSegment:
    """A segment and which of its texts still count. `alive`: bool (texts,), None if all are. `held`: in how many living
    texts each term stands, (terms,)."""

    segment: WordSegment
    alive: NDArray[np.bool_] | None
    held: NDArray[np.int64]
    count: int
    characters: int

    @classmethod
    def whole(cls, segment: WordSegment) -> LivingSegment:
        """All texts of `segment`."""
        held = np.diff(segment.starts)
        return cls(segment, None, held, len(segment.lengths), int(segment.lengths.sum()))

    @classmethod
    def of(cls, segment: WordSegment, alive: NDArray[np.bool_]) -> LivingSegment:
        """The texts of `segment` that are `alive`."""
        if alive.all():
            return cls.whole(segment)
        # Running sums, not reduceat: it gives the wrong figure for a term without postings.
        sums = np.append(0, np.cumsum(alive[segment.rows]))
        held = np.diff(sums[segment.starts])
        return cls(segment, alive, held, int(alive.sum()), int(segment.lengths[alive].sum()))

    @property
    def dead(self) -> int:
        """How many of its texts no longer count."""
        return len(self.segment.lengths) - self.count

    def without(self, places: NDArray[np.intp]) -> LivingSegment:
        """Without the texts at `places` among the living."""
        alive = np.ones(len(self.segment.lengths), dtype=np.bool_) if self.alive is None else self.alive.copy()
        alive[np.flatnonzero(alive)[places]] = False
        return LivingSegment.of(self.segment, alive)

    def frequencies(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """In how many living texts each of `codes` stands."""
        places, found = self.segment.places(codes)
        result = np.zeros(len(codes), dtype=np.int64)
        result[found] = self.held[places[found]]
        return result

    def holding(self, place: int, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of `codes` stand in the living text at `place` (among the living)."""
        row = place if self.alive is None else int(np.flatnonzero(self.alive)[place])
        return self.segment.holding(row, codes)

    def only_living(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """The scores of the living among those of all texts."""
        return scores if self.alive is None else scores[self.alive]


def merged(parts: Sequence[LivingSegment]) -> LivingSegment:
    """One segment of the living texts of `parts`, in their order. Postings are moved, never sorted: linear."""
    codes = np.unique(np.concatenate([part.segment.codes[part.held > 0] for part in parts]))
    homes = [np.searchsorted(codes, part.segment.codes) for part in parts]
    room = np.zeros(len(codes) + 1, dtype=np.int64)
    for part, home in zip(parts, homes, strict=True):
        room[home] += part.held  # home of a term without living texts may lie past the end; it adds 0
    starts = np.append(0, np.cumsum(room[:-1]))
    rows = np.empty(starts[-1], dtype=np.int32)
    counts = np.empty(starts[-1], dtype=np.uint16)
    free = starts.copy()
    before = 0
    for part, home in zip(parts, homes, strict=True):
        own = part.segment
        if part.alive is None:
            own_rows, own_counts = own.rows, own.counts
        else:
            kept = part.alive[own.rows]
            own_rows, own_counts = (np.cumsum(part.alive, dtype=np.int32) - 1)[own.rows[kept]], own.counts[kept]
        begins = np.append(0, np.cumsum(part.held))[:-1]
        targets = np.arange(len(own_rows)) + np.repeat(free[home] - begins, part.held)
        rows[targets] = own_rows + np.int32(before)
        counts[targets] = own_counts
        free[home] += part.held
        before += part.count
    lengths = np.concatenate(
        [part.segment.lengths if part.alive is None else part.segment.lengths[part.alive] for part in parts]
    )
    return LivingSegment.whole(WordSegment(codes, starts, rows, counts, lengths))
