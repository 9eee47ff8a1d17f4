"""One checklist over a life event: shared papers and shared questions once, each item's own in order, honest totals."""

from __future__ import annotations

import pytest

from core.errors import Invalid, NotFound
from knowledge_base.entries import DirectoryItem, LifeEvent
from knowledge_base.library import Library
from knowledge_base.rendering.parts import bare
from knowledge_base.terms import ItemStatus, LimitUnit
from services.consult.checklists.building import build_checklist
from services.consult.checklists.event_building import build_event_checklist
from services.consult.checklists.event_questions import divided, merged

NEWBORN = "event-newborn"
LOCAL = {"registered": True, "local": True, "employed": False}
MOST_LETTERS = 80
"""Of a question's id in a request."""


def _events(library: Library) -> list[LifeEvent]:
    return [entry for entry in library.entries.values() if isinstance(entry, LifeEvent)]


def _items(library: Library, event: LifeEvent) -> list:
    return [library.items[part.item] for part in event.items]


def test_items_in_the_events_order_for_this_situation(library: Library):
    checklist = build_event_checklist(library, NEWBORN, LOCAL)
    ids = [part.checklist.item.id for part in checklist.parts]
    assert ids == [
        "birth-certificate",
        "birth-household-registration",
        "resident-medical-insurance",
        "social-security-card-apply",
    ]
    assert [part.number for part in checklist.parts] == [1, 2, 3, 4]
    assert not any(part.open for part in checklist.parts)
    everything = build_event_checklist(library, NEWBORN, {})
    assert len(everything.parts) == 6
    assert [part.checklist.item.id for part in everything.parts if not part.open] == ["birth-certificate"]
    assert {question.id for question in everything.questions} >= {"registered", "local", "employed"}


@pytest.mark.parametrize("answers", [{}, LOCAL])
def test_a_paper_of_several_items_stands_once_and_none_is_lost(library: Library, answers: dict):
    for event in _events(library):
        checklist = build_event_checklist(library, event.id, answers if event.id == NEWBORN else {})
        shared = [one.name for one in checklist.shared]
        assert len(shared) == len(set(shared))
        for part in checklist.parts:
            item = part.checklist.item.id
            own = [one.name for one in part.checklist.materials]
            assert not set(own) & set(shared)
            common = [one.name for one in checklist.shared if item in {wanted.item_id for wanted in one.wanted}]
            if not answers:
                alone = [one.name for one in build_checklist(library, item, {}).materials]
                assert sorted([*own, *common]) == sorted(alone), (event.id, item)


def test_the_line_of_a_shared_paper_names_who_wants_it(library: Library):
    checklist = build_event_checklist(library, "event-retirement", {})
    (paper,) = [one for one in checklist.shared if one.name == "申请人居民身份证"]
    assert len(paper.wanted) == 3
    for wanted in paper.wanted:
        material = next(one for one in library.items[wanted.item_id].materials if one.name == paper.name)
        assert (wanted.kind, wanted.copies, wanted.exempt) == (
            material.kind.value,
            material.copies,
            material.exempt_by_sharing,
        )
    # One that some item asks for on paper is not told to be exempt.
    assert paper.exempt == all(wanted.exempt for wanted in paper.wanted)
    assert not paper.exempt


def test_the_same_question_is_asked_once_and_answers_every_item(library: Library):
    event = library.entries["event-close-company"]
    items = _items(library, event)
    (applicant,) = [one for one in merged(event, items) if one.situation.question == "由谁来办理？"]
    assert len(applicant.of) == 4
    answers = {"subject": "company", "tax_clear": False, "food": True, "hygiene": False, applicant.id: "agent"}
    own, by_item = divided(event, items, answers)
    assert own == {"subject": "company", "tax_clear": False, "food": True, "hygiene": False}
    assert {item for item in by_item if by_item[item] == {"applicant": "agent"}} == {item for item, _ in applicant.of}
    checklist = build_event_checklist(library, event.id, answers)
    assert [one.label for one in checklist.known if one.question_id == applicant.id] == ["委托他人代办"]
    assert applicant.id not in {question.id for question in checklist.questions}
    (letter,) = [one for one in checklist.shared if one.name == "授权委托书"]
    assert not any(wanted.open for wanted in letter.wanted)
    herself = build_event_checklist(library, event.id, {**answers, applicant.id: "self"})
    assert "授权委托书" not in [one.name for one in herself.shared]


