# ruff: noqa: E501  -- rows of a form are read side by side
"""Running text and forms that are filled in: 房屋租赁合同, 授权委托书, 申请表."""

from __future__ import annotations

import random

from benchmarks.papers import made_up
from benchmarks.papers.fonts import HANDS, PRINT, TITLES
from benchmarks.papers.forms import Row, Style, joined, table
from benchmarks.papers.made_up import told
from benchmarks.papers.marks import seal, signature
from benchmarks.papers.sheet import WIDTH, Pen, Run, Sheet


def lease(dice: random.Random, half: str, layout: int) -> Sheet:
    """The first page of 房屋租赁合同; each layout words it its own way."""
    sheet = Sheet.blank("lease", f"{half}-{layout}", colour=(254, 254, 254))
    landlord = told(dice, "landlord", made_up.person(dice, 1950, 1995))
    firm = told(dice, "firm", made_up.company(dice))
    tenant, code = told(dice, "tenant", (firm.name, firm.code) if dice.random() < 0.6 else (made_up.name(dice), ""))
    where = told(dice, "location", made_up.address(dice, home=False))
    area = f"{dice.randint(15, 800)}.{dice.randint(1, 9)}" if dice.random() < 0.6 else f"{dice.randint(15, 800)}"
    area = told(dice, "area", area)
    since = made_up.day(dice, 2020, 2025)
    since = since.replace(day=min(since.day, 28))
    until = since.replace(year=since.year + dice.randint(1, 10))
    since, until = told(dice, "term", (since, until))
    signed = told(dice, "signed", made_up.day(dice, since.year - 1, since.year - 1))
    rent = dice.randint(15, 600) * 100
    form = dice.choice(made_up.DATE_FORMS[half][:2])
    rent_text = dice.choice([f"{rent}元", f"{rent:,}.00元", f"{rent}元（大写：{made_up.capital_money(rent)}）"])
    for name, value in (
        ("landlord", landlord.name), ("tenant", tenant), ("location", where), ("area", area), ("term", f"{since}/{until}"),
        ("rent", f"{rent}.00"), ("signed", f"{signed}"),
    ):  # fmt: skip
        sheet.tell(name, value)
    begin, end = Run(made_up.printed(since, form), "term"), Run(made_up.printed(until, form), "term")
    rest = [
        Run(landlord.name, "landlord"),
        Run(tenant, "tenant"),
        Run(where, "location"),
        Run(area, "area"),
        Run(rent_text, "rent"),
    ]
    heads = {
        "dev": [("出租方（甲方）：", "承租方（乙方）："), ("甲方（出租人）：", "乙方（承租人）："), ("出租人（以下简称甲方）：", "承租人（以下简称乙方）：")],
        "test": [("出租方（甲方）：", "承租方（乙方）："), ("出租人：", "承租人："), ("甲方（出租方）：", "乙方（承租方）：")],
    }[half][layout]  # fmt: skip
    who, whom, spot, size, money = rest
    bodies: dict[str, list[list[list[Run]]]] = {
        "dev": [
            [
                [Run("第一条 甲方将坐落于"), spot, Run("的房屋出租给乙方使用，建筑面积"), size, Run("平方米。")],
                [Run("第二条 租赁期限自"), begin, Run("起至"), end, Run("止。")],
                [Run("第三条 每月租金人民币"), money, Run("，按季支付，先付后用。")],
            ],
            [
                [Run("一、房屋坐落："), spot, Run("。建筑面积："), size, Run("平方米。")],
                [Run("二、租赁期限："), begin, Run("至"), end, Run("。")],
                [Run("三、月租金："), money, Run("，乙方应于每月5日前支付。")],
            ],
            [
                [Run("1.1 甲方出租的房屋位于"), spot, Run("，建筑面积为"), size, Run("平方米，租赁用途为商业。")],
                [Run("2.1 房屋租赁期自"), begin, Run("起至"), end, Run("止。")],
                [Run("3.1 该房屋月租金为人民币"), money, Run("，押二付一。")],
            ],
        ],
        "test": [
            [
                [Run("第一条 房屋坐落：甲方同意将其位于"), spot, Run("的房屋租给乙方，面积"), size, Run("平方米。")],
                [Run("第二条 租赁期自"), begin, Run("至"), end, Run("止，期满乙方应如期归还。")],
                [Run("第三条 租金每月为人民币"), money, Run("，按月交付。")],
            ],
            [
                [
                    Run("第一条 出租人将座落在"),
                    spot,
                    Run("的房屋（建筑面积"),
                    size,
                    Run("平方米）出租给承租人作经营使用。"),
                ],
                [Run("第二条 租赁期限：从"), begin, Run("起至"), end, Run("止。")],
                [Run("第三条 月租金"), money, Run("，承租人每季度支付一次。")],
            ],
            [
                [Run("一、租赁房屋地址："), spot, Run("，租赁面积"), size, Run("平方米。")],
                [Run("二、租期："), begin, Run("至"), end, Run("。")],
                [Run("三、租金标准：每月人民币"), money, Run("，先付后住。")],
            ],
        ],
    }
    pen = Pen(PRINT[half][layout + (1 if half == "dev" else 0)], {"dev": 28, "test": 30}[half])
    sheet.write(
        620, 110, dice.choice(["房屋租赁合同", "商铺租赁合同", "房屋租赁合同书"]), Pen(TITLES[half][0], 54), "middle"
    )
    y = 230.0
    for runs in (
        [Run(heads[0]), who],
        [Run(f"身份证号：{landlord.number}")],
        [Run(heads[1]), whom],
        [
            Run(
                f"统一社会信用代码：{code}"
                if code
                else f"身份证号：{told(dice, 'number', made_up.person(dice).number)}"
            )
        ],
    ):
        y = sheet.paragraph(120, y, 1000, runs, pen, 1.75)
    opening = "根据《中华人民共和国民法典》及有关法律法规的规定，甲乙双方在平等、自愿、协商一致的基础上，就房屋租赁事宜订立本合同。"
    y = sheet.paragraph(120, y + 10, 1000, [Run(opening)], pen, 1.75, pen.size * 2)
    for runs in bodies[half][layout]:
        y = sheet.paragraph(120, y, 1000, runs, pen, 1.75, pen.size * 2)
    clauses = (
        "乙方应当按照约定的用途使用房屋，不得擅自改变房屋结构；确需装修的，应当征得甲方书面同意。",
        "租赁期间，水、电、燃气、物业管理等费用由乙方承担。",
        "租赁期满，乙方在同等条件下享有优先承租权。",
        "任何一方违约，应当向守约方支付相当于一个月租金的违约金。",
        "本合同一式两份，甲乙双方各执一份，自双方签字或者盖章之日起生效。",
    )
    for number, clause in enumerate(dice.sample(clauses, dice.randint(3, 5))):
        y = sheet.paragraph(120, y, 1000, [Run(f"第{'四五六七八'[number]}条 {clause}")], pen, 1.75, pen.size * 2)
    y = min(max(y + 40, 1360), 1540)
    sheet.write(120, y, "甲方（签章）：" if half == "dev" else "出租方签字：", pen)
    sheet.write(660, y, "乙方（签章）：" if half == "dev" else "承租方签字：", pen)
    if told(dice, "landlord_signs", True):
        signature(sheet, dice, HANDS[half], 330, y, landlord.name, 46)
    words = {"dev": "签订日期：", "test": "签约日期："}[half] if layout else "日期："
    sheet.write(120, y + 90, [Run(words), Run(made_up.printed(signed, form), "signed")], pen)
    if told(dice, "tenant_signs", True):
        if code:
            seal(sheet, dice, half, 880, y + 20, told(dice, "seal", tenant), radius=105)
        else:
            signature(sheet, dice, HANDS[half], 870, y, tenant, 46)
    return sheet


