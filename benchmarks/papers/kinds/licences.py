# ruff: noqa: E501  -- rows of a form are read side by side
"""Licences on framed sheets: 营业执照, 食品经营许可证, 公共场所卫生许可证."""

from __future__ import annotations

import random
from datetime import timedelta

from PIL import Image, ImageDraw

from benchmarks.ocr.people import food_licence_number
from benchmarks.papers import made_up
from benchmarks.papers.fonts import PRINT, SANS_BOLD, TITLES
from benchmarks.papers.forms import Row, Style, columns, joined, table, underlined
from benchmarks.papers.made_up import told
from benchmarks.papers.marks import seal, watermark
from benchmarks.papers.sheet import HEIGHT, WIDTH, Colour, Pen, Run, Sheet

GOLD: Colour = (176, 146, 84)


def business_licence(dice: random.Random, half: str, layout: int) -> Sheet:
    """营业执照: upright (2014), lying (2019), and the electronic one."""
    firm = told(dice, "firm", made_up.company(dice))
    sole = told(dice, "sole", dice.random() < 0.2)
    form = {"dev": ("full", "short", "full"), "test": ("short", "full", "spaced")}[half][layout]
    opened = told(dice, "opened", dice.choice(["长期", "不约定期限", ""]))
    ends = firm.founded.replace(day=min(firm.founded.day, 28), year=firm.founded.year + dice.choice([10, 20, 30]))
    ends = told(dice, "ends", ends)
    term = f"{made_up.printed(firm.founded, form)}至{opened or made_up.printed(ends, form)}"
    term_end = "长期" if opened else f"{ends}"
    issued = told(dice, "issued", made_up.day(dice, max(2015, firm.founded.year), 2025))
    capital = dice.choice(
        [
            f"{firm.capital}.0000万元整",
            f"人民币{firm.capital}.000000万元整",
            made_up.capital_money(firm.capital * 10_000),
        ]
    )
    name = told(
        dice,
        "name",
        firm.name
        if not sole
        else f"{firm.registrar.split('区')[0][-2:]}区{dice.choice(made_up.GIVEN)}{dice.choice(made_up.GIVEN)}{dice.choice(['理发店', '小吃店', '便利店', '服装店'])}",
    )
    kind = "个体工商户" if sole else firm.type
    head = ("经营者", "法定代表人")[not sole]
    place = ("经营场所", "住所")[not sole]
    left = [
        Row("名称", "name", name, name),
        Row("类型", "company_type", kind, kind),
        Row(head, "legal_representative", firm.head, firm.head),
        Row("经营范围", "scope", firm.scope, firm.scope),
    ]
    right = [
        *([] if sole else [Row("注册资本", "capital", capital, capital)]),
        Row("注册日期" if sole else "成立日期", "founded", made_up.printed(firm.founded, form), f"{firm.founded}"),
        *([] if layout == 1 else [Row("营业期限", "term", term, f"{firm.founded}/{term_end}")]),
        Row(place, "address", firm.address, firm.address),
    ]
    face = PRINT[half][layout]
    title = TITLES[half][layout % len(TITLES[half])]
    code = [
        Run("统一社会信用代码" + ("" if layout == 1 else "：" if half == "test" else " ")),
        Run(firm.code, "credit_code"),
    ]
    if layout == 0:
        sheet = _framed("business-licence", f"{half}-0", (WIDTH, HEIGHT), dice)
        sheet.write(WIDTH / 2, 180, "营业执照", Pen(title, 96, spacing=20), "middle")
        sheet.write(WIDTH / 2, 320, dice.choice(["（副本）", "（副  本）"]), Pen(face, 34), "middle")
        sheet.tell("credit_code", firm.code)
        if half == "dev":
            sheet.write(140, 420, code, Pen(face, 31))
        else:
            sheet.write(WIDTH / 2, 400, code, Pen(face, 31), "middle")
        style = Style(Pen(title, 30), Pen(face, 30), colon="", spread=True, gap=1.0 if half == "dev" else 0.7)
        rows = (
            [*left[:3], *right, left[3]]
            if half == "dev"
            else [left[0], left[1], right[-1], left[2], *right[:-1], left[3]]
        )
        columns(sheet, rows, 140, 520, 230, 720, style)
        spot = (860, 1520)
    elif layout == 1:
        sheet = _framed("business-licence", f"{half}-1", (1754, 1240), dice)
        sheet.write(877, 130, "营业执照", Pen(title, 100, spacing=30), "middle")
        sheet.tell("credit_code", firm.code)
        where = 190 if half == "dev" else 130
        sheet.write(where, 160, "统一社会信用代码", Pen(face, 28))
        sheet.write(where, 205, [Run(firm.code, "credit_code")], Pen(SANS_BOLD, 32))
        _matrix(sheet, dice, 1450, 130, 150)
        style = Style(Pen(title, 29), Pen(face, 29), colon="", spread=half == "dev", gap=0.9)
        columns(sheet, left, 140, 400, 190, 560, style)
        columns(sheet, right, 960, 400, 190, 500, style)
        spot = (1330, 1010)
    else:
        sheet = Sheet.blank("business-licence", f"{half}-2", colour=(252, 252, 252))
        sheet.write(WIDTH / 2, 130, "营业执照", Pen(title, 80), "middle")
        sheet.write(WIDTH / 2, 240, "（电子执照）" if half == "dev" else "（副本）", Pen(face, 30), "middle")
        sheet.tell("credit_code", firm.code)
        rows = [*left[:3], *right, left[3]]
        style = Style(Pen(face, 29), Pen(face, 29), colon="：" if half == "dev" else "")
        sheet.write(120, 330, code, Pen(face, 29))
        if half == "dev":
            joined(sheet, rows, 120, 420, 1000, style)
        else:
            table(sheet, [[row] for row in rows], 110, 420, 1020, style)
        spot = (900, 1500)
    sheet.tell("issued", f"{issued}")
    sheet.tell("registrar", firm.registrar, firm.registrar, printed=False)
    sheet.write(spot[0] - 110, spot[1] - 90, "登记机关", Pen(face, 32))
    sheet.write(
        spot[0] - 140,
        spot[1] + 30,
        [Run(made_up.printed(issued, "spaced" if layout != 2 else form), "issued")],
        Pen(face, 31),
    )
    seal(
        sheet,
        dice,
        half,
        spot[0] + dice.randint(-50, 60),
        spot[1] + dice.randint(-40, 30),
        firm.registrar,
        radius=dice.randint(105, 140),
    )
    return sheet


