"""What one person is told of an element, and which questions decide it."""

from __future__ import annotations

import pytest

from knowledge_base.library import Library
from knowledge_base.personal_sections import lines_hold, personal_text, questions_that_matter
from knowledge_base.questionnaire import possible_answers
from knowledge_base.terms import ITEM_ELEMENTS, Element

ITEM = "public-venue-hygiene-new"


def test_only_what_applies_is_told(library: Library) -> None:
    item = library.item(ITEM)
    answers = {"venue_type": "licensed", "central_air": False, "applicant": "self"}
    told = personal_text(item, Element.MATERIALS, answers)
    assert told is not None
    assert "公共场所卫生许可证申请表" in told
    assert "集中空调" not in told
    assert "授权委托书" not in told
    assert told.startswith(f"办理“{item.name}”的申请材料共 6 项：")


def test_what_nobody_answered_stays_in(library: Library) -> None:
    told = personal_text(library.item(ITEM), Element.MATERIALS, {"venue_type": "licensed"})
    assert told is not None
    assert "授权委托书" in told


def test_nothing_applies(library: Library) -> None:
    assert personal_text(library.item(ITEM), Element.MATERIALS, {"venue_type": "exempt"}) is None


def test_questions_that_matter_follow_the_path(library: Library) -> None:
    item = library.item(ITEM)
    assert [one.id for one in questions_that_matter(item, [Element.MATERIALS], {})] == ["venue_type"]
    left = questions_that_matter(item, [Element.MATERIALS], {"venue_type": "licensed"})
    assert [one.id for one in left] == ["central_air", "applicant"]
    assert not questions_that_matter(item, [Element.MATERIALS], {"venue_type": "exempt"})
    assert not questions_that_matter(item, [Element.HOURS, Element.FEE], {})
    passed = questions_that_matter(item, [Element.MATERIALS], {"venue_type": "licensed"}, ["central_air"])
    assert [one.id for one in passed] == ["applicant"]


def test_every_personal_text_holds(library: Library) -> None:
    tried = 0
    for item in library.items.values():
        sections = {section.element: section for section in library.sections(item.id)}
        for number, answers in enumerate(possible_answers(item.situations)):
            if number >= 12:
                break
            for element in ITEM_ELEMENTS:
                told = personal_text(item, element, answers)
                if told is not None and element in sections:
                    tried += 1
                    assert lines_hold(told, sections[element].text, item.name), (item.id, element, answers)
    assert tried > 3_000


def test_what_hangs_on_a_question_that_is_never_asked_does_not_apply(library: Library) -> None:
    item = library.item("construction-planning-permit")
    told = personal_text(item, Element.MATERIALS, {"work": "inside"})
    whole = personal_text(item, Element.MATERIALS, {"work": "new"})
    assert told is not None
    assert whole is not None
    assert "修建性详细规划" not in told
    assert "修建性详细规划" in whole


@pytest.mark.parametrize(
    "changed",
    [
        "办理“公共场所卫生许可证新办”的申请材料共 2 项：\n1. 公共场所卫生许可证申请表",
        "不用交材料。",
        "",
        "公共场所卫生许可证申请表",
    ],
)
def test_what_the_section_does_not_say_does_not_hold(library: Library, changed: str) -> None:
    (section,) = library.sections(ITEM, Element.MATERIALS)
    assert not lines_hold(changed, section.text, section.item_name)


def test_lines_in_another_order_do_not_hold(library: Library) -> None:
    (section,) = library.sections(ITEM, Element.STEPS)
    lines = section.text.split("\n")
    assert not lines_hold("\n".join([lines[2], lines[1]]), section.text, section.item_name)
