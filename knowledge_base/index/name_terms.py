"""The terms that names and questions are compared by: characters and sounds as numbers.

Comes in: texts. Goes out: every term of every text with the text's row, without a loop over characters, so that the names of
2,000 items are read in a fraction of a second. A term is a number below 2^40: its kind, then what it is made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index.sound import READINGS, fold_table, reading_table

CHARACTER, PAIR, APART, SOUND, SOUND_APART = range(5)
KIND_WEIGHTS = np.array([0.25, 1.0, 0.4, 1.0, 0.4], dtype=np.float32)
"""What a term of each kind counts: a character by itself says little, a pair with one between is the pair that a typo cut."""
_KIND_BITS = 36
_ROW_BITS = 24  # of a sort key, beside 39 of the term
_UNKNOWN_POINT = 0xFFFD


@dataclass(frozen=True, slots=True)
class Terms:
    """`codes`: int64 (terms,). `rows`: int64 (terms,), the text that each stands in. A text has each of its terms once."""

    codes: NDArray[np.int64]
    rows: NDArray[np.int64]


def kinds_of(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The kind of each term."""
    return codes >> _KIND_BITS


def terms_of(texts: Sequence[str]) -> Terms:
    """The characters, pairs and pairs apart of `texts`, which are in their searchable form."""
    points, rows = _points(texts)
    word = points != 0
    pair = word[:-1] & word[1:]
    apart = pair[:-1] & pair[1:]
    single, paired, parted = np.flatnonzero(word), np.flatnonzero(pair), np.flatnonzero(apart)
    return _unique(
        [
            (CHARACTER << _KIND_BITS) | points[single],
            (PAIR << _KIND_BITS) | (points[paired] << 16) | points[paired + 1],
            (APART << _KIND_BITS) | (points[parted] << 16) | points[parted + 2],
        ],
        [rows[single], rows[paired], rows[parted]],
    )


def sounds_of_names(texts: Sequence[str]) -> Terms:
    """The pairs of sounds of `texts`, in every reading."""
    points, rows = _points(texts)
    return _sounds(fold_table()[reading_table()[points]], rows)


def sounds_of(syllables: Sequence[int]) -> NDArray[np.int64]:
    """The pairs of sounds of a question, given by its syllables' numbers (0: none)."""
    numbers = np.zeros((len(syllables), READINGS), dtype=np.int64)
    numbers[:, 0] = fold_table()[np.array(syllables, dtype=np.int64)] if len(syllables) else []
    return _sounds(numbers, np.zeros(len(syllables), dtype=np.int64)).codes


def _sounds(numbers: NDArray[np.int64], rows: NDArray[np.int64]) -> Terms:
    codes: list[NDArray[np.int64]] = []
    owners: list[NDArray[np.int64]] = []
    for kind, step in ((SOUND, 1), (SOUND_APART, 2)):
        if len(numbers) <= step:
            continue
        for first in range(READINGS):
            for second in range(READINGS):
                left, right = numbers[:-step, first], numbers[step:, second]
                there = (left > 0) & (right > 0) & (rows[:-step] == rows[step:])
                if step == 2:
                    there &= numbers[1:-1, 0] > 0
                places = np.flatnonzero(there)
                codes.append((kind << _KIND_BITS) | (left[places] << 16) | right[places])
                owners.append(rows[places])
    return _unique(codes, owners)


def _points(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Code points of all texts, 0 between words, and each one's row. What lies beyond the first plane is unknown."""
    joined = "\0".join(texts).replace(" ", "\0")
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    rows = np.repeat(np.arange(len(texts), dtype=np.int64), [len(text) + 1 for text in texts])[: len(points)]
    return np.where(points > 0xFFFF, _UNKNOWN_POINT, points), rows


def _unique(codes: list[NDArray[np.int64]], rows: list[NDArray[np.int64]]) -> Terms:
    if not codes:
        return Terms(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    # One key to sort: a fifth of the time that two take.
    keys = (np.concatenate(codes) << _ROW_BITS) | np.concatenate(rows)
    keys.sort()
    if keys.size:
        keys = keys[np.append(True, keys[1:] != keys[:-1])]
    return Terms(keys >> _ROW_BITS, keys & ((1 << _ROW_BITS) - 1))
