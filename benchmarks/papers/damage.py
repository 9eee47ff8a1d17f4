"""What phones and scanners do to a sheet, with the truth moved along.

Comes in: a drawn sheet. Goes out: an image as it would be handed in and the page's truth in fractions of it. Everything that
moves a point is one homography; everything else changes pixels only. `level`: "clean" (a scan), "degraded" (readable photo) or
"bad" (a rule says why it can't be read).
"""

from __future__ import annotations

import io
import random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.papers.sheet import Sheet
from benchmarks.papers.truth import Quad, TrueField, TrueLine, TrueMark, TruePage, TruePaper

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]
LEVELS = ("clean", "degraded", "bad")
FAULTS = ("page_blurred", "page_dark", "page_glare", "page_small", "page_cut")


def handed_in(sheet: Sheet, dice: random.Random, half: str, level: str) -> tuple[Pixels, TruePage]:
    """The page as it is handed in, uint8 (height, width, 3) RGB, and its truth."""
    marred: list[str] = []
    faults: list[str] = []
    image, matrix = np.asarray(sheet.image).copy(), np.eye(3)
    if level != "clean" and dice.random() < 0.2:
        image = _copied(image, dice)
        marred.append("copy")
    if level != "clean" and dice.random() < 0.2:
        image = _folded(image, dice)
        marred.append("fold")
    if level == "clean":
        image, step = _turned(image, dice.uniform(-1.0, 1.0))
    else:
        image, step = _photographed(image, dice)
        marred.append("perspective")
    matrix = step @ matrix
    fault = dice.choice(FAULTS) if level == "bad" else ""
    if fault == "page_cut":
        image, step = _cut(image, dice)
        matrix = step @ matrix
    if fault:
        faults.append(fault)
    image = _pixels(image, dice, level, fault, marred)
    if fault == "page_small":
        scale = 420 / max(image.shape[:2])
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
        matrix = np.diag([scale, scale, 1.0]) @ matrix
    turn = dice.choice([0, 0, 0, 90, 180, 270])
    image, step = _quarter(image, turn)
    matrix = step @ matrix
    image = _compressed(image, dice.randint(82, 94) if level == "clean" else dice.randint(48, 85))
    return image, _truth(sheet, image, matrix, half, level, marred, faults, turn)


def _truth(
    sheet: Sheet, image: Pixels, matrix: Matrix, half: str, level: str, marred: list[str], faults: list[str], turn: int
) -> TruePage:
    height, width = image.shape[:2]

    def moved(quad: Quad) -> Quad:
        points = cv2.perspectiveTransform(np.array([quad], dtype=np.float64), matrix)[0]
        return [[round(float(x) / width, 5), round(float(y) / height, 5)] for x, y in points]

    fields = {
        name: TrueField(one.value, one.raw, [moved(quad) for quad in one.quads], one.printed)
        for name, one in sheet.fields.items()
    }
    edge: Quad = [[0, 0], [sheet.width, 0], [sheet.width, sheet.height], [0, sheet.height]]
    return TruePage(
        file="",
        half=half,
        level=level,
        marred=marred,
        width=width,
        height=height,
        # Turned counter-clockwise when it was handed in: the rest of the circle brings it back.
        rotation=(360 - turn) % 360,
        faults=faults,
        papers=[TruePaper(sheet.kind, sheet.layout, moved(edge), fields)],
        lines=[TrueLine(line.text, moved(line.quad), line.under) for line in sheet.lines],
        seals=[TrueMark(mark.text, moved(mark.quad), mark.shape) for mark in sheet.seals],
        signatures=[TrueMark(mark.text, moved(mark.quad), mark.shape) for mark in sheet.signatures],
    )


def _turned(image: Pixels, degrees: float) -> tuple[Pixels, Matrix]:
    height, width = image.shape[:2]
    step = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), [0, 0, 1]])
    return _warped(image, step, (width, height), (246, 246, 244)), step


