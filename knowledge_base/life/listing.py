"""Lists for the people who write: entries with filters and counts, the review queue, departments, figures.

Only light columns are read; an entry shows by the version that is being worked on, else by the one in force, else by its
newest.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from knowledge_base.life.lifecycle import OPEN, Actor, is_in_use, local_date
from knowledge_base.tables import LibraryEntry, LibraryEvent, LibrarySection, LibraryVersion
from knowledge_base.terms import EntryKind, TextState


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """One entry in a list. `published`: number in force; `open`, `state`: number and state of what is being worked on, or
    the state of the newest version if there is neither. `faults`: how much the draft lacks."""

    id: str
    kind: EntryKind
    name: str
    department: str
    state: TextState
    published: int | None
    open: int | None
    faults: int
    effective_date: date | None
    cancel_date: date | None
    publish_on: date | None
    author: Actor
    updated_by: Actor
    updated_at: datetime
    editors: tuple[str, ...]
    states: frozenset[TextState] = frozenset()


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What a list is narrowed to. `state`: an entry counts under the state of what is being worked on and of what is in
    force. `effective_on`: in force on that day, past or to come."""

    kind: EntryKind | None = None
    department: str | None = None
    state: TextState | None = None
    text: str | None = None
    effective_on: date | None = None


@dataclass(frozen=True, slots=True)
class EntryList:
    """A page of a list. `total` and the counts are of everything that the filters let through; `states` and `kinds` count as
    if their own filter were not set."""

    total: int
    entries: tuple[EntrySummary, ...]
    states: dict[TextState, int] = field(default_factory=dict)
    kinds: dict[EntryKind, int] = field(default_factory=dict)


LIGHT = (
    LibraryVersion.entry_id,
    LibraryEntry.kind,
    LibraryEntry.last_number,
    LibraryVersion.number,
    LibraryVersion.state,
    LibraryVersion.name,
    LibraryVersion.department,
    LibraryVersion.faults,
    LibraryVersion.effective_date,
    LibraryVersion.cancel_date,
    LibraryVersion.publish_on,
    LibraryVersion.published_at,
    LibraryVersion.ended_at,
    LibraryVersion.author_id,
    LibraryVersion.author_name,
    LibraryVersion.updated_by_id,
    LibraryVersion.updated_by_name,
    LibraryVersion.updated_at,
    LibraryVersion.editors,
)


def summaries(session: Session, effective_on: date | None = None) -> list[EntrySummary]:
    """Every entry that has a version, in the order of department and name."""
    rows = session.execute(
        select(*LIGHT)
        .join(LibraryEntry, LibraryEntry.id == LibraryVersion.entry_id)
        .order_by(LibraryVersion.entry_id, LibraryVersion.number)
    ).all()
    by_entry: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_entry.setdefault(row.entry_id, []).append(cast(Row[Any], row))
    found = [
        _summary(versions)
        for versions in by_entry.values()
        if effective_on is None or any(_was_in_force(version, effective_on) for version in versions)
    ]
    return sorted(found, key=lambda one: (one.department, one.name, one.id))


def _summary(versions: list[Row[Any]]) -> EntrySummary:
    published = next((row for row in versions if row.state == TextState.PUBLISHED), None)
    working = next((row for row in versions if row.state in OPEN), None)
    shows = working or published or versions[-1]
    states = {TextState(shows.state)} | ({TextState.PUBLISHED} if published else set())
    return EntrySummary(
        id=shows.entry_id,
        kind=EntryKind(shows.kind),
        name=shows.name,
        department=shows.department,
        state=TextState(shows.state),
        published=published.number if published else None,
        open=working.number if working else None,
        faults=len(working.faults) if working else 0,
        effective_date=shows.effective_date,
        cancel_date=shows.cancel_date,
        publish_on=shows.publish_on,
        author=Actor(shows.author_id, shows.author_name),
        updated_by=Actor(shows.updated_by_id, shows.updated_by_name),
        updated_at=shows.updated_at,
        editors=tuple(shows.editors),
        states=frozenset(states),
    )


def _was_in_force(row: Row[Any], day: date) -> bool:
    if row.published_at is not None:
        begun = local_date(row.published_at) <= day and is_in_use(None, row.cancel_date, day)
        return begun and (row.ended_at is None or day < local_date(row.ended_at))
    return row.publish_on is not None and row.publish_on <= day and is_in_use(None, row.cancel_date, day)


def _passes(one: EntrySummary, wanted: EntryFilter) -> bool:
    text = (wanted.text or "").strip().lower()
    return (wanted.department is None or one.department == wanted.department) and (
        not text or text in one.name.lower() or text in one.id
    )


def entry_list(session: Session, wanted: EntryFilter, page: int, page_size: int) -> EntryList:
    """One page (from 1) of the entries that the filters let through."""
    found = [one for one in summaries(session, wanted.effective_on) if _passes(one, wanted)]
    of_kind = [one for one in found if wanted.kind is None or one.kind is wanted.kind]
    of_state = [one for one in found if wanted.state is None or wanted.state in one.states]
    both = [one for one in of_kind if wanted.state is None or wanted.state in one.states]
    start = (page - 1) * page_size
    return EntryList(
        total=len(both),
        entries=tuple(both[start : start + page_size]),
        states=dict(Counter(state for one in of_kind for state in one.states)),
        kinds=dict(Counter(one.kind for one in of_state)),
    )


def review_queue(session: Session) -> list[EntrySummary]:
    """What waits for a reviewer or for publication, approved texts first, then what waits longest."""
    waiting = (TextState.REVIEW, TextState.APPROVED)
    return sorted(
        (one for one in summaries(session) if one.state in waiting), key=lambda one: (one.state.value, one.updated_at)
    )


def departments(session: Session) -> dict[str, int]:
    """Departments by name and how many entries each has."""
    return dict(sorted(Counter(one.department for one in summaries(session) if one.department).items()))


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures about the library. `published`: entries in force by kind; `states`: versions by state."""

    published: dict[EntryKind, int]
    states: dict[TextState, int]
    departments: int
    sections: int
    events: int


def statistics(session: Session) -> Statistics:
    """Count everything."""
    every = summaries(session)
    states = session.execute(select(LibraryVersion.state, func.count()).group_by(LibraryVersion.state)).all()
    return Statistics(
        published=dict(Counter(one.kind for one in every if one.published)),
        states={TextState(state): count for state, count in states},
        departments=len({one.department for one in every if one.published}),
        sections=session.execute(select(func.count()).select_from(LibrarySection)).scalar_one(),
        events=session.execute(select(func.count()).select_from(LibraryEvent)).scalar_one(),
    )
