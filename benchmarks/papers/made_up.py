"""Made-up people, companies, places and numbers with valid check digits, from a seeded random source."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from benchmarks.ocr.people import CREDIT_ALPHABET, with_credit_checks, with_identity_check

T = TypeVar("T")
SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢"
    "邹苏潘葛范彭鲁韦马苗方俞任袁柳邓罗傅熊孟阎薛雷贺倪汤邵毛戴谭崔"
)
GIVEN = (
    "安博晨丹芳歌涵佳凯岚敏宁鹏琪蓉珊婷文晓雅哲志子轩宇梓欣怡浩然明辉建国秀英"
    "丽娟静磊洋艳勇军杰涛超玉兰桂荣春梅红霞斌刚峰平东海燕云飞龙雪倩颖慧娜璐瑶琳"
)
DOUBLE = ("欧阳", "上官", "司马", "诸葛", "令狐")
NATIONS = ("汉",) * 12 + ("回", "满", "壮", "维吾尔", "朝鲜", "土家", "蒙古", "苗", "藏")
PLACES = (
    ("上海市", "", "普陀区", "310107", ("武宁路", "长寿路", "曹杨路", "金沙江路", "真北路", "铜川路", "桃浦路")),
    ("上海市", "", "静安区", "310106", ("南京西路", "江宁路", "常德路", "万航渡路")),
    ("上海市", "", "浦东新区", "310115", ("张杨路", "浦东大道", "源深路", "世纪大道")),
    ("江苏省", "南京市", "鼓楼区", "320106", ("中山北路", "虎踞路", "草场门大街")),
    ("浙江省", "杭州市", "西湖区", "330106", ("文一西路", "古墩路", "天目山路")),
    ("安徽省", "合肥市", "庐阳区", "340103", ("长江中路", "阜阳路", "濉溪路")),
    ("四川省", "广安市", "广安区", "511602", ("思源大道", "金安大道", "建安中路")),
    ("湖北省", "武汉市", "江岸区", "420102", ("解放大道", "中山大道", "黄浦大街")),
    ("河南省", "郑州市", "金水区", "410105", ("花园路", "文化路", "东风路")),
    ("北京市", "", "海淀区", "110108", ("中关村大街", "知春路", "西三环北路")),
)
TRADES = (
    "理发",
    "餐饮管理",
    "商贸",
    "信息科技",
    "文化传播",
    "酒店管理",
    "美容",
    "物业服务",
    "食品",
    "健身服务",
    "建筑工程",
    "医疗器械",
)
TYPES = (
    "有限责任公司（自然人投资或控股）",
    "有限责任公司（自然人独资）",
    "其他有限责任公司",
    "股份有限公司（非上市、自然人投资或控股）",
)
ACTIVITIES = (
    "日用百货销售", "信息技术咨询服务", "会议及展览服务", "企业管理咨询", "物业管理", "食品经营", "理发服务", "生活美容服务",
    "技术开发、技术转让", "广告设计、代理", "货物进出口", "家政服务", "停车场服务", "园林绿化工程施工", "住房租赁", "餐饮服务",
)  # fmt: skip
CAPITALS = "零壹贰叁肆伍陆柒捌玖"
DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who doesn't exist."""

    name: str
    sex: str
    nation: str
    born: date
    number: str


@dataclass(frozen=True, slots=True)
class Company:
    """A company that doesn't exist. `capital`: in 10,000 yuan."""

    name: str
    code: str
    type: str
    head: str
    capital: int
    founded: date
    scope: str
    address: str
    registrar: str


class Story(random.Random):
    """Chance that draws a paper of a certain person or company: what `given` names is told, everything else is drawn.

    What can be told stands in the drawing functions of `benchmarks.papers.kinds`, each by the key in its call of `told`.
    """

    given: Mapping[str, Any]

    def __new__(cls, seed: str, **given: Any) -> Story:
        """As random.Random; it takes its seed only."""
        return super().__new__(cls, seed)  # type: ignore[call-arg]

    def __init__(self, seed: str, **given: Any) -> None:
        super().__init__(seed)
        self.given = given


def told(dice: random.Random, key: str, drawn: T) -> T:
    """What the story tells of `key`, or what was drawn: so that a paper without a story stays what it was."""
    if isinstance(dice, Story) and key in dice.given:
        found: T = dice.given[key]
        return found
    return drawn


def day(dice: random.Random, first: int, last: int) -> date:
    """A day of the years `first` to `last`."""
    return date(first, 1, 1) + timedelta(days=dice.randrange((date(last, 12, 31) - date(first, 1, 1)).days))


def name(dice: random.Random) -> str:
    """Two to four characters."""
    surname = dice.choice(DOUBLE) if dice.random() < 0.04 else dice.choice(SURNAMES)
    return surname + "".join(dice.sample(GIVEN, dice.choice([1, 2, 2, 2])))


def person(dice: random.Random, first: int = 1945, last: int = 2005) -> Person:
    """Born in the years `first` to `last`."""
    sex, born = dice.choice("男女"), day(dice, first, last)
    return Person(name(dice), sex, dice.choice(NATIONS), born, identity_number(dice, born, sex))


