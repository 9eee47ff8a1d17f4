"""Until when a policy's sentence says that something holds or may be applied for.

Comes in: text. Goes out: days. A date alone is no end: 截至, 有效期至, 前, the second of two dates and the like make it
one; 自…起施行，有效期5年 is
reckoned. Pure.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from core.numerals import read_integer

DATE = re.compile(
    r"(?P<year>20[0-9]{2})(?:年|[-./])(?P<month>1[0-2]|0?[1-9])(?:月(?:份)?|[-./])?(?:(?P<day>3[01]|[12][0-9]|0?[1-9])日?|(?P<last>底|末))?"
    r"|(?P<only>20[0-9]{2})年(?:底|末)"
)
_BEFORE = re.compile(
    r"(?:截至|截止(?:到|至|于|时间|日期)*(?:为|是|[:：])?|(?:有效期|期限|实施|执行|延续|延长|顺延|服务期|有效)[^，。；0-9]{0,6}(?:至|到)|(?:不得|不)?晚于|[0-9日底末]\s?(?:至|到|-|—|~)|(?:延续|延长|顺延)[^，。；0-9]{0,6}至)$"
)
_AFTER = re.compile(r"(?:之?前|以前|止|为止|截止|结束|届满|到期|失效|废止)")
_START = re.compile(r"自$|从$")
_TERM = re.compile(r"有效期(?:为|限为|限)?(?P<years>[0-9一二三四五六七八九十]+)年")
_BEGINS = re.compile(r"起(?:施行|实施|执行|生效)|(?:施行|实施|执行|生效)")


def _day(match: re.Match[str]) -> date | None:
    if match["only"]:
        return date(int(match["only"]), 12, 31)
    year, month = int(match["year"]), int(match["month"])
    # A month alone ends with its last day.
    day = int(match["day"]) if match["day"] else calendar.monthrange(year, month)[1]
    try:
        return date(year, month, day)
    except ValueError:
        return None


def ends(text: str) -> Iterator[date]:
    """Every end that `text` says."""
    begun: date | None = None
    for match in DATE.finditer(text):
        day = _day(match)
        if day is None:
            continue
        before, after = text[: match.start()], text[match.end() :]
        if _BEGINS.match(after) and not _BEFORE.search(before):
            begun = day
        if not _START.search(before) and (_BEFORE.search(before) or _AFTER.match(after)):
            yield day
    term = _TERM.search(text)
    years = read_integer(term["years"]) if term else None
    if begun is not None and years:
        try:
            yield begun.replace(year=begun.year + years) - timedelta(days=1)
        except ValueError:
            yield date(begun.year + years, 2, 28)
