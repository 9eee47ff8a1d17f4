"""What a checklist says: all that applies, nothing that doesn't, in the guide's words."""

from __future__ import annotations

from itertools import islice

import pytest

from core.errors import Invalid, NotFound
from knowledge_base.library import Library
from knowledge_base.personal_sections import personal_text
from knowledge_base.questionnaire import possible_answers
from knowledge_base.rendering.parts import bare
from knowledge_base.terms import Element, ItemStatus
from services.consult.checklists.building import build_checklist

VENUE = "public-venue-hygiene-new"
OWN = {"venue_type": "licensed", "applicant": "self"}
PATHS = 6


def _names(checklist) -> list[str]:
    return [material.name for material in checklist.materials]


def test_every_text_stands_in_the_section_that_it_names(library: Library):
    wrong = []
    for item in library.items.values():
        for answers in [{}, *islice(possible_answers(item.situations), PATHS)]:
            checklist = build_checklist(library, item.id, answers)
            held = {source.element: library.section(source.section_id).text for source in checklist.sources}
            wrong += [(item.id, text) for element, text in checklist.quoted() if bare(text) not in held[element]]
    assert wrong == []


def test_nothing_of_the_guide_is_missing(library: Library):
    for item in library.items.values():
        for answers in [{}, *islice(possible_answers(item.situations), PATHS)]:
            checklist = build_checklist(library, item.id, answers)
            for element, lines in ((Element.MATERIALS, checklist.materials), (Element.RESULT, checklist.results)):
                text = personal_text(item, element, answers) or ""
                for line in lines:
                    assert (line.name or line.text) in text
                starts = "办理结果：" if element is Element.RESULT else tuple(f"{number}. " for number in range(1, 60))
                assert sum(line.startswith(starts) for line in text.split("\n")) == len(lines), item.id


def test_materials_for_this_situation_only(library: Library):
    open_list = build_checklist(library, VENUE, {})
    without = build_checklist(library, VENUE, {**OWN, "central_air": False})
    having = build_checklist(library, VENUE, {**OWN, "central_air": True})
    (extra,) = set(_names(having)) - set(_names(without))
    assert "集中空调" in extra
    one = next(material for material in open_list.materials if material.name == extra)
    assert one.open
    assert "集中空调" in str(one.when)
    sure = next(material for material in having.materials if material.name == extra)
    assert not sure.open
    assert [one.question_id for one in open_list.open_questions] == ["venue_type"]
    assert having.open_questions == ()
    assert [given.label for given in having.known][1] == "是"


def test_what_follows_from_an_answer_by_itself(library: Library):
    item = library.item(VENUE)
    option = next(one for one in item.situations[0].options if one.note and "不用办理" in one.note)
    checklist = build_checklist(library, VENUE, {item.situations[0].id: option.value})
    assert any(note.startswith(option.label) for note in checklist.notes)


def test_answers_off_the_path_change_nothing(library: Library):
    item = library.item(VENUE)
    option = next(one for one in item.situations[0].options if one.note and "不用办理" in one.note)
    alone = build_checklist(library, VENUE, {item.situations[0].id: option.value})
    beside = build_checklist(library, VENUE, {item.situations[0].id: option.value, "central_air": True})
    assert alone == beside


@pytest.mark.parametrize(
    "answers",
    [{"name": "王小明"}, {"venue_type": "castle"}, {"venue_type": ["licensed"]}, {**OWN, "central_air": "是"}],
)
def test_answers_that_the_questionnaire_does_not_have(library: Library, answers):
    with pytest.raises(Invalid) as raised:
        build_checklist(library, VENUE, answers)
    assert raised.value.code == "answer_invalid"


def test_an_item_that_is_not_there_or_not_in_use(library: Library):
    with pytest.raises(NotFound) as raised:
        build_checklist(library, "no-such-item", {})
    assert raised.value.code == "item_not_found"
    suspended = Library([library.item(VENUE).model_copy(update={"status": ItemStatus.SUSPENDED})])
    with pytest.raises(NotFound) as raised:
        build_checklist(suspended, VENUE, {})
    assert raised.value.code == "item_not_in_use"
