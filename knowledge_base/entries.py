"""What the library holds beside service items: FAQ, policies, life events (一件事) and directory entries (目录事项).

Each is an `Entry` like an item: typed, versioned, published in the same way. `ENTRY_TYPES` says which model a kind has.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from knowledge_base.schema import (
    Condition,
    Conditional,
    Entry,
    LegalBasis,
    Phone,
    ServiceItem,
    Situation,
    Slug,
    Step,
    Text,
)
from knowledge_base.terms import ApplicantKind, Element, EntryKind, ItemStatus


class Faq(Entry):
    """常见问答: a question that people really put, bound to an item and to the element that answers it.

    `name` is the question; `aliases` are other ways to put it. The answer has to agree with the item's element.
    """

    item: Slug
    element: Element
    answer: Text
    legal_basis: tuple[LegalBasis, ...] = ()


class Amount(Conditional):
    """What a policy gives: how much, to whom (`when`)."""

    text: Text


class Policy(Entry):
    """政策: who gets what on which conditions, until when. `items`: the service items by which it is claimed."""

    issuer: Text
    applicant_kinds: Annotated[tuple[ApplicantKind, ...], Field(min_length=1)]
    summary: Text
    conditions: tuple[Condition, ...] = ()
    amounts: tuple[Amount, ...] = ()
    deadlines: tuple[Text, ...] = ()
    steps: tuple[Step, ...] = ()
    valid_until: date | None = None
    items: tuple[Slug, ...] = ()
    consult_phone: Phone | None = None
    legal_basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]


class EventPart(Conditional):
    """One item of a life event, in the order in which it is done. `note`: what is different inside the event."""

    item: Slug
    note: Text | None = None


class LifeEvent(Entry):
    """一件事: several items served as one theme. `situations` decide which of them apply."""

    summary: Text
    situations: tuple[Situation, ...] = ()
    items: Annotated[tuple[EventPart, ...], Field(min_length=2)]
    steps: tuple[Step, ...] = ()
    notes: tuple[Text, ...] = ()
    legal_basis: tuple[LegalBasis, ...] = ()

    @model_validator(mode="after")
    def _items_differ(self) -> Self:
        if len({part.item for part in self.items}) < len(self.items):
            raise ValueError("items 里的事项不能重复")
        return self


class DirectoryItem(Entry):
    """目录事项: an item of a catalogue of which the library has no guide. `area`: the division it belongs to."""

    status: ItemStatus = ItemStatus.IN_USE
    area: Text | None = None
    group: Text | None = None
    link: Text | None = None


ENTRY_TYPES: dict[EntryKind, type[Entry]] = {
    EntryKind.ITEM: ServiceItem,
    EntryKind.FAQ: Faq,
    EntryKind.POLICY: Policy,
    EntryKind.LIFE_EVENT: LifeEvent,
    EntryKind.DIRECTORY: DirectoryItem,
}
"""The model of each kind."""


def kind_of(entry: Entry) -> EntryKind:
    """The kind of an entry."""
    return next(kind for kind, model in ENTRY_TYPES.items() if type(entry) is model)
