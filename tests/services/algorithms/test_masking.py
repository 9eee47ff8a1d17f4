import pytest

from core.errors import Invalid, TooLarge
from services.algorithms.personal_data.masking import MOST_CHARACTERS, Kind, Text, found, run


def kinds(text: str) -> list[tuple[str, str]]:
    return [(find.kind.value, text[find.start : find.end]) for find in found(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("身份证11010519491231002X已过期", [("identity_number", "11010519491231002X")]),
        ("身份证110105 19491231 002x", [("identity_number", "110105 19491231 002x")]),
        ("手机１３８１２３４５６７８", [("mobile", "１３８１２３４５６７８")]),
        ("传真(021)52564588", [("landline", "(021)52564588")]),
        ("卡号6222021804489040", [("bank_card", "6222021804489040")]),
        ("卡号6222021804489041", [("bank_card", "6222021804489041")]),
        ("护照E12345678", [("passport", "E12345678")]),
        ("车牌沪A·12345和沪AD12345", [("plate", "沪A·12345"), ("plate", "沪AD12345")]),
        ("邮箱li_na@example.cn。", [("email", "li_na@example.cn")]),
        ("家住曹杨路500弄3号1202室", [("address", "曹杨路500弄3号1202室")]),
        ("我是经办人张伟，来办事", [("name", "张伟")]),
    ],
)
def test_each_kind_with_its_span(text: str, wanted: list[tuple[str, str]]) -> None:
    assert kinds(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "统一社会信用代码91310107MA1T000052",
        "工单PT20240611-0087，受理号20240518000123",
        "热线12345和400-820-1234",
        "长寿路附近的曹杨新村小学",
        "依据沪府办发〔2024〕18号，每人3000元",
        "王先生和小李说可以",
        "序号6222021804489041",
        "地铁13号线金沙江路站",
    ],
)
def test_what_is_public_stays(text: str) -> None:
    assert kinds(text) == []


def test_the_text_is_masked_where_the_finds_are() -> None:
    masked = run(Text(text="联系人王丽华，手机13812345678。"))
    assert masked.text == "联系人【姓名】，手机【手机号码】。"
    assert [find.kind for find in masked.finds] == [Kind.NAME, Kind.MOBILE]


def test_size_is_limited() -> None:
    with pytest.raises(Invalid):
        run(Text(text=""))
    with pytest.raises(TooLarge) as caught:
        run(Text(text="字" * (MOST_CHARACTERS + 1)))
    assert caught.value.code == "text_too_long"
