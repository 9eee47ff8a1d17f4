"""Whether a photo can be read, and if not, why, in words that a citizen understands.

Comes in: uint8 RGB (height, width, 3) and what was read on it. Goes out: `Fault`s, none for a good photo. A good photo
that is refused is worse than a bad one that goes on, so a page whose lines were read with confidence is only refused where paper is
missing or burnt out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.tasks import OcrOutput
from services.documents.page_care.ink import Image, background, darkest, densities, working_size
from services.documents.page_care.thresholds import QualityThresholds, thresholds

MESSAGES = {
    "page_small": "第 {page} 页太小，字看不清；请靠近一些重拍，或上传原图。",
    "page_dark": "第 {page} 页太暗；请到亮处或打开闪光灯重拍。",
    "page_glare": "第 {page} 页反光或曝光过度，部分文字看不见；请避开灯光重拍。",
    "page_blurred": "第 {page} 页太模糊；请拿稳手机、对准焦点后重拍。",
    "page_cut": "第 {page} 页没有拍全；请让纸张四边都在画面里，再拍一次。",
    "page_blank": "第 {page} 页是空白页；请确认是否传对了。",
    "page_not_read": "第 {page} 页处理不了，没有读出文字；请重拍这一页后再传。",
    "no_paper": "第 {page} 页没有看到证照或文件；请对准纸张重拍。",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`code`: stable, a key of `MESSAGES`."""

    code: str

    def message(self, page: int) -> str:
        """Chinese, what is wrong with page number `page` (from 1) and what to do."""
        return MESSAGES[self.code].format(page=page)


def judged(image: Image, lines: OcrOutput) -> tuple[Fault, ...]:
    """What is wrong with the photo, the gravest first."""
    return judged_at_working_size(working_size(image), max(image.shape[:2]), lines)


def judged_at_working_size(page: Image, side: int, lines: OcrOutput) -> tuple[Fault, ...]:
    """As `judged`, of an image that `working_size` gave; `side`: the longer one of the image as sent, in pixels. What takes long is
    only worked out where the lines leave room for doubt."""
    limits = thresholds().quality
    if side < limits.least_side:
        return (Fault("page_small"),)
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    # Every third pixel of every third row tells how bright the paper is.
    bright = float(np.quantile(grey[::3, ::3], 0.9)) / 255
    if bright < limits.dark_paper:
        return (Fault("page_dark"),)
    sure = _sure_lines(lines, limits)
    if sure < limits.enough_lines and _glare(page, background(page), limits):
        return (Fault("page_glare"),)
    if sure == 0 and not _any_text(lines):
        return (Fault(_nothing(page, _light(grey), limits)),)
    if sure < limits.sure_lines and sharpness(_light(grey)) < limits.sharpness:
        return (Fault("page_blurred"),)
    if _cut(grey, limits):
        return (Fault("page_cut"),)
    return ()


def _light(grey: Image) -> NDArray[np.float32]:
    """0..1"""
    return np.asarray(grey / np.float32(255), dtype=np.float32)


def sharpness(grey: NDArray[np.float32]) -> float:
    """The steepest step from pixel to pixel as a share of the contrast around it, 0 to about 1: the 99.5th percentile over the page
    of step against range. Blurred strokes spread over many pixels, whatever their contrast."""
    fine = cv2.GaussianBlur(grey, (0, 0), 0.8)
    step = np.maximum(np.abs(np.diff(fine, axis=0))[:, :-1], np.abs(np.diff(fine, axis=1))[:-1])
    around = np.ones((15, 15), np.uint8)
    contrast = (cv2.dilate(fine, around) - cv2.erode(fine, around))[:-1, :-1]
    wanted = contrast > 0.1
    if wanted.sum() < 200:
        return 0.0
    return float(np.quantile(step[wanted] / contrast[wanted], 0.98))


def _sure_lines(lines: OcrOutput, limits: QualityThresholds) -> int:
    return sum(line.confidence >= limits.sure_line and len(line.text) > 2 for line in lines.lines)


def _any_text(lines: OcrOutput) -> bool:
    return any(line.confidence > 0.5 and len(line.text) > 1 for line in lines.lines)


def _glare(page: Image, ground: Image, limits: QualityThresholds) -> bool:
    """A burnt-out place: white to the last step in all channels, in one piece, and no ink within it."""
    burnt = (page.min(axis=2) >= 255 * limits.burnt).astype(np.uint8)
    # JPEG and noise leave some pixels of a burnt place a step below: it counts by its neighbourhood.
    whole = cv2.blur(burnt.astype(np.float32), (25, 25)) > 0.9
    # A drawn page (PDF, electronic licence) is white all over; a photo with a burnt place has darker ground beside it.
    shaded = ground.min(axis=2) < 0.97 * 255
    return bool(whole.mean() > limits.burnt_share and shaded.mean() > limits.shaded_share)


def _nothing(page: Image, grey: NDArray[np.float32], limits: QualityThresholds) -> str:
    """No word was read: a blurred page, a blank one, or no page at all."""
    inked = float((darkest(densities(page)) > 0.35).mean())
    light = float((grey > 0.6).mean())
    if inked < limits.least_ink and light > 0.4:
        return "page_blank"
    if light > 0.3 and sharpness(grey) < limits.sharpness:
        return "page_blurred"
    return "no_paper" if light < 0.3 else "page_blurred"


def _cut(grey: Image, limits: QualityThresholds) -> bool:
    """Paper runs off one edge of the image while desk shows at all the others: a scan fills all four, a good photo none."""
    height, width = grey.shape
    small = cv2.resize(grey, (200, max(1, round(200 * height / width))), interpolation=cv2.INTER_AREA)
    smooth = cv2.medianBlur(small, 5).astype(np.float32) / 255
    paper = float(np.quantile(smooth, 0.85))
    edges = [smooth[1], smooth[-2], smooth[:, 1], smooth[:, -2]]
    shares = sorted(float((edge > paper - limits.desk_step).mean()) for edge in edges)
    return shares[3] > limits.cut_share and shares[0] < 0.2 and shares[1] < limits.paper_beside
