"""What the dashboard counts: each measure is a condition on messages, so that a number opens just the conversations it counts.

SQL for SQLite and PostgreSQL. Days are days in Shanghai.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Float, String, and_, case, cast, exists, func, literal, select
from sqlalchemy.sql.selectable import Subquery

from core.errors import Invalid
from knowledge_base.life.lifecycle import SHANGHAI
from services.consult.desk.tables import DeskHandover
from services.consult.tables import ConsultMessage
from services.consult.voice.tables import VoiceRating

Measure = Literal[
    "questions",
    "answered",
    "asked_back",
    "not_found",
    "handed_over",
    "refused",
    "with_clerk",
    "words_only",
    "dropped",
    "rated",
    "rated_low",
    "unanswered",
    "unresolved",
]
LOW = 2
"""Grades up to it count against an answer."""
BREAK = timedelta(minutes=30)
"""Who comes back to an item of the same conversation after more than this has come a second time."""
WITHIN = timedelta(days=7)
LONGEST = 366
"""Days that can be asked for at once."""


def period(start: date, end: date) -> tuple[datetime, datetime]:
    """From the first moment of `start` to the first after `end`.

    Raises:
        Invalid: the days are in the wrong order, or too many (`period_invalid`).
    """
    if end < start or (end - start).days >= LONGEST:
        raise Invalid(f"日期应从早到晚，最多 {LONGEST} 天。", code="period_invalid", param="to")
    return (
        datetime.combine(start, time.min, SHANGHAI),
        datetime.combine(end + timedelta(days=1), time.min, SHANGHAI),
    )


def day_of(column: ColumnElement[datetime], dialect: str) -> ColumnElement[str]:
    """The day in Shanghai, as 2026-11-23. No daylight saving there since 1991."""
    if dialect == "sqlite":
        return func.date(column, literal("+8 hours"))
    return func.to_char(func.timezone("Asia/Shanghai", column), "YYYY-MM-DD")


def seconds_between(
    later: ColumnElement[datetime], earlier: ColumnElement[datetime], dialect: str
) -> ColumnElement[float]:
    """Seconds from one column to the other."""
    if dialect == "sqlite":
        return (func.julianday(later) - func.julianday(earlier)) * 86400.0
    return cast(func.extract("epoch", later - earlier), Float)


def to_clerk() -> ColumnElement[bool]:
    """Whether a message's conversation ever went to a clerk."""
    return exists().where(DeskHandover.session_id == ConsultMessage.session_id)


def rated(low: bool = False) -> ColumnElement[bool]:
    """Whether the answer was rated, or rated low."""
    same = and_(VoiceRating.session_id == ConsultMessage.session_id, VoiceRating.number == ConsultMessage.number)
    return exists().where(same, VoiceRating.grade <= LOW) if low else exists().where(same)


def issues(scope: Sequence[ColumnElement[bool]], dialect: str) -> Subquery:
    """One row for each conversation about an item, with an answer: `resolved` if nobody came back to it after a break within
    seven days, rated it low, or went to a clerk. Conversations are anonymous: who begins a new one is somebody new."""
    before = func.lag(ConsultMessage.created_at).over(
        partition_by=(ConsultMessage.session_id, ConsultMessage.item_id), order_by=ConsultMessage.number
    )
    gap = seconds_between(ConsultMessage.created_at.expression, before, dialect)
    lines = (
        select(
            ConsultMessage.session_id,
            ConsultMessage.item_id,
            ConsultMessage.channel,
            ConsultMessage.created_at,
            (ConsultMessage.status == "answered").label("answered"),
            gap.label("gap"),
            VoiceRating.grade,
        )
        .outerjoin(
            VoiceRating,
            and_(VoiceRating.session_id == ConsultMessage.session_id, VoiceRating.number == ConsultMessage.number),
        )
        .where(*scope, ConsultMessage.item_id.is_not(None))
        .subquery()
    )
    again = and_(lines.c.gap > BREAK.total_seconds(), lines.c.gap <= WITHIN.total_seconds())
    clerk = exists().where(DeskHandover.session_id == lines.c.session_id)
    bad = func.sum(one(again)) + func.sum(one(func.coalesce(lines.c.grade, 5) <= LOW)) + func.max(one(clerk))
    return (
        select(
            lines.c.session_id,
            lines.c.item_id,
            func.min(lines.c.channel).label("channel"),
            func.min(lines.c.created_at).label("created_at"),
            one(bad == 0).label("resolved"),
        )
        .group_by(lines.c.session_id, lines.c.item_id)
        .having(func.sum(one(lines.c.answered)) > 0)
        .subquery()
    )


def one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """1 where it holds, else 0."""
    return case((condition, 1), else_=0)


def condition(measure: Measure) -> ColumnElement[bool] | None:
    """Which messages a measure counts; None: all of them (`questions`; `unresolved` counts issues)."""
    by_status: Mapping[str, str] = {
        "answered": "answered",
        "asked_back": "clarify",
        "not_found": "not_found",
        "handed_over": "handed_over",
        "refused": "refused",
    }
    if measure in by_status:
        return ConsultMessage.status == by_status[measure]
    others: dict[str, ColumnElement[bool]] = {
        "with_clerk": to_clerk(),
        "words_only": ConsultMessage.words_only.is_(True),
        "dropped": ConsultMessage.dropped > 0,
        "rated": rated(),
        "rated_low": rated(low=True),
        "unanswered": ConsultMessage.unanswered.is_(True),
    }
    return others.get(measure)


def text_key(column: ColumnElement[object]) -> ColumnElement[str]:
    """A key to group by; missing is empty."""
    return func.coalesce(cast(column, String), "")
