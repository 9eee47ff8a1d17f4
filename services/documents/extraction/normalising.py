"""The text of a field as it was read -> its value in normal form, and whether that proves itself.

Comes in: characters without spaces, the field's type. Goes out: `Normalised`. Pure functions; nothing is guessed: what has no
normal form has no value, and keeps its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.check_digits import Repair, credit_code_holds, food_licence_holds, identity_number_holds, repaired
from services.documents.extraction.amounts import read_area, read_money
from services.documents.extraction.dates import read_date, read_period
from services.documents.extraction.kinds import FieldKind, ValueType

_NAME = re.compile(r"[\u3400-\u9fff·]{2,20}")
_AROUND = ":;,。.、"
_WIDE = str.maketrans({"(": "（", ")": "）", ":": "：", ";": "；", ",": "，", "!": "！", "?": "？"})


@dataclass(frozen=True, slots=True)
class Normalised:
    """`value`: None where the text has no normal form. `proven`: True if a check digit or a form that leaves no doubt says so,
    False if a check failed, None if there is nothing to check by."""

    value: str | None
    proven: bool | None = None
    repair: Repair | None = None


def normalised(text: str, field: FieldKind) -> Normalised:
    """The value of `field` in `text`, which has no spaces (`page_lines.comparable`)."""
    text = text.lstrip(_AROUND).rstrip(_AROUND.replace("。", ""))
    if field.pattern is not None:
        match = re.search(field.pattern, text)
        if match is None:
            return Normalised(None, proven=False)
        text = match.groupdict().get("value") or match[0]
    if field.options:
        return _option(text, field.options)
    if field.type in _NUMBERS:
        return _number(text, _NUMBERS[field.type])
    if field.type in _READERS:
        value = _READERS[field.type](text)
        return Normalised(value, proven=value is not None)
    if field.type is ValueType.NAME:
        text = text.rstrip("。")
        fits = _NAME.fullmatch(text) is not None
        return Normalised(text or None, proven=None if fits else False)
    return Normalised(printed(text) or None)


def printed(text: str) -> str:
    """Running text as Chinese prints it: brackets and signs wide."""
    return text.translate(_WIDE)


def _option(text: str, options: tuple[str, ...]) -> Normalised:
    found = [one for one in options if one in text]
    longest = max(found, key=len, default=None)
    return Normalised(longest, proven=longest is not None)


def _number(text: str, holds: Callable[[str], bool]) -> Normalised:
    number = "".join(one for one in text.upper() if one.isascii() and one.isalnum())
    if not number:
        return Normalised(None, proven=False)
    if holds(number):
        return Normalised(number, proven=True)
    repair = repaired(number, holds)
    if repair is not None:
        return Normalised(repair.number, proven=True, repair=repair)
    return Normalised(number, proven=False)


def _subject_number_holds(number: str) -> bool:
    return credit_code_holds(number) or identity_number_holds(number)


_READERS: dict[ValueType, Callable[[str], str | None]] = {
    ValueType.DATE: read_date,
    ValueType.PERIOD: read_period,
    ValueType.MONEY: read_money,
    ValueType.AREA: read_area,
}
_NUMBERS: dict[ValueType, Callable[[str], bool]] = {
    ValueType.IDENTITY_NUMBER: identity_number_holds,
    ValueType.CREDIT_CODE: credit_code_holds,
    ValueType.FOOD_LICENCE: food_licence_holds,
    ValueType.SUBJECT_NUMBER: _subject_number_holds,
}