def _photographed(image: Pixels, dice: random.Random) -> tuple[Pixels, Matrix]:
    """On a desk, seen from aside."""
    height, width = image.shape[:2]
    margin = dice.uniform(0.04, 0.14)
    out = (int(width * (1 + 2 * margin)), int(height * (1 + 2 * margin)))
    left, top, reach = width * margin, height * margin, 0.55 * margin
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    seen = [(x + dice.uniform(-reach, reach) * width, y + dice.uniform(-reach, reach) * height) for x, y in corners]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    step = cv2.getPerspectiveTransform(flat, np.array(seen, dtype=np.float32)).astype(np.float64)
    desk = dice.choice([(92, 74, 58), (130, 128, 124), (60, 62, 70), (176, 152, 120)])
    return _warped(image, step, out, desk), step


def _warped(image: Pixels, step: Matrix, size: tuple[int, int], ground: tuple[int, int, int]) -> Pixels:
    return np.asarray(cv2.warpPerspective(image, step, size, flags=cv2.INTER_AREA, borderValue=ground), dtype=np.uint8)


def _cut(image: Pixels, dice: random.Random) -> tuple[Pixels, Matrix]:
    """A quarter of the page isn't on the photo."""
    height, width = image.shape[:2]
    top, bottom = dice.choice([(0.0, 0.7), (0.3, 1.0)])
    step = np.eye(3)
    step[1, 2] = -int(height * top)
    return image[int(height * top) : int(height * bottom), :width].copy(), step


def _quarter(image: Pixels, turn: int) -> tuple[Pixels, Matrix]:
    height, width = image.shape[:2]
    step = {
        0: np.eye(3),
        90: np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]], dtype=np.float64),
        180: np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]], dtype=np.float64),
        270: np.array([[0, -1, height], [1, 0, 0], [0, 0, 1]], dtype=np.float64),
    }[turn]
    return np.ascontiguousarray(np.rot90(image, turn // 90)), step


def _pixels(image: Pixels, dice: random.Random, level: str, fault: str, marred: list[str]) -> Pixels:
    """Light, blur and noise."""
    found = image.astype(np.float32)
    height, width = image.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    if level != "clean" and dice.random() < 0.5:
        marred.append("shadow")
        slope = dice.uniform(-1, 1) * columns / width + dice.uniform(-1, 1) * rows / height
        found *= (1 - dice.uniform(0.2, 0.45) / (1 + np.exp(-12 * (slope - 0.1))))[..., None]
    if fault == "page_dark":
        found *= 0.12
    if fault == "page_glare" or (level == "degraded" and dice.random() < 0.15):
        reach = (0.5 if fault else 0.06) * min(height, width)
        away = (columns - width * dice.uniform(0.35, 0.65)) ** 2 + (rows - height * dice.uniform(0.35, 0.65)) ** 2
        found += (520 * np.exp(-away / (2 * (reach * 0.6) ** 2)) * (1.0 if fault else 0.12))[..., None]
        marred.append("glare")
    if level != "clean" and dice.random() < 0.12:
        marred.append("moiré")
        found += (7 * np.sin((columns * 0.9 + rows * 0.35) / dice.uniform(1.6, 2.6)))[..., None]
    sigma = 9.0 if fault == "page_blurred" else {"clean": 0.35, "degraded": dice.uniform(0.5, 1.5), "bad": 0.6}[level]
    found = cv2.GaussianBlur(found, (0, 0), sigma).astype(np.float32)
    noise = np.random.default_rng(dice.randrange(2**32)).normal(
        0, 1.5 if level == "clean" else dice.uniform(2, 7), found.shape
    )
    return np.asarray((found + noise).clip(0, 255), dtype=np.uint8)


def _copied(image: Pixels, dice: random.Random) -> Pixels:
    """As a copier gives it: grey, hard."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    hard = ((grey - 128) * dice.uniform(1.15, 1.5) + dice.uniform(140, 165)).clip(0, 255).astype(np.uint8)
    return np.asarray(np.repeat(hard[..., None], 3, axis=2), dtype=np.uint8)


def _folded(image: Pixels, dice: random.Random) -> Pixels:
    """A crease across the page: light on one side of it, shade on the other."""
    height = image.shape[0]
    where = height * dice.uniform(0.3, 0.7)
    away = np.arange(height, dtype=np.float32) - where
    light = 1 + 0.09 * np.exp(-np.abs(away) / 14) * np.sign(away)
    return np.asarray((image * light[:, None, None]).clip(0, 255), dtype=np.uint8)


def _compressed(image: Pixels, quality: int) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB")).copy()
