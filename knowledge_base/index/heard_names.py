"""Pinyin laid beside whole names: which characters of which name a run of sounds most likely stands for.

Comes in: syllables, or single letters where a person typed initials only (wsxkz), and a set of names. Goes out: for the names
that hold most of them in order, the characters that they write for them. A name may have characters between (gong chang for
公共场所) and a sound may be missing from it; both cost. So a reading is chosen by names as wholes: by pairs of characters alone it
would be 工厂 here.

The search is a local alignment (Smith and Waterman) of the sounds with each of the names that share most of the rare ones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index.sound import fold_table, numbers, reading_table, readings, syllables

COMPARED = 100
"""Names that are laid beside the sounds: those that share most of them."""
LONGEST = 40
"""Characters of a name that are looked at."""
CONFUSED = 0.85
"""What a sound counts that is only nearly the name's (z for zh)."""
LEAST, MOST = 0.7, 1.5
"""The range of what a sound weighs beside the others of its question, by how rare it is."""
BETWEEN = 2
"""At most so many characters of a name may stand between two that were said."""
GAP = 0.15
"""What each of them costs, against a sound's weight of about 1."""
MISSING = 0.6
"""What a sound in the middle costs that the name lacks."""
INITIALS_WITH_GAPS = 5
"""From so many initials on characters may stand between; of fewer too much would fit."""
READINGS_KEPT = 5
MARGIN = 0.1
"""By so much a reading has to be better than the likeliest by pairs of characters."""
PART_MARGIN = 0.5
"""The same where the name holds a part only of what was spelt, as of a whole sentence."""
FEW_INITIALS = 3
"""So few fit something by chance: at least two names have to write the same for them."""
_NOTHING = np.float32(-1e6)
_STEPS = [(back, ahead) for back in (1, 2) for ahead in range(1, BETWEEN + 2)]


@dataclass(frozen=True, slots=True)
class Heard:
    """What one name writes for the sounds: `characters`: by the place of the sound. `score`: what the alignment is worth."""

    characters: tuple[tuple[int, str], ...]
    score: float


