import pytest

from services.consult.numbers_said import numbers_in


@pytest.mark.parametrize(
    ("text", "unit", "numbers"),
    [
        ("我店里120个平方", "平方米", [120]),
        ("一百二十平", "平方米", [120]),
        ("孩子十六岁了", "周岁", [16]),
        ("住了2年多", "年", [2]),
        ("2019年办的", "年", []),
        ("满两年半", "年", [2.5]),
        ("缴了一年半，也就是18个月", "个月", [18, 18]),
        ("百分之二十", "%", [20]),
        ("6万", "元", [60_000]),
        ("3吨半", "千克", [3500]),
        ("没有数字", "周岁", []),
        ("十二", "周岁", []),
    ],
)
def test_in_the_unit(text, unit, numbers):
    assert numbers_in(text, unit) == numbers


def test_a_reply_needs_no_unit():
    assert numbers_in("四十五", "周岁", bare=True) == [45]
    assert numbers_in("45", "周岁", bare=True) == [45]
