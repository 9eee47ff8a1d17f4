"""The form of what is written: telephone numbers, dates, times, punctuation, brackets, full-width digits.

Comes in: a `Draft`. Goes out: findings. A mobile number is a person's and does not belong in a guide.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from knowledge_base.lint.context import Context
from knowledge_base.lint.draft import Draft, TextAt, words_at
from knowledge_base.lint.finding import LintFinding, Place, rule

_HOTLINE = re.compile(r"1\d{2}|1\d{4}|9[56]\d{3,4}|[48]00-\d{3}-?\d{4}|[48]00-\d{4}-?\d{3}|[48]00\d{7}")
_LANDLINE = re.compile(r"(?:0(?:10|2\d)-\d{8}|0[3-9]\d{2}-\d{7,8})(?:-\d{1,6})?")
_MOBILE = re.compile(r"(?<![\dA-Za-z-])1[3-9]\d{9}(?![\dA-Za-z-])")
_IN_TEXT = re.compile(r"(?:电话|热线|致电|拨打|号码)[：:]?\s*((?:\d[\d－\-—]{5,14}\d))(?!\s*元)")
_DATE = re.compile(
    r"(?<![\d.\-/])((?:19|20)\d{2})(\s*年\s*|[-/.])(\d{1,2})(\s*月\s*|[-/.])(\d{1,2})(\s*日)?(?![\d.\-/])"
)
_DAY = re.compile(r"(?<![\d年.])(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_UNTIL = re.compile(
    r"(?:截至|截止|有效期至|执行至|延续至|实施至|至)\s*((?:19|20)\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日(?:止|前|截止|为止)?"
)
_TIMES = re.compile(r"(\d{1,2})[:：](\d{2})\s*(?:[—–\-~～]+|至|到)\s*(\d{1,2})[:：](\d{2})")
_HALF_WIDTH = re.compile(
    r"(?<=[一-龥”》）])[,;:?!](?=[一-龥“《（])|(?<=[一-龥])\.(?=[一-龥])|(?<=[一-龥])[()](?=[一-龥])"
)
_FULL_DIGITS = re.compile(r"[０-９Ａ-Ｚａ-ｚ]+")
_FULL = str.maketrans(",;:?!().", "，；：？！（）。")
_OPENING = {"（": "）", "《": "》", "“": "”", "【": "】", "「": "」", "(": ")", "〈": "〉"}
_CLOSING = {closing: opening for opening, closing in _OPENING.items()}


def form_faults(draft: Draft, context: Context) -> Iterator[LintFinding]:
    """What is written in a wrong form."""
    for key in ("consult_phone", "supervise_phone"):
        number = words_at(draft.part(key), "number")
        if number:
            yield from _phone((key, "number"), number, 0)
    for key in ("effective_date", "cancel_date", "valid_until"):
        yield from _set_date(key, draft.data.get(key), context.today)
    for found in draft.texts:
        if found.place[-1] in ("effective_date", "cancel_date", "valid_until"):
            continue
        if any(character.isdigit() for character in found.text):
            yield from _phones(found)
            yield from _dates(found, context.today)
            yield from _times(found)
        yield from _punctuation(found)
        yield from _brackets(found)


def _phone(place: Place, number: str, start: int) -> Iterator[LintFinding]:
    span = (start, start + len(number))
    plain = unicodedata.normalize("NFKC", number)
    if _MOBILE.fullmatch(plain.replace("-", "")):
        yield rule("personal_phone").found(place, span=span, words=number)
        return
    digits = re.sub(r"\D", "", plain)
    if plain != number:
        why = "里有全角字符"
    elif _HOTLINE.fullmatch(number) or _LANDLINE.fullmatch(number):
        return
    elif re.fullmatch(r"[2-9]\d{6,7}", number):
        why = "没有区号"
    elif re.fullmatch(r"0\d{9,11}", number):
        why = "的区号和号码之间没有连字符"
    elif re.match(r"0(?:10|2\d)-", number) and len(digits) == 10:
        why = "的号码只有 7 位，应为 8 位"
    else:
        why = "不是固定电话或者服务热线的格式"
    yield rule("phone_form").found(place, span=span, words=number, why=why)


def _phones(found: TextAt) -> Iterator[LintFinding]:
    for match in _MOBILE.finditer(found.text):
        yield rule("personal_phone").found(found.place, span=match.span(), words=match[0])
    for match in _IN_TEXT.finditer(found.text):
        if not _MOBILE.fullmatch(match[1]):
            yield from _phone(found.place, match[1], match.start(1))


def _real(year: int, month: int, day: int) -> bool:
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def _set_date(key: str, value: object, today: date) -> Iterator[LintFinding]:
    if isinstance(value, str):
        match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", value.strip())
        if match is None or not _real(*(int(part) for part in match.groups())):
            yield rule("date_impossible").found((key,), span=(0, len(value)), words=value)
            return
        value = date(*(int(part) for part in match.groups()))
    if isinstance(value, date) and key != "effective_date" and value < today:
        yield rule("expired").found((key,), words=value.isoformat())


def _dates(found: TextAt, today: date) -> Iterator[LintFinding]:
    for match in _DATE.finditer(found.text):
        if not _real(int(match[1]), int(match[3]), int(match[5])):
            yield rule("date_impossible").found(found.place, span=match.span(), words=match[0])
        elif match[2] in "/." or (match[2] == "-") != (match[4] == "-"):
            yield rule("date_form").found(found.place, span=match.span(), words=match[0])
    for match in _DAY.finditer(found.text):
        # Any leap year: 29 February exists.
        if not _real(2024, int(match[1]), int(match[2])):
            yield rule("date_impossible").found(found.place, span=match.span(), words=match[0])
    for match in _UNTIL.finditer(found.text):
        year, month, day = (int(part) for part in match.groups())
        if _real(year, month, day) and date(year, month, day) < today and found.place[0] != "legal_basis":
            yield rule("expired").found(found.place, span=match.span(), words=match[0])


def _times(found: TextAt) -> Iterator[LintFinding]:
    for match in _TIMES.finditer(found.text):
        hour, minute, last_hour, last_minute = (int(part) for part in match.groups())
        real = hour < 24 and minute < 60 and last_minute < 60 and (last_hour, last_minute) <= (24, 0)
        if not real or (hour, minute) >= (last_hour, last_minute):
            yield rule("time_impossible").found(found.place, span=match.span(), words=match[0])


def _punctuation(found: TextAt) -> Iterator[LintFinding]:
    for match in _HALF_WIDTH.finditer(found.text):
        yield rule("half_width_punctuation").found(
            found.place, span=match.span(), words=match[0], full=match[0].translate(_FULL)
        )
    for match in _FULL_DIGITS.finditer(found.text):
        yield rule("full_width_digits").found(
            found.place, span=match.span(), words=match[0], half=unicodedata.normalize("NFKC", match[0])
        )


def _brackets(found: TextAt) -> Iterator[LintFinding]:
    open_ones: list[tuple[str, int]] = []
    for position, character in enumerate(found.text):
        if character in _OPENING:
            open_ones.append((character, position))
        elif character in _CLOSING:
            if open_ones and open_ones[-1][0] == _CLOSING[character]:
                open_ones.pop()
            elif character in "）)" and re.search(
                r"(?:^|[。；，\s])[\d一二三四五六七八九十]{1,2}$", found.text[:position]
            ):
                continue  # 1）2）: a numbered list
            else:
                yield rule("brackets_broken").found(found.place, span=(position, position + 1), words=character)
                return
    for character, position in open_ones:
        yield rule("brackets_broken").found(found.place, span=(position, position + 1), words=character)
