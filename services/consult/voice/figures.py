"""The figures of the dashboard, summed up from the facts of messages. Pure functions over arrays; definitions: `measures.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.consult.voice import facts as f
from services.consult.voice.facts import Coded, Facts, Whole
from services.consult.voice.measures import BREAK, LOW, WITHIN
from services.consult.voice.numbers_schemas import By, Figures

BY_STATUS = {
    "answered": "answered",
    "asked_back": "clarify",
    "not_found": "not_found",
    "handed_over": "handed_over",
    "refused": "refused",
}
"""Each figure that counts messages of one status."""
EAST_OF_GREENWICH = 8 * 3600
"""Seconds that Shanghai is ahead; no daylight saving there since 1991."""
DAY_SECONDS = 86_400
Departments = Callable[[str], str]
"""The department of an item by the item's id; empty for no item, and for an item that is gone."""


@dataclass(frozen=True, slots=True)
class Issues:
    """One row for each conversation about an item that got an answer. `at`, `channel`: of its first message (of several
    channels the first by name)."""

    session: Whole
    item: Coded
    channel: Coded
    at: Whole
    resolved: NDArray[np.bool_]


def figures_by(facts: Facts, issues: Issues, by: By | None, departments: Departments) -> dict[str, dict[str, Any]]:
    """Counts, mean grade and percentiles by key; without `by` of everything, by the empty key."""
    counts = _counts(facts, _keys(facts.at, facts.item, facts.channel, by, departments))
    keys = _keys(issues.at, issues.item, issues.channel, by, departments)
    size = len(keys.names)
    every, settled = np.bincount(keys.codes, minlength=size), np.bincount(keys.codes[issues.resolved], minlength=size)
    for code, name in enumerate(keys.names):
        if every[code]:
            counts.setdefault(name, {}).update(issues=int(every[code]), resolved=int(settled[code]))
    return counts


def issues_of(facts: Facts) -> Issues:
    """The matters of the period, and which of them were settled in one consultation."""
    about = np.flatnonzero(_named(facts.item)[facts.item.codes]) if facts.item.names else np.zeros(0, np.int64)
    pair = facts.session.codes[about] * (len(facts.item.names) + 1) + facts.item.codes[about]
    about = about[np.lexsort((facts.number[about], pair))]
    pair = facts.session.codes[about] * (len(facts.item.names) + 1) + facts.item.codes[about]
    first = np.ones(len(about), np.bool_)
    first[1:] = pair[1:] != pair[:-1]
    starts = np.flatnonzero(first)
    if not len(starts):
        nothing = np.zeros(0, np.int64)
        return Issues(nothing, Coded(nothing, []), Coded(nothing, []), nothing, np.zeros(0, np.bool_))
    at = facts.at[about]
    gap = np.diff(at, prepend=at[:1])
    again = ~first & (gap > BREAK.total_seconds() * f.MICROSECONDS) & (gap <= WITHIN.total_seconds() * f.MICROSECONDS)
    grade = facts.grade[about]
    bad = again | ((grade != f.NO_GRADE) & (grade <= LOW)) | facts.clerk[about]
    answered = np.logical_or.reduceat(facts.status.codes[about] == facts.status.code("answered"), starts)
    names = sorted(facts.channel.names)
    place = np.array([names.index(name) for name in facts.channel.names], np.int64)
    channel = np.minimum.reduceat(place[facts.channel.codes[about]], starts)
    return Issues(
        session=facts.session.codes[about][starts][answered],
        item=Coded(facts.item.codes[about][starts][answered], facts.item.names),
        channel=Coded(channel[answered], names),
        at=np.minimum.reduceat(at, starts)[answered],
        resolved=~np.logical_or.reduceat(bad, starts)[answered],
    )