def power_of_attorney(dice: random.Random, half: str, layout: int) -> Sheet:
    """授权委托书."""
    sheet = Sheet.blank("power-of-attorney", f"{half}-{layout}", colour=(254, 254, 253))
    principal, agent = told(dice, "principal", made_up.person(dice)), told(dice, "agent", made_up.person(dice))
    firm = told(dice, "firm", made_up.company(dice) if dice.random() < 0.4 else None)
    who, number = (firm.name, firm.code) if firm else (principal.name, principal.number)
    matter = dice.choice(
        [
            "办理食品经营许可证新办事宜",
            "办理公司变更登记手续",
            "办理居住证签注",
            "办理不动产转移登记",
            "办理社会保险关系转移",
        ]
    )
    matter = told(dice, "matter", matter)
    powers = dice.choice(
        ["代为提交材料、签署文件、领取证照", "代为申请、补正材料、签收文书", "提交和领取有关材料，核对并签字确认"]
    )
    since = made_up.day(dice, 2022, 2025)
    since = since.replace(day=min(since.day, 28))
    until = (
        since.replace(year=since.year + 1) if dice.random() < 0.5 else made_up.day(dice, since.year + 1, since.year + 1)
    )
    since, until = told(dice, "term", (since, until))
    form = dice.choice(made_up.DATE_FORMS[half][:2])
    term = f"{made_up.printed(since, form)}至{made_up.printed(until, form)}"
    for name, value in (
        ("principal", who), ("principal_number", number), ("agent", agent.name), ("agent_number", agent.number),
        ("matter", matter), ("powers", powers), ("term", f"{since}/{until}"), ("signed", f"{since}"),
    ):  # fmt: skip
        sheet.tell(name, value)
    pen = Pen(PRINT[half][layout], 31)
    sheet.write(
        620,
        150,
        "授权委托书" if layout != 1 else dice.choice(["委托书", "授权委托书"]),
        Pen(TITLES[half][0], 56),
        "middle",
    )
    card = "统一社会信用代码：" if firm else {"dev": "身份证号码：", "test": "身份证件号码："}[half]
    a, an, b, bn = (
        Run(who, "principal"),
        Run(number, "principal_number"),
        Run(agent.name, "agent"),
        Run(agent.number, "agent_number"),
    )
    do, can, time = Run(matter, "matter"), Run(powers, "powers"), Run(term, "term")
    if layout == 0:
        words = (
            ("委托事项：", "委托权限：", "委托期限：") if half == "dev" else ("委托事项：", "代理权限：", "授权期限：")
        )
        lines = [
            [Run("委托人："), a],
            [Run(card), an],
            [Run("受托人："), b],
            [Run("身份证号码："), bn],
            [Run(words[0]), do],
            [Run(words[1]), can],
            [Run(words[2]), time],
        ]
        indent = 0.0
    elif half == "dev":
        ender = "。" if layout == 1 else "；"
        lines = [
            [Run("委托人："), a, Run("，" + card), an],
            [Run("受托人："), b, Run("，身份证号码："), bn],
            [Run("兹委托上述受托人"), do, Run("，委托权限："), can, Run(ender)],
            [Run("委托期限："), time, Run("。")],
        ]
        indent = pen.size * 2
    else:
        name_word = "授权委托人：" if layout == 2 else "委托人（单位）："
        lines = [[Run(name_word), a], [Run(card), an], [Run("被委托人：" if layout == 1 else "受委托人："), b], [Run("身份证号："), bn], [Run("委托事项："), do, Run("。")], [Run("授权范围：" if layout == 1 else "权限范围："), can, Run("。")], [Run("委托有效期：" if layout == 1 else "期限："), time]]  # fmt: skip
        indent = 0.0
    y = 300.0
    for runs in lines:
        y = sheet.paragraph(140, y, 960, runs, pen, 1.8, indent) + 14
    y = sheet.paragraph(
        140,
        y + 20,
        960,
        [Run("受托人在委托权限内办理上述事项所签署的文件，委托人均予以承认。")],
        pen,
        1.8,
        pen.size * 2,
    )
    y = max(y + 80, 1180)
    sheet.write(620, y, "委托人（签名或盖章）：", pen)
    if told(dice, "principal_signs", True):
        if firm:
            seal(sheet, dice, half, 880, y + 60, told(dice, "seal", firm.name), radius=110)
        else:
            signature(sheet, dice, HANDS[half], 950, y, principal.name, 46)
    sheet.write(620, y + 100, "受托人（签名）：", pen)
    signature(sheet, dice, HANDS[half], 870, y + 100, agent.name, 46)
    sheet.write(
        620,
        y + 200,
        [
            Run("日期：" if half == "dev" else ""),
            Run(made_up.printed(since, form if half == "dev" else "spaced"), "signed"),
        ],
        pen,
    )
    return sheet


