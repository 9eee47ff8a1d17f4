"""The terms of a submission (pure): the one notice within 5 working days of receipt, the item's statutory and promised limits from
acceptance. None runs while the applicant puts things right; a supplement is a new receipt (docs/decisions/0030-submissions.md).

The day that starts a term doesn't count (民法典 §201); a term of calendar days that ends on a day off ends on the next working
day (§203).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from core.working_calendar import WorkingCalendar
from knowledge_base.schema import ServiceItem, TimeLimit
from knowledge_base.terms import LimitUnit
from services.precheck.states import State
from services.precheck.tables import Submission

TimerName = Literal["notice", "statutory", "promised"]
TITLES: dict[TimerName, str] = {"notice": "一次告知", "statutory": "法定办结", "promised": "承诺办结"}


@dataclass(frozen=True, slots=True)
class Timer:
    """One term. `left`: working days after `today` up to its last day, negative once it is over; None while it is stopped."""

    name: TimerName
    due_on: date
    left: int | None
    stopped: bool

    @property
    def overdue(self) -> bool:
        """Its last day is over."""
        return self.left is not None and self.left < 0


def last_day(calendar: WorkingCalendar, start: date, limit: TimeLimit | None) -> date | None:
    """Of a limit that starts on `start`; None if the item has none."""
    if limit is None:
        return None
    if limit.unit is LimitUnit.IMMEDIATE or limit.number is None:
        return calendar.working_day_from(start)
    if limit.unit is LimitUnit.WORKING_DAY:
        return calendar.after(start, limit.number)
    return calendar.working_day_from(start + timedelta(days=limit.number))


def start_notice(submission: Submission, calendar: WorkingCalendar, day: date, working_days: int) -> None:
    """It was received on `day`."""
    submission.notice_due = submission.due_on = calendar.after(day, working_days)


def start_handling(submission: Submission, calendar: WorkingCalendar, day: date, item: ServiceItem) -> None:
    """It counts as accepted on `day`."""
    submission.accepted_on = day
    submission.statutory_due = last_day(calendar, day, item.statutory_limit)
    submission.promised_due = last_day(calendar, day, item.promised_limit)
    known = [one for one in (submission.statutory_due, submission.promised_due) if one is not None]
    submission.due_on = min(known, default=None)


def stop(submission: Submission) -> None:
    """Nothing runs: it is with the applicant, or at its end."""
    submission.due_on = None


def silence_is_acceptance(submission: Submission, today: date) -> bool:
    """The notice's last day is over and nobody has said anything (行政许可法 §32)."""
    return submission.state == State.RECEIVED and submission.notice_due is not None and submission.notice_due < today


def timers_of(submission: Submission, calendar: WorkingCalendar, today: date) -> list[Timer]:
    """The terms that matter where it stands now."""
    state = State(submission.state)
    if state is State.ACCEPTED:
        named: list[tuple[TimerName, date | None]] = [
            ("promised", submission.promised_due),
            ("statutory", submission.statutory_due),
        ]
    elif state in (State.RECEIVED, State.CORRECTION):
        named = [("notice", submission.notice_due)]
    else:
        return []
    stopped = state is State.CORRECTION
    return [
        Timer(name, due, None if stopped else _left(calendar, today, due), stopped)
        for name, due in named
        if due is not None
    ]


def _left(calendar: WorkingCalendar, today: date, due: date) -> int:
    if due >= today:
        return calendar.between(today, due)
    # Over is over, even if only days off lie between.
    return min(-1, calendar.between(today, due))