class HeardNames:
    """A set of names by their sounds. Made once, then only read: safe for concurrent callers.

    Args:
        names: in searchable form.
    """

    def __init__(self, names: Sequence[str]) -> None:
        names = list(dict.fromkeys(names))
        points = np.frombuffer("".join(names).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
        self._points = np.where(points > 0xFFFF, 0, points)
        self._lengths = np.array([len(name) for name in names], dtype=np.int64)
        self._starts = np.append(0, np.cumsum(self._lengths)).astype(np.int64)
        rows = np.repeat(np.arange(len(names)), self._lengths)
        sounds = fold_table()[reading_table()[self._points]]
        keys = np.unique(np.concatenate([(sounds[:, column] << 32) | rows for column in range(sounds.shape[1])]))
        keys = keys[keys >> 32 > 0]
        self._rows = (keys & 0xFFFFFFFF).astype(np.int64)
        count = len(syllables()) + 1
        self._bounds = np.searchsorted(keys >> 32, np.arange(count + 1))
        self._rarity = np.log(1 + max(1, len(names)) / np.maximum(np.diff(self._bounds), 1)).astype(np.float32)
        letters = _initial_letters()[reading_table()[self._points][:, 0]]
        letters[letters == 0] = ord(".")
        letters[self._points == 0] = ord(".")
        self._initials = "".join(map(chr, np.insert(letters, self._starts[1:-1], ord("\n")).tolist()))
        self._joined = "\n".join(names)

    def heard(self, sounds: Sequence[str]) -> list[Heard]:
        """The best readings of `sounds` as a whole, best first: syllables, characters that are known already, and single letters
        for initials."""
        if not self._lengths.size:
            return []
        if not any(map(_number, sounds)):
            return self._of_initials("".join(sounds))
        near = self._nearest(sounds)
        return self._aligned(sounds, near, self._matches(sounds, near), READINGS_KEPT)

    def better(self, sounds: Sequence[str], written: str, start: int, end: int) -> Heard | None:
        """The best reading of `sounds`, if the name it comes from holds more of it than any name holds of `written`, which has one
        character a sound. None as well if a name holds all of `written` from `start` to `end`, which is what was spelt: its
        neighbours alone are no reason to read it in another way."""
        if not self._lengths.size:
            return None
        near = self._nearest(sounds)
        points = self._padded(near)
        as_written = np.stack([(points == ord(one)).astype(np.float32) for one in written])
        own = self._aligned(sounds[start:end], near, as_written[start:end], 1)
        if own and len(own[0].characters) == end - start:
            return None
        known = self._aligned(sounds, near, as_written, 1)
        found = self._aligned(sounds, near, self._matches(sounds, near), 1)
        if not found:
            return None
        whole = sum(start <= place < end for place, _ in found[0].characters) == end - start
        needed = (known[0].score if known else 0.0) + (MARGIN if whole else PART_MARGIN)
        return found[0] if found[0].score > needed else None

    def _folded(self, sounds: Sequence[str]) -> NDArray[np.int64]:
        return fold_table()[np.array([_number(sound) for sound in sounds], dtype=np.int64)]

    def _weights(self, sounds: Sequence[str]) -> NDArray[np.float32]:
        """What each sound weighs, about 1: the rarer in names, the more."""
        folded = self._folded(sounds)
        rarity = np.where(folded > 0, self._rarity[folded], 0)
        mean = rarity[folded > 0].mean() if (folded > 0).any() else 1.0
        weights: NDArray[np.float32] = np.where(folded > 0, np.clip(rarity / mean, LEAST, MOST), LEAST)
        return weights.astype(np.float32)

    def _nearest(self, sounds: Sequence[str]) -> NDArray[np.int64]:
        """The names that share most of the rare sounds, of those the shortest."""
        shared = np.zeros(len(self._lengths), dtype=np.float32)
        for sound in set(self._folded(sounds).tolist()) - {0}:
            shared[self._rows[self._bounds[sound] : self._bounds[sound + 1]]] += self._rarity[sound]
        shared -= 0.02 * self._lengths
        count = min(COMPARED, len(shared))
        near: NDArray[np.int64] = np.argpartition(-shared, count - 1)[:count]
        return np.sort(near)

    def _padded(self, near: NDArray[np.int64]) -> NDArray[np.int64]:
        """Code points of the names, (names, longest), 0 behind the end."""
        width = int(min(LONGEST, self._lengths[near].max(initial=1)))
        places = self._starts[near][:, None] + np.arange(width)
        there = np.arange(width) < self._lengths[near][:, None]
        return np.where(there, self._points[np.minimum(places, len(self._points) - 1)], 0)

    def _matches(self, sounds: Sequence[str], near: NDArray[np.int64]) -> NDArray[np.float32]:
        """How well each sound fits each character, float32 (sounds, names, longest), 0..1."""
        points = self._padded(near)
        spoken = reading_table()[points]
        folded, letters = fold_table()[spoken], _initial_letters()[spoken]
        found = np.zeros((len(sounds), *points.shape), dtype=np.float32)
        for place, sound in enumerate(sounds):
            if number := _number(sound):
                found[place][(folded == fold_table()[number]).any(axis=2)] = CONFUSED
                found[place][points == ord(sound) if _is_written(sound) else (spoken == number).any(axis=2)] = 1
            else:
                found[place][(letters == ord(sound[0])).any(axis=2)] = 1
        return found

    def _aligned(
        self, sounds: Sequence[str], near: NDArray[np.int64], matches: NDArray[np.float32], most: int
    ) -> list[Heard]:
        weights = self._weights(sounds)
        scores = np.full(matches.shape, _NOTHING, dtype=np.float32)
        for place in range(len(sounds)):
            before = np.zeros_like(matches[place])
            for back, ahead in _STEPS:
                if place >= back and ahead < matches.shape[2]:
                    reached = scores[place - back, :, :-ahead] - _cost(back, ahead)
                    np.maximum(before[:, ahead:], reached, out=before[:, ahead:])
            fits = matches[place] > 0
            scores[place] = np.where(fits, before + weights[place] * matches[place], _NOTHING)
        best = scores.max(axis=(0, 2))
        found: dict[tuple[tuple[int, str], ...], float] = {}
        points = self._padded(near)
        for name in np.argsort(-best, kind="stable").tolist():
            if best[name] <= 0 or len(found) >= most:
                break
            way = _way(scores[:, name], weights[:, None] * matches[:, name])
            characters = tuple((place, chr(points[name, character])) for place, character in way)
            found.setdefault(characters, float(best[name]))
        return [Heard(characters, score) for characters, score in found.items()]

    def _of_initials(self, letters: str) -> list[Heard]:
        """What most names write whose initials are `letters`: one after the other, or of many with others between."""
        for between in ("", f"[a-z]{{0,{BETWEEN - 1}}}?")[: 1 if len(letters) < INITIALS_WITH_GAPS else 2]:
            written: Counter[str] = Counter()
            for match in re.finditer(between.join(f"({letter})" for letter in letters), self._initials):
                written["".join(self._joined[match.start(group)] for group in range(1, len(letters) + 1))] += 1
            best = sorted(written.items(), key=lambda pair: (-pair[1], pair[0]))
            if best and (len(letters) > FEW_INITIALS or best[0][1] > 1):
                return [Heard(tuple(enumerate(text)), len(letters) * LEAST) for text, _ in best[:READINGS_KEPT]]
        return []


def _cost(back: int, ahead: int) -> float:
    """Of going on `back` sounds and `ahead` characters later."""
    return GAP * (ahead - 1) + MISSING * (back - 1)


def _way(scores: NDArray[np.float32], gains: NDArray[np.float32]) -> list[tuple[int, int]]:
    """The best alignment with one name, its sounds and their characters, from `scores` (sounds, characters) of all that end there
    and what each pair gains by itself."""
    place, character = map(int, np.unravel_index(int(scores.argmax()), scores.shape))
    way = [(place, character)]
    while True:
        rest = scores[place, character] - gains[place, character]
        ways = [
            (
                float(scores[place - back, character - ahead]) - _cost(back, ahead),
                -number,
                place - back,
                character - ahead,
            )
            for number, (back, ahead) in enumerate(_STEPS)
            if place >= back and character >= ahead
        ]
        if rest < 1e-4 or not ways:
            return way[::-1]
        _, _, place, character = max(ways)
        way.append((place, character))


def _number(sound: str) -> int:
    """The number of a syllable, or of a character's commonest one; 0 for an initial."""
    found = readings(sound) if len(sound) == 1 else ()
    return numbers().get(found[0] if found else sound, 0)


def _is_written(sound: str) -> bool:
    return sound >= "\u3400"


def _initial_letters() -> NDArray[np.int64]:
    """The first letter of each syllable's number, (syllables + 1,); 0 for none."""
    return np.array([0, *(ord(syllable[0]) for syllable in syllables())], dtype=np.int64)
