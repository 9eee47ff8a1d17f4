# ruff: noqa: E501  -- rows of a form are read side by side
"""What is handed in and is none of the kinds: the answer for it is 其他, not the nearest guess."""

from __future__ import annotations

import random

from benchmarks.papers import made_up
from benchmarks.papers.fonts import PRINT, SANS, TITLES
from benchmarks.papers.forms import Row, Style, columns, joined, table
from benchmarks.papers.marks import seal
from benchmarks.papers.sheet import Pen, Run, Sheet


def other(dice: random.Random, half: str, layout: int) -> Sheet:
    """A receipt, a diploma, a notice, an inspection report, a guide that lists papers, a letter; other ones in each half."""
    draw = {"dev": (_receipt, _notice, _diploma, _list), "test": (_report, _letter, _driving_licence, _transcript)}[
        half
    ][layout]
    sheet = draw(dice, half)
    sheet.kind, sheet.layout = "other", f"{half}-{layout}"
    sheet.fields.clear()
    return sheet


def _receipt(dice: random.Random, half: str) -> Sheet:
    sheet = Sheet.blank("other", "", (1240, 780))
    firm, buyer = made_up.company(dice), made_up.company(dice)
    sheet.write(620, 60, "电子发票（普通发票）", Pen(TITLES[half][0], 44, (150, 60, 50)), "middle")
    sheet.write(860, 140, f"发票号码：{dice.randint(10**19, 10**20 - 1)}", Pen(SANS, 22))
    sheet.write(860, 180, f"开票日期：{made_up.printed(made_up.day(dice, 2023, 2025), 'full')}", Pen(SANS, 22))
    style = Style(Pen(SANS, 22), Pen(PRINT[half][1], 22), "：", gap=0.3)
    rows = [Row("购买方名称", "", buyer.name, ""), Row("统一社会信用代码/纳税人识别号", "", buyer.code, "")]
    y = joined(sheet, rows, 80, 240, 1000, style)
    cells = [
        [Row("项目名称", "", "餐饮服务", ""), Row("金额", "", f"{dice.randint(50, 9000)}.00", "")],
        [Row("税率", "", "6%", ""), Row("税额", "", f"{dice.randint(1, 90)}.20", "")],
    ]
    y = table(sheet, cells, 70, y + 10, 1100, style)
    joined(
        sheet,
        [Row("销售方名称", "", firm.name, ""), Row("开票人", "", made_up.name(dice), "")],
        80,
        y + 20,
        1000,
        style,
    )
    seal(sheet, dice, half, 940, 600, firm.name, radius=95, shape="oval")
    return sheet


def _notice(dice: random.Random, half: str) -> Sheet:
    sheet = Sheet.blank("other", "")
    firm = made_up.company(dice)
    sheet.write(
        620, 150, dice.choice(["受理通知书", "不予受理决定书", "补正材料通知书"]), Pen(TITLES[half][0], 56), "middle"
    )
    text = f"{firm.name}：你单位提交的食品经营许可证申请材料收悉。经审查，申请材料不齐全，请于五个工作日内补正下列材料：营业执照复印件；法定代表人身份证明；经营场所平面布局图。"
    y = sheet.paragraph(140, 300, 960, [Run(text)], Pen(PRINT[half][1], 32), 1.8, 64)
    sheet.write(760, y + 300, made_up.printed(made_up.day(dice, 2022, 2025), "capitals"), Pen(PRINT[half][1], 30))
    seal(sheet, dice, half, 880, y + 290, firm.registrar)
    return sheet


def _diploma(dice: random.Random, half: str) -> Sheet:
    sheet = Sheet.blank("other", "", (1240, 880), (248, 246, 236))
    holder = made_up.person(dice, 1975, 2001)
    sheet.write(620, 90, "普通高等学校毕业证书", Pen(TITLES[half][0], 56, (160, 40, 40)), "middle")
    text = f"学生{holder.name}，性别{holder.sex}，{made_up.printed(holder.born, 'short')}生，于二〇一五年九月至二〇一九年六月在本校信息管理专业四年制本科学习，修完教学计划规定的全部课程，成绩合格，准予毕业。"
    y = sheet.paragraph(420, 240, 700, [Run(text)], Pen(PRINT[half][2], 30), 1.8, 60)
    sheet.write(420, y + 60, f"证书编号：{dice.randint(10**16, 10**17)}", Pen(SANS, 24))
    seal(sheet, dice, half, 950, 700, "华东某某大学", radius=95)
    return sheet


