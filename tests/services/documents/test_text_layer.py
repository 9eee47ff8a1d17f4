"""A PDF's own text is taken where it is what everybody sees, and nowhere else."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw
from pylopdf_fonts_zh_cn import sans_path

from models.tasks import OcrOutput
from services.documents.pdf import draw_page
from services.documents.pdf_characters import Character
from services.documents.text_layer import _clean, _rare, take_text
from services.documents.text_lines import Placed, assemble
from tests.services.documents.conftest import PAPERS, QuickHandle, Run

LINES = ["房屋租赁合同", "出租方：普陀区某有限公司", "租金每月 12,345.60 元", "编号 AB-2024/007"]


def paper(change: Callable[[Any], None] = lambda _: None, before: Callable[[Any], None] = lambda _: None) -> FPDF:
    """A page with `LINES`, a table of two rows and its rules; `before`, `change` draw below and above them."""
    pdf = FPDF()
    pdf.set_compression(False)
    pdf.add_page()
    pdf.add_font("sans", fname=sans_path())
    pdf.set_font("sans", size=12)
    before(pdf)
    for line in LINES:
        pdf.cell(0, 10, line, new_x="LMARGIN", new_y="NEXT")
    for row in (("姓名", "张三"), ("住址", "大渡河路1号")):
        for cell in row:
            pdf.cell(50, 9, cell, border=1)
        pdf.ln()
    change(pdf)
    return pdf


def taken(content: bytes | bytearray | FPDF) -> OcrOutput | str:
    if isinstance(content, FPDF):
        content = content.output()
    page = draw_page(io.BytesIO(bytes(content)), 1)
    return take_text(page.pixels, page.characters)


def texts(output: OcrOutput | str) -> list[str]:
    assert isinstance(output, OcrOutput), output
    return [line.text for line in output.lines]


def scan(size: tuple[int, int] = (800, 1100), text: str = "") -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((20, 20), text or "SCANNED", fill="black", font_size=40)
    return image


def test_plain_text_is_taken_line_by_line() -> None:
    output = taken(paper())
    assert texts(output) == [*LINES, "姓名", "张三", "住址", "大渡河路1号"]
    assert isinstance(output, OcrOutput)
    assert {line.confidence for line in output.lines} == {1.0}
    assert output.rotation == 0


def test_boxes_lie_on_what_is_drawn() -> None:
    content = bytes(paper().output())
    pixels = draw_page(io.BytesIO(content), 1).pixels
    output = taken(content)
    assert isinstance(output, OcrOutput)
    dark = (pixels < 128).any(axis=2)
    height, width = dark.shape
    inside = np.zeros_like(dark)
    for line in output.lines:
        (left, top), _, (right, bottom), _ = line.box
        inside[int(top * height) : int(bottom * height) + 1, int(left * width) : int(right * width) + 1] = True
    rows = int(0.165 * height)  # above the table, whose rules are no text
    assert dark[:rows].sum() > 1000
    assert dark[:rows][~inside[:rows]].sum() < 20
    assert inside.mean() < 0.1


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_says_so_and_reads_the_same(turn: int) -> None:
    document = pypdfium2.PdfDocument(bytes(paper().output()))
    document[0].set_rotation(turn)
    out = io.BytesIO()
    document.save(out)
    output = taken(out.getvalue())
    assert texts(output) == [*LINES, "姓名", "张三", "住址", "大渡河路1号"]
    assert isinstance(output, OcrOutput)
    # The viewer turns it clockwise, so as much counter-clockwise makes it upright.
    assert output.rotation == turn
    assert (output.width > output.height) == (turn in (90, 270))
    first = output.lines[0].box
    across, down = first[1][0] - first[0][0], first[1][1] - first[0][1]
    assert max(abs(across), abs(down)) == pytest.approx({90: down, 180: -across, 270: -down}[turn])


def white(pdf: Any) -> None:
    pdf.set_text_color(255)
    pdf.cell(0, 10, "别人看不见")


def invisible(pdf: Any) -> None:
    pdf.text_mode = "INVISIBLE"
    pdf.cell(0, 10, "别人看不见")


def painted_over(pdf: Any) -> None:
    pdf.set_fill_color(255)
    pdf.rect(5, 18, 150, 12, style="F")


def slanted(pdf: Any) -> None:
    with pdf.rotation(30):
        pdf.text(60, 150, "仅供办理使用")


def one_over_the_other(pdf: Any) -> None:
    pdf.text(20, 150, "张三李四")
    pdf.text(20.1, 150, "王五赵六")


def bold_by_hand(pdf: Any) -> None:
    pdf.text(20, 150, "加粗的字")
    pdf.text(20.2, 150, "加粗的字")


def outlines(pdf: Any) -> None:
    for place in range(6):
        pdf.rect(30 + place * 5, 150, 2, 3, style="F")


def light_outlines(pdf: Any) -> None:
    pdf.set_fill_color(0, 0, 120)
    pdf.rect(20, 140, 60, 30, style="F")
    pdf.set_fill_color(255)
    outlines(pdf)


def seal(pdf: Any) -> None:
    pdf.image(scan((200, 80)), x=100, y=200, w=40)


def whole_page(pdf: Any) -> None:
    pdf.image(scan(), x=0, y=0, w=210, h=297)


def behind_a_line(pdf: Any) -> None:
    pdf.image(Image.new("RGB", (80, 30), "white"), x=10, y=10, w=40, h=12)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (lambda: paper(white), "invisible"),
        (lambda: paper(painted_over), "invisible"),
        (lambda: paper(invisible), "hidden"),
        (lambda: paper(slanted), "slanted"),
        (lambda: paper(one_over_the_other), "overlapping"),
        (lambda: paper(outlines), "not_covered"),
        (lambda: paper(light_outlines), "not_covered"),
        (lambda: paper(seal), "not_covered"),
        (lambda: paper(whole_page), "image"),
        (lambda: paper(before=whole_page), "image"),
        (lambda: paper(before=behind_a_line), "image"),
        (lambda: re.sub(rb"/ToUnicode \d+ 0 R", b"", bytes(paper().output())), "unknown_characters"),
        (lambda: (PAPERS / "lease.pdf").read_bytes(), "no_text"),
    ],
    ids=["white", "painted over", "render mode 3", "slanted", "over each other",
         "drawn glyphs", "light ones", "seal", "scan above", "scan below",
         "picture under text", "no mapping", "scanned"],
)  # fmt: skip
def test_what_is_not_trusted(content: Callable[[], Any], refusal: str) -> None:
    assert taken(content()) == refusal


def bullets(pdf: Any) -> None:
    pdf.set_fill_color(0)
    for row in range(3):
        pdf.ellipse(20, 150 + 8 * row, 1.8, 1.8, style="F")


def test_the_signs_before_the_points_of_a_list_hide_nothing() -> None:
    assert texts(taken(paper(bullets)))[:4] == LINES


def test_what_is_drawn_twice_to_look_bold_is_one_text() -> None:
    assert texts(taken(paper(bold_by_hand)))[-1] == "加粗的字"


def place(text: str, left: float, right: float, top: float = 0.1, bottom: float = 0.12, spaced: bool = False) -> Placed:
    return Placed(text, (left, top, right, bottom), spaced)


@pytest.mark.parametrize(
    ("characters", "lines"),
    [
        # Signs that a font tells no higher than their ink.
        ([place("第", 0.1, 0.12), place("一", 0.12, 0.14, 0.109, 0.111), place("条", 0.14, 0.16)], ["第一条"]),
        ([place("元", 0.1, 0.12), place("。", 0.12, 0.125, 0.116, 0.12), place("期", 0.14, 0.16)], ["元。期"]),
        # Two characters in one sign.
        ([place("f", 0.1, 0.115), place("i", 0.1, 0.115), place("t", 0.115, 0.12)], ["fit"]),
        # Two cells, two rows, two words; a value that the file draws after everything else.
        ([place("甲", 0.1, 0.12), place("乙", 0.2, 0.22)], ["甲", "乙"]),
        ([place("甲", 0.1, 0.12), place("乙", 0.12, 0.14, 0.13, 0.15)], ["甲", "乙"]),
        ([place("a", 0.1, 0.11), place("b", 0.117, 0.127, spaced=True)], ["a b"]),
        ([place("名", 0.1, 0.12), place("住", 0.1, 0.12, 0.2, 0.22), place("张", 0.12, 0.14)], ["名张", "住"]),
    ],
)
def test_characters_become_lines(characters: list[Placed], lines: list[str]) -> None:
    assert [line.text for line in assemble(characters, 0, 1000, 1000)] == lines


def named(text: str, mapped: bool = True) -> Character:
    return Character(text, (0, 0, 1, 1), (0, 0, 1, 1), (1, 0), (0, -1), False, mapped)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("名", "名"),
        ("⼀", "一"),
        ("⼈", "人"),
        ("\uf0b7", "•"),
        ("\ue123", ""),
        ("\ufffd", ""),
        ("⺀", ""),
        ("\x02", ""),
    ],
)
def test_characters_in_their_usual_form(text: str, clean: str) -> None:
    assert _clean(named(text)) == clean
    assert _clean(named(text, mapped=False)) == ""


def test_a_shifted_font_gives_characters_nobody_uses() -> None:
    assert _rare(list("上海市普陀区人民政府")) == 0
    assert _rare(list("佴侎倢偄傕僛儓兓凁刐")) > 0.5


async def test_the_source_of_each_page_is_told(run: Run) -> None:
    ocr = QuickHandle()
    async with run(ocr) as hub:
        document = (await hub.hand_in("合同.pdf", bytes(paper().output()))).json()
        (page,) = document["pages"]
        assert (page["source"], page["text_layer"], ocr.calls) == ("pdf_text", None, 0)
        assert [line["text"] for line in page["lines"]][:4] == LINES
        image = await hub.client.get(page["image"])
        width, height = Image.open(io.BytesIO(image.content)).size
        assert width / height == pytest.approx(page["width"] / page["height"], abs=0.001)
        document = (await hub.hand_in("扫描.pdf", (PAPERS / "lease.pdf").read_bytes())).json()
        assert [(one["source"], one["text_layer"]) for one in document["pages"]] == [("pdf_rendered", "no_text")] * 2
        document = (await hub.hand_in("a.png", (PAPERS / "form.png").read_bytes())).json()
        assert [(one["source"], one["text_layer"]) for one in document["pages"]] == [("image", None)]
        # Two pages and an image, and what stands in their seals.
        assert ocr.calls >= 3
