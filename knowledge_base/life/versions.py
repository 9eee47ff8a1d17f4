"""One version of an entry as the rest of the hub sees it: plain, frozen data, without the database behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge_base.life.documents import entry_of
from knowledge_base.life.lifecycle import Actor
from knowledge_base.life.planning import stored
from knowledge_base.schema import Entry
from knowledge_base.tables import LibraryVersion
from knowledge_base.terms import EntryKind, TextState


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `document` lacks the version number, which is `number`; `faults`: what a draft still lacks."""

    entry_id: str
    kind: EntryKind
    number: int
    state: TextState
    name: str
    department: str
    document: Mapping[str, Any]
    faults: tuple[Mapping[str, str], ...]
    revision: int
    based_on: int | None
    note: str | None
    effective_date: date | None
    cancel_date: date | None
    publish_on: date | None
    editors: tuple[str, ...]
    author: Actor
    updated_by: Actor
    submitted_by: Actor | None
    approved_by: Actor | None
    published_by: Actor | None
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    approved_at: datetime | None
    published_at: datetime | None
    ended_at: datetime | None

    def entry(self) -> Entry:
        """The typed entry. Raises ContentInvalid for a draft that is not complete."""
        return entry_of(self.kind, {"id": self.entry_id, **self.document}, self.number)


def _actor(actor_id: str | None, name: str | None) -> Actor | None:
    return None if actor_id is None else Actor(actor_id, name or "")


def version_of(row: LibraryVersion, kind: EntryKind) -> Version:
    """The row as plain data."""
    return Version(
        entry_id=row.entry_id,
        kind=kind,
        number=row.number,
        state=TextState(row.state),
        name=row.name,
        department=row.department,
        document=row.document,
        faults=tuple(row.faults),
        revision=row.revision,
        based_on=row.based_on,
        note=row.note,
        effective_date=row.effective_date,
        cancel_date=row.cancel_date,
        publish_on=row.publish_on,
        editors=tuple(row.editors),
        author=Actor(row.author_id, row.author_name),
        updated_by=Actor(row.updated_by_id, row.updated_by_name),
        submitted_by=_actor(row.submitted_by_id, row.submitted_by_name),
        approved_by=_actor(row.approved_by_id, row.approved_by_name),
        published_by=_actor(row.published_by_id, row.published_by_name),
        created_at=row.created_at,
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
        approved_at=row.approved_at,
        published_at=row.published_at,
        ended_at=row.ended_at,
    )


def read_version(session: Session, entry_id: str, number: int) -> Version:
    """One version. Raises NotFound (`entry_not_found`, `version_not_found`)."""
    kind, row = stored(session, entry_id, number)
    return version_of(row, kind)


def versions_of(session: Session, entry_id: str, kind: EntryKind) -> list[Version]:
    """Every version of an entry, newest first."""
    rows = session.scalars(
        select(LibraryVersion).where(LibraryVersion.entry_id == entry_id).order_by(LibraryVersion.number.desc())
    )
    return [version_of(row, kind) for row in rows]
