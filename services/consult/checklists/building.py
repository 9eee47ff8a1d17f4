"""Make a person's checklist (一次告知单) out of the library.

Comes in: a library, an item's id, answers to the item's questionnaire. Goes out: a `Checklist` of what applies or may still
apply to this person. A pure function; every text is the guide's own: lines that the renderings in `knowledge_base.rendering`
make, or fields that stand in them word for word (`tests` hold each against the section that it names).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import NotFound
from knowledge_base.library import Library
from knowledge_base.personal_sections import applying, personal_text, questions_that_matter
from knowledge_base.questionnaire import applies, read_answers
from knowledge_base.rendering.items import ITEM
from knowledge_base.rendering.parts import SAMPLE_MARK, bare, basis_text, sentence
from knowledge_base.rules import Answer
from knowledge_base.schema import Condition, Conditional, Material, Phone, Place, ServiceItem
from knowledge_base.terms import ITEM_ELEMENTS, Element
from services.consult.answering import known_answers, reminder_lines
from services.consult.checklists.checklist import (
    SAMPLE_NOTE,
    Checklist,
    Given,
    ItemShown,
    Line,
    MaterialLine,
    OpenQuestion,
    PhoneLine,
    PlaceLine,
    Source,
)


def build_checklist(library: Library, item_id: str, answers: Mapping[str, Any]) -> Checklist:
    """The checklist for a person with these answers, {} if nothing is known.

    Raises:
        NotFound: no such item (code `item_not_found`), or it is not in use now (code `item_not_in_use`).
        Invalid: an answer that the questionnaire doesn't have (code `answer_invalid`).
    """
    item = library.item(item_id)
    sections = {section.element: section for section in library.sections(item_id)}
    if not sections:
        raise NotFound(f"“{item.name}”目前不在办理，不能生成告知单。请先咨询窗口。", code="item_not_in_use")
    given = read_answers(item.situations, answers)
    return Checklist(
        item=ItemShown.of(item, library.generation),
        summary=sentence(item.summary),
        known=tuple(Given(one.question_id, one.question, one.label) for one in known_answers(item, given)),
        open_questions=tuple(
            OpenQuestion(one.id, one.question) for one in questions_that_matter(item, ITEM_ELEMENTS, given)
        ),
        notes=_notes(item, given),
        conditions=tuple(_condition(part, given) for part in applying(item, item.conditions, given)),
        materials=tuple(_material(part, given) for part in applying(item, item.materials, given)),
        steps=tuple(
            Line(step.name, sentence(step.text), when=when_of(step), open=is_open(step, given))
            for step in applying(item, item.steps, given)
        ),
        limits=_limits(item),
        fees=_fees(item, given),
        results=_results(item, given),
        visits=ITEM[Element.VISITS](item),
        online=f"网上：{'、'.join(item.online_channels)}。" if item.online_channels else None,
        places=tuple(_place(part, given) for part in applying(item, item.places, given)),
        hours=tuple(sentence(hours.text + (SAMPLE_MARK if hours.sample else "")) for hours in item.hours),
        phones=_phones(item),
        remember=tuple(reminder_lines(personal_text(item, Element.RESULT, given) or "")),
        legal_basis=tuple(basis_text(basis.model_copy(update={"text": None})) for basis in item.legal_basis),
        sources=tuple(Source(section.id, section.title, element.value) for element, section in sections.items()),
        sample_note=SAMPLE_NOTE if item.sample else None,
    )


def is_open(part: Conditional, answers: Mapping[str, Answer]) -> bool:
    """Whether it isn't known that the part applies: an answer is missing, or the person alone can judge by `when`."""
    return applies(part, answers) is None or (part.rule is None and part.when is not None)


def when_of(part: Conditional) -> str | None:
    """The case in which it applies, None for always."""
    return bare(part.when) if part.when else None


def _notes(item: ServiceItem, answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """What follows from the chosen options by itself: 公园：不实行卫生许可证管理，不用办理。"""
    notes = []
    for situation in item.situations:
        given = answers.get(situation.id)
        chosen = given if isinstance(given, list) else [given]
        notes += [
            f"{option.label}：{sentence(option.note)}"
            for option in situation.options
            if option.note and option.value in chosen
        ]
    return tuple(notes)


def _condition(condition: Condition, answers: Mapping[str, Answer]) -> Line:
    text = sentence(condition.text)
    details: list[str] = []
    if condition.any_of:
        text = bare(condition.text) + "，符合下列之一即可："
        details += [f"（{number}）{bare(one)}" for number, one in enumerate(condition.any_of, 1)]
    if condition.thresholds:
        details.append("标准：" + "；".join(bare(one) for one in condition.thresholds) + "。")
    if condition.exceptions:
        details.append("例外：" + "；".join(bare(one) for one in condition.exceptions) + "。")
    return Line(None, text, tuple(details), when_of(condition), is_open(condition, answers))


def _material(material: Material, answers: Mapping[str, Answer]) -> MaterialLine:
    return MaterialLine(
        name=material.name,
        necessity=material.necessity.value,
        kind="电子材料" if material.copies == 0 else material.kind.value,
        copies=material.copies,
        source=material.source.value,
        page_format=material.page_format,
        filling_notes=sentence(material.filling_notes) if material.filling_notes else None,
        acceptance_standard=sentence(material.acceptance_standard),
        exempt=material.exempt_by_sharing,
        electronic_licence=bare(material.electronic_licence) if material.electronic_licence else None,
        blank_form=sentence(material.blank_form) if material.blank_form else None,
        sample_form=sentence(material.sample_form) if material.sample_form else None,
        when=when_of(material),
        open=is_open(material, answers),
    )


def _limits(item: ServiceItem) -> tuple[Line, ...]:
    text = ITEM[Element.LIMITS](item)
    if text is None:
        return ()
    first, *limits = text.split("\n")
    lines = [Line(None, first)]
    for limit in limits:
        name, told = limit.split("：", 1)
        lines.append(Line(name, told))
    return tuple(lines)


def _fees(item: ServiceItem, answers: Mapping[str, Answer]) -> tuple[Line, ...]:
    if item.fee is None:
        return ()
    common = ITEM[Element.FEE](item.model_copy(update={"fee": item.fee.model_copy(update={"cases": ()})})) or ""
    first, *details = common.split("\n")
    cases = [
        Line(None, sentence(case.text), when=when_of(case), open=is_open(case, answers))
        for case in applying(item, item.fee.cases, answers)
    ]
    return (Line(None, first, tuple(details)), *cases)


def _results(item: ServiceItem, answers: Mapping[str, Answer]) -> tuple[Line, ...]:
    lines = []
    for result in applying(item, item.results, answers):
        # Without `when`, which is told beside it.
        plain = result.model_copy(update={"when": None, "rule": None})
        first, *details = (ITEM[Element.RESULT](item.model_copy(update={"results": (plain,)})) or "").split("\n")
        text = first.split("：", 1)[1]
        lines.append(Line(None, text, tuple(details), when_of(result), is_open(result, answers)))
    return tuple(lines)


def _place(place: Place, answers: Mapping[str, Answer]) -> PlaceLine:
    return PlaceLine(place.name, place.address, place.window, place.sample, when_of(place), is_open(place, answers))


def _phones(item: ServiceItem) -> tuple[PhoneLine, ...]:
    titled: list[tuple[str, Phone | None]] = [
        ("咨询电话", item.consult_phone),
        ("监督投诉电话", item.supervise_phone),
    ]
    return tuple(PhoneLine(title, phone.number, phone.name, phone.sample) for title, phone in titled if phone)
