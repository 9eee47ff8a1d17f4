"""What two cases have in common beside their meaning: characters, places, days.

Comes in: two messages. Goes out: figures that similar.py weighs. Pure but for the names, which services/algorithms/tagging finds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from core.numerals import read_integer
from models.wording import runs
from services.algorithms.tagging.tagging import tagged

_PLACE = re.compile(
    r"(?P<name>[一-鿿]{1,6}?(?:公路|大道|(?<![走过马道夜公铁修上养网电水线的弯绕])路(?!灯|人|面|过|障)|街坊|(?<![大逛上小])街(?!道|上|面)|新村|[一二三四五六七八九十东西南北]村|小区|花园|公寓|大厦"
    r"|广场(?!舞)|公园|苑|港(?!台)|河(?!道|面|水)|(?<!天)桥(?!洞)|小学|中学|幼儿园|医院|菜场|菜市场|公司|地铁站)(?:地铁站|站)?)"
)
_NUMBER = re.compile(r"[0-9]{1,5}(?:弄|号|路|支弄|街坊)")
_DAY = re.compile(
    r"(?P<month>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?P<day>3[01]|[12][0-9]|[1-9]|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]"
)
_OFFICE = re.compile(r"环卫|城管|市监|物业|业主|公安|交警|管理局|政府|部门")
_STREET = re.compile(r"(?:公路|大道|路|街|村|街坊)$")


@dataclass(frozen=True, slots=True)
class Marks:
    """What one message is known by. `bare`: it without its places, so that what happened is compared and not where; `runs`: of
    `bare`. `places`: their names; `numbers`: of houses, lanes and bus lines."""

    bare: str
    runs: frozenset[str]
    places: frozenset[str]
    numbers: frozenset[str]
    days: frozenset[tuple[int, int]]


def marks(text: str) -> Marks:
    """What `text` is known by."""
    spans = [(match.start("name"), match.end("name")) for match in _PLACE.finditer(text)]
    spans += [
        (tag.start, tag.end)
        for tag in tagged(text)
        if tag.kind in ("place", "organisation") and not _OFFICE.search(tag.words)
    ]
    numbers = [match.span() for match in _NUMBER.finditer(text)]
    gone = {place for start, end in (*spans, *numbers) for place in range(start, end)}
    bare = "".join(one for place, one in enumerate(text) if place not in gone)
    days = set()
    for match in _DAY.finditer(text):
        month, day = read_integer(match["month"]), read_integer(match["day"])
        if month and day:
            days.add((month, day))
    names = {re.sub(r"[0-9].*$", "", text[start:end]) for start, end in spans}
    return Marks(
        bare=bare.strip("，。、 ") or text,
        runs=frozenset(run for run in runs(bare) if len(run) > 1),
        places=frozenset(name for name in names if len(name) > 1),
        numbers=frozenset(text[start:end] for start, end in numbers),
        days=frozenset(days),
    )


def shared_runs(one: Marks, other: Marks) -> float:
    """0 to 1: characters in runs of two and three that both have, of those of the shorter message."""
    return len(one.runs & other.runs) / max(1, min(len(one.runs), len(other.runs)))


def place_agreement(one: Marks, other: Marks) -> float:
    """1 where they name the same place, -1 where each names one and none is the other's, 0 where one names none."""
    if not one.places or not other.places:
        return 1.0 if one.numbers & other.numbers else 0.0
    if any(_are_one(mine, theirs) for mine in one.places for theirs in other.places):
        return -0.5 if one.numbers and other.numbers and not one.numbers & other.numbers else 1.0
    return -1.0


def _are_one(mine: str, theirs: str) -> bool:
    """Whether two names are of one place: 晚上清峪路 ends with 清峪路; 兰溪路菜场 begins as 兰溪路菜市场 does."""
    if mine in theirs or theirs in mine:
        return True
    if _STREET.search(mine) and _STREET.search(theirs):
        # Words before a road's name may have come with it: the last three characters tell it.
        return mine[-3:] == theirs[-3:]
    return mine[:2] == theirs[:2] and not (_STREET.search(mine) or _STREET.search(theirs))


def day_agreement(one: Marks, other: Marks) -> float:
    """1 where they name the same day, -1 where they name different ones, 0 where one names none."""
    if not one.days or not other.days:
        return 0.0
    return 1.0 if one.days & other.days else -1.0


def days_apart(one: date | None, other: date | None) -> int | None:
    """Days between two receipts, None where one isn't known."""
    return None if one is None or other is None else abs((one - other).days)
