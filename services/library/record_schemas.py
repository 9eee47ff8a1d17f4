"""What the library's records look like on the way out: history, differences, kept sections, figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from knowledge_base.life.diff import ElementChange
from knowledge_base.life.history import Event
from knowledge_base.life.kept_sections import KeptSection
from knowledge_base.life.lifecycle import Action
from knowledge_base.life.listing import Statistics
from knowledge_base.terms import EntryKind, TextState
from services.library.editing_schemas import PersonView


class EventView(BaseModel):
    """One thing that happened."""

    number: int
    action: Action
    action_title: str
    from_state: TextState | None
    to_state: TextState | None
    by: PersonView
    at: datetime
    note: str | None
    revision: int | None
    generation: int | None

    @classmethod
    def of(cls, one: Event) -> EventView:
        """An event as it is shown."""
        return cls(
            number=one.number,
            action=one.action,
            action_title=one.action.display_name,
            from_state=one.from_state,
            to_state=one.to_state,
            by=PersonView(id=one.by.id, name=one.by.name),
            at=one.at,
            note=one.note,
            revision=one.revision,
            generation=one.generation,
        )


class HistoryView(BaseModel):
    """Everything that happened to an entry, newest first."""

    events: list[EventView]


class WordsView(BaseModel):
    """A run of words in both texts or in one."""

    operation: Literal["same", "added", "removed"]
    text: str


class FieldChangeView(BaseModel):
    """One difference."""

    place: str
    title: str
    change: Literal["added", "removed", "changed", "moved"]
    before: Any
    after: Any
    words: list[WordsView]


class ElementChangeView(BaseModel):
    """The differences in one part of the entry."""

    element: str
    title: str
    changes: list[FieldChangeView]

    @classmethod
    def of(cls, one: ElementChange) -> ElementChangeView:
        """One part's differences as they are shown."""
        return cls(
            element=one.element,
            title=one.title,
            changes=[
                FieldChangeView(
                    place=change.place,
                    title=change.title,
                    change=change.change,
                    before=change.before,
                    after=change.after,
                    words=[WordsView(operation=run.operation, text=run.text) for run in change.words],
                )
                for change in one.changes
            ],
        )


class DifferenceView(BaseModel):
    """What a version changed against another."""

    before: int
    after: int
    elements: list[ElementChangeView]


class SectionView(BaseModel):
    """A section of any version ever published. `current`: this text is in force right now."""

    id: str
    entry_id: str
    kind: EntryKind
    version: int
    item_id: str
    item_name: str
    element: str
    title: str
    text: str
    state: TextState
    state_title: str
    current: bool
    published_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, one: KeptSection) -> SectionView:
        """A kept section as it is shown."""
        return cls(
            id=one.id,
            entry_id=one.entry_id,
            kind=one.kind,
            version=one.number,
            item_id=one.item_id,
            item_name=one.item_name,
            element=one.element.value,
            title=one.title,
            text=one.text,
            state=one.state,
            state_title=one.state.display_name,
            current=one.current,
            published_at=one.published_at,
            ended_at=one.ended_at,
        )


class DepartmentView(BaseModel):
    """A department and how many entries it has."""

    name: str
    entries: int


class StatisticsView(BaseModel):
    """Figures about the library."""

    generation: str
    published: dict[EntryKind, int]
    states: dict[TextState, int]
    departments: int
    sections: int
    events: int

    @classmethod
    def of(cls, one: Statistics, generation: str) -> StatisticsView:
        """Figures as they are shown."""
        return cls(
            generation=generation,
            published=one.published,
            states=one.states,
            departments=one.departments,
            sections=one.sections,
            events=one.events,
        )
