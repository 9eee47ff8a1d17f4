"""Mask personal data before a message is searched, stored or logged.

Comes in: text as `cleaning.clean` leaves it. Goes out: the text with each find replaced by a mark such as 【证件号码】, and
how many of each kind were found. What looks like an ID card number is masked even when its check digit is wrong: a
number with one digit mistyped still points at a person. A unified social credit code is a company's public number and
stays, as do 12345 and other public hotlines. Pure functions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

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

_PASSPORT = re.compile(rf"{FREE_BEFORE}(?:[EGDSPHM][A-Z]?[0-9]{{7,10}}|[egdsphm][0-9]{{8,10}}){FREE_AFTER}")
_ROOM = re.compile(r"[0-9]{1,5}弄(?:[0-9]{1,4}号)?(?:楼)?(?:[0-9]{2,4}室?)?|[0-9]{1,5}号(?:楼)?[0-9]{2,4}室")
_NAME = re.compile(r"(?P<lead>姓名(?:是|:|:)?\s?|我叫|本人叫|名叫)(?P<name>[\u4e00-\u9fff·]{2,4})(?=[,,。.;;、!!\s]|$)")
_NOT_A_NAME = frozenset({"什么", "什么名字", "啥"})


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` with marks in place of personal data; `found`: how many of each kind."""

    text: str
    found: dict[str, int] = field(default_factory=dict)


def _kind_of_long_number(match: re.Match[str]) -> str:
    number = re.sub(r"[^0-9Xx]", "", match.group())
    if is_identity_number(number):
        return "证件号码"
    if is_bank_card(number):
        return "银行卡号"
    # Fifteen digits and more that are nothing known: an old ID number, a case number, a card with a digit mistyped.
    return "长号码"


def _always(kind: str) -> Callable[[re.Match[str]], str]:
    return lambda _: kind


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (EMAIL, _always("邮箱")),
    (LONG_NUMBER, _kind_of_long_number),
    (MOBILE, _always("手机号码")),
    (LANDLINE, _always("电话号码")),
    (_PASSPORT, _always("证件号码")),
    (PLATE, _always("车牌号")),
    (_ROOM, _always("门牌号")),
)
_INTRODUCTION = (
    r"(?:我的?|本人的?)?(?:身份证|证件|护照|手机|联系|电话|银行|卡|姓名|邮箱|车牌|我叫|本人叫|名叫|住)"
    r"{0,2}(?:号码|号)?[是为:: ]{0,2}"
)
_MARK = re.compile(_INTRODUCTION + r"【(?:证件号码|银行卡号|长号码|手机号码|电话号码|邮箱|车牌号|门牌号|姓名)】")


def mask(text: str) -> Masked:
    """`text` with every find of personal data replaced by its mark."""
    found: Counter[str] = Counter()

    for pattern, kind_of in _RULES:

        def replace(match: re.Match[str], kind_of: Callable[[re.Match[str]], str] = kind_of) -> str:
            kind = kind_of(match)
            found[kind] += 1
            return f"【{kind}】"

        text = pattern.sub(replace, text)

    def replace_name(match: re.Match[str]) -> str:
        if match["name"] in _NOT_A_NAME or match["name"].startswith("什么"):
            return match.group()
        found["姓名"] += 1
        return match["lead"] + "【姓名】"

    return Masked(_NAME.sub(replace_name, text), dict(found))


def without_marks(text: str) -> str:
    """`text` without the marks that `mask` left and what introduces them (我的身份证号是【…】): neither is asked about."""
    return _MARK.sub(" ", text).strip()
