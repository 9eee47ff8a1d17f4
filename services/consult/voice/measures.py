"""What the dashboard counts: each measure is a condition on messages, so that a number opens just the conversations it counts.

Days are days in Shanghai. Settled in one consultation is a conversation about an item with an answer, if nobody came back to the
item after a break within seven days, rated it low, or went to a clerk (`figures.issues_of`). Conversations are anonymous: who
begins a new one is somebody new.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, exists

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


def to_clerk() -> ColumnElement[bool]:
    """Whether a message's conversation ever went to a clerk."""
    return exists().where(DeskHandover.session_id == ConsultMessage.session_id)


def rated(low: bool = False) -> ColumnElement[bool]:
    """Whether the answer was rated, or rated low."""
    same = and_(VoiceRating.session_id == ConsultMessage.session_id, VoiceRating.number == ConsultMessage.number)
    return exists().where(same, VoiceRating.grade <= LOW) if low else exists().where(same)


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
