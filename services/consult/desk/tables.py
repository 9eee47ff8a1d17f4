"""Tables of the people behind the bot. Texts are stored masked; a phone number and a name are stored sealed only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UtcDateTime

OPEN = text("state IN ('waiting', 'attended', 'callback')")


class DeskHandover(Base):
    """One time that a conversation went to a person.

    `revision` grows with every change and every message: other processes see by it that something happened. `seen_at`:
    when the citizen was heard of last. No foreign key to the conversation: its first message may already ask for a
    person, before it is stored.
    """

    __tablename__ = "desk_handovers"
    __table_args__ = (
        # One open handover of a conversation, also when two messages ask at once.
        Index("uq_desk_handovers_open", "session_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_desk_handovers_session_id", "session_id"),
        Index("ix_desk_handovers_state", "state", "requested_at"),
        Index("ix_desk_handovers_updated_at", "updated_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(String(32))
    item_id: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    clerk_id: Mapped[str | None] = mapped_column(String(80))
    clerk_name: Mapped[str | None] = mapped_column(String(200))
    promised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(Integer)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeskMessage(Base):
    """One line of a live conversation, in order of `id`; `author`: citizen, clerk or system. `text` is masked."""

    __tablename__ = "desk_messages"
    __table_args__ = (Index("ix_desk_messages_session_id", "session_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(String(32))
    handover_id: Mapped[int] = mapped_column(Integer)
    author: Mapped[str] = mapped_column(String(16))
    clerk_name: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeskCallback(Base):
    """Somebody to be called back. `sealed`: phone and name, to be opened with the hub's key only, and removed when done;
    `phone_shown`: the number with its middle hidden."""

    __tablename__ = "desk_callbacks"
    __table_args__ = (
        Index("ix_desk_callbacks_state", "state", "promised_at"),
        Index("ix_desk_callbacks_handover_id", "handover_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(String(32))
    handover_id: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_shown: Mapped[str] = mapped_column(String(32))
    promised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    clerk_id: Mapped[str | None] = mapped_column(String(80))
    clerk_name: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeskClerk(Base):
    """A clerk on duty: there is a row while they are."""

    __tablename__ = "desk_clerks"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeskEvent(Base):
    """Who did what and when; only ever added to. Never a text of a conversation."""

    __tablename__ = "desk_events"
    __table_args__ = (Index("ix_desk_events_handover_id", "handover_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    handover_id: Mapped[int | None] = mapped_column(Integer)
    callback_id: Mapped[int | None] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(80))
    actor_name: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
