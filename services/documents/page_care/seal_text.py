"""The text of a seal: the rim unrolled into a straight strip, then read.

Comes in: the page and a `Seal`. Goes out: strips (uint8 RGB, dark on white) and the text with its confidence. Characters of a rim
stand with their heads outwards and run clockwise; the strip is cut where the rim is emptiest, which is below the star.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.tasks import OcrOutput
from services.documents.page_care.ink import Densities, Image, darkest, densities, redness
from services.documents.page_care.seals import Ellipse, Seal, polar

STRIP_HEIGHT = 40
"""Pixels: its characters are some 30 high then, which is as well read as 50 and takes a third of the time."""
PADDING = 32
SURE = 0.75
WORDS = re.compile(r"^[^\u4e00-\u9fff（(]+|[^\u4e00-\u9fff）)]+$")
"""What doesn't belong to a name at either end of a piece."""
RIM = (0.56, 0.935)
"""The radii between which the rim's text stands, outside of the star and inside of the ring."""


@dataclass(frozen=True, slots=True)
class SealText:
    """`text`: along the rim (of a square seal: column by column), "" if nothing could be read."""

    text: str
    confidence: float


def unrolled(image: Image, seal: Seal) -> tuple[Image, ...]:
    """Straight strips of the seal's text, uint8 RGB, to be read from left to right."""
    height, width = image.shape[:2]
    corners = np.array(seal.quad) * [width, height]
    reach = np.ptp(corners, axis=0).max()
    left, top = np.maximum(corners.min(axis=0) - 0.3 * reach, 0).astype(int)
    right, bottom = np.minimum(corners.max(axis=0) + 0.3 * reach + 1, [width, height]).astype(int)
    ink = densities(image[top:bottom, left:right])
    values = redness(ink) if seal.red else darkest(ink)
    if seal.rim is None:
        return (_printed(values),)
    whole = seal.rim.scaled(max(height, width))
    rim = Ellipse(whole.x - left, whole.y - top, whole.first, whole.second, whole.angle)
    around = polar(values, rim, np.linspace(*RIM, 16), 720)
    start = _emptiest(around)
    length = round(
        2 * np.pi * 0.76 * (rim.first + rim.second) / 2 * STRIP_HEIGHT / ((RIM[1] - RIM[0]) * max(rim.first, 1))
    )
    strip = polar(values, rim, np.linspace(RIM[1], RIM[0], STRIP_HEIGHT), length, start)
    return (_printed(strip),)


def text_of_strips(readings: Sequence[OcrOutput]) -> SealText:
    """What the seal says, from what was read on its strips."""
    return joined([(min(x for x, _ in line.box), line.text, line.confidence) for one in readings for line in one.lines])


def joined(parts: list[tuple[float, str, float]]) -> SealText:
    """Pieces of a strip (where they begin, text, confidence) from left to right, without what is no word."""
    kept = [(WORDS.sub("", text), sure) for _, text, sure in sorted(parts)]
    # What stands below the star is upside down on the strip, if the cut left any: it is read badly or as no Chinese.
    kept = [(text, sure) for text, sure in kept if text and (sure >= SURE or len(kept) == 1)]
    if not kept:
        return SealText("", 0.0)
    return SealText("".join(text for text, _ in kept), min(sure for _, sure in kept))


def _emptiest(around: Densities) -> float:
    """The angle (radians, clockwise from the right) in the middle of the longest stretch of rim without text."""
    profile = np.percentile(around, 80, axis=0)
    ring = np.concatenate([profile, profile, profile])
    wide = cv2.blur(ring.reshape(1, -1), (61, 1))[0]
    # Two widths: a long gap wins over a short one that is as empty.
    wider = cv2.blur(ring.reshape(1, -1), (121, 1))[0]
    size = len(profile)
    total = (wide + wider)[size : 2 * size]
    return float(np.argmin(total)) / size * 2 * np.pi


def _printed(values: Densities) -> Image:
    """Ink as dark print on white with a margin around, RGB."""
    full = max(0.15, float(np.quantile(values, 0.95)))
    grey = (255 * (1 - (values / full).clip(0, 1))).astype(np.uint8)
    framed = cv2.copyMakeBorder(grey, PADDING, PADDING, PADDING, PADDING, cv2.BORDER_CONSTANT, value=255)
    return np.asarray(np.repeat(framed[..., None], 3, axis=2), dtype=np.uint8)
