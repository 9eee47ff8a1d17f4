"""Tables of the content library: every version of every entry, who did what, and the text of every section ever published.

Two partial unique indexes hold what the code promises: an entry has at most one version in force and at most one that is
being worked on, whatever two processes do at the same moment.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UtcDateTime

IDENTITY = 80
"""Characters of an entry's id, of an actor's id and of a name on screen."""
NAME = 200


class LibraryGeneration(Base):
    """One row (id 1), made by the migration. `counter` moves in every transaction that changes what is in force; whoever
    does that locks this row first. `folder`: hash of the content folder that was imported last. `rendering`: hash of the
    code that turns entries into sections, when the kept sections were last compared with it."""

    __tablename__ = "library_generation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counter: Mapped[int] = mapped_column(default=0)
    folder: Mapped[str | None] = mapped_column(String(64))
    rendering: Mapped[str | None] = mapped_column(String(64))
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LibraryEntry(Base):
    """An entry under its id. `last_number`: the highest version number ever given, also to a draft that was deleted."""

    __tablename__ = "library_entries"

    id: Mapped[str] = mapped_column(String(IDENTITY), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), index=True)
    last_number: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LibraryVersion(Base):
    """One version of an entry's text.

    `document`: the entry's data without its version number, checked once it has left the state of a draft; `faults`: what a
    draft still lacks, as {"field", "expected"}. `digest`: of the document, to see what is unchanged. `revision` counts
    saves. `based_on`: the version in force when the draft was begun. `editors`: ids of everyone who saved it, none of whom
    may approve it. `publish_on`: put in force on that day without further ado. `ended_at`: when it was replaced or
    withdrawn.
    """

    __tablename__ = "library_versions"
    __table_args__ = (
        UniqueConstraint("entry_id", "number"),
        Index(
            "uq_library_versions_published",
            "entry_id",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "uq_library_versions_open",
            "entry_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'review', 'approved')"),
            postgresql_where=text("state IN ('draft', 'review', 'approved')"),
        ),
        Index("ix_library_versions_state", "state", "publish_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("library_entries.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(NAME))
    department: Mapped[str] = mapped_column(String(NAME))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    faults: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(default=1)
    based_on: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(Text)
    effective_date: Mapped[date | None]
    cancel_date: Mapped[date | None]
    publish_on: Mapped[date | None]
    editors: Mapped[list[str]] = mapped_column(JSON)
    author_id: Mapped[str] = mapped_column(String(IDENTITY))
    author_name: Mapped[str] = mapped_column(String(NAME))
    updated_by_id: Mapped[str] = mapped_column(String(IDENTITY))
    updated_by_name: Mapped[str] = mapped_column(String(NAME))
    submitted_by_id: Mapped[str | None] = mapped_column(String(IDENTITY))
    submitted_by_name: Mapped[str | None] = mapped_column(String(NAME))
    approved_by_id: Mapped[str | None] = mapped_column(String(IDENTITY))
    approved_by_name: Mapped[str | None] = mapped_column(String(NAME))
    published_by_id: Mapped[str | None] = mapped_column(String(IDENTITY))
    published_by_name: Mapped[str | None] = mapped_column(String(NAME))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LibraryEvent(Base):
    """What somebody did to a version; only ever added to. No foreign key: the history of a deleted draft stays."""

    __tablename__ = "library_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(IDENTITY), index=True)
    number: Mapped[int]
    action: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str | None] = mapped_column(String(16))
    revision: Mapped[int | None]
    actor_id: Mapped[str] = mapped_column(String(IDENTITY))
    actor_name: Mapped[str] = mapped_column(String(NAME))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    generation: Mapped[int | None]


class LibrarySection(Base):
    """A section's text as it was shown from generation `since` on, kept for ever.

    The same id gets a second row if its text changes without a new version: another item that it names was renamed, or
    the code that renders it changed. `id` is `entry/element@version`.
    """

    __tablename__ = "library_sections"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    since: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = mapped_column(String(IDENTITY), index=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    item_id: Mapped[str] = mapped_column(String(IDENTITY))
    item_name: Mapped[str] = mapped_column(Text)
    element: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class Sample(Base):
    """A labelled sample for training, without personal data. `digest` of kind, input and label: the same sample is kept once.
    `entries`: the versions it is about, as [{"entry_id", "number"}]. `redaction`: how many finds of each kind were masked."""

    __tablename__ = "library_samples"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16), index=True)
    input: Mapped[str] = mapped_column(Text)
    label: Mapped[Any] = mapped_column(JSON)
    redaction: Mapped[dict[str, int]] = mapped_column(JSON)
    entries: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SampleOrigin(Base):
    """Where a sample came from; it goes when its last origin is withdrawn. `consent`: on what ground it may be kept."""

    __tablename__ = "library_sample_origins"

    sample_id: Mapped[int] = mapped_column(ForeignKey("library_samples.id", ondelete="CASCADE"), primary_key=True)
    origin: Mapped[str] = mapped_column(String(120), primary_key=True, index=True)
    consent: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(IDENTITY))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
