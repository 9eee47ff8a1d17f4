"""The lines of a read page as fields are looked for in them: upright, without spaces, each character with its place.

Comes in: `OcrOutput`. Goes out: `PageLine`s whose characters know which character of which line they were read as, so
that whatever is found can be shown on the page as it was sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.backends.page_geometry import Quads, skew, turn_upright
from models.tasks import OcrOutput
from services.documents.extraction.characters import comparable

Corner = tuple[float, float]
Quad = tuple[Corner, Corner, Corner, Corner]
LONG = 4
"""A line is long that is so many times as wide as high; and so many of them show how a page lies."""
STEEPEST = 0.12
"""What perspective leaves of a row's slope at most."""
ORNAMENTS = "★☆✩◆"
DOUBTED, SCRAP = 0.55, 2
"""A line of so few characters is doubted below this confidence."""
DAY_PIECE = re.compile(r"[0-9]{0,4}[年月日]?(?:[0-9]{1,2}[年月日])*[0-9]{0,2}")
UPRIGHT = 1.5
"""Height to width of a box from which its two characters stand below each other."""


@dataclass(frozen=True, slots=True)
class Character:
    """One character: as compared, and the line and offset that it was read at."""

    text: str
    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line upright: left, top, right, bottom in heights of the page (so both ways are one unit), skew taken out.
    `faint`: a scrap that the reader doubts, as a seal or a watermark leaves them."""

    characters: tuple[Character, ...]
    left: float
    top: float
    right: float
    bottom: float
    faint: bool = False

    @property
    def text(self) -> str:
        """What is compared."""
        return "".join(one.text for one in self.characters)

    @property
    def height(self) -> float:
        """In heights of the page."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Of its height."""
        return (self.top + self.bottom) / 2

    def at(self, place: int) -> float:
        """Where character `place` begins, in heights of the page."""
        widths = [_width(one.text) for one in self.characters]
        whole = sum(widths) or 1.0
        return self.left + (self.right - self.left) * sum(widths[:place]) / whole


def page_lines(page: OcrOutput) -> list[PageLine]:
    """All lines with text, row by row from the top and from left to right."""
    if not page.lines:
        return []
    quads = turn_upright(np.array([line.box for line in page.lines], dtype=np.float64), page.rotation)
    width, height = (page.height, page.width) if page.rotation in (90, 270) else (page.width, page.height)
    quads = quads * np.array([width / max(height, 1), 1.0])
    quads = _straightened(quads)
    found = []
    for number, line in enumerate(page.lines):
        characters = tuple(
            Character(part, number, offset)
            for offset, one in enumerate(line.text)
            if one not in ORNAMENTS
            for part in comparable(one)
        )
        if characters:
            (left, top), (right, bottom) = quads[number].min(axis=0), quads[number].max(axis=0)
            faint = line.confidence < DOUBTED and len(characters) <= SCRAP
            found += _upright(PageLine(characters, float(left), float(top), float(right), float(bottom), faint))
    return _joined(in_rows(found))


def _joined(lines: Sequence[PageLine]) -> list[PageLine]:
    """With the pieces of a date put together that a form prints apart: 2021 年 06 月 01 日."""
    joined: list[PageLine] = []
    for line in lines:
        last = joined[-1] if joined else None
        if (
            last is not None
            and DAY_PIECE.fullmatch(last.text)
            and DAY_PIECE.fullmatch(line.text)
            and abs(line.middle - last.middle) < 0.5 * last.height
            and -0.5 * last.height < line.left - last.right < 1.5 * last.height
        ):
            joined[-1] = replace(
                last,
                characters=last.characters + line.characters,
                top=min(last.top, line.top),
                right=line.right,
                bottom=max(last.bottom, line.bottom),
                faint=last.faint and line.faint,
            )
        else:
            joined.append(line)
    return joined


def in_rows(lines: Iterable[PageLine]) -> list[PageLine]:
    """From the top down, and within a row from left to right."""
    rows: list[list[PageLine]] = []
    for line in sorted(lines, key=lambda one: one.middle):
        if rows and line.middle - rows[-1][0].middle < 0.5 * min(line.height, rows[-1][0].height):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda one: one.left)]


def _upright(line: PageLine) -> list[PageLine]:
    """The line, or its characters as a line each where they stand below each other: 女 and 汉 of two rows in one box."""
    count = len(line.characters)
    if count < 2 or line.height < UPRIGHT * (line.right - line.left) * count / 2:
        return [line]
    step = line.height / count
    return [
        replace(line, characters=(one,), top=line.top + turn * step, bottom=line.top + (turn + 1) * step)
        for turn, one in enumerate(line.characters)
    ]


def _straightened(quads: Quads) -> Quads:
    """Without the skew of the page, and without what is left of its perspective: on a photo the rows above lie at another slope
    than those below, so that a label and its value at the other edge stand at two heights."""
    angle = skew(quads)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    quads = quads @ turn
    along = quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3]
    middles = quads.mean(axis=1)
    long = along[:, 0] > LONG * np.ptp(quads[..., 1], axis=1)
    if long.sum() < LONG:
        return quads
    slopes, heights, weights = along[long, 1] / along[long, 0], middles[long, 1], along[long, 0]
    # Half of the lines decide in a second round: a slope that was boxed wrongly doesn't bend the page.
    for _ in range(2):
        fan, level = np.polyfit(heights, slopes, 1, w=weights) if np.ptp(heights) > 0.1 else (0.0, np.median(slopes))
        away = np.abs(slopes - fan * heights - level)
        near = away <= np.median(away)
        if near.sum() < LONG:
            break
        slopes, heights, weights = slopes[near], heights[near], weights[near]
    slope = np.clip(fan * quads[..., 1] + level, -STEEPEST, STEEPEST)
    quads[..., 1] -= slope * (quads[..., 0] - middles[:, 0].mean())
    return quads


def quad_of(corners: Iterable[Iterable[Any]]) -> Quad:
    """Four corners out of plain data (JSON)."""
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return first, second, third, fourth


def places(page: OcrOutput, characters: Sequence[Character]) -> tuple[Quad, ...]:
    """Where `characters` stand on the page as sent, 0..1: one quad for each run within a line."""
    found = []
    for number in dict.fromkeys(one.line for one in characters):
        offsets = [one.offset for one in characters if one.line == number]
        line = page.lines[number]
        widths = [_width(one) for one in line.text]
        whole = sum(widths) or 1.0
        start, end = sum(widths[: min(offsets)]) / whole, sum(widths[: max(offsets) + 1]) / whole
        a, b, c, d = line.box
        if _long(page, a, d) > UPRIGHT * _long(page, a, b) and len(line.text) > 1:
            found.append((_between(a, d, start), _between(b, c, start), _between(b, c, end), _between(a, d, end)))
            continue
        found.append((_between(a, b, start), _between(a, b, end), _between(d, c, end), _between(d, c, start)))
    return tuple(found)


def _long(page: OcrOutput, one: Corner, other: Corner) -> float:
    """In pixels."""
    return float(np.hypot((one[0] - other[0]) * page.width, (one[1] - other[1]) * page.height))


def line_share(text: str, offset: int) -> float:
    """Where character `offset` of a line begins, as a share of the line's length."""
    widths = [_width(one) for one in text]
    return sum(widths[:offset]) / (sum(widths) or 1.0)


def _between(one: Corner, other: Corner, share: float) -> Corner:
    return (one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share)


def _width(character: str) -> float:
    """A full-width character is twice as wide as a half-width one (Unicode annex 11)."""
    return 1.0 if unicodedata.east_asian_width(character) in ("W", "F", "A") else 0.52
