"""Read one place of a page again: what a person drew a box around.

Comes in: the page's image as it was sent, how it was turned, and the box. Goes out: the text in the box. Small print is
enlarged, and a margin is put around, so that a line at the edge of the box is found.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import cv2
import numpy as np

from core.errors import Invalid
from models.tasks import OcrOutput
from services.documents.page_care.ink import Image

Read = Callable[[Image], Awaitable[OcrOutput]]

LEAST_SIDE = 8
"""Pixels of the page; a smaller box holds no text."""
READ_HEIGHT = 64
"""Pixels: a box of one line is enlarged until it is so high."""
MOST_TIMES = 4.0
MARGIN = 64
"""Pixels of paper put around what is read."""


@dataclass(frozen=True, slots=True)
class Region:
    """Left, top, right, bottom as shares (0..1) of the page as it was sent."""

    left: float
    top: float
    right: float
    bottom: float


def cut_out(image: Image, rotation: int, region: Region) -> Image:
    """The region upright, enlarged, with a margin in the colour of its edge.

    Raises:
        Invalid: `region_invalid`: not within the page, or smaller than a character.
    """
    height, width = image.shape[:2]
    left, right = round(region.left * width), round(region.right * width)
    top, bottom = round(region.top * height), round(region.bottom * height)
    inside = 0 <= left < right <= width and 0 <= top < bottom <= height
    if not inside or min(right - left, bottom - top) < LEAST_SIDE:
        raise Invalid("框应在页面之内，并且至少有一个字大小。", code="region_invalid", param="box")
    # np.rot90 turns counter-clockwise, as `rotation` says.
    piece = np.ascontiguousarray(np.rot90(image[top:bottom, left:right], rotation // 90))
    times = min(max(READ_HEIGHT / piece.shape[0], 1.0), MOST_TIMES)
    if times > 1:
        piece = cv2.resize(piece, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    return _framed(piece, MARGIN, MARGIN)


async def read_upright(piece: Image, read: Read) -> OcrOutput:
    """What stands on an upright piece. The reader looks by itself how a page is turned, and a strip of digits may look upside
    down to it: then the piece is read once more with more paper around it, and the surer reading counts."""
    first = await read(piece)
    if first.rotation == 0:
        return first
    second = await read(squared(piece))
    return second if second.rotation == 0 or text_of(second)[1] > text_of(first)[1] else first


def squared(piece: Image) -> Image:
    """A strip in the middle of a square of paper, so that nobody takes it for upside down."""
    height, width = piece.shape[:2]
    return _framed(piece, max(width - height, 0) // 2 + MARGIN // 2, MARGIN)


def lying(piece: Image) -> Image:
    """A strip in the middle of a sheet of paper half as high as it is wide: of 35 rims 30 are read rightly so, 29 in a square that
    takes half as long again."""
    height, width = piece.shape[:2]
    return _framed(piece, max(width // 2 - height, 0) // 2 + MARGIN // 4, 3 * MARGIN // 4)


def _framed(piece: Image, above: int, beside: int) -> Image:
    edge = np.concatenate([piece[0], piece[-1], piece[:, 0], piece[:, -1]])
    paper = tuple(int(one) for one in np.median(edge, axis=0))
    framed = cv2.copyMakeBorder(piece, above, above, beside, beside, cv2.BORDER_CONSTANT, value=paper)
    return np.asarray(framed, dtype=np.uint8)


def text_of(output: OcrOutput) -> tuple[str, float]:
    """The lines of a region one after the other, and the least sure one's confidence (0 without text)."""
    if not output.lines:
        return "", 0.0
    return "".join(line.text for line in output.lines), min(line.confidence for line in output.lines)
