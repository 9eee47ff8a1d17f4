"""The text of a field as it was read -> its value in normal form, and whether that proves itself.

Comes in: characters without spaces, the field's type. Goes out: `Normalised`. Pure functions; nothing is guessed: what
has no normal form has no value, and keeps its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as attribute

from core.check_digits import Repair, credit_code_holds, food_licence_holds, identity_number_holds, repaired
from services.documents.extraction.addresses import read_address
from services.documents.extraction.amounts import read_area, read_money
from services.documents.extraction.dates import read_date, read_period
from services.documents.extraction.kinds import FieldKind, ValueType

_NAME = re.compile(r"[\u3400-\u9fff·]{2,20}")
_MASKED = re.compile(r"[1-9][0-9]{5}[0-9*]{11}[0-9X*]")
_NOTE = re.compile(r"^[(](?:盖章|签章|签名|签字|公章|印章)[)]:?")
_AT = re.compile(r"^(?:位于|坐落于|于|在)(?=[\u3400-\u9fff]{1,8}?(?:省|市|区|县|路|街|镇|乡))(?!于都|于田|于洪)")
_STARS = str.maketrans("＊×✱﹡", "****")
_AROUND = ":;,。.、_"
_WIDE = str.maketrans({"(": "（", ")": "）", ":": "：", ";": "；", ",": "，", "!": "！", "?": "？"})
LENGTH = 18
"""Of identity numbers and credit codes."""
_YEAR = re.compile(r"\[([0-9]{4})\]")
"""The year of a document number stands in brackets of six corners, GB/T 9704-2012."""
_TICKS = tuple("☑✓✔√■☒▣●")
_EMPTY = tuple("□口囗☐○日")
_LONG_OPTION = 3
"""An option of so many characters is known with one of them misread."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """`value`: None where the text has no normal form. `proven`: True if a check digit or a form that leaves no doubt says so,
    False if a check failed, None if there is nothing to check by. `parts`: of an address, those that it has."""

    value: str | None
    proven: bool | None = None
    repair: Repair | None = None
    parts: tuple[tuple[str, str], ...] = attribute(default=())


def normalised(text: str, field: FieldKind) -> Normalised:
    """The value of `field` in `text`, which has no spaces (`page_lines.comparable`)."""
    text = _NOTE.sub("", text)
    text = _without_halves(text.lstrip(_AROUND).rstrip(_AROUND.replace("。", "")))
    if field.pattern is not None:
        match = re.search(field.pattern, text)
        if match is None:
            return Normalised(None, proven=False)
        text = match.groupdict().get("value") or match[0]
    if field.options:
        return _option(text, field.options)
    if field.type in _NUMBERS:
        return _number(text, _NUMBERS[field.type], masked=field.type in _PERSONAL)
    if field.type in _READERS:
        value = _READERS[field.type](text)
        return Normalised(value, proven=value is not None)
    if field.type is ValueType.NAME:
        text = text.rstrip("。")
        fits = _NAME.fullmatch(text) is not None
        return Normalised(text or None, proven=None if fits else False)
    if field.type is ValueType.ADDRESS:
        return _address(text)
    return Normalised(printed(text) or None)


def printed(text: str) -> str:
    """Running text as Chinese prints it: brackets and signs wide."""
    return _YEAR.sub(r"〔\1〕", text).translate(_WIDE)


def _without_halves(text: str) -> str:
    """Without a bracket at either end that has no other half: it belongs to a label that was read in two."""
    if (text.startswith("(") and text.count("(") > text.count(")")) or text.startswith(")"):
        text = text[1:]
    return text


def _address(text: str) -> Normalised:
    text = _AT.sub("", text)
    found = read_address(text)
    parts = tuple((name, one) for name in found.__slots__ if (one := getattr(found, name)))
    return Normalised(printed(text) or None, parts=parts)


def _option(text: str, options: tuple[str, ...]) -> Normalised:
    if text in options:
        return Normalised(text, proven=True)
    ticked = _ticked(text, options)
    if ticked is not None:
        return Normalised(ticked, proven=True)
    found = [one for one in options if one in text]
    if len([one for one in found if not any(one != other and one in other for other in found)]) > 1:
        return Normalised(None, proven=False)
    longest = max(found, key=len, default=None)
    near = [one for one in options if len(one) == len(text) >= _LONG_OPTION and _changed(one, text) == 1]
    if len(near) == 1 and (longest is None or len(longest) < len(near[0])):
        return Normalised(near[0])
    return Normalised(longest, proven=None if longest else False)


def _ticked(text: str, options: tuple[str, ...]) -> str | None:
    """The one of several options whose box is ticked: ☑新办□变更□延续. A box that is read as 口 is empty; what else stands before
    just one of them is its tick."""
    before = {match[2]: match[1] for match in re.finditer(rf"(.?)({'|'.join(map(re.escape, options))})", text)}
    if len(before) < 2:
        return None
    marked = [one for one, mark in before.items() if mark in _TICKS]
    if not marked:
        marked = [one for one, mark in before.items() if mark not in _EMPTY]
    return marked[0] if len(marked) == 1 else None


def _changed(one: str, other: str) -> int:
    return sum(here != there for here, there in zip(one, other, strict=True))


def _number(text: str, holds: Callable[[str], bool], *, masked: bool) -> Normalised:
    text = text.translate(_STARS).upper()
    if masked and "*" in text:
        match = _MASKED.search(text)
        return Normalised(match[0] if match else None, proven=None if match else False)
    number = "".join(one for one in text if one.isascii() and one.isalnum())
    if not number:
        return Normalised(None, proven=False)
    if holds(number):
        return Normalised(number, proven=True)
    repair = repaired(number, holds)
    if repair is not None:
        return Normalised(repair.number, proven=True, repair=repair)
    # A scrap of a seal or of the next cell was read along with it.
    inside = {part for start in range(len(number) - LENGTH + 1) if holds(part := number[start : start + LENGTH])}
    if len(inside) == 1:
        return Normalised(inside.pop(), proven=True)
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
_PERSONAL = (ValueType.IDENTITY_NUMBER, ValueType.SUBJECT_NUMBER)
"""Numbers of which some digits may be printed as stars."""
