"""What goes over the wire about the numbers and the conversations behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from services.consult.desk.schemas import TranscriptLine

By = Literal["day", "item", "department", "channel"]


class Figures(BaseModel):
    """Counts of messages (`questions` and its statuses, `words_only`, `dropped`, `rated`), of conversations (`with_clerk` too)
    and of issues: a conversation about an item that got an answer. `resolved` of `issues` were settled in one
    consultation. Shares are 0..1; null where there is nothing to divide by."""

    key: str
    title: str
    questions: int
    conversations: int
    answered: int
    asked_back: int
    not_found: int
    handed_over: int
    refused: int
    unanswered: int
    with_clerk: int
    words_only: int
    dropped: int
    rated: int
    rated_low: int
    mean_grade: float | None
    share_rated: float | None
    issues: int
    resolved: int
    share_resolved: float | None
    seconds_p50: float | None
    seconds_p95: float | None


class Numbers(BaseModel):
    """The whole of the period, and its parts; items and departments: the most asked first. `note`: what the numbers can't
    tell."""

    total: Figures
    rows: list[Figures]
    note: str


class ConversationLine(BaseModel):
    """One conversation; `question` is the first that the number counts."""

    session_id: str
    channel: str
    began_at: datetime
    messages: int
    question: str
    status: str
    grade: int | None


class ConversationList(BaseModel):
    """A page of conversations, the newest first."""

    conversations: list[ConversationLine]
    total: int


class ConversationView(BaseModel):
    """One conversation in full, masked."""

    session_id: str
    channel: str
    began_at: datetime
    lines: list[TranscriptLine]