def test_questions_that_only_look_alike_are_asked_apart(library: Library):
    event = library.entries["event-open-beauty-salon"]
    which = [one for one in merged(event, _items(library, event)) if one.situation.question == "要办哪一种？"]
    assert len(which) == 3
    assert len({one.id for one in which}) == 3


def test_every_question_has_its_own_id_and_fits_a_request(library: Library):
    for event in _events(library):
        ids = [one.id for one in merged(event, _items(library, event))]
        assert len(ids) == len(set(ids))
        assert max(map(len, ids)) <= MOST_LETTERS


def test_what_an_item_asks_waits_until_it_is_known_to_apply(library: Library):
    unknown = build_event_checklist(library, "event-open-convenience-store", {})
    assert {question.id for question in unknown.questions if "." in question.id} == set()
    known = build_event_checklist(library, "event-open-convenience-store", {"tobacco": True})
    (asked,) = {question.asked_by for question in known.questions if question.asked_by}
    assert asked == (library.items["tobacco-retail-licence"].name,)


def test_totals_add_what_surely_applies(library: Library):
    checklist = build_event_checklist(library, NEWBORN, LOCAL)
    limits = [
        library.items[part.checklist.item.id].promised_limit or library.items[part.checklist.item.id].statutory_limit
        for part in checklist.parts
    ]
    by_unit = {
        unit: sum(one.number or 0 for one in limits if one is not None and one.unit is unit) for unit in LimitUnit
    }
    totals = checklist.totals
    assert totals.working_days == by_unit[LimitUnit.WORKING_DAY]
    assert totals.calendar_days == by_unit[LimitUnit.CALENDAR_DAY]
    assert (totals.items, totals.open_items) == (4, 0)
    assert totals.free + len(totals.charged) + len(totals.fee_unknown) == 4
    assert build_event_checklist(library, NEWBORN, {}).totals.items == 1


def test_places_of_several(library: Library):
    checklist = build_event_checklist(library, NEWBORN, LOCAL)
    (place,) = checklist.places
    assert place.items == tuple(
        library.items[one].name for one in ("resident-medical-insurance", "social-security-card-apply")
    )


def test_every_text_stands_in_the_section_that_it_names(library: Library):
    for event in _events(library):
        checklist = build_event_checklist(library, event.id, {})
        own = "\n".join(library.section(source.section_id).text for source in checklist.sources)
        told = [checklist.summary, *checklist.notes, *(step.text for step in checklist.steps)]
        told += [part.note for part in checklist.parts if part.note]
        assert [text for text in told if bare(text) not in own] == [], event.id
        for part in checklist.parts:
            held = {one.element: library.section(one.section_id).text for one in part.checklist.sources}
            wrong = [text for element, text in part.checklist.quoted() if bare(text) not in held[element]]
            assert wrong == []


@pytest.mark.parametrize(
    ("entry", "name"),
    [("suspended", "出生医学证明"), ("directory", "名录里的事项"), ("gone", None)],
)
def test_an_item_without_a_guide(library: Library, entry: str, name: str | None):
    item = library.items["birth-certificate"]
    others = [one for one in library.entries.values() if one.id != item.id]
    if entry == "suspended":
        name = item.name
        others.append(item.model_copy(update={"status": ItemStatus.SUSPENDED}))
    elif entry == "directory":
        others.append(DirectoryItem(id=item.id, name="名录里的事项", department="区卫生健康委员会"))
    checklist = build_event_checklist(Library(others), NEWBORN, LOCAL)
    (missing,) = checklist.not_held
    assert missing.name == name
    assert missing.department == "区卫生健康委员会"
    assert item.id not in [part.checklist.item.id for part in checklist.parts]
    assert [part.number for part in checklist.parts] == [1, 2, 3]


@pytest.mark.parametrize(
    "answers",
    [
        {"no-such": True},
        {"local": "yes"},
        {"birth-certificate.no-such": True},
        {"no-such-item.applicant": "self"},
    ],
)
def test_answers_that_nobody_asked_for(library: Library, answers: dict):
    with pytest.raises(Invalid) as caught:
        build_event_checklist(library, NEWBORN, answers)
    assert caught.value.code == "answer_invalid"


@pytest.mark.parametrize("event", ["event-none", "birth-certificate", ""])
def test_no_such_event(library: Library, event: str):
    with pytest.raises(NotFound) as caught:
        build_event_checklist(library, event, {})
    assert caught.value.code == "life_event_not_found"
