# ruff: noqa: E501  -- clauses are read as they are printed
"""More dev layouts of the kinds whose forms differ most from office to office: leases, powers of attorney, hygiene licences.

They word what the model texts of cities and chambers word their own way, and are there to see how a form goes that the extraction was not
written for. Apart from `KINDS`, so that the pages of `--half dev` stay what they were.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from benchmarks.papers import made_up
from benchmarks.papers.fonts import HANDS, PRINT, TITLES
from benchmarks.papers.marks import seal, signature
from benchmarks.papers.sheet import Pen, Run, Sheet

Blanks = Mapping[str, tuple[str, str]]
"""A name in braces -> what is printed there and the field that it belongs to ("" for none)."""


def runs(text: str, blanks: Blanks) -> list[Run]:
    """Words around blanks: `甲方：{landlord}` -> what is printed, with its fields."""
    found = []
    for number, part in enumerate(text.replace("}", "{").split("{")):
        found.append(Run(*blanks[part]) if number % 2 else Run(part))
    return found


def lease(dice: random.Random, layout: int) -> Sheet:
    """房屋租赁合同 as cities' model texts and estate agents word it."""
    landlord, person = made_up.person(dice, 1950, 1995), made_up.person(dice)
    firm = made_up.company(dice) if dice.random() < 0.5 else None
    tenant, number = (firm.name, firm.code) if firm else (person.name, person.number)
    since = made_up.day(dice, 2020, 2024).replace(day=dice.randint(1, 28))
    until = since.replace(year=since.year + dice.randint(1, 5)) - timedelta(days=1)
    handed = since - timedelta(days=dice.randint(1, 20))
    signed = since - timedelta(days=dice.randint(21, 60))
    rent, area, where = (
        dice.randint(15, 300) * 100,
        f"{dice.randint(20, 300)}.{dice.randint(1, 99):02d}",
        made_up.address(dice, home=False),
    )
    form = dice.choice(["full", "short", "spaced"])
    blanks = {
        "landlord": (landlord.name, "landlord"), "tenant": (tenant, "tenant"), "where": (where, "location"), "area": (area, "area"),
        "since": (made_up.printed(since, form), "term"), "until": (made_up.printed(until, form), "term"),
        "rent": (f"{rent}", "rent"), "capital": (made_up.capital_money(rent), ""), "deposit": (f"{rent * 2}", ""),
        "deposit_capital": (made_up.capital_money(rent * 2), ""), "handed": (made_up.printed(handed, form), ""),
        "number": (landlord.number, ""), "tenant_number": (number, ""), "phone": (made_up.phone(dice), ""),
        "day": (f"{dice.randint(1, 9)}.{dice.randint(1, 9)}", ""), "code": ("统一社会信用代码" if firm else "身份证号", ""),
        "years": (f"{until.year - since.year + (1 if until.month < since.month else 0) or 1}", ""),
    }  # fmt: skip
    texts: Sequence[Sequence[str]] = (
        (
            "出租方（甲方）：{landlord}", "证件号码：{number}　联系电话：{phone}", "承租方（乙方）：{tenant}", "{code}：{tenant_number}",
            "　　一、出租房屋情况", "　　1-1 甲方出租给乙方的房屋坐落在{where}（以下简称该房屋）。该房屋建筑面积为{area}平方米。",
            "　　三、交付日期和租赁期限", "　　3-1 甲乙双方约定，甲方于{handed}前向乙方交付该房屋，租赁日期自{since}起至{until}止。",
            "　　四、租金、支付方式和期限", "　　4-1 该房屋每日每平方米建筑面积租金为人民币{day}元，月租金总计为人民币{rent}元（大写：{capital}）。",
            "　　五、保证金和其他费用", "　　5-1 甲方交付该房屋时，乙方应向甲方支付房屋租赁保证金人民币{deposit}元。",
        ),
        (
            "出租人：{landlord}", "证件类型及编号：居民身份证 {number}", "承租人：{tenant}", "证件类型及编号：{tenant_number}",
            "　　第一条 房屋基本情况", "　　（一）房屋坐落于{where}，建筑面积{area}平方米。",
            "　　（二）房屋权属状况：出租人持有房屋所有权证。", "　　第三条 租赁期限",
            "　　（一）房屋租赁期自{since}至{until}，共计12个月。出租人应于{handed}前将房屋交付给承租人。", "　　第四条 租金及押金",
            "　　（一）租金标准：人民币{rent}元/月，支付方式：押二付三。", "　　（二）押金：人民币{deposit_capital}（¥{deposit}）。",
        ),
        (
            "甲方：{landlord}　　身份证号：{number}", "乙方：{tenant}　　{code}：{tenant_number}",
            "　　1、甲方将自有的位于{where}的商铺出租给乙方使用，面积约{area}平方米。",
            "　　2、租期从{since}起至{until}止，租赁期满如乙方续租，应提前一个月提出。",
            "　　3、押金{deposit}元，租金每月{rent}元（大写{capital}），半年一付。", "　　4、乙方用于餐饮经营，水电费自理。",
        ),
        (
            "出租人（甲方）：{landlord}", "通讯地址：上海市普陀区曹杨路500号", "承租人（乙方）：{tenant}", "联系电话：{phone}",
            "　　第1条 租赁物位置、面积", "　　1.1 甲方将{where}房屋租赁于乙方使用，租赁物面积经甲乙双方认可确定为{area}平方米。",
            "　　第2条 租赁期限", "　　2.1 租赁期限为三年，即从{since}起至{until}止。", "　　第3条 租赁费用",
            "　　3.1 租赁保证金：合同签订时乙方支付{deposit}元。", "　　3.2 租金：每月租金为人民币{rent}元整，于每月5日前支付。",
        ),
    )  # fmt: skip
    sheet = Sheet.blank("lease", f"more-{layout}", colour=(254, 254, 254))
    _tell(
        sheet,
        landlord=landlord.name,
        tenant=tenant,
        location=where,
        area=area.rstrip("0").rstrip("."),
        term=f"{since}/{until}",
        rent=f"{rent}.00",
        signed=f"{signed}",
    )
    pen = _print(dice, 27)
    title = ("房屋租赁合同", "房屋租赁合同", "门面房租赁协议", "厂房租赁合同")[layout]
    sheet.write(620, 110, title, Pen(TITLES["dev"][0], 52), "middle")
    y = _paragraphs(sheet, 230, texts[layout], blanks, pen)
    y = _paragraphs(sheet, y, ("　　本合同一式两份，双方各执一份，自签字之日起生效。",), blanks, pen)
    y = min(max(y + 60, 1300), 1500)
    ends = (
        ("甲方签章：", "乙方签章："),
        ("出租人（签章）：", "承租人（签章）："),
        ("甲方（签字）：", "乙方（签字）："),
        ("甲方（盖章）：", "乙方（盖章）："),
    )[layout]
    sheet.write(120, y, ends[0], pen)
    sheet.write(660, y, ends[1], pen)
    signature(sheet, dice, HANDS["dev"], 330, y, landlord.name, 46)
    word = ("签约日期：", "", "", "签订时间：")[layout]
    sheet.write(120, y + 90, [Run(word), Run(made_up.printed(signed, form), "signed")], pen)
    if layout == 1:
        sheet.write(660, y + 90, made_up.printed(signed, form), pen)
    if firm:
        seal(sheet, dice, "dev", 890, y + 20, tenant, radius=105)
    else:
        signature(sheet, dice, HANDS["dev"], 870, y, tenant, 46)
    return sheet


