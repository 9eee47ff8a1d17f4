"""Questions brought into the form that names are searched in.

Comes in: what a person typed. Goes out: simplified characters of half width in lower case, one space where anything else
stood; the long forms of what people say for short; and, where Latin letters are pinyin, the characters that the library's own
names write for those sounds.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from math import log
from operator import add
from pathlib import Path
from types import MappingProxyType

import numpy as np
from ruamel.yaml import YAML

from knowledge_base.index.heard_names import FEW_INITIALS, Heard, HeardNames
from knowledge_base.index.simplifying import simplify
from knowledge_base.index.sound import folded, numbers, readings, split_syllables, toneless

_OTHER = re.compile(r"[^0-9a-z㐀-䶿一-鿿]+")
_OTHER_OR_LINE = re.compile(r"[^0-9a-z㐀-䶿一-鿿\n]+")
_LATIN = re.compile(r"[a-z]+(?:[ '’]+[a-z]+)*")
_CHINESE_END, _CHINESE_START = re.compile("[㐀-䶿一-鿿]+$"), re.compile("[㐀-䶿一-鿿]+")
ABBREVIATIONS: dict[str, str] = {
    str(short): str(long)
    for short, long in YAML(typ="safe").load(Path(__file__).with_name("abbreviations.yaml")).items()
}
ASKING = tuple(
    str(phrase)
    for phrases in YAML(typ="safe").load(Path(__file__).with_name("element_questions.yaml")).values()
    for phrase in phrases
)
"""How people ask: what they write around a name, in pinyin too."""
WORDS = frozenset(
    "wifi app pos pdf word excel ukey ca id hr it a e o b c ppt png jpg html http https www com vpn sms gps pc tv ktv dvd "  # noqa: SIM905
    "vip dna ct etc gsp gmp km kg cm mm mb gb ps ip".split()  # one line of words is read more easily
)
"""Latin words of offices that are not pinyin."""
_INITIALS = re.compile(r"[bcdfghjklmnpqrstwxyz]{2,12}")
"""What may be a name by its initials only."""
_TONED = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]")
_NUMBERED = re.compile(r"(?<![0-9a-z])(?:[a-z]{1,6}[1-5][ '’]*){2,}(?![0-9a-z])")
"""Syllables with the numbers of their tones."""
UNSEEN = -9.0
"""Log probability of a pair that no name holds."""
REMEMBERED = 256
"""Questions whose reading is remembered: one is read several times on its way."""
AROUND = 6
"""Characters on either side of pinyin that are heard with it."""
KEPT = 12
"""Ways that are followed at a time."""


def searchable(text: str) -> str:
    """`text` in the form of names: NFKC, lower case, simplified, a space for everything that is no word."""
    plain = simplify(unicodedata.normalize("NFKC", text)).lower()
    return _OTHER.sub(" ", plain).strip()


def searchable_all(texts: Sequence[str]) -> list[str]:
    """`searchable` of each of `texts`: of tens of thousands in a third of the time, since they are gone through as one."""
    if not texts:
        return []
    joined = "\n".join(text.replace("\n", " ") for text in texts)
    plain = simplify(unicodedata.normalize("NFKC", joined)).lower()
    return [text.strip() for text in _OTHER_OR_LINE.sub(" ", plain).split("\n")]


def expanded(text: str) -> str:
    """`text`, which is searchable, followed by the long form of each abbreviation that it holds."""
    longer = [long for short, long in ABBREVIATIONS.items() if short in text and long not in text]
    return " ".join((text, *longer))


def untoned(text: str) -> str:
    """`text` with the tones taken off what is pinyin: wèishēng and wei4sheng1 as weisheng."""
    if _TONED.search(text):
        text = _TONED.sub(lambda letter: toneless(letter.group()), text)
    plain: str = _NUMBERED.sub(_without_numbers, text)
    return plain


def _without_numbers(match: re.Match[str]) -> str:
    spelt: list[tuple[str, str]] = re.findall(r"([a-z]+)[1-5]([ '’]*)", match.group())
    if not all(syllable in numbers() for syllable, _ in spelt):
        return str(match.group())
    # Numbers part syllables; letters alone may be split in another way (xi1an1 and xian1).
    return "'".join(syllable for syllable, _ in spelt) + spelt[-1][1]


class Speller:
    """Characters for sounds, as a set of names writes them.

    Args:
        names: searchable; what is written in more of them is likelier.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._written = tuple(names)
        self._characters, self._pairs = _counted([*self._written, *ASKING])
        self._latin = frozenset(re.findall("[a-z]{2,}", "\n".join(self._written)))
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._readable)
        self._by_sound: dict[str, set[str]] = {}
        for character in self._characters:
            for reading in readings(character):
                self._by_sound.setdefault(reading, set()).add(character)
                self._by_sound.setdefault(folded(reading), set()).add(character)
        self._total = max(1, sum(self._characters.values()))
        self._joined: set[tuple[str, str]] = {
            (first, second) for pair in self._pairs for first in readings(pair[0]) for second in readings(pair[1])
        }

    def syllables(self, letters: str) -> tuple[str, ...] | None:
        """`letters` as syllables; None if they aren't pinyin. Pairs that names hold are preferred."""
        pure = letters.replace("'", " ").replace("’", " ")
        found: list[str] = []
        for word in pure.split():
            split = None if word in WORDS else split_syllables(word, self._known)
            if split is None:
                return None
            found.extend(split)
        return tuple(found)

    def _known(self, first: str, second: str) -> float:
        return 0.6 if (first, second) in self._joined else 0.0

    def written(
        self, syllables: tuple[str, ...], before: str = "", known: Mapping[int, str] = MappingProxyType({})
    ) -> str:
        """The likeliest characters for `syllables` after the character `before`; a sound that is in no name stays as it is.
        `known`: the characters of some places."""
        ways: list[tuple[float, str]] = [(0.0, before)]
        for place, syllable in enumerate(syllables):
            exact = {known[place]} if place in known else self._by_sound.get(syllable, set())
            candidates = exact if place in known else exact | self._by_sound.get(folded(syllable), set())
            if not candidates:
                ways = [(score, f"{way} {syllable} ") for score, way in ways]
                continue
            longer = [
                (score + self._likely(way[-1:], character) - (0.0 if character in exact else 1.0), way + character)
                for score, way in ways
                for character in candidates
            ]
            longer.sort(key=lambda way: (-way[0], way[1]))
            ways = longer[:KEPT]
        return ways[0][1][len(before) :]

    def _likely(self, before: str, character: str) -> float:
        own = log(self._characters[character] / self._total)
        if not before or before not in self._characters:
            return own
        pairs = self._pairs.get(before + character, 0)
        return log(pairs / self._characters[before]) if pairs else UNSEEN + 0.3 * own

    def _holds(self, written: str, before: str) -> bool:
        """Whether the names write at least half of the pairs in `written`: an English word's letters give odd ones."""
        whole = written if len(written) > 1 else before + written
        pairs = [whole[place : place + 2] for place in range(len(whole) - 1)]
        return bool(pairs) and sum(pair in self._pairs for pair in pairs) * 2 >= len(pairs)

    @cached_property
    def names(self) -> HeardNames:
        """The names by their sounds; made when the first pinyin comes, or before (`NameIndex.quicken`)."""
        return HeardNames(self._written)

    def readable(self, text: str) -> str:
        """`text`, which is searchable, with pinyin replaced by characters. What can't be pinyin stays."""
        return self._remembered(text) if _LATIN.search(text) else text

    def _readable(self, text: str) -> str:
        parts: list[str] = []
        end = 0
        for match in _LATIN.finditer(text):
            before = "".join(parts) + text[end : match.start()]
            written = self._read(match.group(), before.rstrip(), text[match.end() :].lstrip())
            if written:
                parts.extend((text[end : match.start()].rstrip(), written))
                end = match.end()
                while end < len(text) and text[end] == " ":
                    end += 1
        return "".join((*parts, text[end:])) if parts else text

    def _read(self, letters: str, before: str, after: str) -> str | None:
        """The characters for `letters`, which stand between `before` and `after`; None if they are no pinyin."""
        last = before[-1:] if before[-1:] in self._characters else ""
        around = _CHINESE_END.search(before[-AROUND:]), _CHINESE_START.match(after[:AROUND])
        ahead, behind = (found.group() if found else "" for found in around)
        syllables = self.syllables(letters)
        if syllables is None:
            return self._of_initials(letters, ahead, behind, last)
        if not syllables or (len(syllables) == 1 and len(letters) < 4):
            return None
        written = self.written(syllables, last)
        if not self._holds(written, last):
            return None
        if len(written) == len(syllables) > 1:
            start, end = len(ahead), len(ahead) + len(syllables)
            heard = self.names.better((*ahead, *syllables, *behind), ahead + written + behind, start, end)
            if heard is not None:
                return self.written(syllables, last, _within(heard, len(ahead), len(syllables)))
        return written

    def _of_initials(self, letters: str, ahead: str, behind: str, last: str) -> str | None:
        """The characters for words some of which are initials only (gongchang wsxkz), if a name has all of the initials."""
        sounds: list[str] = []
        for word in letters.replace("'", " ").replace("’", " ").split():
            if word in WORDS or word in self._latin:
                return None
            split = split_syllables(word, self._known) or (tuple(word) if _INITIALS.fullmatch(word) else None)
            if split is None:
                return None
            sounds.extend(split)
        if len(sounds) < FEW_INITIALS:
            return None
        whole = (*ahead, *sounds, *behind)
        for heard in self.names.heard(whole):
            known = _within(heard, len(ahead), len(sounds))
            if all(place in known for place, sound in enumerate(sounds) if sound not in numbers()):
                return self.written(tuple(sounds), last, known)
        return None


def _within(heard: Heard, start: int, count: int) -> dict[int, str]:
    """The characters that were heard at `count` places from `start` on, by their places from there."""
    return {place - start: character for place, character in heard.characters if 0 <= place - start < count}


def _counted(names: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """How often each character stands in `names`, and each pair of neighbours: no loop over names, of which a start has tens
    of thousands."""
    points = np.frombuffer("\0".join(names).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    single, numbers_of_single = np.unique(points[points > 0], return_counts=True)
    both = (points[:-1] > 0) & (points[1:] > 0)
    pairs, numbers_of_pair = np.unique((points[:-1] << 32 | points[1:])[both], return_counts=True)
    characters = Counter(dict(zip(map(chr, single.tolist()), numbers_of_single.tolist(), strict=True)))
    written = map(add, map(chr, (pairs >> 32).tolist()), map(chr, (pairs & 0xFFFFFFFF).tolist()))
    return characters, Counter(dict(zip(written, numbers_of_pair.tolist(), strict=True)))


@cache
def number_of_sound(character: str) -> int:
    """The number of a character's commonest syllable; 0 for anything else."""
    found = readings(character)
    return numbers().get(found[0], 0) if found else 0
