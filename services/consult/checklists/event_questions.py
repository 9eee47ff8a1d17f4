"""The questions of a life event and of its items as one questionnaire: what several ask in the same words is asked once.

Comes in: the event, its items, answers by the ids of the merged questions. Goes out: the answers for the event and for each
item, and the questions that are still to be asked. A question of the event goes by its own id, one of an item by
`item.question`; the same one of several items by that of the first. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Invalid, shown
from knowledge_base.entries import LifeEvent
from knowledge_base.personal_sections import questions_that_matter
from knowledge_base.questionnaire import applies, asked, read_answers
from knowledge_base.rules import Answer, variables
from knowledge_base.schema import ServiceItem, Situation
from knowledge_base.terms import ITEM_ELEMENTS
from services.consult.checklists.event_checklist import Choice, Question


@dataclass(frozen=True, slots=True)
class Asked:
    """One merged question. `of`: who asks it, as pairs of an entry's and its question's id; the event first."""

    id: str
    situation: Situation
    of: tuple[tuple[str, str], ...]


def merged(event: LifeEvent, items: Sequence[ServiceItem]) -> tuple[Asked, ...]:
    """Every question of the event, then of its items in their order, the same ones once."""
    found: dict[tuple[object, ...], list[tuple[str, str]]] = {}
    first: dict[tuple[object, ...], Situation] = {}
    entries: tuple[LifeEvent | ServiceItem, ...] = (event, *items)
    for entry in entries:
        for situation in entry.situations:
            key = _alike(situation)
            if any(of == entry.id for of, _ in found.get(key, ())):
                key = (*key, entry.id, situation.id)  # one guide that asks the same twice means two things
            first.setdefault(key, situation)
            found.setdefault(key, []).append((entry.id, situation.id))
    return tuple(Asked(_id(event, *of[0]), first[key], tuple(of)) for key, of in found.items())


def _id(event: LifeEvent, entry: str, question: str) -> str:
    return question if entry == event.id else f"{entry}.{question}"


def _alike(situation: Situation) -> tuple[object, ...]:
    """What makes two questions the same: their words, their form, and the values of their options; labels may word one value
    differently (本人办理, 夫妻一方办理)."""
    return (
        situation.question.strip("？? "),
        situation.kind,
        situation.unit,
        situation.minimum,
        situation.maximum,
        tuple(sorted(option.value for option in situation.options)),
    )


def divided(
    event: LifeEvent, items: Sequence[ServiceItem], answers: Mapping[str, Any]
) -> tuple[dict[str, Answer], dict[str, dict[str, Answer]]]:
    """`answers` as the event's and each item's own. Raises Invalid (`answer_invalid`): an unknown question, a wrong answer."""
    by_id = {one.id: one for one in merged(event, items)}
    given: dict[str, dict[str, Any]] = {entry.id: {} for entry in (event, *items)}
    for question, answer in answers.items():
        if question not in by_id:
            raise Invalid(f"没有编号为 {shown(question)} 的情形问题。", code="answer_invalid", param=shown(question))
        for entry, own in by_id[question].of:
            given[entry][own] = answer
    return (
        read_answers(event.situations, given[event.id]),
        {item.id: read_answers(item.situations, given[item.id]) for item in items},
    )


def open_questions(
    event: LifeEvent,
    items: Sequence[ServiceItem],
    own: Mapping[str, Answer],
    by_item: Mapping[str, Mapping[str, Answer]],
) -> tuple[Question, ...]:
    """What still matters: which items apply first, then what changes their papers. `items`: those that surely apply; what the
    others ask matters once it is known that they do."""
    held = {item.id for item in items}
    matter = {(event.id, question) for question in _deciding(event, own)}
    for item in items:
        matter |= {(item.id, one.id) for one in questions_that_matter(item, ITEM_ELEMENTS, by_item.get(item.id, {}))}
    names = {item.id: item.name for item in items}
    return tuple(
        _shown(one, tuple(names[entry] for entry, question in one.of if entry in held and (entry, question) in matter))
        for one in merged(event, items)
        if matter & set(one.of)
    )


def _deciding(event: LifeEvent, own: Mapping[str, Answer]) -> Iterable[str]:
    """Questions of the event whose answer decides whether an item or a step applies, and that can be asked now."""
    wanted = {
        name
        for part in (*event.items, *event.steps)
        if part.rule is not None and applies(part, own) is None
        for name in variables(part.rule)
    }
    return [one.id for one in asked(event.situations, own) if one.id in wanted and one.id not in own]


def _shown(one: Asked, asked_by: tuple[str, ...]) -> Question:
    situation = one.situation
    return Question(
        id=one.id,
        question=situation.question,
        kind=situation.kind.value,
        options=tuple(Choice(option.value, option.label, option.note) for option in situation.options),
        unit=situation.unit,
        minimum=situation.minimum,
        maximum=situation.maximum,
        note=situation.note,
        asked_by=asked_by,
    )
