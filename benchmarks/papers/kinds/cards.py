# ruff: noqa: E501  -- rows of a form are read side by side
"""Cards: 居民身份证 (GA 448), 居住证 (GA 1221), 健康证明."""

from __future__ import annotations

import random
from datetime import date, timedelta

from PIL import Image, ImageDraw, ImageFilter

from benchmarks.papers import made_up
from benchmarks.papers.fonts import PRINT, SANS, SANS_BOLD, SERIF, SERIF_BOLD
from benchmarks.papers.forms import Row, Style, columns, joined
from benchmarks.papers.made_up import told
from benchmarks.papers.marks import seal
from benchmarks.papers.sheet import Colour, Pen, Run, Sheet

CARD = (1010, 640)
"""Pixels; a card is 85.6 by 54 mm."""
BLUE: Colour = (70, 110, 160)


def identity_face(dice: random.Random, half: str, layout: int) -> Sheet:
    """居民身份证, the side with the face."""
    tint = [(232, 240, 246), (240, 238, 232), (228, 238, 236)][layout]
    sheet = _card("identity-card-face", f"{half}-{layout}", dice, tint)
    holder = told(dice, "holder", made_up.person(dice))
    face = {"dev": (SANS, SERIF, SANS), "test": (PRINT["test"][0], SANS_BOLD, PRINT["test"][3])}[half][layout]
    scale = {"dev": (1.0, 1.06, 0.94), "test": (1.03, 0.97, 1.1)}[half][layout]
    label, value = Pen(face, 30 * scale, BLUE), Pen(face, 36 * scale)
    left, top, step = 78 + dice.randint(-8, 8), 66 + dice.randint(-8, 8), 82
    beside = left + 98 * scale

    def row(place: float, name: str, field: str, text: str, normal: str) -> None:
        sheet.tell(field, normal)
        sheet.write(left, top + step * place + 4, name, label)
        sheet.write(beside, top + step * place, [Run(text, field)], value)

    row(0, "姓名", "name", holder.name, holder.name)
    row(1, "性别", "sex", holder.sex, holder.sex)
    sheet.tell("nation", holder.nation)
    sheet.write(beside + 120 * scale, top + step + 4, "民族", label)
    sheet.write(beside + 218 * scale, top + step, [Run(holder.nation, "nation")], value)
    sheet.tell("birth", f"{holder.born}")
    sheet.write(left, top + step * 2 + 4, "出生", label)
    x = beside
    for part, unit in ((f"{holder.born.year}", "年"), (f"{holder.born.month}", "月"), (f"{holder.born.day}", "日")):
        x = sheet.write(x, top + step * 2, [Run(part, "birth")], value) + 12
        x = sheet.write(x, top + step * 2 + 4, unit, label) + 16
    lived = told(dice, "home", made_up.address(dice))
    sheet.tell("address", lived)
    sheet.write(left, top + step * 3 + 4, "住址", label)
    sheet.paragraph(beside, top + step * 3, 420 * scale, [Run(lived, "address")], value, 1.28)
    sheet.tell("number", holder.number)
    sheet.write(left, 548, "公民身份号码", label)
    sheet.write(left + 240 * scale, 542, [Run(holder.number, "number")], Pen(face, 40 * scale, spacing=5 * scale))
    _portrait(sheet, dice, 690, 90, 240, 330)
    return sheet


def identity_back(dice: random.Random, half: str, layout: int) -> Sheet:
    """居民身份证, the side with the national emblem."""
    tint = [(238, 232, 226), (234, 240, 240), (240, 236, 238)][layout]
    sheet = _card("identity-card-back", f"{half}-{layout}", dice, tint)
    face = {"dev": (SERIF_BOLD, SANS_BOLD, SERIF_BOLD), "test": (SANS_BOLD, SERIF_BOLD, PRINT["test"][3])}[half][layout]
    sheet.draw.ellipse((80, 60, 220, 200), outline=(190, 60, 50), width=8)
    sheet.draw.ellipse((105, 85, 195, 175), fill=(214, 150, 70))
    sheet.write(600, 70, "中华人民共和国", Pen(face, 50, spacing=6), "middle")
    sheet.write(600, 170, "居民身份证", Pen(face, 70, spacing=14), "middle")
    small = {"dev": SANS, "test": PRINT["test"][1]}[half]
    label, value = Pen(small, 32), Pen(small, 34)
    issuer = (
        made_up.authority(dice, "公安局")
        if dice.random() < 0.4
        else made_up.authority(dice, "分局").replace("区分局", "分局")
    )
    if not issuer.endswith("公安局"):
        issuer = f"{made_up.PLACES[0][0]}公安局{issuer.split('市')[-1]}"
    since, until, text = _validity(dice)
    sheet.tell("issuer", issuer)
    sheet.tell("valid_period", f"{since}/{until}")
    x = 270 + dice.randint(-20, 20)
    sheet.write(x, 440, "签发机关", label)
    sheet.write(x + 160, 438, [Run(issuer, "issuer")], value)
    sheet.write(x, 520, "有效期限", label)
    sheet.write(x + 160, 518, [Run(text, "valid_period")], value)
    return sheet


