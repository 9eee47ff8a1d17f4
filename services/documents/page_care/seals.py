"""Seals on a page: where they are, and the page without their ink.

Comes in: uint8 RGB (height, width, 3), turned any way. Goes out: `Seal`s, places 0..1 of the page as sent. Round and oval seals are
ellipses of edges (EdgeDrawing, Akinlar & Topal 2013) with text along the rim, in red or (on copies) in grey; square ones are red
frames. What is inside is told from portraits, emblems and tick circles by how ink is spread over the radius.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from services.documents.extraction.page_lines import Quad
from services.documents.page_care.ink import Densities, Image, background, darkest, densities, redness, working_size
from services.documents.page_care.thresholds import SealThresholds, thresholds

Shape = Literal["round", "oval", "square"]
RADII = np.linspace(0.05, 1.2, 116)
ANGLES = 360
TEXT_RADII = (0.70, 0.76, 0.82)


@dataclass(frozen=True, slots=True)
class Ellipse:
    """In pixels: middle, half axes, angle of the first axis in radians, clockwise on screen."""

    x: float
    y: float
    first: float
    second: float
    angle: float

    def scaled(self, factor: float) -> Ellipse:
        """The same on an image `factor` times as large."""
        return Ellipse(self.x * factor, self.y * factor, self.first * factor, self.second * factor, self.angle)

    @property
    def roundness(self) -> float:
        """Short axis over long axis."""
        return min(self.first, self.second) / max(self.first, self.second)


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal. `quad`: upright box around it, clockwise from its left top on the page as sent, 0..1. `ink`: share of ink inside.
    `red`: in colour (a copy's is not). `rim`: the outer edge with its lengths in longer sides of the page; None for square ones."""

    quad: Quad
    shape: Shape
    ink: float
    red: bool
    rim: Ellipse | None


def find_seals(image: Image) -> tuple[Seal, ...]:
    """All seals, the one with the largest rim first."""
    return seals_at_working_size(working_size(image))


def seals_at_working_size(page: Image) -> tuple[Seal, ...]:
    """As `find_seals`, of an image that `working_size` gave."""
    limits = thresholds().seals
    ink = densities(page)
    red, dark = redness(ink), darkest(ink)
    candidates = sorted(_ellipses(dark, limits), key=lambda one: one.first * one.second, reverse=True)
    seals: list[Seal] = []
    taken: list[Ellipse] = []
    for rim in candidates:
        # Rims have an outer and an inner edge: the larger one is first, the rest of the nest is the same seal.
        if any(np.hypot(rim.x - one.x, rim.y - one.y) < 0.6 * max(one.first, one.second) for one in taken):
            continue
        looks = _looks(dark, red, rim, limits)
        if looks is not None:
            taken.append(rim)
            seals.append(_seal(rim, looks[0], looks[1], page.shape, limits))
    seals += _squares(red, dark, taken, limits)
    return tuple(seals)


def polar(values: Densities, rim: Ellipse, radii: NDArray[np.float64], angles: int, start: float = 0.0) -> Densities:
    """`values` (height, width) along the ellipse: rows are radii (shares of the rim's), columns go clockwise from `start`."""
    around = start + np.linspace(0, 2 * np.pi, angles, endpoint=False)
    # Angles are those of the screen, so that a page's up stays up whatever the ellipse's own axis is.
    along = radii[:, None] * rim.first * np.cos(around - rim.angle)
    across = radii[:, None] * rim.second * np.sin(around - rim.angle)
    x = rim.x + along * np.cos(rim.angle) - across * np.sin(rim.angle)
    y = rim.y + along * np.sin(rim.angle) + across * np.cos(rim.angle)
    return np.asarray(
        cv2.remap(values, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderValue=0), dtype=np.float32
    )


def lifted(image: Image, seals: tuple[Seal, ...]) -> Image:
    """The page with the seals' ink taken out; what is printed beneath stays. A new image; the same one without seals."""
    if not seals:
        return image
    result = image.copy()
    height, width = image.shape[:2]
    paper = background(image)
    for seal in seals:
        corners = np.array(seal.quad) * [width, height]
        pad = 0.12 * np.ptp(corners, axis=0)
        left, top = np.maximum(corners.min(axis=0) - pad, 0).astype(int)
        right, bottom = np.minimum(corners.max(axis=0) + pad + 1, [width, height]).astype(int)
        place = (slice(top, bottom), slice(left, right))
        ink = densities(image[place], paper[place])
        black = _without_red(ink) if seal.red else _without_grey(ink)
        result[place] = (paper[place].astype(np.float32) * np.exp(-black)[..., None]).clip(0, 255).astype(np.uint8)
    return result


def _without_red(ink: Densities) -> Densities:
    """Black ink beneath red ink: both add up in the densities; red ink's own share of the red channel is taken from places that
    are red alone."""
    red = redness(ink)
    other = np.minimum(ink[..., 1], ink[..., 2])
    pure = red > max(0.2, float(np.quantile(red, 0.9)) * 0.6)
    share = float(np.median(ink[..., 0][pure] / np.maximum(other[pure], 0.05))) if pure.any() else 0.15
    share = float(np.clip(share, 0.05, 0.6))
    black = (ink[..., 0] - share * other) / (1 - share)
    # What is left of a red place is paper, not a grey ghost of the seal.
    return np.asarray(np.where(black < 0.2, black.clip(0) * 0.3, black), dtype=np.float32)


