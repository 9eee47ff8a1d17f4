"""A page read with care, by the real reader: what lies under a seal, what stands in it, who signed."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.papers.fonts import SERIF
from benchmarks.papers.marks import seal
from benchmarks.papers.sheet import Pen, Sheet
from core.settings import Settings
from models.backends.paddle_ocr import PaddleOcr
from models.model import ModelConfig
from models.tasks import OcrInput, OcrOutput
from services.documents.page_care.caring import marks_of, prepared, read_with_care, seals_of

NAME = "普陀区市场监督管理局"
DATE = "2024年06月10日"
Read = Callable[[NDArray[np.uint8]], Awaitable[OcrOutput]]


def sheet(colour: tuple[int, int, int] = (253, 252, 249)) -> NDArray[np.uint8]:
    page = Sheet.blank("other", "test", (1000, 700), colour)
    pen = Pen(SERIF, 30)
    page.write(80, 80, "关于开展检查的通知", Pen(SERIF, 46))
    for row in range(6):
        page.write(80, 180 + 46 * row, "各有关单位请于收到本通知后按要求报送材料", pen)
    page.write(560, 520, DATE, pen)
    seal(page, random.Random(3), "dev", 660, 530, NAME, radius=110)
    return np.asarray(page.image)


@pytest.fixture(scope="module")
def read() -> Read:
    reader = PaddleOcr(ModelConfig("ocr-zh", "1", "ocr", Settings().artifacts / "ocr-zh/1", threads=1))
    reader.load()

    async def ask(image: NDArray[np.uint8]) -> OcrOutput:
        (output,) = reader.infer(reader.prepare([OcrInput(image)]))
        return output

    return ask


@pytest.mark.parametrize("colour", [(253, 252, 249), (252, 225, 228)])
async def test_what_lies_under_a_seal_and_what_stands_in_it_are_both_read(
    read: Read, colour: tuple[int, int, int]
) -> None:
    page = await read_with_care(prepared(sheet(colour)), read)
    assert DATE in [line.text for line in page.output.lines]
    (found,) = page.seals
    assert found.text == NAME
    assert found.confidence > 0.8
    assert page.faults == ()
    assert page.signatures == ()


async def test_marks_come_back_from_plain_data(read: Read) -> None:
    page = await read_with_care(prepared(sheet()), read)
    marks = marks_of(page)
    assert [one.text for one in seals_of(marks)] == [NAME]
    assert marks["faults"] == []
    assert seals_of(None) == ()


async def test_a_page_without_seals_is_read_as_it_is(read: Read) -> None:
    page = Sheet.blank("other", "test", (800, 400))
    page.write(80, 80, "情况说明", Pen(SERIF, 40))
    image = np.asarray(page.image)
    ready = prepared(image)
    assert ready.clean is image
    assert [line.text for line in (await read_with_care(ready, read)).output.lines] == ["情况说明"]
