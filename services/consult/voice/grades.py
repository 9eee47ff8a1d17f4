"""The grades of 好差评, the reasons that can be chosen, and by when a low one is followed up: grades.yaml, read and checked."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.errors import Invalid, shown
from core.policy_files import read_policy_file
from services.consult.desk.hours import ServiceHours

FILE = Path(__file__).resolve().parent / "grades.yaml"
LONGEST_SEARCH = 400
"""Days in which the working days must be found; a calendar with fewer is a mistake."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Grade(_Entry):
    """One grade; `reasons` are what can be ticked."""

    grade: Annotated[int, Field(ge=1, le=5)]
    title: Annotated[str, Field(min_length=1)]
    reasons: tuple[str, ...]


class FollowUpRule(_Entry):
    """Grades up to `lowest` are followed up within `working_days`, by that hour."""

    lowest: Annotated[int, Field(ge=0, le=4)]
    working_days: Annotated[int, Field(ge=1, le=30)]
    by: time


class Grades(_Entry):
    """grades.yaml; the file's head says what the fields mean."""

    grades: tuple[Grade, ...]
    follow_up: FollowUpRule

    @model_validator(mode="after")
    def _all_five(self) -> Self:
        if sorted(one.grade for one in self.grades) != [1, 2, 3, 4, 5]:
            raise ValueError("应有五个等级，各一次")
        return self

    def is_low(self, grade: int) -> bool:
        """Whether the grade is followed up."""
        return grade <= self.follow_up.lowest

    def check(self, grade: int, reasons: tuple[str, ...], comment: str | None) -> None:
        """Raises Invalid: `reason_unknown`, `reason_missing` (a low grade says why)."""
        offered = next(one.reasons for one in self.grades if one.grade == grade)
        for reason in reasons:
            if reason not in offered:
                raise Invalid(
                    f"原因 {shown(reason)} 不在这个等级可选的原因里，可选：{'、'.join(offered)}。",
                    code="reason_unknown",
                    param="reasons",
                )
        if self.is_low(grade) and not reasons and not comment:
            raise Invalid("请选一个原因，或者写几个字，我们好改进。", code="reason_missing", param="reasons")

    def due(self, rated: datetime, hours: ServiceHours) -> datetime:
        """By when somebody sees to a low rating: the n-th working day after the day on which it was given."""
        day = rated.astimezone(hours.zone).date()
        left = self.follow_up.working_days
        for _ in range(LONGEST_SEARCH):
            day += timedelta(days=1)
            left -= hours.is_working_day(day)
            if not left:
                break
        return datetime.combine(day, self.follow_up.by, hours.zone)


def load_grades(file: Path = FILE) -> Grades:
    """Read and check grades.yaml. Raises HubError (`policy_invalid`), naming the file and the field."""
    return read_policy_file(file, Grades)
