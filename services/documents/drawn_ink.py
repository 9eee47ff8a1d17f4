"""Does what is drawn on a page agree with where its characters are said to stand? Pure functions over pixels and boxes.

Boxes are left, top, right, bottom, relative to the page. Everything is looked at on half the size: letters stay letters, and
a page takes some 30 ms.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]

CONTRAST = 40
"""Grey levels between a character and what it stands on."""
AROUND = 31
"""Pixels; what is brighter or darker than everything within this distance is ink."""
RULE = 25
"""Pixels; straight runs of this length are rules of a table, not strokes of a character."""
LEAST_MARK = 4
"""Pixels on half the size, about a millimetre; smaller marks are dots and dashes."""
LARGEST_BULLET = 10
BULLET_FILL = 0.68
"""Small, about as wide as high, and filled: the sign before a point of a list, which browsers draw as a shape."""
MARGIN = 2


def without_ink(pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> int:
    """How many of the boxes have nothing drawn in them."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    empty = 0
    for left, top, right, bottom in boxes:
        piece = grey[
            max(0, int(top * height) - 1) : int(bottom * height) + 2,
            max(0, int(left * width) - 1) : int(right * width) + 2,
        ]
        if piece.size == 0 or int(piece.max()) - int(piece.min()) < CONTRAST:
            empty += 1
    return empty


def stray_marks(pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> int:
    """How many marks, of the size of a character's part or larger, are drawn outside of all boxes; rules and the signs of
    lists are left out."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    grey = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    height, width = grey.shape
    around = cv2.getStructuringElement(cv2.MORPH_RECT, (AROUND, AROUND))
    dark = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, around)
    light = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, around)
    # Light marks count on dark ground alone: elsewhere they are the paper between the strokes.
    on_paper = cv2.blur(grey, (2 * AROUND, 2 * AROUND)) > 127
    ink = (np.where(on_paper, dark, light) > CONTRAST).astype(np.uint8)
    for shape in ((RULE, 1), (1, RULE)):
        rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
        ink[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 0
    for left, top, right, bottom in boxes:
        ink[
            max(0, int(top * height) - MARGIN) : int(bottom * height) + MARGIN + 1,
            max(0, int(left * width) - MARGIN) : int(right * width) + MARGIN + 1,
        ] = 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, area = (
        stats[1:, which].astype(np.float64) for which in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
    )
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    bullets = (longer <= LARGEST_BULLET) & (longer <= 1.25 * shorter) & (area >= BULLET_FILL * width * height)
    return int(((shorter >= LEAST_MARK) & ~bullets).sum())
