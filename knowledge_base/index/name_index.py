"""Names found although they are misspelt: typos, characters of the same sound, pinyin, traditional characters.

Comes in: the names of everything that can be asked for, then one question after another. Goes out: for each question a score
(0..1) of every name, and for the best of them how it matched. A name is known by its characters (single, in pairs, in pairs
with one between) and by its sound (syllables in pairs, those that people confuse counted as one); the names that share most
with the question are then laid beside it letter by letter. docs/decisions/0012-names-that-are-misspelt.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from knowledge_base.index.name_terms import KIND_WEIGHTS, SOUND, kinds_of, sounds_of, sounds_of_names, terms_of
from knowledge_base.index.sound import fold_table
from knowledge_base.index.spelling import Speller, expanded, number_of_sound, searchable, searchable_all, untoned
from knowledge_base.index.word_segments import summed

QUESTION_SHARE = 0.35
"""How much of a name's score by shared terms is the share of the question, the rest being the share of the name."""
SOUND_DISCOUNT = 0.9
"""A match by sound counts so much of one by characters."""
ALIGNED = 50
"""Names that are laid beside the question."""
ALIGNED_WEIGHT = 0.4
NEAR = 0.75
"""From this much alignment on, a name stands in the question with a slip."""
RENEWED_SHARE = 0.25
"""When so much of the index came or went since it was made, it is made anew."""


class Way(StrEnum):
    """How a name matched."""

    EXACT = "exact"
    TYPO = "typo"
    SOUND = "sound"
    PINYIN = "pinyin"
    PART = "part"
    """Some of its words stand in the question."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NameMatch:
    """How one name matched: `share` (0..1) of it that stands in the question, by characters or by sound."""

    way: Way
    share: float


@dataclass(frozen=True, slots=True)
class _Segment:
    """Terms of some names; never changes.

    `codes`: int64 (terms,), ascending, with `starts`: int64 (terms + 1,) and `rows`: int32 (postings,). `weights`: float32
    (terms,), what each term says; `totals`: float32 (names, 2), what each name's characters and sounds say together.
    `alive`: bool (names,).
    """

    names: tuple[str, ...]
    codes: NDArray[np.int64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    totals: NDArray[np.float32]
    alive: NDArray[np.bool_]

    @classmethod
    def of(cls, names: Sequence[str], rarity: Rarity | None) -> tuple[_Segment, Rarity]:
        """A segment of `names` in searchable form, weighed by `rarity`, which is made of them if there is none."""
        written, sounded = terms_of(names), sounds_of_names(names)
        codes, rows = np.concatenate([written.codes, sounded.codes]), np.concatenate([written.rows, sounded.rows])
        # Characters' terms have smaller numbers than sounds', so both stay in order.
        heads = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])) if codes.size else np.zeros(0, dtype=np.intp)
        starts = np.append(heads, codes.size).astype(np.int64)
        unique = codes[heads]
        rarity = rarity or Rarity.of(unique, np.diff(starts), len(names))
        weights = np.repeat(rarity.weights(unique), np.diff(starts))
        sound = kinds_of(codes) >= SOUND
        totals = np.stack(
            [np.bincount(rows[chosen], weights=weights[chosen], minlength=len(names)) for chosen in (~sound, sound)],
            axis=1,
        ).astype(np.float32)
        segment = cls(tuple(names), unique, starts, rows.astype(np.int32), totals, np.ones(len(names), dtype=np.bool_))
        return segment, rarity

    def held(self, codes: NDArray[np.int64], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """What each name holds of the question's terms, float32 (names,)."""
        if not self.codes.size or not codes.size:
            return np.zeros(len(self.names), dtype=np.float32)
        places = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        known = self.codes[places] == codes
        return summed(self.starts, self.rows, places[known], weights[known], len(self.names))


