"""A person's checklist (一次告知单) as data: what to bring, do, wait for and remember, in the guide's own words.

Made once by `services.consult.checklists.building` and kept as it was made: fields are only ever added, with defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from knowledge_base.entries import LifeEvent
from knowledge_base.schema import ServiceItem

SAMPLE_NOTE = "本告知单由示例内容生成，以正式公布的办事指南和窗口答复为准。"


@dataclass(frozen=True, slots=True)
class ItemShown:
    """The item, and the text it was made from: `version` of the guide, `generation` of the library."""

    id: str
    name: str
    department: str
    version: int
    sample: bool
    effective_date: str | None = None
    generation: str = ""

    @classmethod
    def of(cls, entry: ServiceItem | LifeEvent, generation: str) -> ItemShown:
        """An entry of a library of this generation."""
        return cls(
            id=entry.id,
            name=entry.name,
            department=entry.department,
            version=entry.version,
            sample=entry.sample,
            effective_date=entry.effective_date.isoformat() if entry.effective_date else None,
            generation=generation,
        )


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of the person's situation, in words."""

    question_id: str
    question: str
    label: str


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question whose answer would still change the list."""

    question_id: str
    question: str


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """One material. `open`: whether this person has to hand it in isn't known; `when` says who has to. `exempt`: not asked for
    where shared data confirm it (免于提交)."""

    name: str
    necessity: str
    kind: str
    copies: int
    source: str | None
    page_format: str | None
    filling_notes: str | None
    acceptance_standard: str
    exempt: bool
    electronic_licence: str | None
    blank_form: str | None
    sample_form: str | None
    when: str | None
    open: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A condition, step, limit, fee or result. `details` belong to it. `open`: whether it applies isn't known; `when` says to
    whom it does."""

    name: str | None
    text: str
    details: tuple[str, ...] = ()
    when: str | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """Where to go. `sample`: the address is made up for demonstration."""

    name: str
    address: str | None
    window: str | None
    sample: bool
    when: str | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A number: what it is for, and whose it is."""

    name: str
    number: str
    owner: str | None = None
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """The section that a block was made from; its id holds the version."""

    section_id: str
    title: str
    element: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """Everything for one person's situation. `notes`: what follows from an answer by itself (不用办理). `remember`: what people
    forget afterwards: validity, deadlines. `sources`: one for each element that is told."""

    item: ItemShown
    summary: str
    known: tuple[Given, ...]
    open_questions: tuple[OpenQuestion, ...]
    notes: tuple[str, ...]
    conditions: tuple[Line, ...]
    materials: tuple[MaterialLine, ...]
    steps: tuple[Line, ...]
    limits: tuple[Line, ...]
    fees: tuple[Line, ...]
    results: tuple[Line, ...]
    visits: str | None
    online: str | None
    places: tuple[PlaceLine, ...]
    hours: tuple[str, ...]
    phones: tuple[PhoneLine, ...]
    remember: tuple[str, ...]
    legal_basis: tuple[str, ...]
    sources: tuple[Source, ...]
    sample_note: str | None = None

    def quoted(self) -> Iterator[tuple[str, str]]:
        """Every text that has to stand in the guide, with its element."""
        yield from (("overview", text) for text in (self.summary, *self.notes))
        for material in self.materials:
            texts = (
                *(material.name, material.necessity, material.kind, material.source, material.page_format),
                *(material.filling_notes, material.acceptance_standard, material.electronic_licence),
                *(material.blank_form, material.when),
            )
            yield from (("materials", text) for text in texts if text)
        blocks = {
            "conditions": self.conditions,
            "steps": self.steps,
            "limits": self.limits,
            "fee": self.fees,
            "result": self.results,
        }
        for element, lines in blocks.items():
            for line in lines:
                yield from ((element, text) for text in (line.name, line.text, *line.details, line.when) if text)
        yield from (("visits", text) for text in (self.visits or "").split("\n") if text)
        if self.online:
            yield "places", self.online
        for place in self.places:
            yield from (("places", text) for text in (place.name, place.address, place.window, place.when) if text)
        yield from (("hours", text) for text in self.hours)
        for phone in self.phones:
            yield from (("phones", text) for text in (phone.name, phone.number, phone.owner) if text)
        yield from (("result", text) for text in self.remember)
        yield from (("legal_basis", text) for text in self.legal_basis)


class _Conditional(Protocol):
    """Something that not everybody needs. `open`: whether this person does isn't known."""

    @property
    def when(self) -> str | None: ...

    @property
    def open(self) -> bool: ...


def for_whom(part: _Conditional) -> str:
    """Whom it applies to, "" if everybody."""
    return f"（{'如果' if part.open else ''}{part.when}）" if part.when else ""