def _list(dice: random.Random, half: str) -> Sheet:
    sheet = Sheet.blank("other", "")
    sheet.write(620, 130, "办理居住证需要提交的材料", Pen(TITLES[half][1], 46), "middle")
    lines = [
        "1. 居民身份证原件及复印件；",
        "2. 房屋租赁合同、不动产权证书或者单位出具的居住证明；",
        "3. 营业执照或者劳动合同；",
        "4. 户口簿首页和本人页；",
        "5. 授权委托书（委托他人办理的）；",
        "6. 近期正面免冠照片。",
    ]
    y = 260.0
    for line in dice.sample(lines, len(lines)):
        y = sheet.paragraph(140, y, 960, [Run(line)], Pen(PRINT[half][0], 32), 1.9)
    sheet.paragraph(
        140,
        y + 60,
        960,
        [Run(f"咨询电话：021-0000{dice.randint(1000, 9999)}；窗口时间：周一至周五 9:00-17:00。")],
        Pen(PRINT[half][0], 28),
    )
    return sheet


def _report(dice: random.Random, half: str) -> Sheet:
    sheet = Sheet.blank("other", "")
    firm = made_up.company(dice)
    sheet.write(
        620,
        140,
        dice.choice(["检验检测报告", "室内空气质量检测报告", "消防检测报告"]),
        Pen(TITLES[half][0], 58),
        "middle",
    )
    style = Style(Pen(PRINT[half][0], 28), Pen(PRINT[half][2], 28), "", gap=1.0)
    rows = [
        [Row("委托单位", "", firm.name, "")],
        [Row("检测地址", "", firm.address, "")],
        [
            Row("报告编号", "", f"JC{dice.randint(10**7, 10**8)}", ""),
            Row("检测日期", "", made_up.printed(made_up.day(dice, 2023, 2025), "points"), ""),
        ],
        [Row("甲醛", "", f"0.0{dice.randint(1, 9)} mg/m³", ""), Row("二氧化碳", "", f"0.0{dice.randint(4, 9)}%", "")],
        [Row("结论", "", "所检项目符合GB 37488-2019的要求。", "")],
    ]
    y = table(sheet, rows, 110, 280, 1020, style)
    seal(sheet, dice, half, 900, y + 160, "某某检测技术有限公司", below="检验检测专用章")
    return sheet


def _letter(dice: random.Random, half: str) -> Sheet:
    sheet = Sheet.blank("other", "")
    sheet.write(620, 170, dice.choice(["情况说明", "在职证明", "收入证明"]), Pen(TITLES[half][0], 52), "middle")
    who, firm = made_up.person(dice), made_up.company(dice)
    text = f"兹有我单位员工{who.name}，身份证号{who.number}，自{made_up.printed(made_up.day(dice, 2015, 2022), 'short')}起在我单位工作，现任职员，月收入人民币{dice.randint(50, 300) * 100}元。特此证明。"
    y = sheet.paragraph(140, 320, 960, [Run(text)], Pen(PRINT[half][3], 32), 1.9, 64)
    sheet.write(700, y + 200, firm.name, Pen(PRINT[half][3], 30))
    sheet.write(760, y + 270, made_up.printed(made_up.day(dice, 2023, 2025), "short"), Pen(PRINT[half][3], 30))
    seal(sheet, dice, half, 860, y + 220, firm.name)
    return sheet


def _driving_licence(dice: random.Random, half: str) -> Sheet:
    sheet = Sheet.blank("other", "", (1010, 690), (236, 240, 236))
    who = made_up.person(dice, 1960, 2003)
    sheet.write(505, 40, "中华人民共和国机动车驾驶证", Pen(TITLES[half][0], 40), "middle")
    style = Style(Pen(PRINT[half][0], 26), Pen(PRINT[half][2], 27), "", gap=0.4)
    home = made_up.address(dice)
    rows = [
        Row("证号", "", who.number, ""),
        Row("姓名", "", who.name, ""),
        Row("性别", "", who.sex, ""),
        Row("国籍", "", "中国", ""),
        Row("住址", "", home, ""),
        Row("出生日期", "", f"{who.born}", ""),
        Row("初次领证日期", "", f"{made_up.day(dice, 2010, 2020)}", ""),
        Row("准驾车型", "", "C1", ""),
    ]
    columns(sheet, rows, 60, 120, 220, 440, style)
    return sheet


def _transcript(dice: random.Random, half: str) -> Sheet:
    sheet = Sheet.blank("other", "")
    who = made_up.person(dice)
    sheet.write(
        620,
        120,
        dice.choice(["银行账户交易明细", "社会保险参保缴费证明", "个人所得税纳税记录"]),
        Pen(TITLES[half][1], 44),
        "middle",
    )
    joined(
        sheet,
        [Row("姓名", "", who.name, ""), Row("证件号码", "", who.number, "")],
        110,
        210,
        900,
        Style(Pen(SANS, 26), Pen(SANS, 26)),
    )
    rows = [[Row(f"{made_up.day(dice, 2024, 2024)}", "", f"{dice.randint(100, 9000)}.{dice.randint(10, 99)}", ""), Row("余额", "", f"{dice.randint(10**4, 10**6)}.{dice.randint(10, 99)}", "")] for _ in range(14)]  # fmt: skip
    table(sheet, rows, 100, 340, 1040, Style(Pen(SANS, 22), Pen(PRINT[half][0], 22), "", gap=0.2))
    return sheet
