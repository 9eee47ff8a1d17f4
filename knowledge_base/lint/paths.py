"""The questionnaire of an entry, walked: parts that no answers lead to, questions and options that change nothing.

Comes in: a `Draft`. Goes out: findings. Exact: a rule is tried over every path of just those questions that it depends on,
directly or through the questions' own rules; if those are too many to try, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import prod

from knowledge_base.lint.context import Context
from knowledge_base.lint.draft import Draft, words_at
from knowledge_base.lint.finding import LintFinding, Place, rule
from knowledge_base.questionnaire import MOST_COMBINATIONS, possible_answers
from knowledge_base.rules import Answer, RuleInvalid, holds, variables
from knowledge_base.schema import AnswerKind, Situation

MOST_TRIED = 200_000
"""Rules tried on paths for one entry: a second or so; no real guide comes near."""
_LITERAL = re.compile(r"""['"]([^'"]*)['"]""")


def situation_faults(draft: Draft, _context: Context) -> Iterator[LintFinding]:
    """What is dead in the questionnaire or beside it. Nothing while a question is unfinished or a rule does not compile."""
    situations = draft.situations
    if not situations:
        return
    try:
        paths = _Paths(situations, list(draft.rules.values()))
        used = {place: variables(text) for place, text in draft.rules.items()}
        for place, text in draft.rules.items():
            if not paths.can_hold(text):
                yield _never(draft, place, text)
    except RuleInvalid:
        return
    for number, situation in enumerate(situations):
        yield from _without_effect(situation, ("situations", number), draft.rules, used)
    yield from _unruled(draft)


def _never(draft: Draft, place: Place, text: str) -> LintFinding:
    if place[0] == "situations" and isinstance(place[1], int):
        question = draft.situations[place[1]].question
        return rule("question_never_asked").found((*place, "rule"), question=question, expression=text)
    if place[0] == "materials":
        name = next((words_at(part, "name") for at, part in draft.parts("materials") if at == place), "")
        return rule("material_never_needed").found((*place, "rule"), name=name, expression=text)
    return rule("part_never_applies").found((*place, "rule"), expression=text)


class _Paths:
    """Every way through the questions that a rule depends on."""

    def __init__(self, situations: Sequence[Situation], rules: Sequence[str]) -> None:
        self._situations = situations
        self._rules = rules
        self._budget = MOST_TRIED
        self._asked: dict[frozenset[str], list[dict[str, Answer]] | None] = {}
        self._needs = {
            situation.id: variables(situation.rule) if situation.rule else frozenset() for situation in situations
        }

    def can_hold(self, text: str) -> bool:
        """Whether some answers make the rule true; True if that can't be found out."""
        names = variables(text)
        needed = self._closed(names)
        if not needed <= self._needs.keys() or self._combined(needed, text):
            return True
        paths = self._of(needed)
        if paths is None or len(paths) > self._budget:
            return True
        self._budget -= len(paths)
        return any(holds(text, answers) is True for answers in paths)

    def _closed(self, names: frozenset[str]) -> frozenset[str]:
        """`names` and every question whose answer decides whether they are asked."""
        closed: frozenset[str] = frozenset()
        while names - closed:
            closed |= names
            names = frozenset().union(*(self._needs.get(name, frozenset()) for name in names))
        return closed

    def _combined(self, needed: frozenset[str], text: str) -> bool:
        """Whether the rule asks for a certain set of several options; not every set is tried."""
        several = [one.id for one in self._situations if one.kind is AnswerKind.CHOICES and one.id in needed]
        return any(len(re.findall(rf"\b{name}\b", text)) > 1 for name in several)

    def _of(self, needed: frozenset[str]) -> list[dict[str, Answer]] | None:
        if needed not in self._asked:
            chosen = [situation for situation in self._situations if situation.id in needed]
            rules = [text for text in self._rules if variables(text) & needed]
            numbers = {found for text in rules for found in re.findall(r"\d+(?:\.\d+)?", text)}
            sizes = [_size(situation, len(numbers)) for situation in chosen]
            few = prod(sizes) <= MOST_COMBINATIONS
            self._asked[needed] = list(possible_answers(chosen, rules)) if few else None
        return self._asked[needed]


def _size(situation: Situation, numbers: int) -> int:
    if situation.kind is AnswerKind.YES_NO:
        return 2
    if situation.kind is AnswerKind.NUMBER:
        return max(1, 3 * numbers)
    return len(situation.options) + (2 if situation.kind is AnswerKind.CHOICES else 0)


def _without_effect(
    situation: Situation, place: Place, rules: dict[Place, str], used: dict[Place, frozenset[str]]
) -> Iterator[LintFinding]:
    about = [text for at, text in rules.items() if situation.id in used[at] and at != place]
    notes = [option for option in situation.options if option.note]
    if not about:
        if not situation.note and len(notes) < max(1, len(situation.options)):
            yield rule("question_changes_nothing").found(
                (*place, "question"),
                words=situation.question,
                span=(0, len(situation.question)),
                question=situation.question,
            )
        return
    named = {word for text in about for word in _LITERAL.findall(text)}
    idle = [
        (number, option)
        for number, option in enumerate(situation.options)
        if option.value not in named and not option.note
    ]
    # One choice that no rule names is the “otherwise” of those that are named.
    if situation.kind is AnswerKind.CHOICE and sum(one.value not in named for one in situation.options) == 1:
        return
    for number, option in idle:
        yield rule("option_changes_nothing").found(
            (*place, "options", number, "label"), span=(0, len(option.label)), words=option.label, label=option.label
        )


def _unruled(draft: Draft) -> Iterator[LintFinding]:
    for found in draft.texts:
        if found.place[-1] == "when" and found.place[:-1] not in draft.rules:
            yield rule("when_without_rule").found(
                found.place, span=(0, len(found.text)), words=found.text, when=found.text
            )