def power_of_attorney(dice: random.Random, layout: int) -> Sheet:
    """授权委托书 of firms and of persons."""
    firm, person, agent = made_up.company(dice), made_up.person(dice), made_up.person(dice)
    by_firm = layout in (0, 1)
    who, number = (firm.name, firm.code) if by_firm else (person.name, person.number)
    matter = dice.choice(
        ["办理食品经营许可证延续手续", "办理公共场所卫生许可证新办手续", "办理户口迁移手续", "办理营业执照变更登记"]
    )
    powers = dice.choice(["提交申请材料、领取许可证件", "代为签署有关文件、代领证照", "递交材料、办理查询、领取结果"])
    since = made_up.day(dice, 2022, 2025).replace(day=dice.randint(1, 28))
    until = since + timedelta(days=dice.choice([90, 180, 365]))
    form = dice.choice(["full", "short", "spaced"])
    blanks = {
        "who": (who, "principal"), "number": (number, "principal_number"), "agent": (agent.name, "agent"),
        "agent_number": (agent.number, "agent_number"), "matter": (matter, "matter"), "powers": (powers, "powers"),
        "since": (made_up.printed(since, form), "term"), "until": (made_up.printed(until, form), "term"),
        "head": (firm.head, ""), "address": (firm.address, ""), "sex": (agent.sex, ""), "phone": (made_up.phone(dice), ""),
    }  # fmt: skip
    texts: Sequence[Sequence[str]] = (
        (
            "委托单位：{who}", "统一社会信用代码：{number}", "法定代表人：{head}", "受委托人：{agent}　性别：{sex}",
            "身份证号：{agent_number}　联系电话：{phone}", "　　现委托上述受委托人作为我单位的代理人，{matter}。",
            "代理权限：{powers}。", "代理期限：自{since}起至{until}止。",
        ),
        (
            "授权单位：{who}", "地址：{address}", "统一社会信用代码：{number}", "被授权人：{agent}　身份证号码：{agent_number}",
            "授权事项：{matter}", "授权范围：{powers}", "授权期限：{since}至{until}", "　　被授权人无转委托权。",
        ),
        (
            "委托人姓名：{who}", "身份证号：{number}", "被委托人姓名：{agent}", "身份证号：{agent_number}",
            "　　本人因工作繁忙，不能亲自前来，特委托{agent_plain}作为我的合法代理人，全权代表我{matter}，权限为：{powers}。",
            "委托期限：{since}至{until}。",
        ),
        (
            "　　本人{who}，身份证号{number}，现委托{agent}（身份证号{agent_number}）代为{matter}，代理权限为{powers}。",
            "　　委托有效期自{since}至{until}。对受托人在上述权限内签署的文件，本人均予承认。",
        ),
    )  # fmt: skip
    sheet = Sheet.blank("power-of-attorney", f"more-{layout}", colour=(254, 254, 253))
    _tell(
        sheet,
        principal=who,
        principal_number=number,
        agent=agent.name,
        agent_number=agent.number,
        matter=matter,
        powers=powers,
        term=f"{since}/{until}",
        signed=f"{since}",
    )
    pen = _print(dice, 30)
    sheet.write(
        620, 150, ("授权委托书", "法人授权委托书", "委托书", "授权委托书")[layout], Pen(TITLES["dev"][0], 56), "middle"
    )
    y = _paragraphs(sheet, 300, texts[layout], {**blanks, "agent_plain": (agent.name, "")}, pen)
    y = max(y + 100, 1150)
    sheet.write(620, y, ("委托单位（盖章）：", "授权单位（公章）：", "委托人（签字）：", "委托人签名：")[layout], pen)
    if by_firm:
        seal(sheet, dice, "dev", 900, y + 50, firm.name, radius=110)
        sheet.write(620, y + 90, "法定代表人（签字）：", pen)
        signature(sheet, dice, HANDS["dev"], 950, y + 90, firm.head, 46)
    else:
        signature(sheet, dice, HANDS["dev"], 900, y, person.name, 46)
    word = ("", "授权日期：", "", "委托日期：")[layout]
    sheet.write(620, y + 190, [Run(word), Run(made_up.printed(since, form), "signed")], pen)
    return sheet