def food_licence(dice: random.Random, half: str, layout: int) -> Sheet:
    """食品经营许可证 in the national form (two columns), as a sheet, and as a table of the electronic licence."""
    firm = told(dice, "firm", made_up.company(dice))
    since = told(dice, "since", made_up.day(dice, 2020, 2025))
    since = since.replace(day=min(since.day, 28))
    until = since.replace(year=since.year + 5) - timedelta(days=1)
    form = dice.choice(made_up.DATE_FORMS[half])
    place = told(dice, "place", firm.address if dice.random() < 0.5 else made_up.address(dice, home=False))
    business = dice.choice(["餐饮服务经营者", "食品销售经营者", "单位食堂"])
    projects = "、".join(
        dice.sample(
            ["预包装食品销售", "散装食品销售", "热食类食品制售", "冷食类食品制售", "糕点类食品制售", "自制饮品制售"],
            dice.randint(1, 4),
        )
    )
    number = food_licence_number(dice)
    head = {
        "dev": ("法定代表人（负责人）", "法定代表人", "法定代表人（负责人）"),
        "test": ("法定代表人（负责人）", "负责人", "法定代表人"),
    }[half][layout]
    code = {
        "dev": ("社会信用代码（身份证号码）", "社会信用代码", "统一社会信用代码"),
        "test": ("社会信用代码", "统一社会信用代码", "社会信用代码（身份证号码）"),
    }[half][layout]
    left = [
        Row("经营者名称", "operator", firm.name, firm.name),
        Row(code, "credit_code", firm.code, firm.code),
        Row(head, "legal_representative", firm.head, firm.head),
        Row("住所", "address", firm.address, firm.address),
        Row("经营场所", "place", place, place),
        Row("主体业态", "business_form", business, business),
        Row("经营项目", "projects", projects, projects),
    ]
    right = [
        Row("许可证编号", "licence_number", number, number),
        Row("日常监督管理机构", "", firm.registrar, ""),
        Row("发证机关", "issuer", firm.registrar, firm.registrar),
        Row(
            "发证日期" if layout == 2 else "签发日期",
            "issued",
            made_up.printed(since, form),
            f"{since}",
        ),
        Row("有效期至", "valid_until", made_up.printed(until, form), f"{until}"),
    ]
    face, title = PRINT[half][(layout + 2) % len(PRINT[half])], TITLES[half][layout % len(TITLES[half])]
    style = Style(Pen(face, 28), Pen(face, 28), gap=0.8)
    if layout == 0:
        sheet = _framed("food-licence", f"{half}-0", (1754, 1240), dice, (90, 130, 110))
        sheet.write(877, 110, "食品经营许可证", Pen(title, 84, spacing=12), "middle")
        columns(sheet, left, 130, 320, 370 if "（身" in code or half == "dev" else 300, 480, style)
        columns(sheet, right, 1010, 340 if half == "dev" else 420, 260, 350, style)
        spot = (1350.0, 900.0)
    elif layout == 1:
        sheet = _framed("food-licence", f"{half}-1", (WIDTH, HEIGHT), dice, (120, 120, 170))
        sheet.write(WIDTH / 2, 160, "食品经营许可证", Pen(title, 76), "middle")
        if half == "dev":
            y = joined(sheet, [*left, *right], 140, 360, 960, style)
        else:
            y = underlined(sheet, [*left, *right], 140, 330, 300, 660, style)
        spot = (900, min(1560, y + 40))
    else:
        sheet = Sheet.blank("food-licence", f"{half}-2")
        sheet.write(WIDTH / 2, 130, "食品经营许可证", Pen(title, 64), "middle")
        both = [*left, *right]
        cells = (
            [[row] for row in both]
            if half == "dev"
            else [
                [both[0]],
                [both[1]],
                [both[2], both[5]],
                [both[3]],
                [both[4]],
                [both[6]],
                [both[7]],
                [both[8], both[9]],
                [both[10], both[11]],
            ]
        )
        y = table(
            sheet, cells, 100, 280, 1040, Style(Pen(face, 27), Pen(face, 27), colon=""), 0.27 if half == "dev" else 0.24
        )
        spot = (900, y - 60)
    if dice.random() < 0.5:
        watermark(sheet, dice, face, "食品经营许可")
    seal(sheet, dice, half, *spot, firm.registrar, radius=dice.randint(105, 135))
    return sheet