@dataclass(frozen=True, slots=True)
class Rarity:
    """What each term says: the rarer among the names, the more. Kept while names come and go, until the index is made anew.

    `codes`: int64 (terms,), ascending. `known`: float32 (terms,). `unknown`: of a term that is not there.
    """

    codes: NDArray[np.int64]
    known: NDArray[np.float32]
    unknown: float

    @classmethod
    def of(cls, codes: NDArray[np.int64], frequencies: NDArray[np.int64], names: int) -> Rarity:
        """By the number of names that hold each term."""
        known = np.log(1 + max(1, names) / frequencies).astype(np.float32)
        return cls(codes, known, float(np.log(1 + max(1, names))))

    def weights(self, codes: NDArray[np.int64]) -> NDArray[np.float32]:
        """The weights of `codes`, float32 (codes,)."""
        found = np.full(len(codes), self.unknown, dtype=np.float32)
        if self.codes.size:
            places = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
            known = self.codes[places] == codes
            found[known] = self.known[places[known]]
        return (found * KIND_WEIGHTS[kinds_of(codes)]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Question:
    """A question as it is compared: searchable and without pinyin, longer by what is meant; its terms; its sounds."""

    text: str
    spelt: bool
    written: NDArray[np.int64]
    sounded: NDArray[np.int64]


class NameIndex:
    """Scores of names. Made once, then only read: safe for concurrent callers.

    Args:
        names: in the order of the scores, as they are written.
    """

    def __init__(self, names: Sequence[str]) -> None:
        clean = searchable_all(names)
        first, rarity = _Segment.of(clean, None)
        self._settle((first,), rarity, Speller(clean))

    def _settle(self, segments: tuple[_Segment, ...], rarity: Rarity, speller: Speller) -> None:
        self._segments, self._rarity, self._speller = segments, rarity, speller
        living = [(part, np.flatnonzero(part.alive)) for part in segments]
        self._names = [part.names[row] for part, rows in living for row in rows.tolist()]
        self._totals = np.concatenate([part.totals[rows] for part, rows in living])

    def __len__(self) -> int:
        return len(self._names)

    def extended(self, removed: NDArray[np.intp], added: Sequence[str]) -> NameIndex:
        """The index without the names at `removed` (places, ascending) and with `added` after the rest."""
        parts: list[_Segment] = []
        start = 0
        for part in self._segments:
            count = int(part.alive.sum())
            own = removed[(removed >= start) & (removed < start + count)] - start
            start += count
            if own.size:
                alive = part.alive.copy()
                alive[np.flatnonzero(alive)[own]] = False
                part = replace(part, alive=alive)
            parts.append(part)
        changed = sum(int((~part.alive).sum()) for part in parts) + sum(len(part.names) for part in parts[1:])
        if changed + len(added) > RENEWED_SHARE * len(parts[0].names):
            kept = [name for part in parts for name, alive in zip(part.names, part.alive, strict=True) if alive]
            return NameIndex([*kept, *added])
        if added:
            parts.append(_Segment.of(searchable_all(added), self._rarity)[0])
        new = NameIndex.__new__(NameIndex)
        new._settle(tuple(parts), self._rarity, self._speller)
        return new

    def readable(self, text: str) -> str:
        """`text` with pinyin replaced by the characters that the names write for it; as it was, if there is none."""
        clean = searchable(untoned(text.lower()))
        readable = self._speller.readable(clean)
        return text if readable == clean else readable

    def quicken(self) -> None:
        """Make what the first pinyin would wait for."""
        _ = self._speller.names

    def scores(self, text: str) -> NDArray[np.float32]:
        """How far each name and the question say the same, float32 (names,), 0..1."""
        clean = self._speller.readable(searchable(text))
        question = expanded(clean)
        scores = self._shares(question)
        if not scores.size or not scores.any():
            return scores
        sounded = _sounding(question)
        near = _largest(scores, min(ALIGNED, len(scores)))
        names = [self._names[row] for row in near.tolist()]
        aligned = np.maximum(
            _aligned(names, question), SOUND_DISCOUNT * _aligned([_sounding(name) for name in names], sounded)
        )
        # A short name stands in every long question by chance; what it shares has to say so too.
        scores[near] *= 1 + ALIGNED_WEIGHT * aligned
        limited: NDArray[np.float32] = np.minimum(scores / (1 + ALIGNED_WEIGHT), 1).astype(np.float32)
        return limited

    def match(self, text: str, number: int) -> NameMatch:
        """How the name at `number` and the question match."""
        clean = searchable(text)
        name = self._names[number]
        if name in expanded(clean):
            return NameMatch(Way.EXACT, 1.0)
        readable = expanded(self._speller.readable(clean))
        written = (
            fuzz.partial_ratio(name, readable) / 100 if len(name) <= len(readable) else fuzz.ratio(name, readable) / 100
        )
        sound, heard = _sounding(name), _sounding(readable)
        sounded = (fuzz.partial_ratio if len(sound) <= len(heard) else fuzz.ratio)(sound, heard) / 100
        share = max(written, sounded)
        if readable != expanded(clean) and share >= NEAR:
            return NameMatch(Way.PINYIN, share)
        if sounded > written and sounded >= NEAR:
            return NameMatch(Way.SOUND, sounded)
        if written >= NEAR:
            return NameMatch(Way.TYPO, written)
        return NameMatch(Way.PART if float(self._shares(readable)[number]) > 0 else Way.NONE, share)

    def _shares(self, question: str) -> NDArray[np.float32]:
        """By shared terms alone: characters, or sounds at a discount, whichever is more."""
        syllables = [number_of_sound(character) for character in question]
        best: NDArray[np.float32] | None = None
        for column, codes in enumerate((terms_of([question]).codes, sounds_of(syllables))):
            weights = self._rarity.weights(codes)
            held = np.concatenate([part.held(codes, weights)[part.alive] for part in self._segments])
            whole = QUESTION_SHARE * float(weights.sum()) + (1 - QUESTION_SHARE) * self._totals[:, column]
            shares = held / np.maximum(whole, 1e-6)
            best = shares if best is None else np.maximum(best, SOUND_DISCOUNT * shares)
        assert best is not None
        limited: NDArray[np.float32] = np.minimum(best, 1).astype(np.float32)
        return limited


def _largest(scores: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Places of the `count` largest, in any order; of equal ones the first. A third of the time that `argpartition` takes."""
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    above = np.flatnonzero(scores > least)
    return np.concatenate([above, np.flatnonzero(scores == least)[: count - len(above)]])


def _aligned(names: Sequence[str], question: str) -> NDArray[np.float32]:
    """How much of each name stands in the question letter by letter, float32 (names,), 0..1."""
    ratios: NDArray[np.float32] = process.cdist([question], names, scorer=fuzz.partial_ratio, dtype=np.float32)[0] / 100
    return ratios


@lru_cache(maxsize=1 << 16)
def _sounding(text: str) -> str:
    """`text` with a character for each sound, so that what sounds alike is alike."""
    folds = fold_table()
    return "".join(
        chr(0xE000 + int(folds[number])) if (number := number_of_sound(character)) else character for character in text
    )
