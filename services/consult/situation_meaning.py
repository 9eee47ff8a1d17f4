"""Answers to a choice told in other words than the library's: 想走简易注销 for 走简易注销程序.

Comes in: a question, a message, and what the option's label shows already (`OPTION_SIGNS`). Goes out: the option
that is told, None where none is plain enough. Clauses are compared with the phrases (`said`) and labels of the options by their
characters and pairs of characters, rare ones counting more; the weights are fitted (benchmarks.consult.fit_situations) and stand in
situations.yaml. A question is prepared once, when it is first met. Pure functions beside that memory; no vectors.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge_base.schema import Situation
from services.consult.bigrams import bare, bigrams
from services.consult.policy import MeaningEntry

OPTION_SIGNS: tuple[str, ...] = ("piece", "words", "piece_lead", "words_lead", "options")
"""What speaks for an option: its longest piece that is said, the share of its own words, both beside the next option's."""
MEANING_SIGNS: tuple[str, ...] = ("cover", "cover_lead", "mass", "mass_lead", "votes", "votes_lead")
"""What speaks for an option: the share of its nearest phrase that a part of the message holds, how much that is, and the pairs
of the whole message that its phrases use and the other options' don't; each beside the next option's."""

_CLAUSE = re.compile(r"[，,。；;！!？?：:、\s]+")
_PART = re.compile(r"[、，,；;（）()/：:。\s]|或者|以及")
_NEGATION = re.compile(r"[不没未非无]")
_NO_NEGATION = re.compile(
    r"(.)[不没]\1|不动产|无障碍|无人机|非机动|未成年|非遗|不好意思|不知道|不清楚|不晓得|有没|没关系|不锈钢|不过"
)
"""是不是, 未成年人: signs of a negation that deny nothing."""
EMPTY = frozenset("的了吗呢啊吧我要想去就是都也还在把有个这那和与请问您你怎么样什啥")
"""Characters that say nothing alone."""
SINGLE = 0.3
"""What a character counts beside a pair."""
NAMED = 0.3
"""What a pair counts that the item's name holds: whoever asks about the item says it."""
WINDOW, STEP = 12, 5
"""Clauses are looked at in parts of so many characters: in a long one everything stands somewhere."""
BEFORE = 3
"""A negation so many characters before what is said belongs to it."""
DENIED = 0.2
"""What is left of a phrase's share where only one of phrase and clause is negated."""
SMOOTHING = 0.15
PREPARED = 4096


@dataclass(frozen=True, slots=True)
class _Phrase:
    grams: frozenset[str]
    total: float
    denies: bool


@dataclass(frozen=True, slots=True)
class _Option:
    phrases: tuple[_Phrase, ...]
    votes: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Question:
    """A question made ready; `of` tells whether it is still the one that the library holds."""

    of: Situation
    name: re.Pattern[str]
    options: tuple[_Option, ...]
    weights: Mapping[str, float]


def grams(text: str) -> frozenset[str]:
    """The pairs of characters of `text`, and its characters that say something."""
    return bigrams(text) | (frozenset(bare(text)) - EMPTY)


def denies(text: str) -> bool:
    """Whether `text` is negated: an odd number of negations."""
    return len(_NEGATION.findall(_NO_NEGATION.sub("", text))) % 2 == 1


@lru_cache(64)
def windows(text: str) -> list[tuple[str, frozenset[str]]]:
    """The parts of a message that phrases are compared with, with their grams. Remembered: each question asks for them."""
    parts: list[str] = []
    for clause in map(bare, _CLAUSE.split(text)):
        starts = range(0, max(1, len(clause) - WINDOW + STEP), STEP)
        parts += [clause[max(0, start - BEFORE) : start + WINDOW] for start in starts if clause]
    return [(part, grams(part)) for part in parts]


