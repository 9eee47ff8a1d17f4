"""What was done to the library's texts: events are only ever added, in the transaction of what they tell of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.database import now
from knowledge_base.life.lifecycle import SYSTEM_PREFIX, Action, Actor
from knowledge_base.tables import LibraryEvent
from knowledge_base.terms import TextState


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `generation` is set if it changed what is in force."""

    entry_id: str
    number: int
    action: Action
    from_state: TextState | None
    to_state: TextState | None
    by: Actor
    at: datetime
    note: str | None = None
    revision: int | None = None
    generation: int | None = None


def event(
    entry_id: str,
    number: int,
    action: Action,
    by: Actor,
    *,
    before: TextState | None = None,
    after: TextState | None = None,
    note: str | None = None,
    revision: int | None = None,
    generation: int | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    """One event as `record` takes it."""
    return {
        "entry_id": entry_id,
        "number": number,
        "action": action.value,
        "from_state": before.value if before else None,
        "to_state": after.value if after else None,
        "revision": revision,
        "actor_id": by.id,
        "actor_name": by.name,
        "at": at or now(),
        "note": note,
        "generation": generation,
    }


def record(session: Session, *events: dict[str, Any]) -> None:
    """Add events."""
    if events:
        session.execute(insert(LibraryEvent), list(events))


def history_of(session: Session, entry_id: str) -> list[Event]:
    """Everything that happened to an entry, newest first."""
    rows = session.scalars(
        select(LibraryEvent).where(LibraryEvent.entry_id == entry_id).order_by(LibraryEvent.id.desc())
    )
    return [
        Event(
            entry_id=row.entry_id,
            number=row.number,
            action=Action(row.action),
            from_state=TextState(row.from_state) if row.from_state else None,
            to_state=TextState(row.to_state) if row.to_state else None,
            by=Actor(row.actor_id, row.actor_name),
            at=row.at,
            note=row.note,
            revision=row.revision,
            generation=row.generation,
        )
        for row in rows
    ]


def touched_by_people(session: Session) -> set[str]:
    """Ids of entries that somebody else than the hub itself has ever done anything to."""
    return set(
        session.scalars(
            select(LibraryEvent.entry_id).where(LibraryEvent.actor_id.not_like(f"{SYSTEM_PREFIX}%")).distinct()
        )
    )
