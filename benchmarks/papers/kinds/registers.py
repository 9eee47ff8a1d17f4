# ruff: noqa: E501  -- rows of a form are read side by side
"""Booklets: 户口簿 (front page and a member's page), 结婚证, 不动产权证书."""

from __future__ import annotations

import random

from benchmarks.papers import made_up
from benchmarks.papers.fonts import PRINT, SANS, TITLES
from benchmarks.papers.forms import Row, Style, columns, joined, table
from benchmarks.papers.made_up import told
from benchmarks.papers.marks import seal
from benchmarks.papers.sheet import HEIGHT, WIDTH, Pen, Run, Sheet

RELATIONS = ("户主", "妻", "夫", "子", "女", "长子", "次女", "父亲", "母亲")
BOOKLET = (1240, 874)


def household_front(dice: random.Random, half: str, layout: int) -> Sheet:
    """户口簿's first page."""
    sheet = Sheet.blank(
        "household-register-front",
        f"{half}-{layout}",
        BOOKLET,
        [(246, 244, 238), (250, 246, 246), (240, 244, 240)][layout],
    )
    head, home = told(dice, "head", made_up.name(dice)), told(dice, "home", made_up.address(dice))
    kind, number = dice.choice(["家庭户", "非农业家庭户", "集体户", "居民家庭户"]), f"{dice.randint(10**8, 10**9 - 1)}"
    face = PRINT[half][layout]
    style = Style(Pen(PRINT[half][0], 30), Pen(face, 32), colon="", gap=1.4)
    rows = [
        [Row("户别", "household_kind", kind, kind), Row("户主姓名", "head", head, head)],
        [Row("户号", "household_number", number, number), Row("住址", "address", home, home)],
    ]
    title = Pen(TITLES[half][0], 44, spacing=16)
    if (half, layout) in (("dev", 0), ("test", 1)):
        sheet.write(620, 90, "常住人口登记卡" if half == "test" else "居民户口簿", title, "middle")
        table(sheet, rows, 80, 190, 1080, style, 0.24)
        y = 440.0
    else:
        sheet.write(620, 70, "居民户口簿", title, "middle")
        flat = [one for row in rows for one in row]
        order = flat if half == "dev" else [flat[1], flat[0], flat[3], flat[2]]
        y = columns(
            sheet,
            order,
            140,
            190,
            210,
            700,
            Style(style.label, style.value, "" if layout == 2 else "：", spread=layout == 2),
        )
    sheet.write(120, y + 40, "户口专用", Pen(SANS, 26))
    sheet.write(560, 640, "户口登记机关", Pen(PRINT[half][0], 28))
    sheet.write(
        560,
        720,
        f"承办人签章：    {made_up.printed(made_up.day(dice, 2000, 2024), 'short')}签发",
        Pen(PRINT[half][0], 26),
    )
    seal(sheet, dice, half, 980, 640, made_up.authority(dice, "公安局"), radius=100, below="户口专用章")
    return sheet


def household_person(dice: random.Random, half: str, layout: int) -> Sheet:
    """常住人口登记卡: one member of the household, a table of four columns."""
    sheet = Sheet.blank(
        "household-register-person",
        f"{half}-{layout}",
        (1240, 900),
        [(248, 246, 240), (250, 250, 248), (242, 246, 242)][layout],
    )
    holder = told(dice, "holder", made_up.person(dice))
    relation = told(dice, "relation", dice.choice(RELATIONS))
    place = dice.choice(made_up.PLACES)
    origin = f"{place[0]}{place[1]}{place[2]}"
    other = dice.choice(made_up.PLACES)
    ancestral = (
        f"{other[0].removesuffix('省').removesuffix('市')}{other[1].removesuffix('市')}"
        if dice.random() < 0.5
        else f"{other[0]}{other[1]}"
    )
    form = dice.choice(["full", "short"])
    names = {
        "dev": ("户主或与户主关系", "户主或与户主关系", "与户主关系"),
        "test": ("户主或与户主关系", "与户主关系", "户主或与户主的关系"),
    }[half][layout]  # fmt: skip
    face = PRINT[half][(layout + 1) % len(PRINT[half])]
    label, value = Pen(PRINT[half][0], 24), Pen(face, 26)
    blank = ""
    rows = [
        [Row("姓名", "name", holder.name, holder.name), Row(names, "relation", relation, relation)],
        [Row("曾用名", "", blank, ""), Row("性别", "sex", holder.sex, holder.sex)],
        [Row("出生地", "birthplace", origin, origin), Row("民族", "", holder.nation, "")],
        [Row("籍贯", "ancestral_home", ancestral, ancestral), Row("出生日期", "birth", made_up.printed(holder.born, form), f"{holder.born}")],
        [Row("本市（县）其他住址", "", blank, ""), Row("宗教信仰", "", dice.choice(["", "无"]), "")],
        [Row("公民身份号码" if half == "dev" or layout else "公民身份证件编号", "number", holder.number, holder.number), Row("身高", "", f"{dice.randint(150, 188)}厘米", "")],
        [Row("文化程度", "", dice.choice(["大学本科", "高级中学", "初级中学", "大学专科"]), ""), Row("婚姻状况", "", dice.choice(["有配偶", "未婚", "初婚"]), "")],
        [Row("服务处所", "", made_up.company(dice).name if dice.random() < 0.5 else "", ""), Row("职业", "", dice.choice(["职员", "教师", "工人", ""]), "")],
    ]  # fmt: skip
    if half == "test" and layout == 2:
        rows[0], rows[1] = [rows[0][0], rows[1][1]], [rows[1][0], rows[0][1]]
    sheet.write(620, 40, "常住人口登记卡", Pen(TITLES[half][0], 42, spacing=18), "middle")
    table(sheet, rows, 60, 120, 1120, Style(label, value, "", gap=0.3), 0.2)
    sheet.write(100, 800, "承办人签章：", Pen(PRINT[half][0], 24))
    sheet.write(
        640, 800, f"登记日期：{made_up.printed(made_up.day(dice, 2000, 2024), 'short')}", Pen(PRINT[half][0], 24)
    )
    seal(
        sheet,
        dice,
        half,
        330 if half == "dev" else 1000,
        780,
        made_up.authority(dice, "公安局"),
        radius=92,
        below="户口专用章",
    )
    return sheet