def _without_grey(ink: Densities) -> Densities:
    """On copies print is blacker than a seal: what is paler than half of the blackest is taken for the seal's."""
    dark = ink.min(axis=2)
    blackest = float(np.quantile(dark, 0.995))
    low, high = 0.45 * blackest, 0.75 * blackest
    keep = ((dark - low) / max(high - low, 1e-3)).clip(0, 1)
    return np.asarray(dark * keep, dtype=np.float32)


def _ellipses(dark: Densities, limits: SealThresholds) -> list[Ellipse]:
    grey = (np.exp(-dark) * 255).astype(np.uint8)
    drawing = cv2.ximgproc.createEdgeDrawing()
    options = cv2.ximgproc.EdgeDrawing.Params()
    options.EdgeDetectionOperator = cv2.ximgproc.EdgeDrawing_SOBEL
    options.GradientThresholdValue, options.AnchorThresholdValue, options.MinPathLength = 20, 4, 15
    drawing.setParams(options)
    drawing.detectEdges(grey)
    found = drawing.detectEllipses()
    side = max(dark.shape)
    ellipses = []
    for x, y, radius, first, second, degrees in found.reshape(-1, 6).tolist() if found is not None else []:
        # Circles come with `radius`, ellipses with two axes; the other is 0.
        one = Ellipse(x, y, radius + first, radius + second, float(np.deg2rad(degrees)))
        short, long = min(one.first, one.second), max(one.first, one.second)
        if limits.least_radius * side < short and long < limits.most_radius * side:
            ellipses.append(one)
    return [one for one in ellipses if one.roundness >= limits.least_roundness]


def _looks(dark: Densities, red: Densities, rim: Ellipse, limits: SealThresholds) -> tuple[float, bool] | None:
    """Share of ink and whether it is red, if there is a seal at `rim`."""
    inked = polar(dark, rim, RADII, ANGLES) > limits.ink
    # Nine of ten candidates are no seal, and most of them show it by their ink alone: the cheapest test is first.
    fill, gap = float(inked[RADII < 1].mean()), float(inked[(RADII > 0.4) & (RADII < 0.55)].mean())
    middle = float(inked[RADII < 0.3].mean())
    if not limits.least_fill <= fill <= limits.most_fill or gap > limits.most_gap or middle > limits.most_middle:
        return None
    ring = float(inked[(RADII > 0.93) & (RADII < 1.08)].any(axis=0).mean())
    if ring < min(limits.ring, limits.grey_ring):
        return None
    changes = max(
        int(np.abs(np.diff(inked[int(np.argmin(np.abs(RADII - radius)))].astype(int))).sum()) for radius in TEXT_RADII
    )
    if changes < limits.least_changes:
        return None
    coloured = (polar(red, rim, RADII, ANGLES) > limits.red) & inked
    is_red = float(coloured.sum()) / max(1, int(inked.sum())) >= limits.red_share
    if ring < (limits.ring if is_red else limits.grey_ring) or (not is_red and middle < limits.grey_middle):
        return None
    return fill, is_red


def _seal(rim: Ellipse, ink: float, red: bool, shape: tuple[int, ...], limits: SealThresholds) -> Seal:
    height, width = shape[:2]
    reach_x = float(np.hypot(rim.first * np.cos(rim.angle), rim.second * np.sin(rim.angle)))
    reach_y = float(np.hypot(rim.first * np.sin(rim.angle), rim.second * np.cos(rim.angle)))
    quad = _box(rim.x - reach_x, rim.y - reach_y, rim.x + reach_x, rim.y + reach_y, width, height)
    kind: Shape = "round" if rim.roundness >= limits.round_from else "oval"
    return Seal(quad, kind, round(ink, 3), red, rim.scaled(1 / max(height, width)))


def _box(left: float, top: float, right: float, bottom: float, width: int, height: int) -> Quad:
    x = [float(np.clip(one / width, 0, 1)) for one in (left, right)]
    y = [float(np.clip(one / height, 0, 1)) for one in (top, bottom)]
    return ((x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1]))


def _squares(red: Densities, dark: Densities, taken: list[Ellipse], limits: SealThresholds) -> list[Seal]:
    """Red frames with red characters inside."""
    mask = (red > limits.red).astype(np.uint8)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    height, width = red.shape
    side = max(height, width)
    found = []
    for contour in contours:
        (x, y), (long, short), _angle = cv2.minAreaRect(contour)
        if min(long, short) < 1.4 * limits.least_radius * side or max(long, short) > 2 * limits.most_radius * side:
            continue
        if min(long, short) < 0.7 * max(long, short):
            continue
        if any(np.hypot(x - one.x, y - one.y) < max(one.first, one.second) for one in taken):
            continue
        corners = cv2.boxPoints(((x, y), (long, short), _angle))
        inside = np.zeros_like(mask)
        cv2.fillPoly(inside, [corners.astype(np.int32)], 1)
        outline = np.zeros_like(mask)
        cv2.polylines(outline, [corners.astype(np.int32)], True, 1, 5)
        # A frame: its outline is red nearly all along, its inside is not a red block.
        along = float(cv2.dilate(mask, np.ones((3, 3), np.uint8))[outline > 0].mean())
        fill = float(mask[inside > 0].mean())
        if along >= limits.square_outline and limits.least_fill <= fill <= 0.7:
            low, high = corners.min(axis=0), corners.max(axis=0)
            quad = _box(float(low[0]), float(low[1]), float(high[0]), float(high[1]), width, height)
            found.append(Seal(quad, "square", round(fill, 3), True, None))
    return found
