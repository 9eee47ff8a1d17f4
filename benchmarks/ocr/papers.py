"""Draw papers that applicants hand in, with made-up people and companies, and the truth of every line.

    python -m benchmarks.ocr.papers OUT [--count 30] [--seed 7]

Writes `OUT/<kind>-<n>.jpg` and `.txt` (one truth line a line). Seals and watermarks are drawn but are no truth. Needs the
Noto CJK fonts (Debian: fonts-noto-cjk). The same seed gives the same pages.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from benchmarks.ocr.people import company, credit_code, date, food_licence_number, identity_number, person, street

FONTS = Path("/usr/share/fonts/opentype/noto")
SIMPLIFIED = 2
"""Index of the simplified Chinese face in the Noto collections."""
WIDTH, HEIGHT = 1240, 1754
"""A4 at 150 dots per inch."""
RED = (205, 35, 40)


@cache
def font(size: int, serif: bool = False, bold: bool = False) -> ImageFont.FreeTypeFont:
    """A Noto CJK face."""
    name = f"Noto{'Serif' if serif else 'Sans'}CJK-{'Bold' if bold else 'Regular'}.ttc"
    return ImageFont.truetype(str(FONTS / name), size, index=SIMPLIFIED)


@dataclass
class Sheet:
    """A page being drawn, and its truth."""

    image: Image.Image
    lines: list[str] = field(default_factory=list)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: int = 28,
        *,
        serif: bool = False,
        bold: bool = False,
        middle: bool = False,
    ) -> None:
        """One line of text with its left (or middle) top at (x, y), in pixels; it becomes truth."""
        draw = ImageDraw.Draw(self.image)
        face = font(size, serif, bold)
        left = x - draw.textlength(text, font=face) / 2 if middle else x
        draw.text((left, y), text, font=face, fill=(25, 25, 30))
        self.lines.append(text)

    def seal(self, x: float, y: float, text: str, radius: int = 125) -> None:
        """A round red seal with the authority's name along the rim; drawn half through what lies below."""
        layer = Image.new("RGBA", self.image.size, (0, 0, 0, 0))
        draw = ImageDraw.Draw(layer)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=(*RED, 170), width=6)
        star = []
        for corner in range(10):
            reach = radius * (0.33 if corner % 2 == 0 else 0.13)
            angle = math.pi * corner / 5 - math.pi / 2
            star.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
        draw.polygon(star, fill=(*RED, 170))
        for index, character in enumerate(text):
            turn = (index - (len(text) - 1) / 2) * 260 / max(len(text), 8)
            tile = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
            ImageDraw.Draw(tile).text((30, 30), character, font=font(30, True), fill=(*RED, 170), anchor="mm")
            tile = tile.rotate(-turn, resample=Image.Resampling.BICUBIC)
            angle = math.radians(turn - 90)
            reach = radius - 32
            layer.alpha_composite(tile, (int(x + reach * math.cos(angle)) - 30, int(y + reach * math.sin(angle)) - 30))
        self.image.paste(Image.alpha_composite(self.image.convert("RGBA"), layer).convert("RGB"))

    def watermark(self, text: str) -> None:
        """Pale slanted words all over the page."""
        layer = Image.new("RGBA", self.image.size, (0, 0, 0, 0))
        for y in range(100, HEIGHT, 380):
            for x in range(0, WIDTH, 420):
                tile = Image.new("RGBA", (420, 80), (0, 0, 0, 0))
                ImageDraw.Draw(tile).text((10, 10), text, font=font(40), fill=(90, 120, 160, 38))
                layer.alpha_composite(tile.rotate(18, expand=True), (x, y))
        self.image.paste(Image.alpha_composite(self.image.convert("RGBA"), layer).convert("RGB"))


def _blank(colour: tuple[int, int, int] = (252, 251, 247)) -> Sheet:
    return Sheet(Image.new("RGB", (WIDTH, HEIGHT), colour))


def _wrap(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(0, len(text), length)]


def business_licence(dice: random.Random) -> Sheet:
    """营业执照 on its printed frame."""
    sheet = _blank((250, 247, 236))
    ImageDraw.Draw(sheet.image).rectangle((60, 60, WIDTH - 60, HEIGHT - 60), outline=(170, 140, 70), width=8)
    sheet.write(WIDTH / 2, 190, "营业执照", 92, serif=True, bold=True, middle=True)
    sheet.write(WIDTH / 2, 330, "(副本)", 34, serif=True, middle=True)
    sheet.write(140, 420, f"统一社会信用代码 {credit_code(dice)}", 30, bold=True)
    founded = date(dice, 2005, 2023)
    fields = [
        ("名称", company(dice)),
        ("类型", dice.choice(["有限责任公司(自然人投资或控股)", "有限责任公司(自然人独资)", "个体工商户"])),
        ("法定代表人", person(dice)),
        ("注册资本", f"人民币{dice.randint(1, 90) * 10}.0000万元整"),
        ("成立日期", founded),
        ("营业期限", f"{founded}至不约定期限"),
        ("住所", street(dice)),
    ]
    y = 540.0
    for label, value in fields:
        sheet.write(140, y, label, 30, serif=True)
        sheet.write(360, y, value, 30, serif=True)
        y += 82
    sheet.write(140, y, "经营范围", 30, serif=True)
    scope = "一般项目:日用百货销售;信息技术咨询服务;会议及展览服务;企业管理咨询;物业管理。许可项目:食品经营;理发服务;生活美容服务。"
    for line in _wrap(scope, 24):
        sheet.write(360, y, line, 30, serif=True)
        y += 52
    sheet.write(760, 1420, "登记机关", 32, serif=True)
    sheet.write(760, 1500, date(dice, 2018, 2024), 32, serif=True)
    sheet.seal(900, 1490, "普陀区市场监督管理局")
    return sheet