def marriage_certificate(dice: random.Random, half: str, layout: int) -> Sheet:
    """结婚证, the inner pages with both parties."""
    sheet = Sheet.blank(
        "marriage-certificate",
        f"{half}-{layout}",
        (WIDTH, 1500),
        [(252, 240, 240), (250, 246, 242), (253, 244, 240)][layout],
    )
    man, woman = made_up.person(dice, 1955, 2002), made_up.person(dice, 1955, 2002)
    while man.sex != "男":
        man = made_up.person(dice, 1955, 2002)
    while woman.sex != "女":
        woman = made_up.person(dice, 1955, 2002)
    first, second = told(dice, "couple", (man, woman) if dice.random() < 0.6 else (woman, man))
    registered = told(dice, "registered", made_up.day(dice, 2005, 2025))
    place = dice.choice(made_up.PLACES)
    number = f"J{place[3]}-{registered.year}-{dice.randint(1, 9999):06d}"
    if half == "test" and layout == 1:
        number = f"{place[2][:1]}结字第{registered.year}{dice.randint(1, 99999):05d}号"
    face = PRINT[half][(layout + 2) % len(PRINT[half])]
    holder, form = dice.choice([first, second]).name, dice.choice(made_up.DATE_FORMS[half][:3])
    label, value = Pen(PRINT[half][0], 30), Pen(face, 32)
    sheet.write(620, 80, "结婚证", Pen(TITLES[half][0], 70, spacing=20), "middle")
    top = [
        Row("持证人", "holder", holder, holder),
        Row("登记日期", "registered", made_up.printed(registered, form), f"{registered}"),
        Row("结婚证字号", "certificate_number", number, number),
    ]
    style = Style(label, value, "" if layout == 0 else "：", gap=0.9)
    y = columns(sheet, top, 150, 220, 240, 700, style)
    sheet.write(150, y, "备注", label)
    y += 90
    for turn, party in (("1", first), ("2", second)):
        rows = [
            [Row("姓名", f"name_{turn}", party.name, party.name), Row("性别", f"sex_{turn}", party.sex, party.sex)],
            [Row("国籍", f"nationality_{turn}", "中国", "中国"), Row("出生日期", f"birth_{turn}", made_up.printed(party.born, form), f"{party.born}")],
            [Row("身份证件号", f"number_{turn}", party.number, party.number)],
        ]  # fmt: skip
        if layout == 1:
            y = table(sheet, rows, 120, y, 1000, Style(label, value, "", gap=0.6), 0.22) + 60
        else:
            for pair in rows:
                left, right = pair[0], pair[-1]
                below = columns(sheet, [left], 150, y, 200, 640 if len(pair) == 1 else 270, style)
                if len(pair) > 1:
                    columns(sheet, [right], 640, y, 180, 330, style)
                y = below
            y += 50
    sheet.write(
        150, min(y, 1330), "结婚申请，符合《中华人民共和国民法典》规定，予以登记，发给此证。", Pen(PRINT[half][0], 28)
    )
    seal(
        sheet,
        dice,
        half,
        950,
        400 if half == "dev" else 1330,
        made_up.authority(dice, "民政局"),
        radius=105,
        below="婚姻登记专用章",
    )
    return sheet


