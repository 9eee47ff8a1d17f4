"""Sums of money and areas as papers print them -> decimal strings.

Comes in: the text of a field as it was read. Goes out: yuan with two places (`12000.00`), square metres without
needless zeros (`86.5`); None where none is said, or where figures and capitals say different sums. Pure functions.
"""

from __future__ import annotations

import re
from decimal import Decimal

from core.numerals import NUMERALS, read_capital_money
from services.documents.extraction.dates import plain

_FIGURES = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?"
_MONEY = re.compile(rf"(?:(?P<sign>[¥$]|人民币|RMB))?(?P<figures>{_FIGURES})(?P<scale>[万亿])?(?P<unit>元|圆)?")
_CAPITALS = re.compile(rf"[{NUMERALS}]+[元圆圓](?:零?[{NUMERALS}]角)?(?:零?[{NUMERALS}]分)?[整正]?")
_AREA = re.compile(rf"(?P<figures>{_FIGURES})(?:平方米|平方公尺|平米|m2|M2|㎡|m²|[mM](?![0-9A-Za-z]))")
_SCALES = {None: Decimal(1), "万": Decimal(10) ** 4, "亿": Decimal(10) ** 8}


def read_money(text: str) -> str | None:
    """The sum in `text`, in yuan. Figures count with a sign or a unit only: a bare number may be anything. Figures and
    capitals beside each other have to say the same."""
    clean = plain(text)
    sums = {sum_ for match in _CAPITALS.finditer(clean) if (sum_ := read_capital_money(match[0])) is not None}
    sums |= {
        Decimal(match["figures"].replace(",", "")) * _SCALES[match["scale"]]
        for match in _MONEY.finditer(clean)
        if match["sign"] or match["unit"]
    }
    return f"{sums.pop():.2f}" if len(sums) == 1 else None


def read_area(text: str) -> str | None:
    """The one area in `text`, in square metres."""
    areas = {Decimal(match["figures"].replace(",", "")) for match in _AREA.finditer(plain(text))}
    return f"{areas.pop().normalize():f}" if len(areas) == 1 else None
