"""Personal-data masking (个人信息脱敏): where a text names a person or says what leads to one, of which kind, and the text without.

Comes in: `Text`. Goes out: `Masked`: the text with a mark for each find, and the finds with their spans in the text as it
came. Numbers
are told by their form, their check digit and what introduces them; an identity number with one digit mistyped still points at a
person. People's names come from services/algorithms/tagging. What is public stays: companies' credit codes, hotlines, names of
places and offices, roads without a house number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from core.check_digits import is_birth_date
from core.personal_numbers import (
    EMAIL,
    FREE_AFTER,
    FREE_BEFORE,
    LANDLINE,
    LONG_NUMBER,
    MOBILE,
    PLATE,
    is_bank_card,
    is_identity_number,
)
from services.algorithms.personal_data.homes import homes
from services.algorithms.tagging.tagging import tagged
from services.algorithms.taking import taken

MOST_CHARACTERS = 20_000


class Kind(StrEnum):
    """What a find is."""

    NAME = "name"
    IDENTITY_NUMBER = "identity_number"
    PASSPORT = "passport"
    BANK_CARD = "bank_card"
    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"
    PLATE = "plate"
    ADDRESS = "address"

    @property
    def mark(self) -> str:
        """What stands in its place."""
        return f"【{_SHOWN[self]}】"


_SHOWN = {
    Kind.NAME: "姓名",
    Kind.IDENTITY_NUMBER: "证件号码",
    Kind.PASSPORT: "护照号码",
    Kind.BANK_CARD: "银行卡号",
    Kind.MOBILE: "手机号码",
    Kind.LANDLINE: "电话号码",
    Kind.EMAIL: "邮箱",
    Kind.PLATE: "车牌号",
    Kind.ADDRESS: "住址",
}
# Passports of this country (E, EA-EZ, G, D, S, P), passes to and from Hong Kong, Macao and Taiwan (H, M, C with a letter or
# digits).
_PASSPORT = re.compile(
    rf"{FREE_BEFORE}(?:E[A-HJ-NP-Z]?[0-9]{{7,8}}|[GDSP][0-9]{{8}}|[DSP]E[0-9]{{7}}|[HM][0-9]{{8}}(?:[0-9]{{2}})?|C[A-Z0-9][0-9]{{7}})"
    rf"{FREE_AFTER}(?!-[0-9])"
)
_CARD_SAID = re.compile(r"(?:银行卡|卡号|账号|账户|帐号|帐户|工资卡|储蓄卡|信用卡)[^0-9，。；]{0,8}$")
_IDENTITY_SAID = re.compile(r"(?:身份证|证件|身份号码|公民身份)[^0-9，。；]{0,8}$")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


class Text(BaseModel):
    """At most 20,000 characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str


class Find(BaseModel):
    """One find, from `start` to `end` (characters, end excluded) of the text as it came."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    start: int
    end: int


class Masked(BaseModel):
    """`text`: with 【姓名】 and the like in place of each find. `finds`: in order, none over another."""

    model_config = ConfigDict(frozen=True)

    text: str
    finds: tuple[Find, ...]


def found(text: str) -> list[Find]:
    """Every find in `text`, in order."""
    plain = text.translate(_WIDE)
    spans = [*_numbers(plain)]
    spans += [(start, end, Kind.ADDRESS) for start, end in homes(plain)]
    spans += [(tag.start, tag.end, Kind.NAME) for tag in tagged(text) if tag.kind == "person"]
    kept: list[tuple[int, int, Kind]] = []
    for span in spans:
        # Numbers come first: a name or an address never reaches into one.
        if all(span[1] <= other[0] or other[1] <= span[0] for other in kept):
            kept.append(span)
    return [Find(kind=kind, start=start, end=end) for start, end, kind in sorted(kept)]


def _numbers(text: str) -> Iterator[tuple[int, int, Kind]]:
    for match in EMAIL.finditer(text):
        yield (*match.span(), Kind.EMAIL)
    for match in LONG_NUMBER.finditer(text):
        kind = _kind_of_long_number(match, text[max(0, match.start() - 14) : match.start()])
        if kind is not None:
            yield (*match.span(), kind)
    for pattern, kind in (
        (MOBILE, Kind.MOBILE),
        (LANDLINE, Kind.LANDLINE),
        (_PASSPORT, Kind.PASSPORT),
        (PLATE, Kind.PLATE),
    ):
        for match in pattern.finditer(text):
            yield (*match.span(), kind)


def _kind_of_long_number(match: re.Match[str], before: str) -> Kind | None:
    number = re.sub(r"[^0-9Xx]", "", match.group())
    if is_identity_number(number):
        return Kind.IDENTITY_NUMBER
    # The numbers of before 1999 have a year of two digits and no check digit: only where one is said to stand.
    if _IDENTITY_SAID.search(before) and (
        len(number) == 18 or (len(number) == 15 and is_birth_date("19" + number[6:12]))
    ):
        return Kind.IDENTITY_NUMBER
    if is_bank_card(number) or (16 <= len(number) <= 19 and _CARD_SAID.search(before)):
        return Kind.BANK_CARD
    return None


def run(given: Text) -> Masked:
    """What leads to a person in `given`, and the text without it.

    Raises:
        Invalid, TooLarge: nothing to read, or too much (codes `text_empty`, `text_too_long`).
    """
    text = taken(given.text, MOST_CHARACTERS)
    finds = found(text)
    parts, place = [], 0
    for find in finds:
        parts += [text[place : find.start], find.kind.mark]
        place = find.end
    return Masked(text="".join([*parts, text[place:]]), finds=tuple(finds))
