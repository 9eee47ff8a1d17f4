"""Service hours and promises, as tables."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.errors import HubError
from services.consult.desk.hours import FILE, load_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 09:00", True),
        ("2026-11-23 08:59", False),
        ("2026-11-23 16:59", True),
        ("2026-11-23 17:00", False),
        ("2026-11-21 10:00", False),  # Saturday
        ("2026-10-01 10:00", False),  # National Day, a Thursday
        ("2026-10-10 10:00", True),  # a Saturday that is worked
        ("2026-02-28 10:00", True),
        ("2026-02-23 10:00", False),  # last day of Spring Festival, a Monday
    ],
)
def test_when_people_are_there(moment: str, is_open: bool) -> None:
    assert load_hours().is_open(at(moment)) is is_open
    # The same moment, told in another zone.
    assert load_hours().is_open(at(moment).astimezone(ZoneInfo("UTC"))) is is_open


@pytest.mark.parametrize(
    ("asked", "promised"),
    [
        ("2026-11-23 10:00", "2026-11-24 17:00"),
        ("2026-11-23 23:59", "2026-11-24 17:00"),
        ("2026-11-20 18:00", "2026-11-23 17:00"),  # Friday evening: Monday
        ("2026-11-21 10:00", "2026-11-24 17:00"),  # Saturday counts as Monday: Tuesday
        ("2026-09-30 10:00", "2026-10-08 17:00"),  # over the holiday
        ("2026-10-09 10:00", "2026-10-10 17:00"),  # onto a Saturday that is worked
    ],
)
def test_what_is_promised(asked: str, promised: str) -> None:
    assert load_hours().promised(at(asked)) == at(promised)


def test_a_promise_for_the_same_day_is_never_in_the_past(tmp_path: Path) -> None:
    file = tmp_path / "hours.yaml"
    file.write_text(FILE.read_text(encoding="utf-8").replace("working_days: 1", "working_days: 0"), encoding="utf-8")
    hours = load_hours(file)
    assert hours.promised(at("2026-11-23 10:00")) == at("2026-11-23 17:00")
    assert hours.promised(at("2026-11-23 17:00")) == at("2026-11-24 17:00")


def test_in_words() -> None:
    hours = load_hours()
    assert hours.told() == "周一至周五（节假日除外）09:00–17:00"
    assert hours.in_words(at("2026-11-24 17:00")) == "11月24日（周二）17:00"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('until: "17:00"', 'until: "08:00"', "hours.0"),
        ("hours:\n", "zone: Asia/Nowhere\nhours:\n", "zone"),
        ("hours:\n", "days: [8]\nhours:\n", "days.0"),
        ("hours:\n", "workday: []\nhours:\n", "workday"),
        ("callback:", "callback: [", "hours.yaml"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, old: str, new: str, field: str) -> None:
    file = tmp_path / "hours.yaml"
    file.write_text(FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HubError, match=field) as caught:
        load_hours(file)
    assert caught.value.code == "policy_invalid"


def test_every_holiday_of_the_file_is_a_day_off() -> None:
    hours = load_hours()
    assert not hours.is_working_day(date(2026, 1, 1))
    assert hours.is_working_day(date(2026, 1, 4))
    assert not set(hours.file.workdays) & {holiday.start for holiday in hours.file.holidays}


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("2026-10-31 12:00", None),
        ("2026-11-01 00:00", "之后只按法定节日"),
        ("2026-12-31 23:59", "之后只按法定节日"),
        ("2027-01-01 00:00", "现在只按法定节日"),
        ("2028-06-01 00:00", "现在只按法定节日"),
    ],
)
def test_the_end_of_the_arranged_days_is_told(moment: str, told: str | None) -> None:
    notice = load_hours().notice(at(moment))
    if told is None:
        assert notice is None
    else:
        assert notice is not None
        assert "2026年12月31日" in notice
        assert told in notice


def test_days_off_by_law_are_known_beyond_the_arranged_ones() -> None:
    hours = load_hours()
    assert not hours.is_working_day(date(2027, 1, 1))
    assert not hours.is_working_day(date(2027, 2, 8))


def test_what_the_file_says_of_working_days_wins_over_the_calendar(tmp_path: Path) -> None:
    file = tmp_path / "hours.yaml"
    file.write_text(FILE.read_text(encoding="utf-8") + "days: [1, 2]\n", encoding="utf-8")
    hours = load_hours(file)
    assert not hours.is_working_day(date(2026, 11, 25))
    assert hours.is_working_day(date(2026, 10, 10))  # still worked instead, as the calendar says
