"""The progressive questionnaire (递进式问卷) of an item or life event: which question comes next, and what applies.

Comes in: questions with their rules, and the answers so far. Goes out: the questions to ask, answers checked and brought to
the form that rules read, and each conditional part's verdict: applies, does not apply, or open (None) while an answer is
missing. Pure functions; nothing here is asked or stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, TypeVar

from core.errors import Invalid, shown
from knowledge_base.rules import Answer, RuleInvalid, holds, variables
from knowledge_base.schema import AnswerKind, Conditional, Situation

Part = TypeVar("Part", bound=Conditional)

MOST_COMBINATIONS = 20_000
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


def applies(part: Conditional, answers: Mapping[str, Answer]) -> bool | None:
    """Whether a part applies; True for one without a rule, None while it depends on an answer that is missing."""
    return True if part.rule is None else holds(part.rule, answers)


def applicable(parts: Iterable[Part], answers: Mapping[str, Answer]) -> list[Part]:
    """The parts that apply or may still apply, in their order."""
    return [part for part in parts if applies(part, answers) is not False]


def asked(situations: Sequence[Situation], answers: Mapping[str, Answer]) -> list[Situation]:
    """The questions on the path of `answers`: those whose rule holds. An open rule's question is not asked yet."""
    return [situation for situation in situations if situation.rule is None or holds(situation.rule, answers) is True]


def next_question(situations: Sequence[Situation], answers: Mapping[str, Answer]) -> Situation | None:
    """The first question on the path that has no answer; None when nothing is left to ask."""
    return next((situation for situation in asked(situations, answers) if situation.id not in answers), None)


def read_answers(situations: Sequence[Situation], given: Mapping[str, Any]) -> dict[str, Answer]:
    """`given` in the form that rules read; answers to questions that are not on the path are left out.

    Raises:
        Invalid: an unknown question or option, a number out of range (code `answer_invalid`, param: the question's id).
    """
    known = {situation.id: situation for situation in situations}
    unknown = [key for key in given if key not in known]
    if unknown:
        raise Invalid(f"没有编号为 {shown(unknown[0])} 的情形问题。", code="answer_invalid", param=shown(unknown[0]))
    answers: dict[str, Answer] = {}
    for situation in situations:
        if situation.id not in given:
            continue
        if situation.rule is not None and holds(situation.rule, answers) is not True:
            continue
        answers[situation.id] = _read(situation, given[situation.id])
    return answers


def _read(situation: Situation, value: Any) -> Answer:
    def refused(expected: str) -> Invalid:
        return Invalid(f"“{situation.question}”的回答不对，应为{expected}。", code="answer_invalid", param=situation.id)

    options = [option.value for option in situation.options]
    if situation.kind is AnswerKind.CHOICE:
        if value not in options:
            raise refused("、".join(options) + " 之一")
        return str(value)
    if situation.kind is AnswerKind.CHOICES:
        if not isinstance(value, list | tuple) or any(chosen not in options for chosen in value):
            raise refused("、".join(options) + " 中的若干项")
        return [option for option in options if option in value]
    if situation.kind is AnswerKind.YES_NO:
        if not isinstance(value, bool):
            raise refused("是(true)或否(false)")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused(f"数字({situation.unit})")
    low, high = situation.minimum, situation.maximum
    if value != value or (low is not None and value < low) or (high is not None and value > high):
        raise refused(f" {low if low is not None else ''}～{high if high is not None else ''} 之间的数字")
    return float(value)


def possible_answers(situations: Sequence[Situation], rules: Iterable[str] = ()) -> Iterable[dict[str, Answer]]:
    """Every path through the questionnaire that `rules` can tell apart, at most 20,000: for checking, not for asking.

    Numbers are tried just below, at and just above each number that a rule compares them with.
    """
    numbers = sorted({float(found) for rule in rules for found in _NUMBER.findall(rule)})
    tried: list[list[Answer]] = []
    for situation in situations:
        values: list[Answer]
        if situation.kind is AnswerKind.YES_NO:
            values = [True, False]
        elif situation.kind is AnswerKind.NUMBER:
            around = {near for number in numbers for near in (number - 0.5, number, number + 0.5)} or {1.0}
            low = situation.minimum if situation.minimum is not None else 0.0
            high = situation.maximum if situation.maximum is not None else float("inf")
            values = [number for number in sorted(around) if low <= number <= high] or [low]
        elif situation.kind is AnswerKind.CHOICES:
            values = [[], *([option.value] for option in situation.options), [one.value for one in situation.options]]
        else:
            values = [option.value for option in situation.options]
        tried.append(values)
    seen: set[str] = set()
    for count, combination in enumerate(product(*tried)):
        if count >= MOST_COMBINATIONS:
            return
        answers: dict[str, Answer] = {}
        for situation, answer in zip(situations, combination, strict=True):
            if situation.rule is None or holds(situation.rule, answers) is True:
                answers[situation.id] = answer
        key = repr(answers)
        if key not in seen:
            seen.add(key)
            yield answers


def rule_faults(
    situations: Sequence[Situation], rules: Mapping[tuple[str | int, ...], str]
) -> dict[tuple[str | int, ...], str]:
    """What is wrong with rules that compile: by the rule's place, in Chinese.

    A rule may name the questionnaire's questions only; a question's own rule earlier ones only; a value that is compared
    with a choice has to be one of its options.
    """
    faults: dict[tuple[str | int, ...], str] = {}
    every = {situation.id: situation for situation in situations}
    places = {situation.id: number for number, situation in enumerate(situations)}
    for place, rule in rules.items():
        names = variables(rule)
        unknown = sorted(names - every.keys())
        if unknown:
            faults[place] = f"规则用到的 {'、'.join(unknown)} 不是本指南的情形问题编号"
            continue
        if place[:1] == ("situations",) and isinstance(place[1], int):
            late = sorted(name for name in names if places[name] >= place[1])
            if late:
                faults[place] = f"规则只能用前面的问题，{'、'.join(late)} 不在前面"
                continue
        for name in names:
            options = {option.value for option in every[name].options}
            compared = set(_compared(name, rule))
            if options and compared - options:
                faults[place] = f"{'、'.join(sorted(compared - options))} 不是问题 {name} 的选项"
                break
        else:
            fault = _type_fault(situations, rule)
            if fault:
                faults[place] = fault
    return faults


def _compared(name: str, rule: str) -> Iterable[str]:
    """The strings that `rule` compares question `name` with."""
    literal = r"""['"]([^'"]*)['"]"""
    for pattern in (rf"\b{name}\s*[!=]=\s*{literal}", rf"{literal}\s*[!=]=\s*{name}\b", rf"{literal}\s+in\s+{name}\b"):
        yield from re.findall(pattern, rule)
    for listed in re.findall(rf"\b{name}\s+in\s+\[([^\]]*)\]", rule):
        yield from re.findall(literal, listed)


def _type_fault(situations: Sequence[Situation], rule: str) -> str | None:
    """Whether the rule can be worked out at all: tried with an answer to every question."""
    sample: dict[str, Answer] = {}
    for situation in situations:
        if situation.kind is AnswerKind.YES_NO:
            sample[situation.id] = True
        elif situation.kind is AnswerKind.NUMBER:
            sample[situation.id] = 1.0
        elif situation.kind is AnswerKind.CHOICES:
            sample[situation.id] = [situation.options[0].value]
        else:
            sample[situation.id] = situation.options[0].value
    try:
        holds(rule, sample)
    except RuleInvalid as error:
        return str(error)
    return None