def unresolved(facts: Facts) -> list[tuple[str, int]]:
    """Conversations with an issue that was not settled, by id, with the number of their first message in the period; that whose
    last message is newest comes first."""
    issues = issues_of(facts)
    chosen = np.isin(facts.session.codes, issues.session[~issues.resolved])
    talks, numbers, at = facts.session.codes[chosen], facts.number[chosen], facts.at[chosen]
    if not len(talks):
        return []
    order = np.lexsort((numbers, talks))
    starts = np.flatnonzero(np.diff(talks[order], prepend=-1))
    newest = np.argsort(-np.maximum.reduceat(at[order], starts), kind="stable")
    firsts = order[starts][newest]
    return [(facts.session.names[talks[row]], int(numbers[row])) for row in firsts]


def _counts(facts: Facts, keys: Coded) -> dict[str, dict[str, Any]]:
    code, size = keys.codes, len(keys.names)

    def count(chosen: NDArray[np.bool_]) -> Whole:
        return np.bincount(code[chosen], minlength=size)

    def talks(chosen: NDArray[np.bool_] | slice) -> Whole:
        """Conversations by key, each counted once in each."""
        pairs = np.unique(code[chosen] * (len(facts.session.names) + 1) + facts.session.codes[chosen])
        return np.bincount(pairs // (len(facts.session.names) + 1), minlength=size)

    rated = facts.grade != f.NO_GRADE
    questions = np.bincount(code, minlength=size)
    columns: dict[str, Whole] = {
        "questions": questions,
        "conversations": talks(slice(None)),
        "with_clerk": talks(facts.clerk),
        **{name: count(facts.status.codes == facts.status.code(status)) for name, status in BY_STATUS.items()},
        "unanswered": count((facts.flags & f.UNANSWERED) > 0),
        "words_only": count((facts.flags & f.WORDS_ONLY) > 0),
        "dropped": count((facts.flags & f.DROPPED) > 0),
        "rated": count(rated),
        "rated_low": count(rated & (facts.grade <= LOW)),
    }
    grades = np.bincount(code, weights=facts.grade.astype(np.float64), minlength=size)
    ordered = facts.seconds[np.lexsort((facts.seconds, code))]
    begins = np.cumsum(questions) - questions
    found: dict[str, dict[str, Any]] = {}
    for row, name in enumerate(keys.names):
        about: dict[str, Any] = {column: int(values[row]) for column, values in columns.items()}
        if about["rated"]:
            about["mean_grade"] = grades[row] / about["rated"]
        for percent in (50, 95):
            # The first of those that at least so many percent don't exceed.
            place = -(-int(questions[row]) * percent // 100) - 1
            about[f"seconds_p{percent}"] = float(ordered[begins[row] + place])
        found[name] = about
    return found


def _keys(at: Whole, item: Coded, channel: Coded, by: By | None, departments: Departments) -> Coded:
    if by == "day":
        days, codes = np.unique((at // f.MICROSECONDS + EAST_OF_GREENWICH) // DAY_SECONDS, return_inverse=True)
        return Coded(codes, [datetime.fromtimestamp(int(day) * DAY_SECONDS, UTC).date().isoformat() for day in days])
    if by == "item":
        return item
    if by == "channel":
        return channel
    if by == "department":
        names: dict[str, int] = {}
        places = np.array([names.setdefault(departments(one), len(names)) for one in item.names], np.int64)
        return Coded(places[item.codes] if len(places) else item.codes, list(names))
    return Coded(np.zeros(len(at), np.int64), [""] if len(at) else [])


def _named(column: Coded) -> NDArray[np.bool_]:
    return np.array([bool(name) for name in column.names], np.bool_)


COUNTS = tuple(name for name, about in Figures.model_fields.items() if about.annotation is int)


def figures(key: str, title: str, found: Mapping[str, Any]) -> Figures:
    """One row of the dashboard; what was not found counts nothing."""
    counts = {name: int(found.get(name) or 0) for name in COUNTS}

    def share(part: str, of: str) -> float | None:
        return round(counts[part] / counts[of], 4) if counts[of] else None

    grade = found.get("mean_grade")
    return Figures(
        key=key,
        title=title,
        mean_grade=round(float(grade), 2) if grade is not None else None,
        share_rated=share("rated", "questions"),
        share_resolved=share("resolved", "issues"),
        seconds_p50=found.get("seconds_p50"),
        seconds_p95=found.get("seconds_p95"),
        **counts,
    )
