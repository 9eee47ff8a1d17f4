"""A person's situation out of what the person says: answers to an item's questionnaire.

Two ways. In any message, what is said in passing (我开理发店，120 平方米): only what is plain counts, since a wrong guess
would leave something out. And after a question of the bot's own, the reply to just that one, which may be short (有; 第二个;
不清楚). What people say and what it means is data (situations.yaml). Pure functions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.entries import LifeEvent
from knowledge_base.rules import Answer, holds
from knowledge_base.schema import AnswerKind, ServiceItem, Situation
from services.consult.bigrams import bigrams
from services.consult.numbers_said import numbers_in
from services.consult.policy import SituationsEntry
from services.consult.situation_meaning import OPTION_SIGNS, MeaningReader
from services.consult.situation_sayings import answer_in_sayings

_SEGMENT = re.compile(r"[、，,；;（）()/：:。？?！!\s]|或者|以及|和|及|如(?=[^何果])")
_SIGNS = re.compile(r"[\W_]+")
_ORDINAL = re.compile(r"^(?:我?(?:选|要|是))?第?(?P<number>[一二两三四五六七八1-8])(?:个|项|种|条|类)?(?:吧|的)?$")
_ORDINALS = {
    **{character: place for row in ("一二三四五六七八", "12345678") for place, character in enumerate(row)},
    "两": 1,
}
_ASKS = re.compile(
    r"您|你|是否|是不是|有没有|吗|呢|了没有|[?？]|（[^）]*）|属于|哪一?[种类项个]|现在|打算|预计|申请人|由谁"
)
_NEGATED = re.compile(r"没有?|不|无|未|非")
SHORTEST = 2
"""An option is told by at least so many characters of it in one piece."""
SHARE = 0.6
"""... which are at least this share of one of its parts, unless there are three of them."""
PIECE_LENGTH = 0.15
"""What a character of a piece counts beside the share of its part: long pieces are no accident."""
LONG = 5
"""What people mean counts as the answer yes if the question holds so long a word of it."""
QUESTION_SHARE = 0.7
"""A yes-or-no question is answered in passing if the message holds this share of its character pairs."""
SUPPOSED_SHARE = 0.35
"""... where the message is there to tell a situation."""


class Reply(StrEnum):
    """A reply that is no answer."""

    UNSURE = "unsure"
    BACK = "back"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class _Option:
    value: str
    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """A message, and the guides' words for what it says."""

    text: str
    means: tuple[str, ...]

    def piece(self, part: str) -> str:
        """The longest run of characters of `part` that the message says or means."""
        meant = max((word for word in self.means if word in part), key=len, default="")
        for length in range(len(part), max(len(meant), SHORTEST - 1), -1):
            for start in range(len(part) - length + 1):
                if part[start : start + length] in self.text:
                    return part[start : start + length]
        return meant


