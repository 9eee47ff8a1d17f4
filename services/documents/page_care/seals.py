"""Seals on a page: where they are, the page without their ink, and their own text laid out straight.

Comes in: uint8 (height, width, 3), RGB, as the page was sent. Goes out: `Seal`s; images of the same form. Red seals are found by colour
against the paper around them (a marriage certificate's paper is pink itself); on copies without colour by the ring.

A seal is pressed over the text, and ink multiplies: where red lies over black the page is black, so the red channel shows the
text as if there were no seal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.documents.page_care.settings import SealSettings, load_settings

Image = NDArray[np.uint8]
Mask = NDArray[np.uint8]
Grey = NDArray[np.float32]
Corner = tuple[float, float]
Quad = tuple[Corner, Corner, Corner, Corner]

SEEN_AT = 1000
"""Pixels of the longer side that seals are looked for at."""
BINS = 48
"""Parts of the circle in which a ring must show."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as an upright ellipse. `middle_x`, `middle_y`, `radius_x`, `radius_y`: shares (0..1) of the page as sent; `colour`: whether it
    is red, or grey as on a copy."""

    middle_x: float
    middle_y: float
    radius_x: float
    radius_y: float
    colour: bool

    @property
    def quad(self) -> Quad:
        """Its four corners, clockwise from the top left of the page as sent."""
        left, right = self.middle_x - self.radius_x, self.middle_x + self.radius_x
        top, bottom = self.middle_y - self.radius_y, self.middle_y + self.radius_y
        return (left, top), (right, top), (right, bottom), (left, bottom)


def find_seals(image: Image, settings: SealSettings | None = None) -> tuple[Seal, ...]:
    """The seals on a page, the largest first."""
    settings = settings or load_settings().seals
    small = _small(image)
    red = _red(small, settings)
    found = [ellipse for ellipse in _blobs(red, settings) if _is_seal(red, ellipse, settings)]
    if found:
        return _seals(found, small, colour=True)
    if red.mean() < settings.least_red and _colour(small) < settings.colourless:
        dark = _dark(small)
        rings = [one for one in _circles(small, settings) if _is_ring(dark, one, settings)]
        return _seals(_apart(rings), small, colour=False)
    return ()


def lifted(image: Image, seals: Sequence[Seal], settings: SealSettings | None = None) -> Image:
    """The page with the ink of its red seals taken out; the same array where there is none."""
    settings = settings or load_settings().seals
    coloured = [seal for seal in seals if seal.colour]
    if not coloured:
        return image
    page = image.copy()
    for seal in coloured:
        rows, columns = _area(seal, image, 1.12)
        page[rows, columns] = _without_red(page[rows, columns], settings)
    return page


def unrolled(image: Image, seal: Seal, rotation: int, *, height: int = 64) -> Image:
    """The text along a seal's rim as a straight line, dark on white: uint8 (height, length, 3). The line begins and ends at the
    seal's foot. `rotation`: as in `OcrOutput`."""
    rows, columns = _area(seal, image, 1.0)
    piece = np.rot90(image[rows, columns], rotation // 90)
    ink = _ink(np.ascontiguousarray(piece), colour=seal.colour)
    tall, wide = ink.shape
    outer, inner = 0.94, 0.56
    length = round(2 * np.pi * 0.76 * height / (outer - inner))
    # From the foot (straight down) clockwise once around.
    angle = np.pi / 2 + np.linspace(0, 2 * np.pi, length, endpoint=False)[None, :]
    reach = np.linspace(outer, inner, height)[:, None]
    x = (wide / 2 + np.cos(angle) * reach * wide / 2).astype(np.float32)
    y = (tall / 2 + np.sin(angle) * reach * tall / 2).astype(np.float32)
    line = cv2.remap(ink, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    flat = (255 - np.clip(line, 0, 255)).astype(np.uint8)
    return np.repeat(flat[..., None], 3, axis=2)


def _small(image: Image) -> Image:
    scale = SEEN_AT / max(image.shape[:2])
    if scale >= 1:
        return image
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _redness(image: Image) -> Grey:
    """How red, 0..255, whatever the light: a dark photo's red is as red."""
    values = image.astype(np.float32)
    red, others = values[..., 0], values[..., 1:].max(axis=2)
    return np.asarray((red - others) / np.maximum(values.max(axis=2), 48) * 255, dtype=np.float32)


def _red(image: Image, settings: SealSettings) -> Mask:
    redness = np.clip(_redness(image), 0, 255).astype(np.uint8)
    around = cv2.medianBlur(redness, settings.paper_window)
    values = image.astype(np.float32)
    green, blue = values[..., 1], values[..., 2]
    # Skin is redder than paper too, but its green is far from its blue.
    red = np.abs(green - blue) < settings.hue * (values[..., 0] - np.maximum(green, blue))
    mask = (redness.astype(np.int16) - around > settings.redder) & red
    return np.asarray(mask, dtype=np.uint8)


Ellipse = tuple[float, float, float, float]
"""Middle x and y, radius x and y, in pixels of the small page."""


def _blobs(mask: Mask, settings: SealSettings) -> list[Ellipse]:
    """What holds together in a mask and has about a seal's size and form."""
    longer = max(mask.shape)
    reach = max(3, round(longer * settings.join))
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    count, labels, facts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found: list[Ellipse] = []
    for label in range(1, count):
        left, top, width, height, _ = (int(one) for one in facts[label])
        if not settings.least_size * longer < min(width, height) <= max(width, height) < settings.most_size * longer:
            continue
        if max(width, height) > settings.longest * min(width, height):
            continue
        inked = float((mask[top : top + height, left : left + width]).mean())
        if settings.least_ink < inked < settings.most_ink:
            found.append((left + width / 2, top + height / 2, width / 2, height / 2))
    return found


def _is_seal(mask: Mask, ellipse: Ellipse, settings: SealSettings) -> bool:
    """A rim all around, and text within; an emblem is empty or filled."""
    text = float(_polar(mask, ellipse, 0.4, 0.8).mean())
    return _ring(mask, ellipse) >= settings.least_ring and text >= settings.least_text


def _ring(mask: Mask, ellipse: Ellipse, inner: float = 0.84, outer: float = 1.02) -> float:
    """Share of directions in which there is ink near the rim."""
    return float((_polar(mask, ellipse, inner, outer).max(axis=0) > 0).mean())


def _polar(mask: Mask, ellipse: Ellipse, inner: float, outer: float) -> NDArray[np.float32]:
    """(steps, BINS): the mask along rays from the middle, between two shares of the radius."""
    x, y, wide, high = ellipse
    angle = np.linspace(0, 2 * np.pi, BINS * 3, endpoint=False)[None, :]
    reach = np.linspace(inner, outer, max(3, round((outer - inner) * max(wide, high))))[:, None]
    across = (x + np.cos(angle) * reach * wide).astype(np.float32)
    down = (y + np.sin(angle) * reach * high).astype(np.float32)
    rays = cv2.remap(mask.astype(np.float32), across, down, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(rays.reshape(len(reach), BINS, 3).max(axis=2), dtype=np.float32)


def _colour(image: Image) -> float:
    """How far the most coloured hundredth of the page's middle is from grey, 0..255; a desk around it may have any colour."""
    height, width = image.shape[:2]
    middle = image[height // 5 : height * 4 // 5, width // 5 : width * 4 // 5]
    spread = middle.max(axis=2).astype(np.int16) - middle.min(axis=2)
    return float(np.percentile(spread, 99))


def _dark(image: Image) -> Mask:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    window = 31
    mask = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, 10)
    return np.asarray(mask, dtype=np.uint8)


def _circles(image: Image, settings: SealSettings) -> list[Ellipse]:
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    longer = max(grey.shape)
    found = cv2.HoughCircles(
        grey,
        cv2.HOUGH_GRADIENT,
        dp=1.5,
        minDist=longer * 0.03,
        param1=90,
        param2=settings.votes,
        minRadius=round(longer * settings.least_size / 2),
        maxRadius=round(longer * settings.most_copy / 2),
    )
    if found is None:
        return []
    return [(float(x), float(y), float(radius), float(radius)) for x, y, radius in found[0][:30]]


def _is_ring(dark: Mask, ellipse: Ellipse, settings: SealSettings) -> bool:
    """A ring all around, paper right outside it, and some ink within."""
    x, y, wide, high = ellipse
    ring = _ring(dark, ellipse, 0.9, 1.08)
    outside = float(_polar(dark, ellipse, 1.16, 1.3).mean())
    inside = float(_polar(dark, ellipse, 0.1, 0.84).mean())
    return ring >= settings.least_ring_copy and outside < settings.most_outside and inside > settings.least_inside


def _apart(ellipses: Sequence[Ellipse]) -> list[Ellipse]:
    """The largest of those that lie over one another."""
    kept: list[Ellipse] = []
    for one in sorted(ellipses, key=lambda one: -one[2]):
        if all(np.hypot(one[0] - other[0], one[1] - other[1]) > 0.8 * max(one[2], other[2]) for other in kept):
            kept.append(one)
    return kept


def _seals(ellipses: Sequence[Ellipse], page: Image, *, colour: bool) -> tuple[Seal, ...]:
    height, width = page.shape[:2]
    return tuple(
        Seal(x / width, y / height, wide / width, high / height, colour)
        for x, y, wide, high in sorted(ellipses, key=lambda one: -one[2] * one[3])
    )


def _area(seal: Seal, image: Image, times: float) -> tuple[slice, slice]:
    height, width = image.shape[:2]
    top, bottom = (seal.middle_y + sign * times * seal.radius_y for sign in (-1, 1))
    left, right = (seal.middle_x + sign * times * seal.radius_x for sign in (-1, 1))
    return (
        slice(max(0, round(top * height)), min(height, round(bottom * height))),
        slice(max(0, round(left * width)), min(width, round(right * width))),
    )


def _without_red(piece: Image, settings: SealSettings) -> Image:
    """Red ink at the brightness of the paper around it, what is dark beneath it kept."""
    redness = _redness(piece)
    usual = float(np.median(redness))
    inked = np.clip((redness - usual - settings.redder * 0.5) / settings.redder, 0, 1)[..., None]
    red = piece[..., 0].astype(np.float32)
    paper = np.median(piece[redness < usual + settings.redder * 0.5].reshape(-1, 3), axis=0).astype(np.float32)
    strongly = redness > usual + settings.redder
    # What the red channel is under the seal's ink alone: its upper half, since text below makes it darker.
    level = float(np.percentile(red[strongly], 70)) if strongly.any() else 255.0
    clean = np.minimum(red / max(level, 1.0), 1.0)[..., None] * paper
    mixed = piece.astype(np.float32) * (1 - inked) + clean * inked
    return np.asarray(mixed.clip(0, 255), dtype=np.uint8)


def _ink(piece: Image, *, colour: bool) -> Grey:
    """How much of the seal's ink is at each point, 0..255."""
    if colour:
        ink = _redness(piece)
    else:
        ink = 255 - cv2.cvtColor(piece, cv2.COLOR_RGB2GRAY).astype(np.float32)
    low, high = np.percentile(ink, [30, 97])
    return np.asarray(((ink - low) / max(high - low, 1) * 255).clip(0, 255), dtype=np.float32)
