"""Which lines are read again, and which second reading counts. All numbers are made up."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.tasks import OcrLine, OcrOutput
from services.documents.page_care.second_look import MOST, cannot_be_right, looked_at_again, mends

BOX = ((0.3, 0.4), (0.7, 0.4), (0.7, 0.45), (0.3, 0.45))
PAGE = np.full((1000, 800, 3), 255, np.uint8)


@pytest.mark.parametrize(
    "text",
    [
        "发证日期：2024年41月13日",
        "二四年六月二十六日",
        "2023年2月29日",
        "身份证号：310107199203151023",
        "统一社会信用代码91310107MA1T000053",
        "1310107MA1T000052",
    ],
)
def test_what_cannot_be_right(text: str) -> None:
    assert cannot_be_right(text)


@pytest.mark.parametrize(
    "text",
    [
        "发证日期：2024年11月13日",
        "二〇二四年六月二十六日",
        "2024 年 02 月 29 日",
        "身份证号：310107199203151022",
        "统一社会信用代码：91310107MA1T000052",
        "证书编号：44339740683005116",
        "自2024年1月",
        "签订于  年  月  日",
        "",
    ],
)
def test_what_may_be_right(text: str) -> None:
    assert not cannot_be_right(text)


def test_only_a_reading_that_holds_and_is_the_same_line_counts() -> None:
    assert mends("2024年41月13日", "2024年11月13日")
    assert not mends("2024年41月13日", "2024年47月13日")
    assert not mends("2024年41月13日", "发证机关：上海市普陀区卫生健康委员会")
    assert not mends("2024年41月13日至2026年11月12日", "2024年11月13日至")
    assert not mends("2024年41月13日", "")


class Reader:
    """Says `texts` one after the other, whatever it is shown; remembers what that was."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.seen: list[NDArray[np.uint8]] = []

    async def __call__(self, image: NDArray[np.uint8]) -> OcrOutput:
        self.seen.append(image)
        return OcrOutput(image.shape[1], image.shape[0], 0, (OcrLine(self.texts.pop(0), 0.97, BOX),))


def page(*texts: str, rotation: int = 0) -> OcrOutput:
    return OcrOutput(800, 1000, rotation, tuple(OcrLine(text, 0.8, BOX) for text in texts))


async def test_a_date_that_does_not_exist_is_read_again() -> None:
    read = Reader("发证日期：2024年11月13日")
    found = await looked_at_again(PAGE, page("营业执照", "发证日期：2024年41月13日"), read)
    assert [line.text for line in found.lines] == ["营业执照", "发证日期：2024年11月13日"]
    assert found.lines[1].confidence == 0.97
    assert found.lines[1].box == BOX


async def test_lost_first_strokes_are_looked_for_before_the_line() -> None:
    """The label's end comes in with them and is left out again."""
    read, narrow = Reader("期：二〇二四年六月二十六日"), Reader("期二四年六月二十六日")
    found = await looked_at_again(PAGE, page("二四年六月二十六日"), read)
    assert found.lines[0].text == "二〇二四年六月二十六日"
    await looked_at_again(PAGE, page("期二四年六月二十六日"), narrow)
    assert read.seen[0].shape[1] > narrow.seen[0].shape[1]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
async def test_a_line_lies_upright_however_the_page_was_turned(rotation: int) -> None:
    upright = np.full((1000, 1000, 3), 255, np.uint8)
    upright[420:430, 300:320] = 0
    turned = np.ascontiguousarray(np.rot90(upright, -rotation // 90))
    around = {
        0: lambda x, y: (x, y),
        90: lambda x, y: (1 - y, x),
        180: lambda x, y: (1 - x, 1 - y),
        270: lambda x, y: (y, 1 - x),
    }[rotation]
    quad = tuple(around(x, y) for x, y in ((0.3, 0.4), (0.7, 0.4), (0.7, 0.45), (0.3, 0.45)))
    read = Reader("2024年11月13日")
    line = OcrLine("发证日期：2024年41月13日", 0.8, quad)  # type: ignore[arg-type]
    await looked_at_again(turned, OcrOutput(1000, 1000, rotation, (line,)), read)
    dark = np.argwhere(read.seen[0].min(axis=2) < 100)
    # The stroke at the line's left end is at the left end of what is read, and half-way down.
    assert dark[:, 1].max() < 0.3 * read.seen[0].shape[1]
    assert abs(dark[:, 0].mean() - read.seen[0].shape[0] / 2) < 0.1 * read.seen[0].shape[0]


async def test_what_reads_no_better_stays() -> None:
    before = page("2024年41月13日")
    assert await looked_at_again(PAGE, before, Reader("2024年47月13日")) is before


async def test_a_page_of_such_lines_is_not_read_for_ever() -> None:
    read = Reader(*["2024年47月13日"] * MOST)
    await looked_at_again(PAGE, page(*["2024年41月13日"] * 20), read)
    assert len(read.seen) == MOST


async def test_a_line_without_size_is_left() -> None:
    flat = OcrLine("2024年41月13日", 0.8, ((0.3, 0.4), (0.3, 0.4), (0.3, 0.4), (0.3, 0.4)))
    before = OcrOutput(800, 1000, 0, (flat,))
    assert await looked_at_again(PAGE, before, Reader()) is before
