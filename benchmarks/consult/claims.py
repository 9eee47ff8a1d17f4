"""What a text claims that can be checked: numbers with what they count, dates, times, phones, addresses, names.

A reader of its own, for measuring: it shares nothing with the steps of the bot that compose and verify answers. Full-width and
Chinese numerals, 元 and 万元, and the forms of dates come out as one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_TENS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_COUNTED = (
    "个工作日|工作日|个自然日|自然日|个月|个半月|平方米|平方公里|周岁|周年|小时|分钟|公里|公斤|毫米|厘米|毫升|万元|亿元|"
    "元|日|天|年|月|岁|份|张|项|条|款|次|人|名|家|户|间|套|种|寸|米|吨|度|倍|层|台|辆|步|级|周|页|本|件|期|例|%|‰"
)
_LIKE = {
    "个工作日": "工作日",
    "个自然日": "自然日",
    "天": "日",
    "周岁": "岁",
    "名": "人",
    "周年": "年",
    "款": "条款",
}
_NUMERALS = "零〇一二两三四五六七八九十百千"
_DATE = re.compile(r"(?P<year>(?:19|20)\d\d)(?:年|[-./])(?P<month>\d{1,2})(?:(?:月|[-./])(?P<day>\d{1,2})日?|月)")
_TIME = re.compile(r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minute>\d\d)(?!\d)")
_PHONE = re.compile(
    r"(?<![\d.])(?:0\d{2,3}-?\d{7,8}|1[3-9]\d{9}|[48]00-?\d{3}-?\d{4}|\d{8}|1\d{2,4})"
    r"(?![\d.]|\s?[元平个日年人米号])"
)
_CHINESE = re.compile(rf"[{_NUMERALS}]+万?[{_NUMERALS}]*(?=\s?(?:{_COUNTED}))")
_NUMBER = re.compile(rf"(?<![\d.A-Za-z])(?P<value>\d+(?:\.\d+)?)\s?(?P<unit>{_COUNTED})?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LISTED = re.compile(r"^\d+\. ", re.M)
_NAMES = (
    ("law", re.compile(r"《[^《》\n]{2,60}》")),
    ("address", re.compile(r"[一-鿿]{2,8}(?:路|街|大道|公路)\s?\d+\s?(?:弄|号)(?:[A-Za-z\d]+(?:室|楼|层|号))?")),
    (
        "organisation",
        re.compile(
            r"[一-鿿]{2,14}?(?:管理局|保障局|委员会|服务中心|事务中心|受理中心|派出所|税务局|公安局|民政局|联合会)"
        ),
    ),
    ("site", re.compile(r"(?:https?://|www\.)[\w./-]+|[\w-]+(?:\.[\w-]+)*\.(?:gov|com|org|net)(?:\.cn)?")),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """`kind`: number, date, time, phone, law, address, organisation or site. `value`: in one form. `written`: as it stands."""

    kind: str
    value: str
    written: str


def plain(text: str) -> str:
    """`text` with digits, letters and signs in half width, Chinese numerals before a unit in digits, no list numbers."""
    text = unicodedata.normalize("NFKC", _LISTED.sub("", text))
    text = _THOUSANDS.sub("", text)
    return _CHINESE.sub(lambda found: str(_value(found.group())), text)


def claims_in(text: str) -> set[Claim]:
    """Everything in `text` that can be checked."""
    left = plain(text)
    found: set[Claim] = set()
    for kind, pattern in _NAMES:
        found |= {Claim(kind, squeezed(one.group()), one.group()) for one in pattern.finditer(left)}
    for one in _DATE.finditer(left):
        parts = [int(part) for part in (one["year"], one["month"], one["day"]) if part]
        found.add(Claim("date", "-".join(map(str, parts)), one.group()))
    left = _DATE.sub("、", left)
    for one in _TIME.finditer(left):
        found.add(Claim("time", f"{int(one['hour'])}:{one['minute']}", one.group()))
    left = _TIME.sub("、", left)
    for one in _PHONE.finditer(left):
        found.add(Claim("phone", one.group().replace("-", ""), one.group()))
    left = _PHONE.sub("、", left)
    for one in _NUMBER.finditer(left):
        value, unit = Decimal(one["value"]), one["unit"] or ""
        if unit in ("万元", "亿元"):
            value, unit = value * (10_000 if unit == "万元" else 100_000_000), "元"
        found.add(Claim("number", f"{value.normalize():f}{_LIKE.get(unit, unit)}", one.group()))
    return found


def squeezed(text: str) -> str:
    """`text` in plain form without blanks and quotation marks: what names are looked up in."""
    return re.sub(r"[\s“”\"'‘’]", "", plain(text))


def _value(numerals: str) -> int:
    """二十五 -> 25, 三百 -> 300, 两万五千 -> 25000; digits in a row (二〇二六) one by one."""
    if "万" in numerals:
        before, _, after = numerals.partition("万")
        return _value(before) * _LARGE["万"] + (_value(after) if after else 0)
    if not any(sign in _TENS for sign in numerals):
        return int("".join(str(_DIGITS[sign]) for sign in numerals))
    total, digit = 0, 0
    for sign in numerals:
        if sign in _TENS:
            total += (digit or 1) * _TENS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit
