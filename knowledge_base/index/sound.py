"""How Chinese sounds, as toneless pinyin, and which sounds people confuse.

Comes in: characters, or Latin letters that may be pinyin. Goes out: syllables. Readings are pypinyin's; the dialects'
confusions (zh/z, ch/c, sh/s, n/l, -ng/-n) are those that input methods offer as 模糊音.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pypinyin.constants import PINYIN_DICT

READINGS = 3
"""Readings of a character that count; the first is the commonest."""
LONGEST = 6
"""Letters of the longest syllable (zhuang)."""
_PLANE = 1 << 16
_FOLDED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_SPELT = re.compile(r"[^a-z]")


def toneless(reading: str) -> str:
    """`reading`, a syllable with its tone over it, in plain letters; v for ü."""
    for toned in "üǖǘǚǜ":
        reading = reading.replace(toned, "v")
    return _SPELT.sub("", unicodedata.normalize("NFD", reading))


@cache
def readings(character: str) -> tuple[str, ...]:
    """The toneless readings of a character, the commonest first; none for anything else."""
    found = (toneless(reading) for reading in PINYIN_DICT.get(ord(character), "").split(","))
    return tuple(dict.fromkeys(reading for reading in found if reading))[:READINGS]


def folded(syllable: str) -> str:
    """The syllable with the sounds that people confuse made one: zhang, zang, zan -> zan; lv as lu."""
    for initial, plain in _FOLDED_INITIALS:
        if syllable.startswith(initial):
            syllable = plain + syllable[len(initial) :]
            break
    syllable = syllable.replace("v", "u")
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable


@cache
def syllables() -> tuple[str, ...]:
    """Every syllable of the common characters (GB 2312), in order; a syllable's number is its place plus 1."""
    common = [bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    every = {reading for character in common if character for reading in readings(character)[:2]}
    return tuple(sorted(syllable for syllable in every if len(syllable) > 1 or syllable in "aeo"))


@cache
def numbers() -> dict[str, int]:
    """Each syllable's number, from 1."""
    return {syllable: number for number, syllable in enumerate(syllables(), 1)}


@cache
def fold_table() -> NDArray[np.int64]:
    """The number of each number's folded form, (syllables + 1,); the folded form of some syllable is its first mate."""
    mates: dict[str, int] = {}
    table = np.zeros(len(syllables()) + 1, dtype=np.int64)
    for number, syllable in enumerate(syllables(), 1):
        table[number] = mates.setdefault(folded(syllable), number)
    return table


@cache
def reading_table() -> NDArray[np.int64]:
    """The syllables' numbers of every character of the first plane, (65536, READINGS); 0 where there is none."""
    known = numbers()
    table = np.zeros((_PLANE, READINGS), dtype=np.int64)
    for point in range(0x4E00, 0xA000):
        for column, reading in enumerate(readings(chr(point))):
            table[point, column] = known.get(reading, 0)
    return table


def split_syllables(letters: str, joined: Callable[[str, str], float] | None = None) -> tuple[str, ...] | None:
    """`letters` (a-z) as pinyin syllables; None if they can't be. Of several ways the one with the fewest syllables,
    where `joined(first, second)` takes off what a pair of neighbours is known by (fang'an or fan'gan)."""
    known = numbers()
    # ways[end]: last syllable -> (cost, syllables) of the best way to that place.
    ways: list[dict[str, tuple[float, tuple[str, ...]]]] = [{} for _ in range(len(letters) + 1)]
    ways[0][""] = (0.0, ())
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - LONGEST), end):
            syllable = letters[start:end]
            if syllable not in known or not ways[start]:
                continue
            cost, way = min(
                (cost + 1 - (joined(last, syllable) if joined and last else 0.0), (*way, syllable))
                for last, (cost, way) in ways[start].items()
            )
            if syllable not in ways[end] or (cost, way) < ways[end][syllable]:
                ways[end][syllable] = (cost, way)
    return min(ways[-1].values())[1] if ways[-1] else None
