"""What the fields of one paper say about each other: a birth date and an identity number, a term and the day it begins.

Comes in: the values of a paper and the checks of its kind. Goes out: for each field how many checks agree with it and
how many don't. A check that lacks a value says nothing. No value is made or changed here: a disagreement makes every
field of the check less sure, because it can't tell which of them was misread. Pure functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from core.check_digits import identity_number_holds
from services.documents.extraction.kinds import CrossCheck, Rule

Verdict = bool | None
"""None: the values say nothing about each other."""


def verdicts(values: Mapping[str, str | None], checks: Iterable[CrossCheck]) -> tuple[Counter[str], Counter[str]]:
    """How many checks agree with each field, and how many disagree."""
    agreed: Counter[str] = Counter()
    disagreed: Counter[str] = Counter()
    for check in checks:
        said = [values.get(name) for name in check.of]
        known = [one for one in said if one is not None]
        if len(known) < len(said):
            continue
        verdict = _RULES[check.rule](known, check.years)
        if verdict is not None:
            (agreed if verdict else disagreed).update(check.of)
    return agreed, disagreed


def _birth_in_number(values: Sequence[str], _years: Sequence[int]) -> Verdict:
    birth, number = values
    return number[6:14] == birth.replace("-", "") if identity_number_holds(number) else None


def _sex_in_number(values: Sequence[str], _years: Sequence[int]) -> Verdict:
    sex, number = values
    if not identity_number_holds(number) or sex not in ("男", "女"):
        return None
    return (int(number[16]) % 2 == 1) == (sex == "男")


def _age_in_number(values: Sequence[str], _years: Sequence[int]) -> Verdict:
    age, number, day = values
    last = _day(day)
    if not identity_number_holds(number) or not age.isdigit() or last is None:
        return None
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    had = (last.month, last.day) >= (born.month, born.day)
    # Forms also count by calendar years.
    return int(age) in {last.year - born.year, last.year - born.year - (not had)}


def _in_order(values: Sequence[str], _years: Sequence[int]) -> Verdict:
    days = [_day(one) for one in values]
    known = [one for one in days if one is not None]
    return known == sorted(known) if len(known) == len(values) else None


def _starts(values: Sequence[str], _years: Sequence[int]) -> Verdict:
    day, period = values
    return period.startswith(f"{day}/")


def _lasts(values: Sequence[str], years: Sequence[int]) -> Verdict:
    first, _, last = "/".join(values).partition("/")
    begin, end = _day(first), _day(last)
    if begin is None or end is None:
        return None
    return any(end + timedelta(days=late) == _later(begin, year) for year in years for late in (0, 1))


def _same(values: Sequence[str], _years: Sequence[int]) -> Verdict:
    return len(set(values)) == 1


def _one_of(values: Sequence[str], _years: Sequence[int]) -> Verdict:
    return values[0] in values[1:]


def _year_in(values: Sequence[str], _years: Sequence[int]) -> Verdict:
    number, day = values
    return day[:4] in number


def _day(value: str) -> date | None:
    """A day, or the first of a period."""
    try:
        return date.fromisoformat(value.partition("/")[0])
    except ValueError:
        return None


def _later(day: date, years: int) -> date:
    """The same day in another year; 29 February becomes 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


_RULES: Mapping[Rule, Callable[[Sequence[str], Sequence[int]], Verdict]] = {
    Rule.BIRTH_IN_NUMBER: _birth_in_number,
    Rule.SEX_IN_NUMBER: _sex_in_number,
    Rule.AGE_IN_NUMBER: _age_in_number,
    Rule.IN_ORDER: _in_order,
    Rule.STARTS: _starts,
    Rule.LASTS: _lasts,
    Rule.SAME: _same,
    Rule.ONE_OF: _one_of,
    Rule.YEAR_IN: _year_in,
}
