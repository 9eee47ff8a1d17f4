"""Dates and periods as papers print them -> ISO 8601.

Comes in: the text of a field as it was read. Goes out: `2024-03-05`, or for a period `2024-03-05/2034-03-05`, an open end as
`2024-03-05/长期`. What is no date that exists gives None: a date is never guessed. Pure functions.

Source of the written-out forms: GB/T 15835-2011 (numerals), GB/T 7408.1-2023 (ISO 8601).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from core.numerals import read_integer

OPEN_END = "长期"
"""How a period without an end is written."""
EARLIEST, LATEST = 1850, 2150

_DIGITS = "〇零○一二三四五六七八九十廿卅"
# What a recogniser makes of digits between 年, 月 and 日.
_MISREAD = str.maketrans({"O": "0", "o": "0", "I": "1", "l": "1", "|": "1", "曰": "日", "目": "月"})
_NUMBER = rf"[0-9OoIl|]{{1,4}}|[{_DIGITS}]{{1,4}}"
_WRITTEN = re.compile(
    rf"(?P<y>{_NUMBER})年(?P<m>{_NUMBER})[月目](?P<d>{_NUMBER})(?:[日曰号]|(?<=[0-9][0-9])|(?<=[月目]十[{_DIGITS}]))"
)
_POINTED = re.compile(
    r"(?<![0-9])(?P<y>[0-9]{4})(?P<sign>[./\-_·、])(?P<m>[0-9]{1,2})(?P=sign)(?P<d>[0-9]{1,2})(?![0-9])"
)
_RUN = re.compile(r"(?<![0-9])(?P<y>[12][0-9]{3})(?P<m>[01][0-9])(?P<d>[0-3][0-9])(?![0-9])")
_OPEN = re.compile(r"长期|永久|不约定期限|无固定期限|无期限")
_BETWEEN = re.compile(r"[至到]|[-–—―~～]+|起|^一$")
"""The last one: what a dash between two dates looks like to a reader."""


def read_dates(text: str) -> list[tuple[str, int, int]]:
    """Every date in `text` that exists, in order: ISO date, and where it begins and ends in `plain(text)`."""
    clean = plain(text)
    found: list[tuple[str, int, int]] = []
    for pattern in (_WRITTEN, _POINTED, _RUN):
        for match in pattern.finditer(clean):
            iso = _iso(match["y"], match["m"], match["d"])
            if iso is not None and not any(start < match.end() and match.start() < end for _, start, end in found):
                found.append((iso, match.start(), match.end()))
    return sorted(found, key=lambda one: one[1])


def read_date(text: str) -> str | None:
    """The one date in `text`; None if there is none, or several that differ."""
    days = {iso for iso, _, _ in read_dates(text)}
    return days.pop() if len(days) == 1 else None


def read_period(text: str) -> str | None:
    """The period in `text`: two dates with something between them that says so, or a date and 长期. None if it is neither, or
    if it ends before it begins."""
    clean, days = plain(text), read_dates(text)
    if not days:
        return None
    (first, _, end), rest = days[0], days[1:]
    opened = _OPEN.search(clean, end)
    if rest:
        second, start, _ = rest[0]
        between = _BETWEEN.search(clean[end:start]) is not None
        return f"{first}/{second}" if len(rest) == 1 and between and first <= second else None
    return f"{first}/{OPEN_END}" if opened and len(days) == 1 else None


def plain(text: str) -> str:
    """`text` in one width and without spaces, as dates are looked for in it."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _iso(year: str, month: str, day: str) -> str | None:
    numbers = [read_integer(part.translate(_MISREAD)) for part in (year, month, day)]
    if numbers[0] is None or numbers[1] is None or numbers[2] is None or not EARLIEST <= numbers[0] <= LATEST:
        return None
    try:
        return date(numbers[0], numbers[1], numbers[2]).isoformat()
    except ValueError:
        return None
