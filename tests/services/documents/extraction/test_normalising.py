"""Dates, periods, sums and areas in every form that papers print."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.documents.extraction.amounts import read_area, read_money
from services.documents.extraction.dates import read_date, read_dates, read_period

PLAIN = "〇一二三四五六七八九"


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("2024年3月5日", "2024-03-05"),
        ("2024 年 03 月 05 日", "2024-03-05"),
        ("成立日期：２０２４年３月５日", "2024-03-05"),
        ("二〇二四年三月五日", "2024-03-05"),
        ("二零二四年十月二十一日", "2024-10-21"),
        ("一九九八年十二月三十一日", "1998-12-31"),
        ("二○二四年十一月廿九日", "2024-11-29"),
        ("2024.03.05", "2024-03-05"),
        ("2024-3-5", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("20240305", "2024-03-05"),
        # As a recogniser reads it.
        ("2O24年l月I2曰", "2024-01-12"),
        ("2024年3目5日", "2024-03-05"),
        ("2024年3月5日，2024.03.05", "2024-03-05"),
    ],
)
def test_dates(printed, iso):
    assert read_date(printed) == iso


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "长期",
        "2023年2月29日",
        "2024年13月1日",
        "1024年1月1日",
        "2024年3月",
        "十十年三月五日",
        "120240305",
        "2024-3.5",
        "电话 62345678",
        "2024年3月5日至2025年3月5日",
    ],
)
def test_what_is_no_one_date(printed):
    assert read_date(printed) is None


@given(some.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_in_characters(day):
    def units(number: int) -> str:
        tens, ones = divmod(number, 10)
        return ("" if tens == 0 else "十" if tens == 1 else f"{PLAIN[tens]}十") + ("" if ones == 0 else PLAIN[ones])

    year = "".join(PLAIN[int(digit)] for digit in str(day.year))
    assert read_date(f"{year}年{units(day.month)}月{units(day.day)}日") == day.isoformat()


def test_where_dates_stand():
    assert read_dates("自2024年1月1日起至2024.12.31止") == [("2024-01-01", 1, 10), ("2024-12-31", 12, 22)]


@pytest.mark.parametrize(
    ("printed", "period"),
    [
        ("2010.05.01-2030.05.01", "2010-05-01/2030-05-01"),
        ("2010.05.01 — 长期", "2010-05-01/长期"),
        ("2018年3月1日至不约定期限", "2018-03-01/长期"),
        ("自2023年1月1日起至2028年12月31日止", "2023-01-01/2028-12-31"),
        ("2022年05月06日 至 2026年05月05日", "2022-05-06/2026-05-05"),
        ("2022年05月06日一2026年05月05日", "2022-05-06/2026-05-05"),
        ("2022年05月06日—2026年05月05日", "2022-05-06/2026-05-05"),
        ("20200101-20300101", "2020-01-01/2030-01-01"),
    ],
)
def test_periods(printed, period):
    assert read_period(printed) == period


@pytest.mark.parametrize(
    "printed", ["长期", "2024年3月5日", "2030.05.01-2010.05.01", "2024年3月5日 2025年3月5日", "长期2024年3月5日"]
)
def test_what_is_no_period(printed):
    assert read_period(printed) is None


@pytest.mark.parametrize(
    ("printed", "yuan"),
    [
        ("人民币壹万贰仟元整", "12000.00"),
        ("叁佰元伍角贰分", "300.52"),
        ("叁佰圆零伍分", "300.05"),
        ("¥12,000.00", "12000.00"),
        ("￥１２，０００元", "12000.00"),
        ("人民币500.0000万元整", "5000000.00"),
        ("月租金人民币4500元（大写：肆仟伍佰元整）", "4500.00"),
        ("1.2亿元", "120000000.00"),
    ],
)
def test_money(printed, yuan):
    assert read_money(printed) == yuan


@pytest.mark.parametrize("printed", ["", "12000", "4500元（大写：肆仟陆佰元整）", "元整", "每月300元或500元"])
def test_what_is_no_one_sum(printed):
    assert read_money(printed) is None


@pytest.mark.parametrize(
    ("printed", "area"),
    [
        ("建筑面积86.50平方米", "86.5"),
        ("120㎡", "120"),
        ("1,200.00 m²", "1200"),
        ("100平米", "100"),
        ("86.5", None),
        ("土地20平方米，房屋86平方米", None),
    ],
)
def test_areas(printed, area):
    assert read_area(printed) == area
