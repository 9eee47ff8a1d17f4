"""Whether a PDF's own text can be taken for what is on the page, and if so, as lines.

It can if every character is drawn, visible, and known; if nothing is drawn that the text doesn't cover; and if no picture lies
where the text is (a scan with a recognised text behind it, often wrong). Otherwise the page is read as everybody sees it. In
doubt it isn't trusted: reading costs a second, a wrong text more.

What this can't find out: a font made to draw another character than it says. `source` tells where a text comes from, so
whoever has to be sure can compare.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.tasks import OcrOutput
from services.documents.drawn_ink import stray_marks, without_ink
from services.documents.pdf_characters import Character, PageCharacters
from services.documents.text_lines import Placed, assemble

Refusal = Literal[
    "no_text",
    "too_much",
    "hidden",
    "unknown_characters",
    "implausible",
    "image",
    "slanted",
    "overlapping",
    "invisible",
    "not_covered",
]
"""Why not: no text; too much of it; some is drawn invisibly; characters the font doesn't name; characters nobody uses; a
picture covers much of the page or lies under text; text at an angle; characters over characters; no ink where a character
should be; ink where none is."""

MOST_IMAGE = 0.25
"""Share of the page that pictures may cover."""
STRAIGHT = np.cos(np.radians(2.0))
SAME_PLACE = 0.3
"""Middles of two characters that are drawn over each other are nearer than this share of the smaller one."""
MOST_RARE = 0.05
"""Share of Chinese characters that may stand outside the 6,763 of GB 2312; a shifted font gives far more."""
BULLETS = {"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "➢", "\uf06c": "●", "\uf06e": "■"}
"""Word's list signs, which Symbol and Wingdings leave in the private area."""


def take_text(pixels: NDArray[np.uint8], page: PageCharacters) -> OcrOutput | Refusal:
    """The page's own text, or why it is not trusted.

    Args:
        pixels: the page as it is drawn, uint8 (height, width, 3), RGB.
        page: its characters.
    """
    if not page.complete:
        return "too_much"
    indices = [index for index, one in enumerate(page.characters) if _on_page(one)]
    characters = [page.characters[index] for index in indices]
    if not characters:
        return "no_text"
    if any(one.hidden for one in characters):
        return "hidden"
    texts = [_clean(one) for one in characters]
    if not all(texts):
        return "unknown_characters"
    if _rare(texts) > MOST_RARE:
        return "implausible"
    if _covered(page.images, characters):
        return "image"
    rotation = _rotation(characters)
    if rotation is None:
        return "slanted"
    if _overlapping(characters):
        return "overlapping"
    if without_ink(pixels, [one.tight for one in characters]):
        return "invisible"
    if stray_marks(pixels, [one.loose for one in characters]):
        return "not_covered"
    placed = [
        Placed(text, one.loose, index in page.spaced)
        for index, text, one in zip(indices, texts, characters, strict=True)
    ]
    height, width = pixels.shape[:2]
    return OcrOutput(width, height, rotation, assemble(placed, rotation, width, height))


def _on_page(one: Character) -> bool:
    left, top, right, bottom = one.tight
    return right > 0 and bottom > 0 and left < 1 and top < 1


def _clean(one: Character) -> str:
    """The character in its usual form; empty if nobody knows which it is."""
    text = BULLETS.get(one.text, one.text)
    if not one.mapped:
        return ""
    if "\u2f00" <= text <= "\u2fdf":
        # Kangxi radicals stand in for the characters that look the same.
        text = unicodedata.normalize("NFKC", text)
    if "\u2e80" <= text <= "\u2eff" or text == "\ufffd" or unicodedata.category(text[0]) in ("Cc", "Cn", "Co", "Cs"):
        return ""
    return text


def _rare(texts: Sequence[str]) -> float:
    chinese = [text for text in texts if "\u4e00" <= text <= "\u9fff"]
    rare = sum(1 for text in chinese if not text.encode("gb2312", "ignore"))
    return rare / len(chinese) if chinese else 0.0


def _covered(images: Sequence[tuple[float, float, float, float]], characters: Sequence[Character]) -> bool:
    clipped = [np.clip(box, 0.0, 1.0) for box in images]
    if sum(float((right - left) * (bottom - top)) for left, top, right, bottom in clipped) > MOST_IMAGE:
        return True
    for one in characters:
        x, y = (one.tight[0] + one.tight[2]) / 2, (one.tight[1] + one.tight[3]) / 2
        if any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in images):
            return True
    return False


def _overlapping(characters: Sequence[Character]) -> bool:
    """Whether characters are drawn over each other, so that nobody can say which of them is seen. (pdfium leaves out what is drawn
    twice to look bold; the parts of a ligature have the very same box.)"""
    boxes = sorted({one.tight for one in characters})
    for index, (left, top, right, bottom) in enumerate(boxes):
        x, y = (left + right) / 2, (top + bottom) / 2
        for other in boxes[index + 1 :]:
            if other[0] > x:
                break
            near_x = abs((other[0] + other[2]) / 2 - x) < SAME_PLACE * min(right - left, other[2] - other[0])
            near_y = abs((other[1] + other[3]) / 2 - y) < SAME_PLACE * min(bottom - top, other[3] - other[1])
            if near_x and near_y:
                return True
    return False


def _rotation(characters: Sequence[Character]) -> int | None:
    """Degrees counter-clockwise after which all of the text stands upright; None if it doesn't run one way."""
    along = _unit(np.array([one.along for one in characters]))
    up = _unit(np.array([one.up for one in characters]))
    # Mirrored text would have its top on the other side.
    if not np.all(along[:, 0] * up[:, 1] - along[:, 1] * up[:, 0] < 0):
        return None
    for rotation, way in ((0, (1.0, 0.0)), (90, (0.0, 1.0)), (180, (-1.0, 0.0)), (270, (0.0, -1.0))):
        if np.all(along @ np.array(way) > STRAIGHT):
            return rotation
    return None


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.maximum(np.hypot(vectors[:, 0], vectors[:, 1]), 1e-12)
    return vectors / lengths[:, None]