def residence_permit(dice: random.Random, half: str, layout: int) -> Sheet:
    """居住证: one side with the holder, as cards and as sheets of the electronic licence have it."""
    holder = told(dice, "holder", made_up.person(dice))
    region = dice.choice(["上海市", "江苏省", "浙江省", "安徽省"])
    issuer = made_up.authority(dice, "公安局") if layout else f"上海市公安局{dice.choice(['普陀', '静安', '长宁'])}分局"
    since = made_up.day(dice, 2020, 2025)
    until = (
        since.replace(year=since.year + 1) - timedelta(days=1) if not (since.month == 2 and since.day == 29) else since
    )
    since, until = told(dice, "validity", (since, until))
    form = dice.choice(["points", "full"] if half == "dev" else ["dashes", "short"])
    period = f"{made_up.printed(since, form)}{'-' if form == 'points' else '至'}{made_up.printed(until, form)}"
    here, home = told(dice, "here", made_up.address(dice)), told(dice, "home", made_up.address(dice))
    homeward = {"dev": ("户籍地址", "户籍地", "户籍所在地"), "test": ("户籍地址", "常住户口所在地", "户籍地址")}[half][
        layout
    ]
    hereward = {"dev": ("居住地址", "居住地", "现居住地址"), "test": ("居住地址", "居住地址", "现住址")}[half][layout]
    face = PRINT[half][layout]
    rows = [
        Row("姓名", "name", holder.name, holder.name),
        Row("性别", "sex", holder.sex, holder.sex),
        Row("民族", "nation", holder.nation, holder.nation),
        Row("出生日期" if layout else "出生", "birth", made_up.printed(holder.born, "short"), f"{holder.born}"),
        Row(homeward, "registered_address", home, home),
        Row(hereward, "address", here, here),
        Row("公民身份号码", "number", holder.number, holder.number),
        Row("签发机关", "issuer", issuer, issuer),
        Row(dice.choice(["有效期限", "有效期"]), "valid_period", period, f"{since}/{until}"),
    ]
    if layout == 2:  # the electronic licence, a sheet
        sheet = Sheet.blank("residence-permit", f"{half}-{layout}")
        sheet.write(620, 150, f"{region}居住证", Pen(SERIF_BOLD, 64), "middle")
        sheet.write(620, 250, "（电子证照）", Pen(face, 30), "middle")
        style = Style(Pen(face, 32), Pen(face, 32), colon="：" if half == "test" else "")
        _portrait(sheet, dice, 860, 330, 240, 320)
        columns(sheet, rows, 130, 360, 270, 430, style)
        seal(sheet, dice, half, 880, 1450, issuer, radius=110)
        return sheet
    sheet = _card("residence-permit", f"{half}-{layout}", dice, (226, 238, 230))
    sheet.write(505, 22, f"{region}居住证", Pen(SERIF_BOLD, 42), "middle")
    style = Style(Pen(face, 25, (50, 90, 70)), Pen(face, 26), colon="" if half == "dev" else "：", gap=0.1)
    if half == "dev" and layout == 1:
        joined(sheet, rows, 60, 92, 620, style)
    else:
        columns(sheet, rows, 60, 92, 195, 430, style)
    _portrait(sheet, dice, 730, 110, 220, 290)
    return sheet


