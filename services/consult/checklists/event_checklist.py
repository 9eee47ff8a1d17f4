"""A person's checklist over a whole life event (一件事) as data: shared papers once, then what each item asks for, in order.

Made once by `services.consult.checklists.event_building` and kept as it was made: fields are only ever added, with defaults.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.consult.checklists.checklist import Checklist, Given, ItemShown, Line, Source


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question, and what follows from it."""

    value: str
    label: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer would still change the list; asked once for every item that asks the same. `id` takes the answer.
    `asked_by`: names of the items that ask it, () for the event itself."""

    id: str
    question: str
    kind: str
    options: tuple[Choice, ...] = ()
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    note: str | None = None
    asked_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one item wants of a paper that several need. `number`: the item's place in the event."""

    number: int
    item_id: str
    item_name: str
    kind: str
    copies: int
    acceptance_standard: str
    exempt: bool
    when: str | None
    open: bool


@dataclass(frozen=True, slots=True)
class SharedMaterial:
    """A paper that several items need: told once. `exempt`: none of them asks for it where shared data confirm it."""

    name: str
    exempt: bool
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class EventItem:
    """One item of the event. `materials` of `checklist` are only those that no other item needs. `note`: what is different
    inside the event. `open`: whether this person needs the item isn't known; `when` says who does."""

    number: int
    note: str | None
    when: str | None
    open: bool
    checklist: Checklist


@dataclass(frozen=True, slots=True)
class NotHeld:
    """An item of the event that has no guide here: what is known of it, and who can be asked."""

    name: str | None
    department: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Over the items that surely apply. `working_days`, `calendar_days`: promised (or else legal) limits added up, each unit by
    itself, as long as it takes one after the other; `at_once`: items that are done on the spot; `no_limit`: items whose guide
    names none. `free`, `charged`, `fee_unknown`: items by what they cost."""

    items: int
    open_items: int
    working_days: int
    calendar_days: int
    at_once: int
    no_limit: int
    free: int
    charged: tuple[str, ...]
    fee_unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SharedPlace:
    """A place where several items are taken in."""

    name: str
    address: str | None
    sample: bool
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventChecklist:
    """Everything for one person's situation. `item`: the event as it is shown; its parts keep their own versions."""

    item: ItemShown
    summary: str
    known: tuple[Given, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]
    steps: tuple[Line, ...]
    shared: tuple[SharedMaterial, ...]
    parts: tuple[EventItem, ...]
    not_held: tuple[NotHeld, ...]
    totals: Totals
    places: tuple[SharedPlace, ...]
    legal_basis: tuple[str, ...]
    sources: tuple[Source, ...]
    sample_note: str | None = None
    answers: dict[str, str | bool | float | list[str]] | None = None