def hygiene_licence(dice: random.Random, half: str, layout: int) -> Sheet:
    """公共场所卫生许可证."""
    firm = told(dice, "firm", made_up.company(dice))
    since = told(dice, "since", made_up.day(dice, 2020, 2025))
    since = since.replace(day=min(since.day, 28))
    until = since.replace(year=since.year + 4) - timedelta(days=1)
    form = dice.choice(made_up.DATE_FORMS[half])
    issuer = made_up.authority(dice, "卫生健康委员会")
    projects = dice.choice(
        ["理发店、美容店", "宾馆、公共浴室", "游泳馆", "商场（店）、书店", "影剧院", "体育场（馆）、健身房"]
    )
    number = f"{dice.choice('沪苏浙皖川')}{dice.choice(['普', '静', '鼓', '西'])}卫公证字〔{since.year}〕第{dice.randint(1000, 99999):06d}号"
    period = f"{made_up.printed(since, form)}至{made_up.printed(until, form)}"
    names = {
        "dev": (("单位名称", "法定代表人（负责人）", "地址"), ("单位名称", "法定代表人", "经营地址"), ("被许可单位", "负责人", "地址")),
        "test": (("单位名称", "法定代表人（负责人）", "单位地址"), ("单位名称", "法定代表人或负责人", "地址"), ("名称", "法定代表人（负责人）", "经营场所地址")),
    }[half][layout]  # fmt: skip
    rows = [
        Row(names[0], "operator", firm.name, firm.name),
        Row(names[1], "legal_representative", firm.head, firm.head),
        Row(names[2], "address", firm.address, firm.address),
        Row("许可项目" if half == "dev" else dice.choice(["许可项目", "许可范围"]), "projects", projects, projects),
        Row("有效期限" if layout != 1 else "有效期", "valid_period", period, f"{since}/{until}"),
    ]
    face, title = PRINT[half][(layout + 1) % len(PRINT[half])], TITLES[half][(layout + 1) % len(TITLES[half])]
    style = Style(Pen(face, 33), Pen(face, 33), gap=1.6, colon="：" if layout != 2 else "", spread=layout == 2)
    sheet = _framed(
        "hygiene-licence", f"{half}-{layout}", (WIDTH, HEIGHT) if layout != 1 else (1754, 1240), dice, (60, 120, 90)
    )
    middle = sheet.width / 2
    sheet.write(
        middle, 130, "公共场所卫生许可证" if layout < 2 or half == "dev" else "卫生许可证", Pen(title, 70), "middle"
    )
    sheet.tell("licence_number", number)
    if half == "dev":
        sheet.write(middle, 250, [Run(number, "licence_number")], Pen(face, 30), "middle")
        y = (
            columns(sheet, rows, 160, 400, 380, 480, style)
            if layout == 0
            else joined(sheet, rows, 160, 360, sheet.width - 340, style)
        )
    else:
        rows = [Row("许可证号" if layout else "证号", "licence_number", number, number), *rows]
        y = (
            underlined(sheet, rows, 160, 330, 380, sheet.width - 760, style)
            if layout != 2
            else columns(sheet, rows, 160, 360, 380, 560, style)
        )
    y = max(y + 30, sheet.height - 420)
    sheet.tell("issuer", issuer)
    sheet.tell("issued", f"{since}")
    x = sheet.width - 680
    sheet.write(
        x, y, [Run("发证机关：" if layout != 1 else "发证机关（盖章）："), Run(issuer, "issuer")], Pen(face, 29)
    )
    sheet.write(
        x,
        y + 70,
        [
            Run("发证日期：" if half == "dev" else "" if layout == 0 else "签发日期："),
            Run(made_up.printed(since, form), "issued"),
        ],
        Pen(face, 29),
    )
    seal(sheet, dice, half, x + 230, y + 60, issuer, radius=dice.randint(100, 130))
    return sheet


