"""When people are on duty, and by when a callback is promised: hours.yaml, read and checked. Pure but for the reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.policy_files import read_policy_file
from core.working_calendar import CalendarFile, WorkingCalendar, load_calendar

FILE = Path(__file__).resolve().parent / "hours.yaml"
NOTICE = timedelta(days=60)
"""So long before the arranged days end staff are told. The next year's arrangement is published in November as a rule."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Span(_Entry):
    start: Annotated[time, Field(alias="from")]
    until: time

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until <= self.start:
            raise ValueError("until 应晚于 from")
        return self


class _Callback(_Entry):
    working_days: Annotated[int, Field(ge=0, le=10)]
    by: time


class HoursFile(CalendarFile):
    """hours.yaml over core/working_calendar.yaml; the files' heads say what the fields mean."""

    hours: Annotated[tuple[_Span, ...], Field(min_length=1)]
    callback: _Callback


@dataclass(frozen=True, slots=True)
class ServiceHours(WorkingCalendar):
    """The calendar with the hours of its days. Moments go in and out aware; days and hours are those of its zone."""

    file: HoursFile

    def is_open(self, moment: datetime) -> bool:
        """Whether people are on duty at `moment`, if anybody has come."""
        local = moment.astimezone(self.zone)
        return self.is_working_day(local.date()) and any(
            span.start <= local.time() < span.until for span in self.file.hours
        )

    def promised(self, asked: datetime) -> datetime:
        """By when somebody who asked at `asked` is called back.

        A day off counts as the working day after it: who asks on Saturday is served as on Monday. Never in the past.
        """
        day = asked.astimezone(self.zone).date()
        day = self.working_day_from(day)
        for _ in range(self.file.callback.working_days):
            day = self.working_day_from(day + timedelta(days=1))
        promise = datetime.combine(day, self.file.callback.by, self.zone)
        if promise <= asked:
            promise = datetime.combine(self.working_day_from(day + timedelta(days=1)), self.file.callback.by, self.zone)
        return promise

    def told(self) -> str:
        """The hours in words, as citizens are told them."""
        spans = "、".join(f"{span.start:%H:%M}–{span.until:%H:%M}" for span in self.file.hours)
        days = sorted(self.file.days)
        names = "一二三四五六日"
        if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
            week = f"周{names[days[0] - 1]}至周{names[days[-1] - 1]}"
        else:
            week = "、".join(f"周{names[day - 1]}" for day in days)
        return f"{week}（节假日除外）{spans}"

    def notice(self, moment: datetime) -> str | None:
        """What staff have to be told of the calendar: that its arranged days end soon, or have ended. None if neither."""
        last = self.file.arranged_until
        day = moment.astimezone(self.zone).date()
        if day + NOTICE < last:
            return None
        until = f"{last.year}年{last.month}月{last.day}日"
        if day > last:
            begins = f"放假调休安排只录到{until}，现在只按法定节日判断休息日，调休的日子可能不准"
        else:
            begins = f"放假调休安排只录到{until}，之后只按法定节日判断休息日，调休的日子可能不准"
        return f"{begins}；承诺的回电时间也按它推算。请管理员按国务院办公厅的放假通知补录服务日历。"

    def in_words(self, moment: datetime) -> str:
        """A moment as citizens are told it: 11月24日（周二）17:00."""
        local = moment.astimezone(self.zone)
        return f"{local.month}月{local.day}日（周{'一二三四五六日'[local.weekday()]}）{local:%H:%M}"


def load_hours(file: Path = FILE) -> ServiceHours:
    """Read and check hours.yaml. Raises HubError (`policy_invalid`), naming the file and the field."""
    return ServiceHours(read_policy_file(file, HoursFile, load_calendar().file.model_dump(by_alias=True)))
