"""Signatures behind their labels, and none where nobody signed."""

from __future__ import annotations

import random

import numpy as np

from benchmarks.papers.fonts import HANDS, SERIF
from benchmarks.papers.marks import signature
from benchmarks.papers.seals import box_of, shared
from benchmarks.papers.sheet import Pen, Sheet
from models.tasks import OcrLine, OcrOutput
from services.documents.page_care.signatures import find_signatures

PEN = Pen(SERIF, 30)


def sheet(label: str, *, signed: bool, typed: str = "") -> tuple[Sheet, OcrOutput]:
    page = Sheet.blank("lease", "test", (1000, 700))
    for row in range(5):
        page.write(80, 60 + 60 * row, "双方就房屋租赁事宜协商一致订立本合同", PEN)
    end = page.write(80, 480, label + typed, PEN)
    page.write(80, 600, "日期：2024年6月10日", PEN)
    if signed:
        signature(page, random.Random(5), HANDS["dev"], end + 20, 470, "安晓宁", 44)
    lines = []
    for line in page.lines:
        first, second, third, fourth = ((x / page.width, y / page.height) for x, y in line.quad)
        lines.append(OcrLine(line.text, 0.99, (first, second, third, fourth)))
    return page, OcrOutput(page.width, page.height, 0, tuple(lines))


def test_a_signature_is_found_where_it_is() -> None:
    for label in ("甲方（签章）：", "委托人（签名或盖章）：", "申请人签名：", "乙方（盖章）："):
        page, output = sheet(label, signed=True)
        (found,) = find_signatures(np.asarray(page.image), output)
        wanted = [[x / page.width, y / page.height] for x, y in page.signatures[0].quad]
        assert shared(box_of(found.quad), box_of(wanted)) > 0.6, label
        assert label.endswith(found.label)


def test_a_shadow_over_half_of_the_row_hides_no_signature() -> None:
    page, output = sheet("甲方（签章）：", signed=True)
    image = np.asarray(page.image).copy()
    image[:, 320:] = (image[:, 320:] * 0.5).astype(np.uint8)
    (found,) = find_signatures(image, output)
    wanted = [[x / page.width, y / page.height] for x, y in page.signatures[0].quad]
    assert shared(box_of(found.quad), box_of(wanted)) > 0.6


def test_an_empty_place_and_a_typed_name_are_no_signature() -> None:
    for typed in ("", "安晓宁"):
        page, output = sheet("甲方（签章）：", signed=False, typed=typed)
        assert find_signatures(np.asarray(page.image), output) == ()


def test_talk_of_signing_is_no_place_to_sign() -> None:
    page, output = sheet("受托人在委托权限内签字并办理有关事项的文件", signed=True)
    assert find_signatures(np.asarray(page.image), output) == ()


def test_a_page_without_text_has_none() -> None:
    assert find_signatures(np.full((300, 200, 3), 255, dtype=np.uint8), OcrOutput(200, 300, 0, ())) == ()
