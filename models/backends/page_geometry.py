"""Where lines stand on a page: turning boxes back to the page as it was sent, and the order in which people read them.

Pure functions over corner points; no model in here. A quad is float array (4, 2): corners (x, y) clockwise from the
text's top left. Several quads are one array (lines, 4, 2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Quads = NDArray[np.float64]

SAME_ROW = 0.5
"""Two lines stand in one row if their middles differ by less than this share of the smaller one's height."""


def turn_back(quads: Quads, rotation: int) -> Quads:
    """Corners on the upright page -> the same corners on the page as sent.

    Args:
        quads: shape (lines, 4, 2), relative (0..1 of width and height) to the upright page.
        rotation: degrees (0, 90, 180, 270) by which the sent page was turned counter-clockwise to stand upright.

    Returns:
        The same shape, relative to the page as sent. The order of corners follows the text, so it does not change.
    """
    x, y = quads[..., 0], quads[..., 1]
    turned = {0: (x, y), 90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[rotation]
    return np.stack(turned, axis=-1)


def turn_upright(quads: Quads, rotation: int) -> Quads:
    """The way back of `turn_back`: corners on the page as sent -> on the upright page, which is the rest of the circle."""
    return turn_back(quads, (360 - rotation) % 360)


def skew(quads: Quads) -> float:
    """Slope (radians, clockwise positive on screen) that most of the page's text has; 0 without long lines.

    Only lines at least four times as wide as high count: a lone character's slope says nothing.
    """
    along = ((quads[:, 1] - quads[:, 0]) + (quads[:, 2] - quads[:, 3])) / 2
    down = ((quads[:, 3] - quads[:, 0]) + (quads[:, 2] - quads[:, 1])) / 2
    width, height = np.hypot(along[:, 0], along[:, 1]), np.hypot(down[:, 0], down[:, 1])
    long = width > 4 * height
    if not long.any():
        return 0.0
    return float(np.median(np.arctan2(along[long, 1], along[long, 0])))


def reading_order(quads: Quads) -> list[int]:
    """Indices of the lines row by row from the top, and from left to right within a row.

    Args:
        quads: shape (lines, 4, 2) in pixels (or any unit that is the same both ways) of the upright page.

    A row is anchored at its topmost line and its skew is taken out first, so a slightly turned scan of a form still
    gives a label and its value one after the other.
    """
    if len(quads) == 0:
        return []
    angle = skew(quads)
    middles = quads.mean(axis=1)
    x = middles[:, 0] * np.cos(angle) + middles[:, 1] * np.sin(angle)
    y = middles[:, 1] * np.cos(angle) - middles[:, 0] * np.sin(angle)
    heights = np.hypot(*((quads[:, 3] - quads[:, 0] + quads[:, 2] - quads[:, 1]) / 2).T)

    rows: list[list[int]] = []
    for index in np.argsort(y, kind="stable").tolist():
        if rows:
            anchor = rows[-1][0]
            if y[index] - y[anchor] < SAME_ROW * min(heights[index], heights[anchor]):
                rows[-1].append(index)
                continue
        rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda line: float(x[line]))]