def hygiene_licence(dice: random.Random) -> Sheet:
    """公共场所卫生许可证."""
    sheet = _blank((246, 250, 246))
    ImageDraw.Draw(sheet.image).rectangle((50, 50, WIDTH - 50, HEIGHT - 50), outline=(60, 120, 90), width=6)
    sheet.write(WIDTH / 2, 170, "公共场所卫生许可证", 72, serif=True, bold=True, middle=True)
    sheet.write(WIDTH / 2, 300, f"沪普卫公证字(2024)第{dice.randint(10000, 99999)}号", 30, middle=True)
    y = 460.0
    for label, value in (
        ("单位名称:", company(dice)),
        ("法定代表人(负责人):", person(dice)),
        ("单位地址:", street(dice)),
        ("许可项目:", dice.choice(["理发店、美容店", "宾馆、公共浴室", "游泳馆、体育馆", "商场(店)、书店"])),
        ("经济性质:", "有限责任公司"),
        ("有效期限:", f"{date(dice, 2022, 2022)}至{date(dice, 2026, 2026)}"),
    ):
        sheet.write(150, y, label + value, 34, serif=True)
        y += 110
    for line in (
        "一、本证应悬挂于经营场所的醒目位置。",
        "二、变更名称、法定代表人的,应当向原发证机关申请变更。",
        "三、有效期届满三十日前,向原发证机关申请延续。",
    ):
        sheet.write(150, y, line, 26)
        y += 54
    sheet.write(720, 1460, "发证机关(盖章)", 30, serif=True)
    sheet.write(720, 1530, date(dice, 2022, 2022), 30, serif=True)
    sheet.seal(870, 1510, "普陀区卫生健康委员会")
    return sheet


def application_form(dice: random.Random) -> Sheet:
    """A printed table with typed values."""
    sheet = _blank((255, 255, 255))
    sheet.write(WIDTH / 2, 120, "公共场所卫生许可证申请表", 48, bold=True, middle=True)
    sheet.write(100, 220, f"受理编号:PT{dice.randint(10**9, 10**10 - 1)}", 24)
    rows: list[tuple[str, str, str, str] | tuple[str, str]] = [
        ("单位名称", company(dice)),
        ("统一社会信用代码", credit_code(dice)),
        ("经营地址", street(dice)),
        ("法定代表人", person(dice), "联系电话", f"1390000{dice.randint(0, 9999):04d}"),
        ("身份证件号码", identity_number(dice)),
        ("经营面积", f"{dice.randint(20, 900)}.{dice.randint(0, 9)}平方米", "从业人数", f"{dice.randint(2, 60)}人"),
        ("许可项目", "理发店"),
        ("申请类别", dice.choice(["新办", "变更", "延续", "注销"]), "申请日期", date(dice, 2024, 2024)),
        ("委托代理人", person(dice), "代理人电话", f"1380000{dice.randint(0, 9999):04d}"),
    ]
    draw = ImageDraw.Draw(sheet.image)
    y = 280
    for row in rows:
        draw.rectangle((90, y, WIDTH - 90, y + 84), outline=(40, 40, 40), width=2)
        edges = [90, 340] if len(row) == 2 else [90, 340, 640, 860]
        for edge, text in zip(edges, row, strict=True):
            draw.line((edge, y, edge, y + 84), fill=(40, 40, 40), width=2)
            sheet.write(edge + 18, y + 26, text, 26)
        y += 84
    for line in (
        "申请人承诺:",
        "1.所提供的申请材料真实、准确、有效,复印件与原件一致;",
        "2.符合《公共场所卫生管理条例》规定的卫生要求;",
        "3.如有不实之处,愿意承担相应的法律责任。",
    ):
        y += 58
        sheet.write(100, y, line, 26)
    sheet.write(700, y + 150, f"申请人签名:{person(dice)}", 28)
    sheet.write(700, y + 220, f"日期:{date(dice, 2024, 2024)}", 28)
    return sheet