def _framed(kind: str, layout: str, size: tuple[int, int], dice: random.Random, tone: Colour = GOLD) -> Sheet:
    """A sheet with an ornamental frame and a pale ground."""
    sheet = Sheet.blank(kind, layout, size, dice.choice([(250, 247, 236), (249, 250, 245), (252, 248, 240)]))
    width, height = size
    for inset, line in ((34, 3), (48, 9), (66, 2)):
        sheet.draw.rectangle((inset, inset, width - inset, height - inset), outline=tone, width=line)
    for x in range(80, width - 80, 34):
        sheet.draw.arc((x, 40, x + 30, 62), 0, 180, fill=tone, width=2)
        sheet.draw.arc((x, height - 62, x + 30, height - 40), 180, 360, fill=tone, width=2)
    return sheet


def _matrix(sheet: Sheet, dice: random.Random, x: int, y: int, size: int) -> None:
    """Something like a QR code that says nothing."""
    tile = Image.new("L", (29, 29), 255)
    draw = ImageDraw.Draw(tile)
    for row in range(29):
        for column in range(29):
            if dice.random() < 0.5:
                draw.point((column, row), 0)
    for left, top in ((0, 0), (22, 0), (0, 22)):
        draw.rectangle((left, top, left + 6, top + 6), fill=255, outline=0)
        draw.rectangle((left + 2, top + 2, left + 4, top + 4), fill=0)
    sheet.image.paste(tile.resize((size, size), Image.Resampling.NEAREST).convert("RGB"), (x, y))
