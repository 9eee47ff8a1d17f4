"""A page that was read -> numbers from which its kind can be told: what is written, how large, how the page is laid out.

Comes in: `OcrOutput`. Goes out: places of hashed character pairs and triples (large print counted apart from the rest), and a
few figures of layout. No learning in here: training and serving share it, so both see the same numbers. Hashing: Weinberger
et al. 2009, "Feature Hashing for Large Scale Multitask Learning".
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.backends.page_geometry import turn_upright
from models.tasks import OcrOutput

BUCKETS = 1 << 13
"""Places of each of the two groups of terms."""
GROUPS = 2
LARGE = 1.35
"""Print from so many times the page's middle height on is large: titles."""
LAYOUT = 12
"""Figures of layout at the end of the vector."""
LENGTH = GROUPS * BUCKETS + LAYOUT


@dataclass(frozen=True, slots=True)
class UprightLine:
    """A line on the upright page: its text as it is compared, left, top, right, bottom, all relative to the page's width and
    height (0..1)."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Share of the page's height."""
        return self.bottom - self.top


def upright_lines(page: OcrOutput) -> list[UprightLine]:
    """The page's lines with text in them, turned upright, in the order given."""
    lines = []
    for line in page.lines:
        text = comparable(line.text)
        if not text:
            continue
        corners = turn_upright(np.array(line.box, dtype=np.float64)[None], page.rotation)[0]
        left, top = corners.min(axis=0)
        right, bottom = corners.max(axis=0)
        lines.append(UprightLine(text, float(left), float(top), float(right), float(bottom)))
    return lines


def comparable(text: str) -> str:
    """`text` without spaces, in one width and case, every digit as 0: numbers say their length, not whose they are."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    return "".join("0" if one.isdigit() else one for one in narrow if not one.isspace())


def vector(page: OcrOutput) -> NDArray[np.float32]:
    """float32 (LENGTH,). Each group of terms has L2 norm 1 (0 without any); figures of layout lie within about 0..1."""
    lines = upright_lines(page)
    found = np.zeros(LENGTH, dtype=np.float32)
    middle = float(np.median([line.height for line in lines])) if lines else 0.0
    for line in lines:
        large = line.height >= LARGE * middle
        for term in _terms(line.text):
            place = zlib.crc32(term.encode("utf-8", "replace")) % BUCKETS
            found[place] = 1.0
            if large:
                found[BUCKETS + place] = 1.0
    for group in range(GROUPS):
        own = found[group * BUCKETS : (group + 1) * BUCKETS]
        norm = float(np.linalg.norm(own))
        if norm:
            own /= norm
    found[GROUPS * BUCKETS :] = _layout(page, lines, middle)
    return found


def _terms(text: str) -> Iterator[str]:
    whole = f"^{text}$"
    for length in (2, 3):
        for start in range(len(whole) - length + 1):
            yield whole[start : start + length]


def _layout(page: OcrOutput, lines: list[UprightLine], middle: float) -> list[float]:
    turned = page.rotation in (90, 270)
    width, height = (page.height, page.width) if turned else (page.width, page.height)
    ratio = width / max(height, 1)
    characters = sum(len(line.text) for line in lines)
    tall = max((line.height for line in lines), default=0.0)
    box = (
        (
            min(line.left for line in lines),
            min(line.top for line in lines),
            max(line.right for line in lines),
            max(line.bottom for line in lines),
        )
        if lines
        else (0.0, 0.0, 0.0, 0.0)
    )
    return [
        1.0 if not lines else 0.0,
        min(ratio, 3.0) / 3.0,
        1.0 if ratio > 1.2 else 0.0,
        min(len(lines), 80) / 80,
        min(characters, 1200) / 1200,
        min(characters / max(len(lines), 1), 40) / 40,
        min(middle * 10, 1.0),
        min(tall / middle, 6.0) / 6.0 if middle else 0.0,
        *box,
    ]
