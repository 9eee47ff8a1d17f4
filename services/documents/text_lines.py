"""Characters with their places -> lines as a reader sees them: pure geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.backends.page_geometry import reading_order, turn_back, turn_upright
from models.tasks import OcrLine

Quads = NDArray[np.float64]

SAME_LINE = 0.5
"""Middles of two characters of a line differ by less than this share of the higher one's height."""
WIDEST_GAP = 1.0
"""Heights between two characters of one line; wider, and they are two cells of a table."""
WORD_GAP = 0.15
"""Heights between two words, where the file says that there is a space."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A character, its box (left, top, right, bottom, relative to the page as it is), and whether the file has a space before
    it."""

    text: str
    box: tuple[float, float, float, float]
    spaced: bool


@dataclass(slots=True)
class _Run:
    """Characters of one line so far, in pixels of the upright page."""

    left: float
    top: float
    right: float
    bottom: float
    text: list[str] = field(default_factory=list)

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def follows(self, box: Sequence[float]) -> bool:
        """Whether a character at `box` stands right behind this."""
        left, top, _, bottom = box
        # The larger: some fonts tell 一 and 。 no higher than their ink.
        height = max(self.height, bottom - top)
        level = abs((self.top + self.bottom) / 2 - (top + bottom) / 2) < SAME_LINE * height
        return level and -SAME_LINE * height < left - self.right < WIDEST_GAP * height

    def add(self, text: str, box: Sequence[float], spaced: bool) -> None:
        if self.text and spaced and box[0] - self.right > WORD_GAP * self.height:
            self.text.append(" ")
        self.text.append(text)
        self.left, self.top = min(self.left, box[0]), min(self.top, box[1])
        self.right, self.bottom = max(self.right, box[2]), max(self.bottom, box[3])


def assemble(characters: Sequence[Placed], rotation: int, width: int, height: int) -> tuple[OcrLine, ...]:
    """Lines in reading order, confidence 1, boxes relative to the page as it is.

    Args:
        characters: in the order of the file.
        rotation: degrees counter-clockwise after which the text is upright.
        width, height: of the page as it is, in pixels.
    """
    upright = np.array([height, width] if rotation in (90, 270) else [width, height], dtype=np.float64)
    corners = np.array([_corners(one.box) for one in characters]).reshape(-1, 4, 2)
    places = turn_upright(corners, rotation) * upright
    boxes = np.concatenate([places.min(axis=1), places.max(axis=1)], axis=1).tolist()
    runs: list[_Run] = []
    before: list[float] = []
    for one, box in zip(characters, boxes, strict=True):
        if box == before:  # a ligature: several characters in one sign
            runs[-1].text.append(one.text)
            continue
        before = box
        if not runs or not runs[-1].follows(box):
            runs.append(_Run(*box))
        runs[-1].add(one.text, box, one.spaced)
    runs = _joined(runs)
    quads = np.array([_corners((run.left, run.top, run.right, run.bottom)) for run in runs]).reshape(-1, 4, 2)
    back = np.clip(turn_back(quads / upright, rotation), 0.0, 1.0)
    return tuple(_line("".join(runs[index].text), back[index]) for index in reading_order(quads))


def _joined(runs: list[_Run]) -> list[_Run]:
    """Runs that the file draws apart though they stand together: a bold word, a value put in later."""
    joined: list[_Run] = []
    for run in sorted(runs, key=lambda one: one.left):
        box = (run.left, run.top, run.right, run.bottom)
        before = next((one for one in joined if one.follows(box)), None)
        if before is None:
            joined.append(run)
        else:
            gap = run.left - before.right > WORD_GAP * before.height
            before.add("".join(run.text), box, spaced=gap and before.text[-1].isascii() and run.text[0].isascii())
    return joined


def _corners(box: Sequence[float]) -> list[list[float]]:
    left, top, right, bottom = box
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def _line(text: str, corners: Quads) -> OcrLine:
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return OcrLine(text, 1.0, (first, second, third, fourth))
