"""Tables of conversations. Text is stored masked and cleaned only; what a person typed word for word is never kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UtcDateTime

FACTS = (
    "created_at",
    "session_id",
    "number",
    "item_id",
    "channel",
    "status",
    "unanswered",
    "words_only",
    "dropped",
    "seconds",
)
"""What the dashboard counts of a message, in one index: its sums never read the long texts."""


class ConsultSession(Base):
    """One conversation, and what its next message may refer back to.

    `item_id`, `element`: subject of the last answer. `pending`: the elements that were asked for when the bot asked
    back which item is meant, and `offered`: the ids of the items it offered; both null otherwise. `memory`: the rest, as
    `services.consult.consultation.Memory` writes it.
    """

    __tablename__ = "consult_sessions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    item_id: Mapped[str | None] = mapped_column(String(80))
    element: Mapped[str | None] = mapped_column(String(32))
    pending: Mapped[list[str] | None] = mapped_column(JSON)
    offered: Mapped[list[str] | None] = mapped_column(JSON)
    memory: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    messages: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsultMessage(Base):
    """One question and its answer; `number` counts from 1 within the session.

    `item_id`: of the item that the answer is about, or of the life event (一件事) where it tells one.
    `citations`: section ids with versions, so that what was said stays traceable. `unanswered`: staff have to see it.
    `answers`: what was known of the person's situation, by the questions' ids. `masked`: how much personal data of each
    kind was masked. `dropped`: parts that verification took out. `words_only`: the model had no room, and the answer was
    found by words alone.
    """

    __tablename__ = "consult_messages"
    __table_args__ = (
        UniqueConstraint("session_id", "number"),
        Index("ix_consult_messages_unanswered", "unanswered", "created_at"),
        Index("ix_consult_messages_facts", *FACTS),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("consult_sessions.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(String(16))
    question: Mapped[str] = mapped_column(Text)
    route: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    answer: Mapped[str] = mapped_column(Text)
    item_id: Mapped[str | None] = mapped_column(String(80), index=True)
    element: Mapped[str | None] = mapped_column(String(32))
    citations: Mapped[list[str]] = mapped_column(JSON)
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    masked: Mapped[dict[str, Any]] = mapped_column(JSON)
    dropped: Mapped[int] = mapped_column(Integer)
    unanswered: Mapped[bool] = mapped_column(Boolean)
    words_only: Mapped[bool] = mapped_column(Boolean)
    library: Mapped[str] = mapped_column(String(32))
    seconds: Mapped[float] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