def health_certificate(dice: random.Random, half: str, layout: int) -> Sheet:
    """从业人员健康证明 (预防性健康检查), a card or a half sheet with a seal."""
    holder = told(dice, "holder", made_up.person(dice, 1965, 2006))
    examined = told(dice, "examined", made_up.day(dice, 2022, 2025))
    until = examined.replace(year=examined.year + 1) if not (examined.month == 2 and examined.day == 29) else examined
    issuer = made_up.authority(dice, dice.choice(["疾病预防控制中心", "中心医院", "社区卫生服务中心"]))
    form = dice.choice(made_up.DATE_FORMS[half][:3])
    unit, serial = told(dice, "firm", made_up.company(dice)).name, f"{examined.year}{dice.randint(10**6, 10**7 - 1)}"
    age = f"{(examined - holder.born).days // 365}"
    names = {
        "dev": (
            ("编号", "发证日期", "发证单位"),
            ("健康证编号", "体检日期", "体检单位"),
            ("证号", "体检日期", "发证机构"),
        ),
        "test": (
            ("证件编号", "体检日期", "体检机构"),
            ("编号", "检查日期", "发证单位"),
            ("健康证号", "体检时间", "发证单位"),
        ),
    }[half][layout]
    rows = [
        Row("姓名", "name", holder.name, holder.name),
        Row("性别", "sex", holder.sex, holder.sex),
        Row("年龄", "age", age + dice.choice(["", "岁"]), age),
        Row("身份证号", "number", holder.number, holder.number),
        Row(dice.choice(["单位", "工作单位"]) if half == "dev" else dice.choice(["从业单位", "单位名称"]), "unit", unit, unit),
        Row(names[0], "certificate_number", serial, serial),
        Row(names[1], "examined", made_up.printed(examined, form), f"{examined}"),
        Row("有效期至" if half == "dev" else dice.choice(["有效期至", "有效期限至"]), "valid_until", made_up.printed(until, form), f"{until}"),
        Row(names[2], "issuer", issuer, issuer),
    ]  # fmt: skip
    face = PRINT[half][(layout + 1) % len(PRINT[half])]
    size = (1010, 720) if layout < 2 else (1240, 874)
    sheet = Sheet.blank(
        "health-certificate", f"{half}-{layout}", size, [(240, 248, 242), (250, 250, 250), (236, 242, 250)][layout]
    )
    title = {"dev": ("健康证明", "从业人员健康证明", "食品从业人员健康证明"), "test": ("从业人员预防性健康检查合格证", "健康合格证明", "公共场所从业人员健康证明")}[half][layout]  # fmt: skip
    sheet.write(size[0] / 2, 36, title, Pen(SERIF_BOLD, 50), "middle")
    style = Style(
        Pen(face, 29), Pen(face, 29), colon="：" if layout != 1 else "", gap=0.25, spread=half == "test" and layout == 1
    )
    if layout == 0:
        joined(sheet, rows, 60, 130, size[0] - 380, style)
    else:
        columns(sheet, rows, 60, 130, 210, size[0] - 560, style)
    _portrait(sheet, dice, size[0] - 270, 140, 200, 270)
    seal(sheet, dice, half, size[0] - 190, size[1] - 150, issuer, radius=105)
    return sheet


def _validity(dice: random.Random) -> tuple[date, date | str, str]:
    since = made_up.day(dice, 2006, 2025)
    open_ended = dice.random() < 0.15
    if told(dice, "open_ended", open_ended):
        since, _ = told(dice, "validity", (since, None))
        return since, "长期", f"{since:%Y.%m.%d}-长期"
    until = since.replace(day=min(since.day, 28), year=since.year + dice.choice([5, 10, 20]))
    since = since.replace(day=min(since.day, 28))
    since, until = told(dice, "validity", (since, until))
    return since, until, f"{since:%Y.%m.%d}-{until:%Y.%m.%d}"


def _card(kind: str, layout: str, dice: random.Random, tint: Colour) -> Sheet:
    """A card with the fine waves that are printed against copying."""
    sheet = Sheet.blank(kind, layout, CARD, tint)
    for line in range(0, CARD[1] + 160, dice.choice([9, 12, 15])):
        tone = tuple(max(0, part - dice.randint(8, 20)) for part in tint)
        points = [(x, line - 80 + 26 * ((x / 160 + line / 300) % 2 - 1) ** 2) for x in range(0, CARD[0] + 40, 40)]
        sheet.draw.line(points, fill=tone, width=1)
    return sheet


def _portrait(sheet: Sheet, dice: random.Random, x: int, y: int, width: int, height: int) -> None:
    """Nobody's head and shoulders."""
    tile = Image.new("RGB", (width, height), dice.choice([(210, 222, 236), (236, 236, 236), (120, 160, 215)]))
    draw = ImageDraw.Draw(tile)
    skin, dark = (222, 186, 160), (40, 36, 36)
    draw.ellipse(
        (width * 0.02, height * 0.68, width * 0.98, height * 1.5),
        fill=dice.choice([dark, (80, 90, 120), (230, 230, 235)]),
    )
    draw.ellipse((width * 0.24, height * 0.1, width * 0.76, height * 0.62), fill=dark)
    draw.ellipse((width * 0.28, height * 0.18, width * 0.72, height * 0.74), fill=skin)
    sheet.image.paste(tile.filter(ImageFilter.GaussianBlur(2)), (x, y))
