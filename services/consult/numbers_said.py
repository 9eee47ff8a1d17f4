"""Numbers in the units of the guides' questions, as people say them: 120个平方, 十六岁, 3.5吨, 五百万, 百分之二十."""

from __future__ import annotations

import re

_DIGITS = {**{character: value for value, character in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2, "俩": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}
_CHINESE = "零〇一二两俩三四五六七八九十百千万亿"
_NUMBER = rf"(?:\d+(?:\.\d+)?|[{_CHINESE}]+)"
_UNITS: dict[str, tuple[tuple[str, float], ...]] = {
    "周岁": ((r"个?(?:周岁|岁)", 1),),
    "平方米": ((r"个?(?:平方米|平方|平米|㎡|平)", 1),),
    "年": ((r"(?:年|载)(?!级|代|前|后|以前|月|\d)", 1),),
    "个月": ((r"个?月(?!\d|[份初底])", 1), (r"年(?!级|代|前|后|以前|月|\d)", 12)),
    "天": ((r"(?:天|日)(?!\d)", 1), (r"个月", 30), (r"年(?!级|代|月|\d)", 365)),
    "万元": ((r"万(?:元|块)?", 1), (r"百万(?:元|块)?", 100), (r"千万(?:元|块)?", 1000), (r"亿(?:元)?", 10_000)),
    "元": ((r"(?:元|块钱?)", 1), (r"万(?:元|块)?", 10_000)),
    "千克": ((r"(?:千克|公斤|kg)", 1), (r"吨", 1000)),
    "%": ((r"%|％|个百分点", 1),),
}
_YEAR = 1900


def chinese_number(text: str) -> float | None:
    """二十三 -> 23, 一百二 -> 102 is not guessed but read as written; None if it is no number."""
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    total, section, digit = 0, 0, 0
    if not text or any(character not in _CHINESE for character in text):
        return None
    if len(text) > 1 and all(character in _DIGITS for character in text):
        return float("".join(str(_DIGITS[character]) for character in text))
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _PLACES:
            section += (digit or 1) * _PLACES[character]
            digit = 0
        else:
            total = (total + section + digit or 1) * _BIG[character]
            section = digit = 0
    return float(total + section + digit)


def numbers_in(text: str, unit: str, *, bare: bool = False) -> list[float]:
    """Every number of `text` that stands with `unit` or another way to say it. `bare`: if there is none, numbers alone."""
    lower = text.lower()
    found: list[float] = []
    for written, times in _UNITS.get(unit, ((re.escape(unit), 1.0),)):
        for match in re.finditer(rf"(?P<number>{_NUMBER})\s*(?P<half>多|来)?(?:{written})(?P<half_more>半)?", lower):
            number = match["number"]
            # 五百万 in 万元 is 五百; the unit's 万 is not part of the number.
            value = chinese_number(number)
            if value is None or (unit in ("年", "个月") and value >= _YEAR):
                continue
            found.append((value + (0.5 if match["half_more"] else 0)) * times)
    if unit == "%":
        for match in re.finditer(rf"百分之(?P<number>{_NUMBER})", lower):
            value = chinese_number(match["number"])
            found += [] if value is None else [value]
    if not found and bare:
        values = [chinese_number(number) for number in re.findall(_NUMBER, lower)]
        found = [value for value in values if value is not None]
    return found
