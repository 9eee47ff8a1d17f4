"""Make one checklist over a whole life event (一件事) out of the library.

Comes in: a library, an event's id, answers to its questions and its items'. Goes out: an `EventChecklist`: papers that several
items need once, then each item's own, in order; what it takes altogether. A pure function; texts are the guides' own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.errors import NotFound, shown
from knowledge_base.entries import DirectoryItem, EventPart, LifeEvent
from knowledge_base.library import Library
from knowledge_base.personal_sections import applying
from knowledge_base.rendering.parts import basis_text, sentence
from knowledge_base.rules import Answer
from knowledge_base.schema import ServiceItem
from knowledge_base.terms import LimitUnit
from services.consult.answering import known_answers
from services.consult.checklists.building import build_checklist, is_open, when_of
from services.consult.checklists.checklist import (
    SAMPLE_NOTE,
    Checklist,
    Given,
    ItemShown,
    Line,
    MaterialLine,
    Source,
)
from services.consult.checklists.event_checklist import (
    EventChecklist,
    EventItem,
    NotHeld,
    SharedMaterial,
    SharedPlace,
    Totals,
    Wanted,
)
from services.consult.checklists.event_questions import divided, merged, open_questions
from services.consult.shared_places import shared_places


def event_of(library: Library, event_id: str) -> LifeEvent:
    """The life event with this id. Raises NotFound (`life_event_not_found`)."""
    event = library.entries.get(event_id)
    if not isinstance(event, LifeEvent):
        raise NotFound(f"没有编号为 {shown(event_id)} 的一件事。", code="life_event_not_found", param="event_id")
    return event


def build_event_checklist(library: Library, event_id: str, answers: Mapping[str, Any]) -> EventChecklist:
    """The checklist for a person with these answers, {} if nothing is known.

    Raises:
        NotFound: no such event (code `life_event_not_found`).
        Invalid: an answer that none of the questionnaires has (code `answer_invalid`).
    """
    event = event_of(library, event_id)
    held = [item for part in event.items if (item := library.offered(part.item)) is not None]
    own, by_item = divided(event, held, answers)
    parts = applying(event, event.items, own)
    told = [part for part in parts if library.offered(part.item) is not None]
    items = [library.items[part.item] for part in told]
    made: list[EventItem] = []
    for part in told:
        made.append(
            EventItem(
                number=len(made) + 1,
                note=sentence(part.note) if part.note else None,
                when=when_of(part),
                open=is_open(part, own),
                checklist=build_checklist(library, part.item, by_item[part.item]),
            )
        )
    shared = _shared(made)
    names = {one.name for one in shared}
    return EventChecklist(
        item=ItemShown.of(event, library.generation),
        summary=sentence(event.summary),
        known=_known(event, items, own, by_item),
        questions=open_questions(
            event, [library.items[part.checklist.item.id] for part in made if not part.open], own, by_item
        ),
        notes=tuple(sentence(note) for note in event.notes),
        steps=tuple(
            Line(step.name, sentence(step.text), when=when_of(step)) for step in applying(event, event.steps, own)
        ),
        shared=shared,
        parts=tuple(replace(part, checklist=_without(part.checklist, names)) for part in made),
        not_held=tuple(_not_held(library, event, part) for part in parts if part not in told),
        totals=_totals(items, made),
        places=_places(made),
        legal_basis=tuple(basis_text(basis.model_copy(update={"text": None})) for basis in event.legal_basis),
        sources=tuple(
            Source(section.id, section.title, section.element.value) for section in library.sections_of_entry(event.id)
        ),
        sample_note=SAMPLE_NOTE if event.sample or any(item.sample for item in items) else None,
        answers=dict(answers),
    )


def _not_held(library: Library, event: LifeEvent, part: EventPart) -> NotHeld:
    """What the directory, or a guide that isn't in use, tells of it: name and department. Else the event's department."""
    entry = library.entries.get(part.item)
    if isinstance(entry, ServiceItem | DirectoryItem):
        return NotHeld(entry.name, entry.department)
    return NotHeld(None, event.department)


def _known(
    event: LifeEvent,
    items: Sequence[ServiceItem],
    own: Mapping[str, Answer],
    by_item: Mapping[str, Mapping[str, Answer]],
) -> tuple[Given, ...]:
    """What is known, each question once, by the merged questions' ids."""
    told = {(event.id, one.question_id): one for one in known_answers(event, own)}
    for item in items:
        told |= {(item.id, one.question_id): one for one in known_answers(item, by_item[item.id])}
    known = []
    for one in merged(event, items):
        given = next((told[of] for of in one.of if of in told), None)
        if given is not None:
            known.append(Given(one.id, given.question, given.label))
    return tuple(known)


def _shared(parts: Sequence[EventItem]) -> tuple[SharedMaterial, ...]:
    """Papers of the same name that at least two items need, in the order of their first."""
    by_name: dict[str, list[tuple[EventItem, MaterialLine]]] = {}
    for part in parts:
        for material in part.checklist.materials:
            by_name.setdefault(material.name, []).append((part, material))
    return tuple(
        SharedMaterial(
            name=name,
            exempt=all(material.exempt for _, material in wanted),
            wanted=tuple(_wanted(part, material) for part, material in wanted),
        )
        for name, wanted in by_name.items()
        if len({part.number for part, _ in wanted}) > 1
    )


def _wanted(part: EventItem, material: MaterialLine) -> Wanted:
    return Wanted(
        number=part.number,
        item_id=part.checklist.item.id,
        item_name=part.checklist.item.name,
        kind=material.kind,
        copies=material.copies,
        acceptance_standard=material.acceptance_standard,
        exempt=material.exempt,
        when=material.when,
        open=material.open,
    )


def _without(checklist: Checklist, names: set[str]) -> Checklist:
    """The item's list without the papers that are told once for all, and without what stands on the whole list already."""
    return replace(
        checklist,
        known=(),
        open_questions=(),
        materials=tuple(material for material in checklist.materials if material.name not in names),
    )


def _totals(items: Sequence[ServiceItem], parts: Sequence[EventItem]) -> Totals:
    sure = [item for item, part in zip(items, parts, strict=True) if not part.open]
    limits = [item.promised_limit or item.statutory_limit for item in sure]
    days = {
        unit: sum(limit.number or 0 for limit in limits if limit is not None and limit.unit is unit)
        for unit in LimitUnit
    }
    return Totals(
        items=len(sure),
        open_items=len(parts) - len(sure),
        working_days=days[LimitUnit.WORKING_DAY],
        calendar_days=days[LimitUnit.CALENDAR_DAY],
        at_once=sum(limit is not None and limit.unit is LimitUnit.IMMEDIATE for limit in limits),
        no_limit=sum(limit is None for limit in limits),
        free=sum(item.fee is not None and not item.fee.charged for item in sure),
        charged=tuple(item.name for item in sure if item.fee is not None and item.fee.charged),
        fee_unknown=tuple(item.name for item in sure if item.fee is None),
    )


def _places(parts: Sequence[EventItem]) -> tuple[SharedPlace, ...]:
    """Places that take in at least two of the items."""
    shared = shared_places((part.checklist.item.name, part.checklist.places) for part in parts)
    return tuple(SharedPlace(place.name, place.address, place.sample, tuple(names)) for place, names in shared)