class MeaningReader:
    """Reads answers to choices by likeness, with the weights and thresholds of situations.yaml."""

    def __init__(self, words: MeaningEntry) -> None:
        self._words = words
        self._asks = re.compile(words.asks)
        self._questions: dict[tuple[str, str], _Question] = {}

    def told(self, situation: Situation, text: str, names: str, option_signs: Sequence[Sequence[float]]) -> str | None:
        """The option that `text` tells in passing; `names`: the item's own name, `option_signs`: what the labels show."""
        chances = self._chances(situation, text, names, option_signs, self._words.weights)
        best = max(range(len(chances)), key=chances.__getitem__)
        return situation.options[best].value if chances[best] >= self._words.told_from else None

    def reply(self, situation: Situation, text: str, option_signs: Sequence[Sequence[float]]) -> str | None:
        """The option that a reply to this very question chooses; a question back, or two options much alike, choose none."""
        if len(bare(text)) > self._words.reply_longest or self.is_question(text):
            return None
        chances = self._chances(situation, text, "", option_signs, self._words.reply_weights)
        second, first = sorted(chances)[-2:]
        if first < self._words.reply_from or first - second < self._words.reply_lead:
            return None
        return situation.options[chances.index(first)].value

    def is_question(self, text: str) -> bool:
        """Whether `text` asks something and so is no reply."""
        return bool(self._asks.search(text))

    def _chances(
        self,
        situation: Situation,
        text: str,
        names: str,
        option_signs: Sequence[Sequence[float]],
        weights: Mapping[str, float],
    ) -> list[float]:
        """How likely each option is told."""
        found = []
        for shown, alike in zip(option_signs, self.signs(situation, text, names), strict=True):
            named = zip((*OPTION_SIGNS, *MEANING_SIGNS), (*shown, *alike), strict=True)
            total = weights["bias"] + sum(weights[name] * value for name, value in named)
            found.append(1 / (1 + math.exp(-max(-30.0, min(30.0, total)))))
        return found

    def signs(self, situation: Situation, text: str, names: str) -> list[list[float]]:
        """The values of each option in the order of `MEANING_SIGNS`."""
        question = self._question(situation, names)
        # The name as a whole names the item, as on its button; 二手房买卖 in it tells nobody's case.
        parts = windows(question.name.sub("，", text) if names else text)
        said = frozenset().union(*(own for _, own in parts)) if parts else frozenset()
        raw = [self._option(option, question.weights, parts, said) for option in question.options]
        signs = []
        for place, own in enumerate(raw):
            rest = [other for number, other in enumerate(raw) if number != place]
            leads = [value - max(other[sign] for other in rest) for sign, value in enumerate(own)]
            signs.append([value for pair in zip(own, leads, strict=True) for value in pair])
        return signs

    def _option(
        self,
        option: _Option,
        weights: Mapping[str, float],
        parts: Sequence[tuple[str, frozenset[str]]],
        said: frozenset[str],
    ) -> tuple[float, float, float]:
        cover = mass = 0.0
        for phrase in option.phrases:
            if sum(weights[gram] for gram in phrase.grams & said) / phrase.total <= cover:
                continue
            for part, own in parts:
                common = phrase.grams & own
                held = sum(weights[gram] for gram in common)
                share = held / phrase.total
                if share <= cover:
                    continue
                if _denied(part, common) != phrase.denies:
                    share, held = share * DENIED, held * DENIED
                if share > cover:
                    cover, mass = share, held
        votes = sum(option.votes.get(gram, 0.0) for gram in said)
        return cover, math.log1p(mass), math.log1p(votes)

    def _question(self, situation: Situation, names: str) -> _Question:
        key = (names, situation.id)
        known = self._questions.get(key)
        if known is None or known.of is not situation:
            if len(self._questions) >= PREPARED:
                self._questions.clear()
            known = self._questions[key] = _prepared(situation, names)
        return known


def _prepared(situation: Situation, names: str) -> _Question:
    texts = [
        [one for one in (*option.said, option.label, *_PART.split(option.label)) if len(bare(one)) > 1]
        for option in situation.options
    ]
    counts = [Counter(gram for one in own for gram in grams(one)) for own in texts]
    named = grams(names)
    weights: dict[str, float] = {}
    for gram in set().union(*counts):
        spread = math.log((len(texts) + 1) / sum(gram in count for count in counts)) / math.log(len(texts) + 1)
        weights[gram] = spread * (SINGLE if len(gram) == 1 else 1.0) * (NAMED if gram in named else 1.0)
    options = []
    for place, own in enumerate(texts):
        votes = {}
        for gram, count in counts[place].items():
            elsewhere = max(
                other[gram] / max(1, len(texts[number])) for number, other in enumerate(counts) if number != place
            )
            odds = math.log((count / len(own) + SMOOTHING) / (elsewhere + SMOOTHING))
            if odds > 0:
                votes[gram] = odds * weights[gram]
        phrases = tuple(_phrase(one, weights) for one in dict.fromkeys(own))
        options.append(_Option(tuple(one for one in phrases if one.total > 0), votes))
    name = re.compile(r"[\W_]*".join(map(re.escape, names)), re.IGNORECASE)
    return _Question(situation, name, tuple(options), weights)


def _phrase(text: str, weights: Mapping[str, float]) -> _Phrase:
    own = grams(text)
    return _Phrase(own, sum(weights[gram] for gram in own), denies(bare(text)))


def _denied(part: str, common: Iterable[str]) -> bool:
    """Whether what `part` says with these grams is negated there."""
    pairs = [gram for gram in common if len(gram) > 1]
    if not pairs:
        return denies(part)
    places = [part.find(gram) for gram in pairs]
    return denies(part[max(0, min(places) - BEFORE) : max(places) + 2])
