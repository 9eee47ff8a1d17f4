"""A text as it is shown, and its questionnaire played through.

Comes in: an entry of the library or a draft that is not in it yet, and answers to its situations. Goes out: its sections
as citizens would read them, the next question, and for every part that carries a rule whether it applies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.library import Library
from knowledge_base.questionnaire import applies, next_question, read_answers
from knowledge_base.reading import parse_entry
from knowledge_base.schema import Conditional, Entry, Situation
from knowledge_base.sections import Section, sections_of
from knowledge_base.terms import EntryKind


class PreviewRequest(BaseModel):
    """A document and the answers so far."""

    model_config = ConfigDict(extra="forbid")

    kind: EntryKind
    document: dict[str, Any]
    answers: dict[str, Any] = Field(default_factory=dict, description="情形问题的编号与回答")


class SectionPreview(BaseModel):
    """One element as it is shown. `id` is what a citation names once the text is published."""

    id: str
    element: str
    title: str
    text: str


class PartPreview(BaseModel):
    """A part that not everybody needs. `place`: materials.2; `applies`: null while an answer is missing."""

    place: str
    name: str
    when: str | None
    applies: bool | None


class Preview(BaseModel):
    """What is shown. `next_question` is null when nothing is left to ask."""

    sections: list[SectionPreview]
    parts: list[PartPreview]
    answers: dict[str, Any]
    next_question: Situation | None
    state: Literal["open", "complete"]


def preview(request: PreviewRequest, library: Library) -> Preview:
    """Render a document against `library`, which knows the names of other items.

    Raises:
        ContentInvalid: the document breaks the schema.
        Invalid: an answer doesn't fit its question (code `answer_invalid`).
    """
    entry = parse_entry(request.kind, {"version": 1, **request.document}, source="草稿")
    names = {item.id: item.name for item in library.items.values()}
    return shown(entry, sections_of(entry, names), request.answers)


def shown(entry: Entry, sections: Sequence[Section], given: Mapping[str, Any]) -> Preview:
    """An entry with its sections for somebody who has `given` these answers. Raises Invalid (`answer_invalid`)."""
    situations: tuple[Situation, ...] = getattr(entry, "situations", ())
    answers = read_answers(situations, given)
    question = next_question(situations, answers)
    return Preview(
        sections=[
            SectionPreview(id=section.id, element=section.element.value, title=section.title, text=section.text)
            for section in sections
        ],
        parts=[
            PartPreview(place=place, name=_name(part), when=part.when, applies=applies(part, answers))
            for place, part in _conditional(entry, "")
            if part.rule is not None
        ],
        answers=answers,
        next_question=question,
        state="complete" if question is None else "open",
    )


def _conditional(value: Any, place: str) -> Iterator[tuple[str, Conditional]]:
    if isinstance(value, Conditional):
        yield place, value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _conditional(getattr(value, name), f"{place}.{name}".lstrip("."))
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            yield from _conditional(part, f"{place}.{number}")


def _name(part: Conditional) -> str:
    values: Mapping[str, Any] = part.model_dump(include={"name", "text", "item"})
    return str(values.get("name") or values.get("text") or values.get("item") or "")
