"""Tables of ratings, their follow-up, and questions grouped by meaning. Texts are stored masked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UtcDateTime


class VoiceRating(Base):
    """What a citizen thinks of one answer; rating again changes it. `number`: of the message in its conversation."""

    __tablename__ = "voice_ratings"
    __table_args__ = (
        UniqueConstraint("session_id", "number"),
        Index("ix_voice_ratings_grade", "grade", "updated_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("consult_sessions.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    grade: Mapped[int] = mapped_column(Integer)
    reasons: Mapped[list[str]] = mapped_column(JSON)
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VoiceFollowUp(Base):
    """A low rating that staff see to: open, handled, closed; `due_at`: by when. One of each rating."""

    __tablename__ = "voice_follow_ups"
    __table_args__ = (
        UniqueConstraint("rating_id"),
        Index("ix_voice_follow_ups_state", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    rating_id: Mapped[int] = mapped_column(ForeignKey("voice_ratings.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    clerk_id: Mapped[str | None] = mapped_column(String(80))
    clerk_name: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VoiceGroup(Base):
    """Questions that mean the same. `vector`: of its first question, by the embedder `version`; what comes later is compared
    with it. `state`: open, faq, alias or dismissed; `entry_id`: the draft that was made; `note`: why it was dismissed."""

    __tablename__ = "voice_groups"
    __table_args__ = (Index("ix_voice_groups_state", "state", "questions"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    state: Mapped[str] = mapped_column(String(16))
    example: Mapped[str] = mapped_column(Text)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[str] = mapped_column(String(120))
    questions: Mapped[int] = mapped_column(Integer)
    entry_id: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(Text)
    actor_id: Mapped[str | None] = mapped_column(String(80))
    actor_name: Mapped[str | None] = mapped_column(String(200))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VoiceQuestion(Base):
    """A question in its group. `why`: unanswered or rated. The text stays in its message."""

    __tablename__ = "voice_questions"
    __table_args__ = (Index("ix_voice_questions_group_id", "group_id", "message_id"),)

    message_id: Mapped[int] = mapped_column(
        ForeignKey("consult_messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    group_id: Mapped[int] = mapped_column(ForeignKey("voice_groups.id", ondelete="CASCADE"))
    why: Mapped[str] = mapped_column(String(16))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
