"""Working days over holidays and days that are worked instead, as tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.errors import HubError
from core.working_calendar import FILE, load_calendar


@pytest.mark.parametrize(
    ("start", "number", "day"),
    [
        ("2026-11-23", 1, "2026-11-24"),
        ("2026-11-23", 5, "2026-11-30"),
        ("2026-11-21", 5, "2026-11-27"),  # from a Saturday: Monday is the first
        ("2026-09-24", 6, "2026-10-10"),  # 25-27 off; 28, 29, 30; 1-7 off; 8, 9; the 10th is a Saturday that is worked
        ("2026-09-25", 5, "2026-10-09"),
        ("2026-02-13", 1, "2026-02-14"),  # a Saturday that is worked before the Spring Festival
        ("2026-02-14", 1, "2026-02-24"),
        ("2026-11-23", 0, "2026-11-23"),
    ],
)
def test_the_nth_working_day(start: str, number: int, day: str) -> None:
    calendar = load_calendar()
    assert calendar.after(date.fromisoformat(start), number) == date.fromisoformat(day)
    assert calendar.between(date.fromisoformat(start), date.fromisoformat(day)) == number


def test_days_between_count_backwards_too() -> None:
    calendar = load_calendar()
    assert calendar.between(date(2026, 11, 30), date(2026, 11, 23)) == -5
    assert calendar.between(date(2026, 10, 1), date(2026, 10, 7)) == 0


def test_a_day_is_one_of_the_calendars_zone() -> None:
    assert load_calendar().day_of(datetime(2026, 11, 23, 16, 0, tzinfo=UTC)) == date(2026, 11, 24)


def test_what_is_arranged_is_told_from_what_is_not() -> None:
    assert load_calendar().is_arranged(date(2026, 12, 31))
    assert not load_calendar().is_arranged(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("Asia/Shanghai", "Asia/Nowhere", "zone"),
        ("days: [1", "days: [8", "days.0"),
        ("workdays:", "workday:", "workday"),
        ("\nzone:", "\nzone: [", "working_calendar.yaml"),
        ("arranged_until: 2026-12-31\n", "", "arranged_until"),
        ("from: 2026-05-01, until: 2026-05-05", "from: 2026-05-05, until: 2026-05-01", "holidays.3"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, old: str, new: str, field: str) -> None:
    file = tmp_path / "working_calendar.yaml"
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HubError, match=field) as caught:
        load_calendar(file)
    assert caught.value.code == "policy_invalid"