class SituationReader:
    """situations.yaml, compiled."""

    def __init__(self, words: SituationsEntry) -> None:
        self._means = [(re.compile(entry.says), entry.means) for entry in words.means]
        self._common = frozenset(words.common)
        self._quiet = frozenset(words.quiet)
        self._agent, self._person = re.compile(words.agent), re.compile(words.person)
        self._option, self._option_from, self._supposed_from = words.option, words.option_from, words.supposed_from
        self._meaning = MeaningReader(words.meaning)
        self._yes, self._no = re.compile(words.yes), re.compile(words.no)
        self._unsure, self._back, self._skip = map(re.compile, (words.unsure, words.back, words.skip))

    def told(
        self, item: ServiceItem | LifeEvent, text: str, known: Mapping[str, Answer], *, supposed: bool = False
    ) -> dict[str, Answer]:
        """What `text` tells of the item's questions: answers, each plain by itself, on the path that they and the answers `known`
        before make. `supposed`: the message is there to tell a situation (如果买新房呢), so that less will do."""
        found: dict[str, Answer] = {}
        said = self._said(text)
        names = _SIGNS.sub("", item.name)
        units = [situation.unit for situation in item.situations if situation.kind is AnswerKind.NUMBER]
        for situation in item.situations:
            answers = {**known, **found}
            if situation.rule is not None and holds(situation.rule, answers) is not True:
                continue
            answer: Answer | None = None
            if situation.kind is AnswerKind.NUMBER:
                # Two questions in the same unit: nobody can say which of them was answered.
                answer = self._number(situation, text) if units.count(situation.unit) == 1 else None
            elif situation.kind is AnswerKind.YES_NO:
                answer = self._in_passing(situation, said, names, SUPPOSED_SHARE if supposed else QUESTION_SHARE)
            elif situation.id in self._quiet:
                answer = self._who_applies(situation, text)
            else:
                if situation.kind is AnswerKind.CHOICES:
                    answer = self._options(situation, said, names) or None
                else:
                    answer = self._likeliest(
                        situation, said, names, self._supposed_from if supposed else self._option_from
                    )
            if answer is None and situation.id not in self._quiet:
                answer = answer_in_sayings(situation, text, names)
                if answer is None and situation.kind is AnswerKind.CHOICE:
                    answer = self._meaning.told(situation, text, names, self.option_signs(situation, said, names))
            if answer is not None:
                found[situation.id] = answer
        return found

    def reply(self, situation: Situation, text: str) -> Answer | Reply | None:
        """The reply to a question that was just asked; None if `text` is something else."""
        bare = _SIGNS.sub("", text.lower())
        if self._back.search(bare):
            return Reply.BACK
        if self._skip.search(bare):
            return Reply.SKIP
        for option in situation.options:
            if _SIGNS.sub("", option.label).lower() == bare:
                return [option.value] if situation.kind is AnswerKind.CHOICES else option.value
        if situation.kind is AnswerKind.YES_NO:
            if self._unsure.search(bare) and len(bare) <= 12:
                return Reply.UNSURE
            if self._no.search(bare) and len(bare) <= 16:
                return False
            if self._yes.search(text.strip().lower()) and len(bare) <= 16:
                return True
            return self._in_passing(situation, self._said(text), "")
        if situation.kind is AnswerKind.NUMBER:
            number = self._number(situation, text, bare=True)
            if number is not None:
                return number
        else:
            ordinal = _ORDINAL.match(bare)
            if ordinal and _ORDINALS[ordinal["number"]] < len(situation.options):
                value = situation.options[_ORDINALS[ordinal["number"]]].value
                return [value] if situation.kind is AnswerKind.CHOICES else value
            chosen = self._options(situation, self._said(text), "")
            if situation.kind is AnswerKind.CHOICES and chosen:
                return chosen
            if len(chosen) == 1:
                return chosen[0]
            by_yes = self._yes_of_two(situation, text, bare)
            if by_yes is not None:
                return by_yes
        if self._unsure.search(bare) and len(bare) <= 12:
            return Reply.UNSURE
        if situation.kind is not AnswerKind.CHOICE:
            return None
        return self._meaning.reply(situation, text, self.option_signs(situation, self._said(text), ""))

    def _yes_of_two(self, situation: Situation, text: str, bare: str) -> str | None:
        """有 / 没有 to a question whose two options say just that."""
        labels = [option.label for option in situation.options]
        if len(labels) != 2 or len(bare) > 6:
            return None
        denied = [bool(_NEGATED.match(label)) for label in labels]
        if denied[0] == denied[1]:
            return None
        if self._no.search(bare):
            return situation.options[denied.index(True)].value
        return situation.options[denied.index(False)].value if self._yes.search(text.strip().lower()) else None

    def _said(self, text: str) -> _Said:
        lower = text.lower()
        return _Said(lower, tuple(word for says, means in self._means if says.search(lower) for word in means.split()))

    def _who_applies(self, situation: Situation, text: str) -> str | None:
        """Of the options 本人 and 委托他人代办, the one that is told; labels name offices that messages speak of as well."""
        lower = text.lower()
        agents = [option.value for option in situation.options if self._agent.search(option.label)]
        others = [option.value for option in situation.options if option.value not in agents]
        if len(agents) != 1 or len(others) != 1:
            return None
        if any(says.search(lower) and self._agent.search(means) for says, means in self._means):
            return agents[0]
        return others[0] if self._person.search(lower) else None

    def _options(self, situation: Situation, said: _Said, names: str) -> list[str]:
        """The options that are told; for one answer only the plainest, none if two are equally plain."""
        options = [
            _Option(
                option.value,
                _SIGNS.sub("", option.label).lower(),
                tuple(part for part in _SEGMENT.split(option.label.lower()) if part),
            )
            for option in situation.options
        ]
        scored: list[tuple[int, str]] = []
        for option in options:
            others = [other.whole for other in options if other is not option]
            best = 0
            for part in option.parts:
                piece = said.piece(part)
                enough = len(piece) >= SHORTEST and (len(piece) >= SHARE * len(part) or len(piece) > SHORTEST)
                if not enough or piece in self._common or piece in names:
                    continue
                if any(piece in other for other in others):
                    continue
                best = max(best, len(piece))
            if best:
                scored.append((best, option.value))
        if situation.kind is AnswerKind.CHOICES:
            return [value for _, value in scored]
        scored.sort(key=lambda entry: -entry[0])
        if not scored or (len(scored) > 1 and scored[0][0] == scored[1][0]):
            return []
        return [scored[0][1]]

    def option_signs(self, situation: Situation, said: _Said, names: str) -> list[list[float]]:
        """The values of each option in the order of `OPTION_SIGNS`."""
        labels = [_SIGNS.sub("", option.label).lower() for option in situation.options]
        raw: list[tuple[float, float]] = []
        spoken = bigrams(said.text).union(*(bigrams(word) for word in said.means))
        for place, option in enumerate(situation.options):
            others = [label for number, label in enumerate(labels) if number != place]
            best = 0.0
            for part in filter(None, _SEGMENT.split(option.label.lower())):
                piece = said.piece(part)
                known = piece in names or any(piece in other for other in others)
                if len(piece) >= SHORTEST and not known:
                    best = max(best, len(piece) / len(part) + PIECE_LENGTH * len(piece))
            own = bigrams(option.label).difference(*(bigrams(other) for other in others))
            raw.append((best, len(own & spoken) / len(own) if own else 0.0))
        signs = []
        for place, (piece_sign, word_sign) in enumerate(raw):
            rest = [other for number, other in enumerate(raw) if number != place]
            signs.append(
                [
                    piece_sign,
                    word_sign,
                    piece_sign - max(other[0] for other in rest),
                    word_sign - max(other[1] for other in rest),
                    float(len(raw)),
                ]
            )
        return signs

    def _likeliest(self, situation: Situation, said: _Said, names: str, least: float) -> str | None:
        """The option that is told, if one is likely enough."""
        chances = []
        for signs, option in zip(self.option_signs(situation, said, names), situation.options, strict=True):
            total = self._option["bias"] + sum(
                self._option.get(name, 0.0) * value for name, value in zip(OPTION_SIGNS, signs, strict=True)
            )
            chances.append((1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), option.value))
        chance, value = max(chances, key=lambda pair: pair[0])
        return value if chance >= least else None

    def signs(self, item: ServiceItem | None, situation: Situation, text: str) -> list[list[float]]:
        """All that speaks for each option of a choice; situations.yaml weighs it. `item`: None for a reply."""
        names = _SIGNS.sub("", item.name) if item else ""
        shown = self.option_signs(situation, self._said(text), names)
        alike = self._meaning.signs(situation, text, names)
        return [[*one, *other] for one, other in zip(shown, alike, strict=True)]

    def _in_passing(self, situation: Situation, said: _Said, names: str, least: float = QUESTION_SHARE) -> bool | None:
        core = _SIGNS.sub("", _ASKS.sub("", situation.question)).lower()
        pairs = {core[place : place + 2] for place in range(len(core) - 1)}
        if len(pairs) < SHORTEST + 1 or (names and core in names):
            return None
        if any(len(word) >= LONG and word in core for word in said.means):
            return True
        for clause in re.split(r"[，,。；;！!？?\s]", said.text):
            share = sum(pair in clause for pair in pairs) / len(pairs)
            if share >= least:
                return not _NEGATED.search(clause)
        return None

    def _number(self, situation: Situation, text: str, *, bare: bool = False) -> float | None:
        """The only number in the question's unit, within its range. `bare`: one without a unit will do."""
        found = set(numbers_in(text, situation.unit or "", bare=bare))
        if len(found) != 1:
            return None
        number = found.pop()
        low, high = situation.minimum, situation.maximum
        return None if (low is not None and number < low) or (high is not None and number > high) else number


def first_open(questions: Sequence[Situation], quiet: Sequence[str]) -> Situation | None:
    """The first of the questions that is asked aloud."""
    return next((question for question in questions if question.id not in quiet), None)
