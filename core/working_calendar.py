"""Working days by the State Council's arrangement: core/working_calendar.yaml, read and checked. Pure but for the reading.

Comes in: days of the calendar's zone. Goes out: which of them are worked, the n-th working day after one, how many lie between.
A day worked instead (调休) outweighs a holiday, a holiday the day of the week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.policy_files import read_policy_file

FILE = Path(__file__).resolve().parent / "working_calendar.yaml"
LONGEST_SEARCH = 60
"""Days in which a working day must be found; a calendar without one is a mistake in the file."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Holiday(_Entry):
    """Days off, first and last one included."""

    name: str
    start: Annotated[date, Field(alias="from")]
    until: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until < self.start:
            raise ValueError("until 不能早于 from")
        return self


class CalendarFile(_Entry):
    """working_calendar.yaml; the file's head says what the fields mean."""

    zone: str
    days: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1)]
    holidays: tuple[Holiday, ...] = ()
    workdays: tuple[date, ...] = ()
    arranged_until: date

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("没有这个时区") from None
        return zone


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The calendar. Days are those of its zone."""

    file: CalendarFile

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the days."""
        return ZoneInfo(self.file.zone)

    def day_of(self, moment: datetime) -> date:
        """The day on which an aware moment falls."""
        return moment.astimezone(self.zone).date()

    def is_working_day(self, day: date) -> bool:
        """Whether people work on `day`."""
        if day in self.file.workdays:
            return True
        if any(holiday.start <= day <= holiday.until for holiday in self.file.holidays):
            return False
        return day.isoweekday() in self.file.days

    def working_day_from(self, day: date) -> date:
        """`day` if it is worked, else the next one that is; `day` itself if there is none in 60 days."""
        for ahead in range(LONGEST_SEARCH):
            if self.is_working_day(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        return day

    def after(self, day: date, number: int) -> date:
        """The `number`-th working day after `day`, which itself doesn't count (民法典 §201)."""
        for _ in range(number):
            day = self.working_day_from(day + timedelta(days=1))
        return day

    def between(self, day: date, until: date) -> int:
        """Working days after `day` up to and with `until`; negative, counted the other way round, if `until` is earlier."""
        if until < day:
            return -self.between(until, day)
        return sum(self.is_working_day(day + timedelta(days=ahead)) for ahead in range(1, (until - day).days + 1))

    def is_arranged(self, day: date) -> bool:
        """Whether the State Council's arrangement is known for `day`."""
        return day <= self.file.arranged_until


@cache
def load_calendar(file: Path = FILE) -> WorkingCalendar:
    """Read and check the file. Raises HubError (`policy_invalid`), naming the file and the field."""
    return WorkingCalendar(read_policy_file(file, CalendarFile))
