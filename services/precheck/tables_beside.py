"""Tables beside the submissions: answers to repeated requests, webhooks and their outbox, automatic handling, marks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UtcDateTime


class IdempotencyKey(Base):
    """The answer to a request that may come again. `scope`: the caller's id; `digest`: of method, path and body; `answer`: plain
    data, which goes with the submission, or after a day."""

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[Any] = mapped_column(JSON)
    submission_id: Mapped[str] = mapped_column(String(32), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Webhook(Base):
    """An address that is told of events. `events`: names, empty for all. Its secret is worked out of the hub's key
    (`signing.py`)."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool]
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WebhookDelivery(Base):
    """One event for one address, written in the transaction of the event. `state`: pending, done or dead."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_state", "state", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    submission_id: Mapped[str] = mapped_column(String(32))
    event: Mapped[str] = mapped_column(String(30))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(60))


class AutomaticPolicy(Base):
    """What of an item may be decided without a person. `until`: `accept`, or `complete` (accepts and completes). `allowed`: ids
    of the rules whose undetermined findings or notes don't stand in the way. A row that says nonsense lets nothing pass."""

    __tablename__ = "automatic_policies"

    item_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    enabled: Mapped[bool]
    until: Mapped[str] = mapped_column(String(10))
    allowed: Mapped[list[str]] = mapped_column(JSON)
    least_confidence: Mapped[float]
    most_per_day: Mapped[int]
    sample_share: Mapped[float]
    changed_by: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AutomaticSwitch(Base):
    """One row (id 1). No row, or `running` False: nothing is decided without a person, whatever the policies say."""

    __tablename__ = "automatic_switch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    running: Mapped[bool]
    changed_by: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AutomaticOutcome(Base):
    """What became of a report that was looked at: decided, sampled (a person decides, blind) or declined, with codes of why. No
    foreign key: the figures outlive the submission."""

    __tablename__ = "automatic_outcomes"
    __table_args__ = (Index("ix_automatic_outcomes_day", "item_id", "day"),)

    submission_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    report_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[str] = mapped_column(String(80))
    day: Mapped[date]
    outcome: Mapped[str] = mapped_column(String(10))
    reasons: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PrecheckMark(Base):
    """How far something has come, by name: `learnt` (the newest event of the history that samples were made of)."""

    __tablename__ = "precheck_marks"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
