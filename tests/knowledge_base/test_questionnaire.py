"""The progressive questionnaire: what is asked next, which answers are taken, what applies."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid
from knowledge_base.questionnaire import (
    applicable,
    applies,
    asked,
    next_question,
    possible_answers,
    read_answers,
    rule_faults,
)
from knowledge_base.schema import Condition, Situation

QUESTIONS = tuple(
    Situation.model_validate(data)
    for data in (
        {
            "id": "kind",
            "question": "办什么？",
            "options": [{"value": "new", "label": "新办"}, {"value": "renew", "label": "延续"}],
        },
        {"id": "area", "question": "多大？", "kind": "number", "unit": "平方米", "minimum": 1, "rule": "kind == 'new'"},
        {"id": "agent", "question": "代办吗？", "kind": "yes_no"},
        {
            "id": "sold",
            "question": "卖什么？",
            "kind": "choices",
            "rule": "kind == 'new' && area >= 50.0",
            "options": [{"value": "food", "label": "食品"}, {"value": "drink", "label": "饮料"}],
        },
    )
)


def identifiers(found: list[Situation]) -> list[str]:
    return [situation.id for situation in found]


@pytest.mark.parametrize(
    ("answers", "path", "following"),
    [
        ({}, ["kind", "agent"], "kind"),
        ({"kind": "renew"}, ["kind", "agent"], "agent"),
        ({"kind": "new"}, ["kind", "area", "agent"], "area"),
        ({"kind": "new", "area": 60.0}, ["kind", "area", "agent", "sold"], "agent"),
        ({"kind": "new", "area": 10.0, "agent": False}, ["kind", "area", "agent"], None),
    ],
)
def test_the_next_question_follows_from_the_answers(
    answers: dict[str, Any], path: list[str], following: str | None
) -> None:
    assert identifiers(asked(QUESTIONS, answers)) == path
    found = next_question(QUESTIONS, answers)
    assert (found.id if found else None) == following


def test_answers_off_the_path_are_left_out() -> None:
    assert read_answers(QUESTIONS, {"kind": "renew", "area": 60, "agent": True}) == {"kind": "renew", "agent": True}
    assert read_answers(QUESTIONS, {"sold": ["drink", "food"], "kind": "new", "area": 60}) == {
        "kind": "new",
        "area": 60.0,
        "sold": ["food", "drink"],
    }


@pytest.mark.parametrize(
    ("given", "question"),
    [
        ({"none": 1}, "none"),
        ({"kind": "change"}, "kind"),
        ({"kind": "new", "area": 0}, "area"),
        ({"kind": "new", "area": "60"}, "area"),
        ({"kind": "new", "area": float("nan")}, "area"),
        ({"kind": "new", "area": True}, "area"),
        ({"agent": "yes"}, "agent"),
        ({"kind": "new", "area": 60, "sold": ["car"]}, "sold"),
        ({"kind": "new", "area": 60, "sold": "food"}, "sold"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_its_question(given: dict[str, Any], question: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_answers(QUESTIONS, given)
    assert (caught.value.code, caught.value.param) == ("answer_invalid", question)


def test_what_applies_and_what_may_still_apply() -> None:
    always = Condition(text="总是")
    large = Condition(text="大", when="50 平方米以上", rule="area >= 50.0")
    agent = Condition(text="代办", when="代办的", rule="agent")
    assert [applies(part, {"area": 10.0}) for part in (always, large, agent)] == [True, False, None]
    assert applicable((always, large, agent), {"area": 10.0}) == [always, agent]


def test_every_path_that_rules_can_tell_apart_is_tried() -> None:
    paths = list(possible_answers(QUESTIONS, ["area >= 200.0", "area >= 50.0"]))
    areas = {path["area"] for path in paths if "area" in path}
    assert {49.5, 50.0, 199.5, 200.0} <= areas
    assert all("area" not in path for path in paths if path["kind"] == "renew")
    assert len({repr(path) for path in paths}) == len(paths)


@pytest.mark.parametrize(
    ("place", "rule", "said"),
    [
        (("materials", 0, "rule"), "size_of == 'x'", "size_of 不是本指南的情形问题编号"),
        (("situations", 1, "rule"), "agent", "agent 不在前面"),
        (("situations", 1, "rule"), "area > 1.0", "area 不在前面"),
        (("materials", 0, "rule"), "kind == 'change'", "change 不是问题 kind 的选项"),
        (("materials", 0, "rule"), "kind in ['new', 'cancel']", "cancel 不是问题 kind 的选项"),
        (("materials", 0, "rule"), "'car' in sold", "car 不是问题 sold 的选项"),
        (("materials", 0, "rule"), "area == 'big'", None),
        (("materials", 0, "rule"), "kind > 3.0", "不能比较"),
        (("materials", 0, "rule"), "area >= 200.0 && 'food' in sold && !agent", None),
    ],
)
def test_a_rule_may_only_ask_what_is_asked(place: tuple[str | int, ...], rule: str, said: str | None) -> None:
    faults = rule_faults(QUESTIONS, {place: rule})
    assert (said in faults[place]) if said else not faults