def hygiene_licence(dice: random.Random, layout: int) -> Sheet:
    """公共场所卫生许可证 and 卫生许可证 as different offices print it."""
    firm = made_up.company(dice)
    since = made_up.day(dice, 2020, 2025).replace(day=dice.randint(1, 28))
    until = since.replace(year=since.year + 4) - timedelta(days=1)
    form = dice.choice(["full", "short", "spaced", "dashes"] if layout else ["full", "short"])
    issuer = made_up.authority(dice, ("卫生健康委员会", "卫生健康局", "行政审批局", "卫生健康委员会")[layout])
    projects = dice.choice(["理发、美容", "宾馆", "游泳场（馆）", "沐浴场所、足浴", "商场、超市", "咖啡馆、茶座"])
    serial = dice.randint(1000, 999999)
    number = (
        f"沪普卫公证字（{since.year}）第{serial:06d}号", f"（苏）卫公证字[{since.year}]第{dice.randint(320100, 320999)}-{serial:06d}号",
        f"浙卫公证字〔{since.year}〕第{serial:06d}号", f"普卫环许证字[{since.year}]第{serial:04d}号",
    )[layout]  # fmt: skip
    blanks: dict[str, tuple[str, str]] = {
        "name": (firm.name, "operator"), "head": (firm.head, "legal_representative"), "address": (firm.address, "address"),
        "projects": (projects, "projects"), "number": (number, "licence_number"), "since": (made_up.printed(since, form), "valid_period"),
        "until": (made_up.printed(until, form), "valid_period"), "kind": (firm.type, ""),
    }  # fmt: skip
    rows: Sequence[Sequence[str]] = (
        ("编　　号：{number}", "单位名称：{name}", "法定代表人（负责人）：{head}", "单位地址：{address}", "经济性质：{kind}", "许可项目：{projects}", "有效期限：自{since}至{until}"),
        ("许可证编号：{number}", "被许可人：{name}", "负责人：{head}", "经营场所地址：{address}", "许可类别：公共场所", "许可范围：{projects}", "有效期：{since}至{until}"),
        ("证号：{number}", "单　位　名　称：{name}", "法定代表人或负责人：{head}", "地　　　　　址：{address}", "许　可　项　目：{projects}", "有　效　期　限：{since} 至 {until}"),
        ("{number}", "单位名称　{name}", "法定代表人　{head}", "经营地址　{address}", "经营项目　{projects}", "有效期限　{since}—{until}"),
    )  # fmt: skip
    sheet = Sheet.blank(
        "hygiene-licence", f"more-{layout}", (1240, 1754) if layout % 2 == 0 else (1754, 1240), (249, 250, 245)
    )
    for inset, line in ((34, 3), (48, 9)):
        sheet.draw.rectangle(
            (inset, inset, sheet.width - inset, sheet.height - inset), outline=(120, 150, 90), width=line
        )
    _tell(
        sheet,
        licence_number=number.replace("[", "〔").replace("]", "〕"),
        operator=firm.name,
        legal_representative=firm.head,
        address=firm.address,
        projects=projects,
        valid_period=f"{since}/{until}",
        issued=f"{since}",
    )
    pen = _print(dice, 31)
    sheet.write(
        sheet.width / 2,
        130,
        ("公共场所卫生许可证", "卫生许可证", "公共场所卫生许可证", "公共场所卫生许可证")[layout],
        Pen(TITLES["dev"][1], 68),
        "middle",
    )
    y = 290.0
    for row in rows[layout]:
        y = sheet.paragraph(160, y, sheet.width - 330, runs(row, blanks), pen, 1.6) + 26
    sheet.tell("issuer", issuer, issuer, printed=layout in (1, 2))
    y, x = max(y + 30, sheet.height - 380), sheet.width - 700
    if layout in (1, 2):
        sheet.write(x, y, [Run(("", "发证单位：", "发证机关：")[layout]), Run(issuer, "issuer")], pen)
    else:
        sheet.write(x, y, "发证机关（盖章）", pen)
    day = Run(made_up.printed(since, form), "issued")
    sheet.write(x, y + 75, [Run(("", "签发日期：", "", "发证日期：")[layout]), day], pen)
    seal(sheet, dice, "dev", x + 300, y + 60, issuer, radius=dice.randint(100, 130))
    return sheet


def _print(dice: random.Random, size: float) -> Pen:
    return Pen(dice.choice(PRINT["dev"]), size)


def _tell(sheet: Sheet, **fields: str) -> None:
    for name, value in fields.items():
        sheet.tell(name, value)


def _paragraphs(sheet: Sheet, y: float, texts: Sequence[str], blanks: Blanks, pen: Pen) -> float:
    """Paragraphs with a margin of 120 pixels; the y below them."""
    for text in texts:
        indent = pen.size * 2 if text.startswith("　　") else 0.0
        y = sheet.paragraph(120, y, 1000, runs(text.removeprefix("　　"), blanks), pen, 1.75, indent)
    return y


MORE: dict[str, tuple[Callable[[random.Random, int], Sheet], int]] = {
    "lease": (lease, 4),
    "power-of-attorney": (power_of_attorney, 4),
    "hygiene-licence": (hygiene_licence, 4),
}


def drawn_more(kind: str, seed: int) -> Sheet:
    """One more sheet of `kind`; the same seed gives the same sheet."""
    draw, layouts = MORE[kind]
    return draw(random.Random(f"{kind}-more-{seed}"), seed % layouts)