def application_form(dice: random.Random, half: str, layout: int) -> Sheet:
    """申请表: a ruled table with typed values."""
    sheet = Sheet.blank("application-form", f"{half}-{layout}", colour=(255, 255, 255))
    firm = told(dice, "firm", made_up.company(dice))
    holder = told(dice, "holder", made_up.person(dice))
    area = f"{dice.randint(20, 900)}.{dice.randint(1, 9)}" if dice.random() < 0.5 else f"{dice.randint(20, 900)}"
    area = told(dice, "area", area)
    applied = told(dice, "applied", made_up.day(dice, 2022, 2025))
    kind = told(dice, "kind", dice.choice(["新办", "变更", "延续", "注销", "补办"]))
    form = dice.choice(made_up.DATE_FORMS[half][:3])
    call = made_up.phone(dice)
    names = {
        "dev": [("申请单位", "经营地址", "申请类别", "经营面积"), ("申请人", "单位地址", "申请类型", "建筑面积"), ("单位名称", "经营场所地址", "申请事项类别", "使用面积")],
        "test": [("申请人名称", "地址", "申请类别", "经营场所面积"), ("单位名称", "经营地址", "办理类型", "经营面积"), ("申请单位（个人）", "经营场所", "申请类型", "营业面积")],
    }[half][layout]  # fmt: skip
    pairs = [
        [Row(names[0], "applicant", firm.name, firm.name)],
        [Row("统一社会信用代码", "credit_code", firm.code, firm.code)],
        [Row(names[1], "address", firm.address, firm.address)],
        [
            Row("法定代表人" if layout else "法定代表人（负责人）", "legal_representative", holder.name, holder.name),
            Row("联系电话", "phone", call, call),
        ],
        [Row("身份证件号码" if half == "dev" else "身份证号", "number", holder.number, holder.number)],
        [
            Row(names[3], "area", f"{area}平方米" if dice.random() < 0.7 else f"{area}㎡", area),
            Row("从业人数", "", f"{dice.randint(2, 60)}人", ""),
        ],
        [
            Row(names[2], "apply_kind", kind, kind),
            Row("申请日期", "applied", made_up.printed(applied, form), f"{applied}"),
        ],
    ]
    if layout == 2:
        pairs[1:3] = [pairs[2], pairs[1]]
    if told(dice, "of_person", False):  # a person's own form: no company, no seal
        own = {"applicant": holder.name, "address": firm.address}
        pairs = [
            [Row(row.label, row.field, own.get(row.field, row.text), own.get(row.field, row.value)) for row in pair]
            for pair in pairs
        ]
        pairs = [[row for row in pair if row.field not in ("credit_code", "legal_representative")] for pair in pairs]
        pairs = [pair for pair in pairs if pair]
    titles = ("公共场所卫生许可证申请表", "食品经营许可申请书", "行政许可申请表", "营业执照变更登记申请书")
    pen = Pen(PRINT[half][layout], 26)
    title = told(dice, "title", dice.choice(titles[:3] if half == "dev" else titles[1:]))
    sheet.write(620, 110, title, Pen(TITLES[half][1], 46), "middle")
    sheet.write(100, 200, f"受理编号：{dice.randint(10**9, 10**10 - 1)}", Pen(PRINT[half][0], 23))
    style = Style(Pen(PRINT[half][0], 26), pen, "", gap=dice.choice([0.6, 1.0, 1.4]))
    if half == "test" and layout == 1:
        rows = [row for pair in pairs for row in pair]
        y = joined(sheet, rows, 120, 290, 980, Style(style.label, pen, "：", gap=1.2))
    else:
        y = table(sheet, pairs, 90, 250, WIDTH - 180, style, 0.22 if half == "dev" else 0.25)
    for line in (
        "申请人承诺：",
        "1.所提供的申请材料真实、准确、有效，复印件与原件一致；",
        "2.符合法律、法规规定的条件；",
        "3.如有不实之处，愿意承担相应的法律责任。",
    ):
        y += 54
        sheet.write(100, y, line, Pen(PRINT[half][0], 25))
    y = max(y + 120, 1250)
    sheet.write(640, y, "申请人签名：" if half == "dev" else "法定代表人（签字）：", Pen(PRINT[half][0], 27))
    if told(dice, "signed", True):
        signature(sheet, dice, HANDS[half], 900, y, holder.name, 44)
    if told(dice, "sealed", dice.random() < 0.6):
        seal(sheet, dice, half, 420, y + 60, told(dice, "seal", firm.name), radius=108)
    return sheet
