"""Seals on drawn pages: found, lifted off the text beneath, read along the rim."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.papers.fonts import SERIF
from benchmarks.papers.marks import seal
from benchmarks.papers.seals import box_of, counts, shared
from benchmarks.papers.sheet import Pen, Sheet
from core.settings import Settings
from models.backends.paddle_ocr import PaddleOcr
from models.model import ModelConfig
from models.tasks import OcrInput, OcrOutput
from services.documents.page_care.caring import marks_of, prepared, read_with_care, seals_of
from services.documents.page_care.seals import find_seals, lifted, unrolled

NAME = "普陀区市场监督管理局"
DATE = "2024年06月10日"


def sheet(*, seed: int = 3, colour: tuple[int, int, int] = (253, 252, 249)) -> Sheet:
    page = Sheet.blank("other", "test", (1000, 700), colour)
    pen = Pen(SERIF, 30)
    page.write(80, 80, "关于开展检查的通知", Pen(SERIF, 46))
    for row in range(6):
        page.write(80, 180 + 46 * row, "各有关单位请于收到本通知后按要求报送材料", pen)
    page.write(560, 520, DATE, pen)
    seal(page, random.Random(seed), "dev", 660, 530, NAME, radius=110)
    return page


@pytest.fixture(scope="module")
def model() -> PaddleOcr:
    reader = PaddleOcr(ModelConfig("ocr-zh", "1", "ocr", Settings().artifacts / "ocr-zh/1", threads=1))
    reader.load()
    return reader


@pytest.mark.parametrize("colour", [(253, 252, 249), (252, 225, 228), (236, 232, 205)])
def test_a_seal_is_found_on_paper_of_any_tint(colour: tuple[int, int, int]) -> None:
    page = sheet(colour=colour)
    (found,) = find_seals(np.asarray(page.image))
    wanted = [[x / page.width, y / page.height] for x, y in page.seals[0].quad]
    assert shared(box_of(found.quad), box_of(wanted)) > 0.75
    assert found.colour


def test_on_a_copy_it_is_found_by_its_ring() -> None:
    grey = np.asarray(sheet().image.convert("L").convert("RGB"))
    (found,) = find_seals(grey)
    assert not found.colour
    # Without colour nothing tells ink from ink: the page stays as it is.
    assert lifted(grey, [found]) is grey


def test_no_seal_where_there_is_none() -> None:
    page = Image.new("RGB", (1000, 700), (250, 250, 248))
    draw = ImageDraw.Draw(page)
    draw.rectangle((100, 100, 400, 160), fill=(200, 30, 40))  # a red banner
    draw.ellipse((600, 300, 760, 460), fill=(228, 186, 160))  # a face
    draw.ellipse((200, 400, 330, 530), outline=(200, 30, 40), width=8)  # an empty emblem
    assert find_seals(np.asarray(page)) == ()
    assert find_seals(np.full((300, 200, 3), 255, dtype=np.uint8)) == ()


def test_lifting_takes_red_away_and_leaves_black() -> None:
    image = np.asarray(sheet().image)
    clean = lifted(image, find_seals(image))
    area = (slice(425, 635), slice(555, 765))
    before, after = image[area].astype(int), clean[area].astype(int)
    red = (before[..., 0] - before[..., 1:].max(axis=2)) > 60
    assert red.mean() > 0.1
    assert (after[..., 0] - after[..., 1:].max(axis=2) > 60).mean() < 0.002
    dark = before.max(axis=2) < 70
    assert dark.mean() > 0.01
    assert after[dark].max(axis=1).mean() < 90
    # The rest of the page is untouched.
    assert np.array_equal(image[:400], clean[:400])


async def test_what_lies_under_a_seal_and_what_stands_in_it_are_both_read(model: PaddleOcr) -> None:
    async def read(image: np.ndarray) -> OcrOutput:
        (output,) = model.infer(model.prepare([OcrInput(image)]))
        return output

    image = np.asarray(sheet().image)
    page = await read_with_care(prepared(image), read)
    assert DATE in [line.text for line in page.output.lines]
    (found,) = page.seals
    assert found.text == NAME
    assert found.confidence > 0.8
    assert page.faults == ()
    again = seals_of(marks_of(page))
    assert [one.text for one in again] == [NAME]
    assert seals_of(None) == ()


def test_a_turned_pages_rim_is_read_upright() -> None:
    upright = np.asarray(sheet().image)
    straight = unrolled(upright, find_seals(upright)[0], 0)
    turned = np.ascontiguousarray(np.rot90(upright, -1))  # has to be turned 90 degrees counter-clockwise
    line = unrolled(turned, find_seals(turned)[0], 90)
    assert line.shape == straight.shape
    assert np.corrcoef(line[..., 0].ravel(), straight[..., 0].ravel())[0, 1] > 0.4


def test_boxes_are_counted_once() -> None:
    one, other = (0.0, 0.0, 0.2, 0.2), (0.5, 0.5, 0.7, 0.7)
    assert counts([one, other], [one, one]) == (1, 1, 1)
    assert counts([], [one]) == (0, 0, 1)