def identity_number(dice: random.Random, born: date, sex: str) -> str:
    """公民身份号码, GB 11643-1999."""
    serial = dice.randrange(1, 499) * 2 + (1 if sex == "男" else 0)
    return with_identity_check(f"{dice.choice(PLACES)[3]}{born:%Y%m%d}{serial:03d}")


def credit_code(dice: random.Random, first: str = "91") -> str:
    """统一社会信用代码, GB 32100-2015, with a valid GB 11714 check inside."""
    organisation = dice.choice(["MA1", "MA7", "MAC", "568", "073"]) + "".join(
        dice.choice(CREDIT_ALPHABET[:-1]) for _ in range(5)
    )
    return with_credit_checks(first + dice.choice(PLACES)[3], organisation)


def address(dice: random.Random, home: bool = True) -> str:
    """An address as papers print it."""
    province, city, district, _, streets = dice.choice(PLACES)
    road, number = dice.choice(streets), dice.randint(1, 2900)
    tail = dice.choice(
        [
            f"{number}号{dice.randint(1, 30)}幢{dice.randint(101, 2899)}室",
            f"{number}弄{dice.randint(1, 90)}号{dice.randint(101, 1899)}室",
            f"{number}号",
            f"{number}号{dice.randint(1, 9)}楼{dice.choice('ABCD')}座"
            if not home
            else f"{number}弄{dice.randint(1, 60)}号",
            f"{number}号{dice.randint(1, 12)}栋{dice.randint(1, 4)}单元{dice.randint(101, 1802)}号",
        ]
    )
    return f"{province}{city}{district}{road}{tail}"


def authority(dice: random.Random, name_: str) -> str:
    """An office of one of the places."""
    _, city, district, _, _ = dice.choice(PLACES)
    return f"{dice.choice([city, '']) if city else ''}{district}{name_}"


def company(dice: random.Random) -> Company:
    """A limited company."""
    province, city, *_ = dice.choice(PLACES)
    seat = (city or province).removesuffix("市")
    trade = dice.choice(TRADES)
    wording = dice.choice(
        [f"{seat}{{}}{trade}有限公司", f"{{}}（{seat}）{trade}有限公司", f"{seat}{{}}{trade}有限公司"]
    )
    activities = dice.sample(ACTIVITIES, dice.randint(3, 9))
    cut = dice.randint(1, len(activities) - 1)
    scope = (
        f"一般项目：{'；'.join(activities[:cut])}。（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）"
        f"许可项目：{'；'.join(activities[cut:])}。"
    )
    return Company(
        wording.format("".join(dice.sample(GIVEN, 2))),
        credit_code(dice),
        dice.choice(TYPES),
        name(dice),
        dice.choice([10, 30, 50, 100, 200, 300, 500, 680, 1000, 2000, 5000]),
        day(dice, 2001, 2023),
        scope,
        address(dice, home=False),
        authority(dice, "市场监督管理局"),
    )


def phone(dice: random.Random) -> str:
    """A number of a block that is in nobody's hands."""
    return f"1{dice.choice('3578')}{dice.randint(0, 9)}0000{dice.randint(0, 9999):04d}"


def printed(when: date, form: str) -> str:
    """A date in one of the forms of `DATE_FORMS`."""
    if form == "capitals":
        year = "".join(DIGITS[int(digit)] for digit in f"{when.year}")
        return f"{year}年{_tens(when.month)}月{_tens(when.day)}日"
    return {
        "full": f"{when.year}年{when.month:02d}月{when.day:02d}日",
        "short": f"{when.year}年{when.month}月{when.day}日",
        "spaced": f"{when.year} 年 {when.month:02d} 月 {when.day:02d} 日",
        "dashes": f"{when:%Y-%m-%d}",
        "points": f"{when:%Y.%m.%d}",
        "slashes": f"{when.year}/{when.month}/{when.day}",
    }[form]


DATE_FORMS = {"dev": ("full", "short", "dashes", "capitals"), "test": ("short", "spaced", "points", "full", "dashes")}


def capital_money(yuan: int) -> str:
    """Whole yuan below 100,000,000 in the numerals of cheques: 壹万贰仟元整."""
    if yuan >= 10_000:
        high, low = divmod(yuan, 10_000)
        rest = _four(low)
        return f"{_four(high)}万{'零' if low and low < 1000 else ''}{rest}元整"
    return f"{_four(yuan)}元整"


def _four(number: int) -> str:
    text, gap = "", False
    for unit, size in (("仟", 1000), ("佰", 100), ("拾", 10), ("", 1)):
        digit, number = divmod(number, size)
        if digit:
            text += ("零" if gap and text else "") + CAPITALS[digit] + unit
            gap = False
        else:
            gap = True
    return text


def _tens(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("十" if tens == 1 else f"{DIGITS[tens]}十" if tens else "") + (DIGITS[ones] if ones else "")
