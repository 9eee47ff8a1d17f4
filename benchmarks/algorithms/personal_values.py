"""Made-up personal data for the slots of sentences: names, numbers with their check digits, plates, addresses.

Comes in: a seeded `random.Random` and a half. Goes out: a value as people write it. Forms of address and the way numbers are
grouped differ between dev and test. Nobody is meant by any of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from core.check_digits import IDENTITY_CHECKS, IDENTITY_WEIGHTS, bank_card_holds

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
COMPOUND = ("欧阳", "上官", "司马", "诸葛", "东方", "慕容", "司徒", "令狐")
FIRST = (
    "志建国文明晓小海春秋雪雨家佳嘉思梦雅静丽美玉秀桂淑红艳伟强勇军杰涛磊鹏飞浩宇子梓欣怡诗婷敏慧颖琳洁俊凯峰"
    "斌超辉平兰凤翠金水长永德荣福根"
)
SECOND = (
    "华明伟芳娜敏静丽强磊军洋勇艳杰娟涛超霞平刚英燕兵琴云莲真环荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞莉桂娣叶璧璐娅琦"
    "晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭"
    "冰爽琬茗羽希宁欣飘育滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊亚宜可姬舒影荔枝思"
)
FAR = ("吾买尔·艾合买提", "阿依古丽·吐尔逊", "扎西·次仁")
MOBILE = ("138", "139", "150", "151", "158", "159", "176", "177", "186", "188", "189", "199", "133", "147")
BANKS = ("622202", "621700", "622848", "621226", "622588", "621661", "623058", "622262")
REGIONS = ("310107", "310104", "320583", "330106", "340104", "420111", "110105", "440305")
ROADS = [
    "曹杨路",
    "武宁路",
    "长寿路",
    "金沙江路",
    "真北路",
    "梅川路",
    "怒江路",
    "兰溪路",
    "大渡河路",
    "枣阳路",
    "新村路",
    "延长西路",
    "石泉路",
    "交通西路",
    "古浪路",
    "真光路",
    "祁连山路",
    "桃浦路",
]
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
USERS = ("zhang.wei", "lina_88", "kaopu-test", "sunny2020", "wang", "hr.dept", "x.y.chen")
HOSTS = ("example.com", "example.cn", "mail.example.org", "qq.example.com")


def _digits(random_: random.Random, count: int) -> str:
    return "".join(random_.choice("0123456789") for _ in range(count))


def name(random_: random.Random, _: str) -> str:
    """Two or three characters mostly; some with a surname of two, few of a minority's form."""
    draw = random_.random()
    if draw < 0.02:
        return random_.choice(FAR)
    surname = random_.choice(COMPOUND) if draw < 0.07 else random_.choice(SURNAMES)
    given = random_.choice(SECOND) if random_.random() < 0.25 else random_.choice(FIRST) + random_.choice(SECOND)
    return surname + given


def identity(random_: random.Random, half: str) -> str:
    """With its check digit; some in groups, some with a small x, in test some with one digit wrong."""
    birth = f"{random_.randint(1940, 2015)}{random_.randint(1, 12):02}{random_.randint(1, 28):02}"
    body = random_.choice(REGIONS) + birth + _digits(random_, 3)
    check = IDENTITY_CHECKS[sum(w * int(d) for w, d in zip(IDENTITY_WEIGHTS, body, strict=True)) % 11]
    number = body + (check.lower() if random_.random() < 0.3 else check)
    draw = random_.random()
    if draw < 0.1:
        return f"{number[:6]} {number[6:14]} {number[14:]}"
    if half == "test" and draw < 0.18:
        return number[:16] + str((int(number[16]) + 1) % 10) + number[17]
    return number


def phone(random_: random.Random, half: str) -> str:
    """A mobile number, some in groups, some with the country's code."""
    number = random_.choice(MOBILE) + _digits(random_, 8)
    draw = random_.random()
    if draw < 0.12:
        gap = "-" if half == "dev" else " "
        return f"{number[:3]}{gap}{number[3:7]}{gap}{number[7:]}"
    return f"+86{number}" if draw < 0.18 else number


def landline(random_: random.Random, half: str) -> str:
    """With its area code."""
    number = random_.choice("256") + _digits(random_, 7)
    return random_.choice((f"021-{number}", f"021{number}") if half == "dev" else (f"(021){number}", f"021 {number}"))


def card(random_: random.Random, half: str) -> str:
    """A bank card of 19 or 16 digits that passes Luhn, some in groups of four."""
    while True:
        number = random_.choice(BANKS) + _digits(random_, random_.choice((13, 10)))
        if bank_card_holds(number):
            break
    gap = " " if half == "dev" else "-"
    return gap.join(number[i : i + 4] for i in range(0, len(number), 4)) if random_.random() < 0.2 else number


def plate(random_: random.Random, half: str) -> str:
    """Of a car with a petrol engine or of a new-energy one."""
    start = random_.choice(("沪A", "沪B", "沪C", "苏E", "浙A", "皖A"))
    dot = random_.choice(("", "·")) if half == "dev" else random_.choice(("", "", "·", " "))
    if random_.random() < 0.3:
        return f"{start}{dot}{random_.choice('DF')}{_digits(random_, 5)}"
    return f"{start}{dot}{random_.choice(LETTERS)}{_digits(random_, 4)}"


def email(random_: random.Random, _: str) -> str:
    """At a host that is nobody's."""
    return f"{random_.choice(USERS)}{random_.choice(('', '1', '2024'))}@{random_.choice(HOSTS)}"


def passport(random_: random.Random, _: str) -> str:
    """Of this country, old and new form."""
    return random_.choice(
        (f"E{_digits(random_, 8)}", f"E{random_.choice('ABCDEFGH')}{_digits(random_, 7)}", f"G{_digits(random_, 8)}")
    )


def address(random_: random.Random, half: str) -> str:
    """Down to a house or a flat."""
    pick = random_.randint
    road, lane, house = random_.choice(ROADS), pick(10, 2999), pick(1, 199)
    room, unit, floor = f"{pick(1, 30)}0{pick(1, 6)}", pick(1, 6), pick(1, 30)
    forms = {
        "dev": (
            f"上海市普陀区{road}{lane}弄{house}号{room}室",
            f"普陀区{road}{lane}号",
            f"{road}{lane}弄{house}号{room}",
            f"上海市{road}{house}号{floor}楼",
            f"江苏省苏州市吴中区{road}{house}号{unit}幢{room}室",
            f"上海市普陀区长征镇{road}{lane}号{unit}号楼{room}室",
        ),
        "test": (
            f"上海普陀区{road}{lane}弄{house}号{unit}单元{room}室",
            f"普陀区宜川路街道{road}{lane}弄{house}支弄{unit}号",
            f"浙江省杭州市西湖区{road}{house}号{unit}栋{unit}单元{room}",
            f"{road}{lane}弄{house}号",
            f"{road}{lane}号{room}室",
            f"安徽省合肥市肥西县桃花镇{road}{house}号",
            f"上海市静安区{road}{lane}弄{house}号楼{room}室",
            f"桃浦镇{road}{lane}弄{house}号甲{room}室",
            f"武宁新村{house}号{room}室",
            f"{road}{lane}号{unit}号楼{floor}层{room}",
        ),
    }
    return random_.choice(forms[half])


SLOTS: dict[str, Callable[[random.Random, str], str]] = {
    one.__name__: one for one in (name, identity, phone, landline, card, plate, email, passport, address)
}
