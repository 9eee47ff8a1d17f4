"""Ink on paper, whatever the light: a photo divided by its own background.

Comes in: uint8 RGB (height, width, 3). Goes out: densities, -ln of the share of light that ink lets through, float32 of the
same size: 0 is bare paper, 0.7 half as bright, 3 black. Stray light, shadows and the colour of the paper cancel out.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Densities = NDArray[np.float32]

SIDE = 1000
"""Longer side of the size that marks are looked for at: rims of seals are two pixels wide there, noise is averaged away."""
BACKGROUND_SIDE = 256
MARGIN = 4.0
"""Added to both sides of the division, so that noise in the dark isn't taken for ink."""
DARKEST = 0.02


def working_size(image: Image, side: int = SIDE) -> Image:
    """The image with its longer side at `side` pixels."""
    scale = side / max(image.shape[:2])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(
        cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), dtype=np.uint8
    )


def background(image: Image) -> Image:
    """What the image would be without ink: bright neighbours grown over everything narrow."""
    height, width = image.shape[:2]
    scale = min(1.0, BACKGROUND_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    small = cv2.GaussianBlur(small, (0, 0), 5)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def densities(image: Image, paper: Image | None = None) -> Densities:
    """Ink by channel, (height, width, 3), 0 to 3.9. `paper`: the background, where it is known already."""
    ground = background(image) if paper is None else paper
    through = (image.astype(np.float32) + MARGIN) / (ground.astype(np.float32) + MARGIN)
    return np.asarray(-np.log(through.clip(DARKEST, 1.0)), dtype=np.float32)


def redness(ink: Densities) -> Densities:
    """How much more green and blue a place takes than red, (height, width): red ink has 0.3 and more, black none."""
    return np.asarray((np.minimum(ink[..., 1], ink[..., 2]) - ink[..., 0]).clip(0, None), dtype=np.float32)


def darkest(ink: Densities) -> Densities:
    """The densest of the three channels, (height, width). `ink.max(axis=2)` takes ten times as long."""
    return np.asarray(np.maximum(np.maximum(ink[..., 0], ink[..., 1]), ink[..., 2]), dtype=np.float32)
