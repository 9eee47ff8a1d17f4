"""Numbers that prove themselves: check digits of identity numbers, credit codes, licences and bank cards.

Comes in: a number as it was typed or read, without spaces. Goes out: whether it holds, and where one character was misread,
the one number that it can only have been. Pure functions.

Sources: GB 11643-1999 (公民身份号码), GB 32100-2015 (统一社会信用代码), GB 11714-1997 (组织机构代码), GB/T 17710-2008, which is
ISO 7064 (食品经营许可证编号: MOD 11,10; 电子证照标识 of GB/T 36904: MOD 37,36), ISO/IEC 7812-1 (bank cards, Luhn).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters of a credit code: no I, O, S, V, Z."""
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
EARLIEST_BIRTH = date(1850, 1, 1)
LICENCE_PREFIX = "1.2.156.3005.2."

_IDENTITY = re.compile(r"[1-9][0-9]{16}[0-9X]")
_MASKED_IDENTITY = re.compile(r"[1-9][0-9]{5}[0-9*]{11}[0-9X*]")
_CREDIT = re.compile(f"[{CREDIT_ALPHABET}]{{2}}[0-9]{{6}}[{CREDIT_ALPHABET}]{{10}}")
_FOOD = re.compile(r"JY[0-9]{14}")
_LICENCE = re.compile(r"([0-9A-Z]{21})\.([0-9A-Z]{18})\.([0-9A-Z]+)\.([0-9A-Z]{3})\.([0-9A-Z])")

MISREAD: Mapping[str, str] = {
    "0": "ODQ8",
    "1": "ILT7",
    "2": "Z7",
    "3": "8",
    "4": "A",
    "5": "S6",
    "6": "G85",
    "7": "1T",
    "8": "B036",
    "9": "G",
    "A": "4",
    "B": "8",
    "C": "G",
    "D": "0O",
    "E": "F",
    "F": "E",
    "G": "6C9",
    "H": "N",
    "I": "1L",
    "J": "1",
    "L": "1I",
    "M": "N",
    "N": "HM",
    "O": "0DQ",
    "P": "R",
    "Q": "0O",
    "R": "P",
    "S": "5",
    "T": "71",
    "U": "V",
    "V": "UY",
    "W": "M",
    "X": "K",
    "K": "X",
    "Y": "V",
    "Z": "2",
}
"""What a character that was read may have been on the paper."""


@dataclass(frozen=True, slots=True)
class Repair:
    """`number` holds; it differs from what was read at `place` (from 0), where `read` stood."""

    number: str
    place: int
    read: str


def identity_number_holds(number: str, today: date | None = None) -> bool:
    """Whether 18 characters are an identity number: digits, a date that exists and isn't after `today`, the check digit. A
    small x counts as X."""
    number = number.upper()
    if _IDENTITY.fullmatch(number) is None or not is_birth_date(number[6:14], today):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(IDENTITY_WEIGHTS, number, strict=False))
    return number[17] == IDENTITY_CHECKS[total % 11]


def is_birth_date(digits: str, today: date | None = None) -> bool:
    """Whether 8 digits are a day since 1850 that has come by `today`."""
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return len(digits) == 8 and EARLIEST_BIRTH <= born <= (today or date.today())


def masked_identity_fits(masked: str, number: str) -> bool:
    """Whether `masked`, an identity number with * for what is hidden, may be `number`."""
    masked, number = masked.upper(), number.upper()
    if _MASKED_IDENTITY.fullmatch(masked) is None or len(number) != len(masked):
        return False
    return all(shown in ("*", digit) for shown, digit in zip(masked, number, strict=True))


def organisation_code_holds(code: str) -> bool:
    """Whether 9 characters (with or without the dash before the last) are an organisation code, GB 11714."""
    code = code.replace("-", "").upper()
    if re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code) is None:
        return False
    total = sum(weight * ALPHANUMERIC.index(one) for weight, one in zip(ORGANISATION_WEIGHTS, code, strict=False))
    return code[8] == "0123456789X0"[11 - total % 11]


def credit_code_holds(code: str) -> bool:
    """Whether 18 characters are a unified social credit code: its own check character, and that of the organisation code in
    places 9 to 17, GB 11714."""
    code = code.upper()
    if _CREDIT.fullmatch(code) is None:
        return False
    total = sum(CREDIT_ALPHABET.index(one) * pow(3, place, 31) for place, one in enumerate(code[:17]))
    return code[17] == CREDIT_ALPHABET[(31 - total % 31) % 31] and organisation_code_holds(code[8:17])


def food_licence_holds(number: str) -> bool:
    """Whether a food licence number (JY and 14 digits) has its check digit, ISO 7064 MOD 11,10."""
    number = number.upper()
    return _FOOD.fullmatch(number) is not None and hybrid_check(number[2:15], 10) == int(number[15])


def electronic_licence_holds(identifier: str) -> bool:
    """Whether an electronic licence's identifier (1.2.156.3005.2., type, issuer, serial, version, check) has its check
    character, ISO 7064 MOD 37,36 over the four parts in the middle."""
    identifier = identifier.upper()
    if not identifier.startswith(LICENCE_PREFIX):
        return False
    parts = _LICENCE.fullmatch(identifier[len(LICENCE_PREFIX) :])
    return parts is not None and hybrid_check("".join(parts.groups()[:4]), 36) == ALPHANUMERIC.index(parts[5])


def hybrid_check(body: str, modulus: int) -> int:
    """The check character's value of a hybrid system of ISO 7064, MOD `modulus` + 1, `modulus`."""
    product = modulus
    for one in body:
        product = (product + ALPHANUMERIC.index(one)) % modulus or modulus
        product = product * 2 % (modulus + 1)
    return (modulus + 1 - product) % modulus


def bank_card_holds(number: str) -> bool:
    """Whether a run of digits passes the Luhn check of bank cards."""
    if not (number.isascii() and number.isdigit()):
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def repaired(number: str, holds: Callable[[str], bool], misread: Mapping[str, str] = MISREAD) -> Repair | None:
    """The number that `number` was before one character was misread, if just one number `holds`; None if there is none, or
    more than one, or `number` holds as it is: a check digit finds nearly every slip, but seldom tells which it was.

    `misread`: by each character that was read, those that it may have been.
    """
    number = number.upper()
    if holds(number):
        return None
    found = [
        Repair(changed, place, one)
        for place, one in enumerate(number)
        for other in misread.get(one, "")
        if holds(changed := number[:place] + other + number[place + 1 :])
    ]
    return found[0] if len(found) == 1 else None
