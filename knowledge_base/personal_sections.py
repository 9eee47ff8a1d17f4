"""An element of a guide for one person: only what applies to the answers given, in the section's own lines.

Comes in: an item, an element, answers to the item's questionnaire. Goes out: the text that the element's section would have
if the item held nothing but what applies or may still apply; and the questions whose answers would still change it. Every line
but a heading's count stands in the section as well, number aside: `lines_hold` checks that, whoever made the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from knowledge_base.entries import LifeEvent
from knowledge_base.questionnaire import applicable, applies, asked
from knowledge_base.rendering.items import ITEM
from knowledge_base.rules import Answer, holds, variables
from knowledge_base.schema import Conditional, ServiceItem, Situation
from knowledge_base.terms import Element

Part = TypeVar("Part", bound=Conditional)

_PARTS: dict[Element, str] = {
    Element.CONDITIONS: "conditions",
    Element.MATERIALS: "materials",
    Element.STEPS: "steps",
    Element.RESULT: "results",
    Element.PLACES: "places",
}
_NUMBER = re.compile(r"^\d+\. ")
_COUNT = re.compile(r"(?<=[共下分] )\d+(?= [项步])")


def conditional_parts(item: ServiceItem, element: Element) -> tuple[Conditional, ...]:
    """The parts of an element that may have rules; none for an element that is the same for everybody."""
    if element is Element.FEE:
        return item.fee.cases if item.fee else ()
    name = _PARTS.get(element)
    return getattr(item, name) if name else ()


def applying(item: ServiceItem | LifeEvent, parts: Iterable[Part], answers: Mapping[str, Answer]) -> list[Part]:
    """The parts that apply or may still apply. One that hangs on questions alone which these answers leave off the path doesn't."""
    never = _never_asked(item, answers)
    return [
        part
        for part in applicable(parts, answers)
        if applies(part, answers) or not (variables(part.rule or "") - answers.keys()) <= never
    ]


def _never_asked(item: ServiceItem | LifeEvent, answers: Mapping[str, Answer]) -> set[str]:
    """Ids of the questions that are off the path for good, those that hang on such a question included."""
    never: set[str] = set()
    for situation in item.situations:
        if situation.rule is None or situation.id in answers:
            continue
        missing = variables(situation.rule) - answers.keys()
        if holds(situation.rule, answers) is False or (missing and missing <= never):
            never.add(situation.id)
    return never


def personal_text(item: ServiceItem, element: Element, answers: Mapping[str, Answer]) -> str | None:
    """The element's text with what applies or may still apply; None if the item lacks the element or nothing of it applies."""
    if not answers or not conditional_parts(item, element):
        return ITEM[element](item)
    update: dict[str, Any]
    if element is Element.FEE:
        assert item.fee is not None
        update = {"fee": item.fee.model_copy(update={"cases": tuple(applying(item, item.fee.cases, answers))})}
    else:
        update = {_PARTS[element]: tuple(applying(item, conditional_parts(item, element), answers))}
    return ITEM[element](item.model_copy(update=update))


def questions_that_matter(
    item: ServiceItem, elements: Iterable[Element], answers: Mapping[str, Answer], passed_over: Sequence[str] = ()
) -> list[Situation]:
    """The questions, in their order, that are still to be asked to tell `elements` to this person exactly.

    A question matters if a part of these elements that is still open depends on it, or if it decides whether another
    question that matters is asked. `passed_over`: ids of questions that the person can't or won't answer. Only
    questions on the path of `answers` come back, so the first of them can be asked.
    """
    wanted: set[str] = set()
    for element in elements:
        for part in conditional_parts(item, element):
            if part.rule is not None and applies(part, answers) is None:
                wanted |= variables(part.rule)
    by_id = {situation.id: situation for situation in item.situations}
    waiting = list(wanted)
    while waiting:
        rule = by_id[waiting.pop()].rule
        for name in variables(rule) - wanted if rule is not None else ():
            wanted.add(name)
            waiting.append(name)
    return [
        situation
        for situation in asked(item.situations, answers)
        if situation.id in wanted and situation.id not in answers and situation.id not in passed_over
    ]


def lines_hold(text: str, section: str, item_name: str) -> bool:
    """Whether `text` says nothing but lines of `section`: whole ones, numbers of lists aside, in their order.

    A heading may count the lines that follow it instead of all; the plain heading of one condition may stand for the counting one.
    """
    lines = text.split("\n")
    if not text.strip():
        return False
    listed = sum(1 for line in lines if _NUMBER.match(line))
    held = [_NUMBER.sub("", line) for line in section.split("\n")]
    place = 0
    for line in lines:
        wanted = _NUMBER.sub("", line)
        found = next((at for at in range(place, len(held)) if held[at] == wanted), None)
        if found is None:
            if not _heading_holds(line, held, listed, item_name):
                return False
        else:
            place = found + 1
    return True


def _heading_holds(line: str, held: Sequence[str], listed: int, item_name: str) -> bool:
    count = _COUNT.search(line)
    if count is None:
        return line == f"办理“{item_name}”的条件：" and listed == 1
    return int(count.group()) == listed and any(_COUNT.sub("*", line) == _COUNT.sub("*", other) for other in held)