def property_certificate(dice: random.Random, half: str, layout: int) -> Sheet:
    """不动产权证书, the table of the inner page."""
    sheet = Sheet.blank(
        "property-certificate",
        f"{half}-{layout}",
        (WIDTH, HEIGHT),
        [(250, 250, 244), (254, 254, 252), (246, 250, 246)][layout],
    )
    firm = dice.random() < 0.2
    owner = made_up.company(dice).name if firm else "、".join(made_up.name(dice) for _ in range(dice.choice([1, 1, 2])))
    owner = told(dice, "owner", owner)
    shared = "共同共有" if "、" in owner and dice.random() < 0.6 else ("按份共有" if "、" in owner else "单独所有")
    place = dice.choice(made_up.PLACES)
    spot = f"{place[0]}{place[1]}{place[2]}{dice.choice(place[4])}{dice.randint(1, 2900)}{dice.choice(['弄', '号'])}{dice.randint(1, 60)}{dice.choice(['号', '幢'])}{dice.randint(101, 1899)}室"
    spot = told(dice, "location", spot)
    unit = f"{place[3]}{dice.randint(1, 999):03d}{dice.randint(1, 999):03d}GB{dice.randint(1, 99999):05d}F{dice.randint(1, 9999):04d}{dice.randint(1, 9999):04d}"
    use = dice.choice(["住宅", "商业", "办公", "城镇住宅用地/住宅", "工业用地/厂房"])
    kind = "国有建设用地使用权/房屋所有权"
    nature = dice.choice(["出让/市场化商品房", "划拨/房改房", "出让/存量房产", "出让/其它"])
    land, floor = (
        f"{dice.randint(5, 80)}.{dice.randint(1, 99):02d}".rstrip("0"),
        f"{dice.randint(35, 260)}.{dice.randint(1, 99):02d}".rstrip("0"),
    )
    area_text = dice.choice(
        [f"{floor}平方米", f"房屋建筑面积{floor}㎡", f"共有宗地面积{land}平方米/房屋建筑面积{floor}平方米"]
    )
    since = made_up.day(dice, 1992, 2015)
    since = since.replace(day=min(since.day, 28))
    until = since.replace(year=since.year + dice.choice([40, 50, 70]))
    form = dice.choice(["full", "short"])
    prefix, start, stop = dice.choice(["", "国有建设用地使用权"]), dice.choice(["起至", "至"]), dice.choice(["", "止"])
    term = f"{prefix}{made_up.printed(since, form)}{start}{made_up.printed(until, form)}{stop}"
    structure, floors = dice.choice(["钢筋混凝土结构", "混合结构", "砖木结构"]), dice.randint(6, 33)
    other = f"房屋结构：{structure}；总层数：{floors}；所在层：{dice.randint(1, floors)}"
    note = dice.choice(
        [
            "业务编号：" + str(dice.randint(10**8, 10**9)),
            "无",
            "原权证号：沪房地普字（2009）第" + str(dice.randint(10000, 99999)) + "号",
        ]
    )
    rows = [
        Row("权利人", "owner", owner, owner),
        Row("共有情况", "shared", shared, shared),
        Row("坐落", "location", spot, spot),
        Row("不动产单元号", "unit_number", unit, unit),
        Row("权利类型", "right_kind", kind, kind),
        Row("权利性质", "right_nature", nature, nature),
        Row("用途", "usage", use, use),
        Row("面积", "area", area_text, floor),
        Row("使用期限", "term", term, f"{since}/{until}"),
        Row("权利其他状况", "other", other, other),
    ]
    face = PRINT[half][(layout + 3) % len(PRINT[half])]
    mark = f"{place[0][:1]}（{dice.randint(2017, 2025)}）{place[2][:2]}不动产权第{dice.randint(1, 99999):06d}号"
    sheet.write(150 if half == "dev" else 1090, 90, mark, Pen(face, 30), "left" if half == "dev" else "right")
    style = Style(Pen(PRINT[half][0], 28), Pen(face, 28), "", gap=1.0 if half == "dev" else 1.5)
    if layout < 2:
        y = table(sheet, [[row] for row in rows], 110, 170, 1020, style, 0.22 if half == "dev" else 0.26)
    elif half == "dev":
        sheet.write(620, 150, "不动产权证书", Pen(TITLES[half][0], 48), "middle")
        y = joined(sheet, rows, 140, 260, 960, Style(style.label, style.value, "："))
    else:
        sheet.write(620, 150, "不动产权证书", Pen(TITLES[half][0], 48), "middle")
        y = columns(sheet, rows, 140, 260, 250, 720, Style(style.label, style.value, "：", spread=True, gap=0.8))
    sheet.tell("note", note)
    y = sheet.paragraph(140, y + 40, 900, [Run("附记：" if layout else "附记 "), Run(note, "note")], Pen(face, 27))
    seal(
        sheet,
        dice,
        half,
        900,
        min(y + 60, 1600),
        made_up.authority(dice, "自然资源和规划局"),
        radius=110,
        below="不动产登记专用章",
    )
    return sheet
