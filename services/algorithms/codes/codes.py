"""Check digits and codes (证件号码、代码校验): whether a number holds, what it says, and the one number it may have been.

Comes in: `Codes`, numbers with their kind, or without: then every kind whose form fits is tried. Goes out: `Checks` in the
same order. What is
wrong is said in Chinese: the form, the day of birth, or the check digit. Rules and standards: core/check_digits.py. Where one
character was misread or mistyped and only one number can have been meant, it is offered, never put in by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from core.check_digits import (
    bank_card_holds,
    credit_code_holds,
    electronic_licence_holds,
    food_licence_holds,
    identity_number_holds,
    is_birth_date,
    organisation_code_holds,
    repaired,
)
from core.errors import Invalid, TooLarge

MOST_CODES = 1_000
MOST_CHARACTERS = 120


class Kind(StrEnum):
    """What a number is."""

    IDENTITY = "identity"
    CREDIT = "credit"
    ORGANISATION = "organisation"
    BANK_CARD = "bank_card"
    FOOD_LICENCE = "food_licence"
    ELECTRONIC_LICENCE = "electronic_licence"


class Code(BaseModel):
    """`kind` may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str
    kind: Kind | None = None


class Codes(BaseModel):
    """At most 1,000 numbers of 120 characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: tuple[Code, ...]


class Check(BaseModel):
    """`holds`: nothing is wrong. `fault`: Chinese, empty if it holds. `suggestion`: the one number it may have been, or nothing.
    Of an identity number that holds: `region` (six digits), `born`, `sex` (男, 女); of a credit code `region`."""

    model_config = ConfigDict(frozen=True)

    kind: Kind | None
    holds: bool
    fault: str = ""
    suggestion: str = ""
    region: str = ""
    born: date | None = None
    sex: str = ""


class Checks(BaseModel):
    """In the order of the numbers."""

    model_config = ConfigDict(frozen=True)

    checks: tuple[Check, ...]


_FORMS: dict[Kind, tuple[re.Pattern[str], Callable[[str], bool], str]] = {
    Kind.ELECTRONIC_LICENCE: (re.compile(r"1\.2\.156\.3005\.2\..+"), electronic_licence_holds, "电子证照标识"),
    Kind.FOOD_LICENCE: (re.compile(r"JY[0-9]{14}"), food_licence_holds, "食品经营许可证编号"),
    Kind.IDENTITY: (re.compile(r"[1-9][0-9]{16}[0-9X]"), identity_number_holds, "公民身份号码"),
    Kind.CREDIT: (re.compile(r"[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}"), credit_code_holds, "统一社会信用代码"),
    Kind.BANK_CARD: (re.compile(r"[0-9]{16,19}"), bank_card_holds, "银行卡号"),
    Kind.ORGANISATION: (re.compile(r"[0-9A-Z]{8}-?[0-9X]"), organisation_code_holds, "组织机构代码"),
}


def tidied(number: str) -> str:
    """Narrow characters, capitals, without the blanks and dashes that people group by."""
    number = re.sub(r"\s", "", unicodedata.normalize("NFKC", number)).upper()
    return number if re.fullmatch(r"[0-9A-Z]{8}-[0-9X]", number) else re.sub(r"[-—_]", "", number)


def checked(code: Code, today: date | None = None) -> Check:
    """What can be said of one number. `today`: no one is born after it."""
    number = tidied(code.number)
    kinds = [code.kind] if code.kind else [kind for kind, (form, _, _) in _FORMS.items() if form.fullmatch(number)]
    if not kinds:
        return Check(kind=None, holds=False, fault="认不出是哪一种号码，请检查位数和字符。")
    first: Check | None = None
    for kind in kinds:
        check = _checked_as(kind, number, today)
        if check.holds:
            return check
        first = first or check
    assert first is not None
    return first


def _checked_as(kind: Kind, number: str, today: date | None) -> Check:
    form, holds, name = _FORMS[kind]
    fine = identity_number_holds(number, today) if kind is Kind.IDENTITY else holds(number)
    if fine and form.fullmatch(number):
        return _told(kind, number)
    repair = repaired(number, holds)
    suggestion = repair.number if repair else ""
    if not form.fullmatch(number):
        fault = f"不是{name}的形式，请检查位数和字符。"
    elif kind is Kind.IDENTITY and not is_birth_date(number[6:14], today):
        fault = "出生日期不存在或在今天之后。"
    else:
        fault = f"{name}的校验位不符，可能有一位输错。"
    return Check(kind=kind, holds=False, fault=fault, suggestion=suggestion)


def _told(kind: Kind, number: str) -> Check:
    if kind is Kind.IDENTITY:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        sex = "男" if int(number[16]) % 2 else "女"
        return Check(kind=kind, holds=True, region=number[:6], born=born, sex=sex)
    return Check(kind=kind, holds=True, region=number[2:8] if kind is Kind.CREDIT else "")


def run(given: Codes) -> Checks:
    """What can be said of each number.

    Raises:
        Invalid: there is none, or one is empty (codes `codes_empty`, `code_empty`).
        TooLarge: too many, or one is too long (codes `codes_too_many`, `code_too_long`).
    """
    if not given.codes:
        raise Invalid("请至少填写一个号码。", code="codes_empty", param="codes")
    if len(given.codes) > MOST_CODES:
        raise TooLarge(f"一次最多校验 {MOST_CODES} 个号码。", code="codes_too_many", param="codes")
    for code in given.codes:
        if not code.number.strip():
            raise Invalid("有一个号码是空的。", code="code_empty", param="codes.number")
        if len(code.number) > MOST_CHARACTERS:
            raise TooLarge(f"一个号码最多 {MOST_CHARACTERS} 个字符。", code="code_too_long", param="codes.number")
    return Checks(checks=tuple(checked(code) for code in given.codes))
