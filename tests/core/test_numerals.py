"""Chinese numerals, plain and in the capitals of cheques."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.numerals import read_capital_money, read_integer

CAPITALS = "零壹贰叁肆伍陆柒捌玖"


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("壹万贰仟", 12000),
        ("叁拾万零伍佰", 300500),
        ("一亿零三十万", 100300000),
        ("两千", 2000),
        ("二〇二四", 2024),
        ("007", 7),
    ],
)
def test_numerals(numeral, number):
    assert read_integer(numeral) == number


@pytest.mark.parametrize("text", ["", "十十", "百千", "一二十", "零十", "万", "元", "一万万", "1.5", "-3"])
def test_what_is_no_numeral(text):
    assert read_integer(text) is None


@given(some.integers(1, 10**9))
def test_every_sum_in_capitals(number):
    assert read_capital_money(f"{capitals(number)}元整") == number


def capitals(number: int) -> str:
    """A number as a cheque has it."""
    found = ""
    for big, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, number = divmod(number, big)
        if part:
            written, gap = "", False
            for unit, sign in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
                digit = part // unit % 10
                if digit:
                    written += ("零" if gap and (written or found) else "") + CAPITALS[digit] + sign
                gap = digit == 0
            found += written + name
    return found
