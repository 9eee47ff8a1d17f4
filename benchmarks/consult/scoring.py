"""Score the consult bot on written questions.

Comes in: a YAML file with `in_scope` (text, item or items to be asked back among, element or elements that are right) and
`out_of_scope` (text, kind). Goes out: `Figures`, with the questions that went wrong.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from knowledge_base.library import Library
from services.consult.schemas import MessageAnswer

Ask = Callable[[str], Awaitable[MessageAnswer]]

EXPECTED_STATUS = {
    "topic": {"not_found"},
    "other_place": {"not_found"},
    "account": {"handed_over"},
    "person": {"handed_over"},
    "emergency": {"handed_over"},
    "complaint": {"handed_over"},
    "injection": {"refused"},
    "abuse": {"refused"},
}


@dataclass(slots=True)
class Figures:
    """Counts over one set. `answered_from_nearest`: out-of-scope questions that got an answer with sources, the worst
    fault there is."""

    in_scope: int = 0
    right_item: int = 0
    asked_back: int = 0
    right_element: int = 0
    wrongly_refused: int = 0
    wrong_item: int = 0
    out_of_scope: int = 0
    rightly_refused: int = 0
    answered_from_nearest: int = 0
    citations: int = 0
    citations_that_hold: int = 0
    wrong: list[str] = field(default_factory=list)


async def score(path: Path, ask: Ask, library: Library) -> Figures:
    """Ask every question of the file, each in a conversation of its own."""
    questions = _read(path)
    figures = Figures()
    for question in questions["in_scope"]:
        answer = await ask(question["text"])
        _check_citations(answer, library, figures)
        _in_scope(question, answer, library, figures)
    for question in questions["out_of_scope"]:
        answer = await ask(question["text"])
        _check_citations(answer, library, figures)
        figures.out_of_scope += 1
        if answer.status in EXPECTED_STATUS[question["kind"]]:
            figures.rightly_refused += 1
        else:
            figures.wrong.append(f"{question['kind']}: {question['text']} -> {_shown(answer)}")
        if answer.citations:
            figures.answered_from_nearest += 1
    return figures


def _read(path: Path) -> dict[str, list[dict[str, Any]]]:
    questions: dict[str, list[dict[str, Any]]] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return questions


def _in_scope(question: dict[str, Any], answer: MessageAnswer, library: Library, figures: Figures) -> None:
    figures.in_scope += 1
    wanted = question.get("items") or [question["item"]]
    elements = question["element"] if isinstance(question["element"], list) else [question["element"]]
    names = {library.items[item_id].name for item_id in wanted}
    if answer.status == "clarify" and names <= set(answer.suggestions):
        # Asking back is right where several items fit, and forgivable elsewhere if the right one is offered.
        figures.right_item += 1
        figures.asked_back += 1
        figures.right_element += 1
        if question["item"] is not None:
            figures.wrong.append(f"asked back: {question['text']} -> {answer.suggestions}")
        return
    if question["item"] is not None and answer.item is not None and answer.item.id == question["item"]:
        figures.right_item += 1
        if answer.element in elements:
            figures.right_element += 1
        else:
            figures.wrong.append(f"element: {question['text']} -> {answer.element}, not {elements}")
        return
    if answer.status == "answered":
        figures.wrong_item += 1
    else:
        figures.wrongly_refused += 1
    figures.wrong.append(f"item: {question['text']} -> {_shown(answer)}")


def _check_citations(answer: MessageAnswer, library: Library, figures: Figures) -> None:
    for citation in answer.citations:
        figures.citations += 1
        held = citation.quote and citation.quote in library.section(citation.section_id).text
        figures.citations_that_hold += bool(held and citation.quote in answer.text)


def _shown(answer: MessageAnswer) -> str:
    return f"{answer.status} {answer.item.id if answer.item else ''} {answer.element or ''} {answer.suggestions}"
