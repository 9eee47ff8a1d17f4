"""Made-up people, companies and numbers with valid check digits, from a seeded random source."""

from __future__ import annotations

import random

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马苗方俞任袁柳"
GIVEN = "安博晨丹芳歌涵佳凯岚敏宁鹏琪蓉珊婷文晓雅哲志子轩宇梓欣怡浩然明辉建国秀英丽娟静磊洋艳勇军杰涛超"
STREETS = ("武宁路", "长寿路", "曹杨路", "金沙江路", "真北路", "铜川路", "桃浦路", "大渡河路", "中山北路", "新村路")
TRADES = ("理发", "餐饮管理", "商贸", "信息科技", "文化传播", "酒店管理", "美容", "物业服务", "食品", "健身服务")

IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def person(dice: random.Random) -> str:
    """A name of two or three characters."""
    return dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, dice.choice([1, 2, 2])))


def company(dice: random.Random) -> str:
    """A limited company in Shanghai."""
    return f"上海{''.join(dice.sample(GIVEN, 2))}{dice.choice(TRADES)}有限公司"


def street(dice: random.Random) -> str:
    """An address in Putuo district."""
    return (
        f"上海市普陀区{dice.choice(STREETS)}{dice.randint(1, 2900)}号{dice.randint(1, 30)}幢{dice.randint(101, 2899)}室"
    )


def date(dice: random.Random, first: int, last: int) -> str:
    """A date between two years, as papers print it."""
    return f"{dice.randint(first, last)}年{dice.randint(1, 12):02d}月{dice.randint(1, 28):02d}日"


def identity_number(dice: random.Random) -> str:
    """居民身份证 number, GB 11643-1999: valid check, region 310107."""
    body = (
        f"310107{dice.randint(1950, 2005)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}{dice.randint(0, 999):03d}"
    )
    return with_identity_check(body)


def with_identity_check(body: str) -> str:
    """17 digits of an identity number, and the check character of GB 11643-1999."""
    total = sum(weight * int(digit) for weight, digit in zip(IDENTITY_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def credit_code(dice: random.Random) -> str:
    """统一社会信用代码, GB 32100-2015: valid check, with a valid GB 11714 check inside."""
    organisation = "MA1" + "".join(dice.choice(CREDIT_ALPHABET[:-1]) for _ in range(5))
    return with_credit_checks("91310107", organisation)


def with_credit_checks(head: str, organisation: str) -> str:
    """A credit code of its first 8 characters and the 8 of an organisation code, with both check characters."""
    values = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    inner = sum(weight * values.index(c) for weight, c in zip((3, 7, 9, 10, 5, 8, 4, 2), organisation, strict=True))
    organisation += "0123456789X0"[(11 - inner % 11) % 11]
    body = head + organisation
    total = sum(CREDIT_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(body))
    return body + CREDIT_ALPHABET[(31 - total % 31) % 31]


def food_licence_number(dice: random.Random) -> str:
    """食品经营许可证号: JY, kind, region, serial, one check digit (ISO 7064 MOD 11,10)."""
    body = f"{dice.randint(1, 3)}310107{dice.randint(0, 999999):06d}"
    product = 10
    for digit in body:
        product = (product + int(digit)) % 10 or 10
        product = product * 2 % 11
    return f"JY{body}{(11 - product) % 10}"
