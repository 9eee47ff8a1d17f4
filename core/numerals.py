"""Chinese numerals, plain (二〇二四, 二十一) and in the capitals of cheques (壹万贰仟), as numbers.

Comes in: a run of numerals, nothing else. Goes out: the number, or None if the run says none: 十十 is no number. Pure functions.
Source: GB/T 15835-2011; capitals as in 支付结算办法 (银发〔1997〕393号), appendix 1.
"""

from __future__ import annotations

import re
from decimal import Decimal

_VALUES = {
    **{character: value for value, character in enumerate("零一二三四五六七八九")},
    **{character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")},
    **{character: value for value, character in enumerate("零弌貳參肆伍陸柒捌玖")},
    **dict.fromkeys("〇○0", 0),
    "两": 2,
    "兩": 2,
    "弍": 2,
    "叄": 3,
    "漆": 7,
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_TWENTY = {"廿": "二十", "卅": "三十"}

NUMERALS = "".join({*_VALUES, *_UNITS, *_BIG, *_TWENTY} - {"0"})
"""Every character that a Chinese numeral may hold."""


def read_integer(text: str) -> int | None:
    """Digits, digits in Chinese one by one (二〇二四), or a numeral with units (二十一, 壹万贰仟); None if it is none of them."""
    if re.fullmatch(r"[0-9]+", text):
        return int(text)
    for short, long in _TWENTY.items():
        text = text.replace(short, long)
    if not text or any(one not in _VALUES and one not in _UNITS and one not in _BIG for one in text):
        return None
    if all(one in _VALUES for one in text):
        return int("".join(str(_VALUES[one]) for one in text))
    return _with_units(text)


def _with_units(text: str) -> int | None:
    """A numeral with units. Each unit has to be smaller than the one before it within its part, and each part's likewise."""
    total, part, digit = 0, 0, None
    last_unit, last_big = 10**4, 10**12
    for one in text:
        if one in _VALUES:
            # Two digits side by side are no numeral, but a zero may stand before a digit: 一百零五.
            if digit:
                return None
            digit = _VALUES[one]
        elif one in _UNITS:
            unit = _UNITS[one]
            # Only ten goes without its one: 十五.
            if unit >= last_unit or digit == 0 or (digit is None and unit > 10):
                return None
            part += (1 if digit is None else digit) * unit
            last_unit, digit = unit, None
        else:
            big = _BIG[one]
            if big >= last_big or part + (digit or 0) == 0:
                return None
            total += (part + (digit or 0)) * big
            part, digit, last_unit, last_big = 0, None, 10**4, big
    return total + part + (digit or 0)


def read_capital_money(text: str) -> Decimal | None:
    """A sum in capitals, 壹万贰仟元整 or 叁佰元伍角贰分, in yuan; None if it is no such sum."""
    match = re.fullmatch(
        rf"(?P<yuan>[{NUMERALS}]+)[元圆圓](?P<zero>零?)(?:(?P<jiao>[{NUMERALS}])角)?(?:零?(?P<fen>[{NUMERALS}])分)?[整正]?",
        text,
    )
    if match is None:
        return None
    yuan = read_integer(match["yuan"])
    small = [read_integer(match[name]) if match[name] else 0 for name in ("jiao", "fen")]
    if yuan is None or any(one is None or one > 9 for one in small):
        return None
    return Decimal(yuan) + Decimal(small[0] or 0) / 10 + Decimal(small[1] or 0) / 100