def lease(dice: random.Random) -> Sheet:
    """The first page of 房屋租赁合同."""
    sheet = _blank((253, 253, 253))
    sheet.write(WIDTH / 2, 130, "房屋租赁合同", 56, serif=True, bold=True, middle=True)
    rent = dice.randint(30, 300) * 100
    landlord, tenant = person(dice), company(dice)
    paragraphs = [
        f"出租方(甲方):{landlord}",
        f"身份证号:{identity_number(dice)}",
        f"承租方(乙方):{tenant}",
        f"统一社会信用代码:{credit_code(dice)}",
        "根据《中华人民共和国民法典》及有关规定,甲乙双方在平等、自愿的基础上,就房屋租赁事宜订立本合同。",
        f"第一条 甲方将坐落于{street(dice)}的房屋出租给乙方使用,建筑面积{dice.randint(20, 400)}平方米。",
        f"第二条 租赁期限自{date(dice, 2023, 2023)}起至{date(dice, 2028, 2028)}止。",
        f"第三条 每月租金人民币{rent}元,按季支付,先付后用。",
        "第四条 乙方应当按照约定的用途使用房屋,不得擅自改变房屋结构。",
        "第五条 租赁期满,乙方享有同等条件下的优先承租权。",
        "第六条 任何一方违约,应当向守约方支付相当于一个月租金的违约金。",
    ]
    y = 270
    for paragraph in paragraphs:
        for line in _wrap(paragraph, 34):
            sheet.write(130, y, line, 28, serif=True)
            y += 54
        y += 12
    sheet.write(130, 1560, "甲方(签章):" + landlord, 28, serif=True)
    sheet.write(130, 1630, f"签订日期:{date(dice, 2023, 2023)}", 28, serif=True)
    sheet.seal(330, 1600, "合同专用章", 105)
    return sheet


def food_licence(dice: random.Random) -> Sheet:
    """食品经营许可证, two columns under a watermark."""
    sheet = _blank((250, 250, 252))
    sheet.watermark("食品经营许可")
    sheet.write(WIDTH / 2, 180, "食品经营许可证", 80, serif=True, bold=True, middle=True)
    y = 420
    for label, value in (
        ("经营者名称:", company(dice)),
        ("社会信用代码:", credit_code(dice)),
        ("法定代表人:", person(dice)),
        ("住所:", street(dice)),
        ("经营场所:", street(dice)),
        ("主体业态:", dice.choice(["餐饮服务经营者", "食品销售经营者", "单位食堂"])),
        ("经营项目:", "预包装食品销售、热食类食品制售"),
    ):
        sheet.write(110, y, label, 30, bold=True)
        sheet.write(350, y, value, 30)
        y += 96
    for label, value in (
        ("许可证编号:", food_licence_number(dice)),
        ("有效期至:", date(dice, 2027, 2029)),
        ("日常监督管理机构:", "普陀区市场监督管理局"),
        ("发证机关:", "普陀区市场监督管理局"),
        ("签发日期:", date(dice, 2022, 2024)),
    ):
        sheet.write(560, y, label + value, 28)
        y += 72
    sheet.seal(930, y - 90, "普陀区市场监督管理局")
    return sheet


KINDS: dict[str, Callable[[random.Random], Sheet]] = {
    "business-licence": business_licence,
    "hygiene-licence": hygiene_licence,
    "form": application_form,
    "lease": lease,
    "food-licence": food_licence,
}


def handled(image: Image.Image, dice: random.Random, turn: int) -> Image.Image:
    """What scanners and phones do to a page: a slight slant, a mild blur, uneven light, a quarter turn."""
    image = image.rotate(dice.uniform(-1.6, 1.6), resample=Image.Resampling.BICUBIC, fillcolor=(235, 235, 232))
    image = image.filter(ImageFilter.GaussianBlur(dice.choice([0.0, 0.5, 0.8, 1.1])))
    light = Image.linear_gradient("L").resize(image.size).point(lambda value: 205 + value // 5)
    if dice.random() < 0.5:
        image = Image.composite(image, Image.new("RGB", image.size, (40, 40, 45)), light)
    if dice.random() < 0.4:
        scale = dice.choice([0.62, 0.75, 1.5])
        image = image.resize((int(image.width * scale), int(image.height * scale)), Image.Resampling.LANCZOS)
    return image.rotate(turn, expand=True)


def draw(kind: str, seed: int, turn: int = 0) -> tuple[Image.Image, list[str]]:
    """One page as it is handed in, turned counter-clockwise by `turn` degrees, and its truth."""
    dice = random.Random(f"{kind}-{seed}")
    sheet = KINDS[kind](dice)
    return handled(sheet.image, dice, turn), sheet.lines


def main() -> None:
    """Write a folder of pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    kinds = list(KINDS)
    for number in range(arguments.count):
        kind = kinds[number % len(kinds)]
        dice = random.Random(arguments.seed * 1000 + number)
        image, lines = draw(kind, arguments.seed * 1000 + number, dice.choice([0, 0, 0, 90, 180, 270]))
        name = f"{kind}-{number:02d}"
        image.save(arguments.out / f"{name}.jpg", quality=dice.choice([55, 70, 85]))
        (arguments.out / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{arguments.count} pages in {arguments.out}")


if __name__ == "__main__":
    main()
