"""Whether somebody signed, and where: ink behind 签名, 签字, 签章 that is larger than print.

Comes in: the page without the ink of its seals, and what was read on it. Goes out: `Signature`s with their corners on the page as
sent. Whose name it is isn't asked: that is for the person at the desk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.tasks import OcrLine, OcrOutput
from services.documents.extraction.page_lines import Quad, line_share, quad_of
from services.documents.page_care.ink import Image
from services.documents.page_care.thresholds import SignatureThresholds, thresholds

Points = NDArray[np.float64]

SIGN_HERE = re.compile(
    r"(?:(?:[甲乙丙]方|[租托权][方人])[(（]盖章|签(?:名|字|章)(?:[或、/及和]?(?:盖章|印章|捺印))?|[(（]签.?$)"
    r"[)）]?[:：_]*(?=.{0,5}$)"
)
ENDS = re.compile(r"签名|签字|签章|日期|[:：]|年.*月")
LINE = 40
"""Pixels that the label's height is brought to."""
MARK = 0.45
"""A part that begins a row and is no wider than this is punctuation: no hand's first character is."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Handwriting behind a label. `quad`: its corners, 0..1 of the page as sent, from the text's own top left; `label`: what it
    stands behind."""

    quad: Quad
    label: str


def find_signatures(
    image: Image, output: OcrOutput, limits: SignatureThresholds | None = None
) -> tuple[Signature, ...]:
    """All signatures, in the order of their labels."""
    rules = limits or thresholds().signatures
    found = []
    heights = [float(np.hypot(*_sides(line, output)[1])) for line in output.lines]
    usual = float(np.median(heights)) if heights else 0.0
    for line in output.lines:
        for match in SIGN_HERE.finditer(line.text):
            signature = _behind(image, output, line, match, usual, rules)
            if signature is not None:
                found.append(signature)
    return tuple(found)


def _behind(
    image: Image, output: OcrOutput, line: OcrLine, match: re.Match[str], usual: float, rules: SignatureThresholds
) -> Signature | None:
    size = np.array([output.width, output.height], dtype=np.float64)
    along, down = _sides(line, output)
    tall_line, length = float(np.hypot(*down)), float(np.hypot(*along))
    # A line that was read together with the signature is as high as that.
    height = min(tall_line, 1.15 * usual)
    if height < 4 or length < 4:
        return None
    step, fall = along / length * height, down / tall_line * height
    start = np.array(line.box[0]) * size + (down - fall) / 2 + along * line_share(line.text, match.end())
    if match.end() < len(line.text):
        # Where the label ends is told less exactly when handwriting was read behind it.
        start = start - rules.earlier * step
    reach = min(rules.reach, _free(output, line, start, step, fall, size))
    if reach < rules.least_width:
        return None
    corners = np.array(
        [
            start - rules.above * fall,
            start + reach * step - rules.above * fall,
            start + reach * step + (1 + rules.below) * fall,
            start + (1 + rules.below) * fall,
        ]
    )
    wide, tall = round(reach * LINE), round((rules.above + 1 + rules.below) * LINE)
    flat = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)], dtype=np.float32)
    there = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    patch = cv2.warpPerspective(image, there, (wide, tall), borderMode=cv2.BORDER_REPLICATE)
    box = _ink(np.asarray(patch, dtype=np.uint8), rules)
    if box is None:
        return None
    left, top, right, bottom = box
    marks = np.array([[(left, top), (right, top), (right, bottom), (left, bottom)]], dtype=np.float32)
    back = cv2.perspectiveTransform(marks, np.linalg.inv(there))[0] / size
    return Signature(quad_of(np.clip(back, 0, 1)), match[0])


def _sides(line: OcrLine, output: OcrOutput) -> tuple[Points, Points]:
    """Along the line and down it, in pixels as sent."""
    size = np.array([output.width, output.height], dtype=np.float64)
    top_left, top_right, _, bottom_left = (np.array(corner) * size for corner in line.box)
    return top_right - top_left, bottom_left - top_left


def _free(output: OcrOutput, line: OcrLine, start: Points, step: Points, fall: Points, size: Points) -> float:
    """How far there is room behind the label, in heights of the line: up to the next label on its row."""
    nearest = 99.0
    height = float(np.hypot(*step))
    for other in output.lines:
        if other is line or not ENDS.search(other.text):
            continue
        a, _, _, d = (np.array(corner) * size for corner in other.box)
        middle = (a + d) / 2 - start
        across = float(middle @ step) / height**2
        below = float(middle @ fall) / height**2
        if across > 0.5 and -0.2 < below < 1.2:
            nearest = min(nearest, across - 0.2)
    return nearest


def _ink(patch: Image, rules: SignatureThresholds) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the handwriting nearest to the label, None if there is none."""
    grey = cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)
    # Against the paper nearby: half of a row may lie in a shadow.
    paper = cv2.blur(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((LINE, LINE), dtype=np.uint8)), (LINE, LINE))
    mask = (grey < rules.darkness * paper.astype(np.float32)).astype(np.uint8)
    # Long level lines are the form's own.
    level = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, 2 * LINE), dtype=np.uint8))
    upright = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2 * LINE, 1), dtype=np.uint8))
    mask = np.asarray(mask & ~cv2.dilate(level | upright, np.ones((3, 3), dtype=np.uint8)), dtype=np.uint8)
    joined = cv2.dilate(mask, np.ones((5, 9), dtype=np.uint8))
    count, _, facts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    row = (rules.above + 0.5) * LINE
    parts = []
    for label in range(1, count):
        left, top, width, height, _ = (int(one) for one in facts[label])
        # What hangs in from the lines above or below is their print.
        if top + height < row - 0.5 * LINE or top > row + 0.6 * LINE or height < 0.3 * LINE:
            continue
        parts.append((left, top, left + width, top + height))
    parts.sort()
    # The label's own colon and bracket come first where its end was told too early.
    while parts and parts[0][2] - parts[0][0] < MARK * LINE:
        parts.pop(0)
    if not parts:
        return None
    kept = [parts[0]]
    for part in parts[1:]:
        if part[0] - max(one[2] for one in kept) < rules.gap * LINE:
            kept.append(part)
    left, top = min(one[0] for one in kept), min(one[1] for one in kept)
    right, bottom = max(one[2] for one in kept), max(one[3] for one in kept)
    inside = mask[top:bottom, left:right]
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows) or not len(columns):
        return None
    left, right, top, bottom = left + columns[0], left + columns[-1] + 1, top + rows[0], top + rows[-1] + 1
    large = bottom - top >= rules.least_height * LINE and right - left >= rules.least_width * LINE
    return (int(left), int(top), int(right), int(bottom)) if large and inside.mean() > rules.least_ink else None
