"""Whether a photo can be read, and what the person who took it should do.

Comes in: the page as sent and what was read on it. Goes out: `Fault`s, none for a good photo. Thresholds stand in settings.yaml. A good photo
that is sent back costs a citizen a day, so each rule needs a plain sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from models.tasks import OcrOutput
from services.documents.page_care.settings import QualitySettings, load_settings

Image = NDArray[np.uint8]
SEEN_AT = 1200
"""Pixels of the longer side at which sharpness and light are measured."""


class FaultCode(StrEnum):
    """What is wrong with a photo."""

    BLURRED = "page_blurred"
    DARK = "page_dark"
    GLARE = "page_glare"
    SMALL = "page_small"
    CUT = "page_cut"
    EMPTY = "page_empty"


MESSAGES = {
    FaultCode.BLURRED: "太模糊，字认不清；请对准后重拍。",
    FaultCode.DARK: "太暗；请在亮处重拍。",
    FaultCode.GLARE: "反光，有的地方看不见；请避开灯光重拍。",
    FaultCode.SMALL: "图太小，字认不清；请靠近些重拍，或传原图。",
    FaultCode.CUT: "纸的一边没有拍全；请把四角都拍进去。",
    FaultCode.EMPTY: "没有看到文字；请检查是否拍错或是空白页。",
}
"""For the person who took the photo; the page's number goes before."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a page."""

    code: FaultCode

    @property
    def message(self) -> str:
        """Chinese: what is wrong and what to do."""
        return MESSAGES[self.code]


@dataclass(frozen=True, slots=True)
class Signs:
    """What is measured. `sharpness`: strength of the finest edges where there are any (0..255). `light`: the brightness of what is
    lightest (95th percentile, 0..255). `glare`: share of the page that is burnt out around a soft edge. `letters`: height of the
    middle line, pixels as sent; 0 without text. `confidence`: of the middle line. `cut`: share of lines that touch the image's edge."""

    sharpness: float
    light: float
    glare: float
    letters: float
    confidence: float
    cut: float
    lines: int


def measured(image: Image, output: OcrOutput) -> Signs:
    """The signs of a page."""
    scale = min(1.0, SEEN_AT / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    grey = cv2.cvtColor(np.asarray(small, dtype=np.uint8), cv2.COLOR_RGB2GRAY)
    fine = np.abs(cv2.Laplacian(grey.astype(np.float32), cv2.CV_32F, ksize=3))
    heights = [_height(output, place) for place in range(len(output.lines))]
    return Signs(
        sharpness=float(np.percentile(fine, 98)) / max(float(np.percentile(grey, 95)), 32.0) * 255,
        light=float(np.percentile(grey, 95)),
        glare=_glare(grey),
        letters=float(np.median(heights)) if heights else 0.0,
        confidence=float(np.median([line.confidence for line in output.lines])) if output.lines else 0.0,
        cut=_cut(output),
        lines=len(output.lines),
    )


def judged(image: Image, output: OcrOutput, settings: QualitySettings | None = None) -> tuple[Fault, ...]:
    """What is wrong with a page; nothing for one that can be read."""
    rules = settings or load_settings().quality
    signs = measured(image, output)
    found = []
    if signs.light < rules.least_light:
        found.append(FaultCode.DARK)
    if signs.glare > rules.most_glare:
        found.append(FaultCode.GLARE)
    if signs.lines and signs.letters < rules.least_letters:
        found.append(FaultCode.SMALL)
    elif signs.sharpness < rules.least_sharpness and FaultCode.DARK not in found:
        found.append(FaultCode.BLURRED)
    if signs.cut >= rules.most_cut:
        found.append(FaultCode.CUT)
    if not signs.lines and not found:
        found.append(FaultCode.EMPTY)
    return tuple(Fault(one) for one in found)


def _height(output: OcrOutput, place: int) -> float:
    """Of a line, in pixels as sent."""
    box = np.array(output.lines[place].box) * (output.width, output.height)
    return float((np.hypot(*(box[3] - box[0])) + np.hypot(*(box[2] - box[1]))) / 2)


def _glare(grey: NDArray[np.uint8]) -> float:
    """Share of the page within a burnt-out spot: white, large, and brighter than the paper around it."""
    light = cv2.GaussianBlur(grey, (0, 0), 6)
    burnt = (light >= 253).astype(np.uint8)
    count, _, facts, _ = cv2.connectedComponentsWithStats(burnt, connectivity=8)
    largest = max((int(facts[label][4]) for label in range(1, count)), default=0)
    return largest / grey.size


def _cut(output: OcrOutput) -> float:
    """Share of lines one of whose ends lies on the image's edge."""
    if not output.lines:
        return 0.0
    edge = 0.004
    corners = np.array([line.box for line in output.lines])
    out = (corners < edge) | (corners > 1 - edge)
    return float(out.any(axis=(1, 2)).mean())
