"""The characters of a PDF page as pdfium tells them, with their place on the page as it is drawn. Under pdfium's lock.

All places are relative to the drawn page, 0..1 from its top left, turned as the page is turned.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2.raw as raw
from numpy.typing import NDArray

MOST_CHARACTERS = 20_000
"""A page with more is drawn and read instead: it is a table of a thousand rows, or made to keep us busy."""
HIDDEN_MODES = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_FINE = 1_000_000
"""pdfium tells whole pixels; on a page of so many they are exact enough."""


@dataclass(frozen=True, slots=True)
class Character:
    """One character that is drawn (or claims to be).

    `tight`, `loose`: left, top, right, bottom of its ink and of its line's height. `along`, `up`: direction of its baseline and
    of its top, not normalised. `hidden`: drawn invisibly. `mapped`: the font says which character it is.
    """

    text: str
    tight: tuple[float, float, float, float]
    loose: tuple[float, float, float, float]
    along: tuple[float, float]
    up: tuple[float, float]
    hidden: bool
    mapped: bool


@dataclass(frozen=True, slots=True)
class PageCharacters:
    """What a page says of itself. `characters` in the order of the file, spaces left out; a space before one is told by
    `spaced`, its index. `images`: left, top, right, bottom of each. `complete`: False if there were too many."""

    characters: tuple[Character, ...]
    spaced: frozenset[int]
    images: tuple[tuple[float, float, float, float], ...]
    complete: bool = True


def read_characters(page: Any) -> PageCharacters:
    """The characters of an open page of pypdfium2."""
    place = _Place(page)
    images = tuple(
        place.box(*bounds)
        for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])
        if (bounds := _bounds(one)) is not None
    )
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count > MOST_CHARACTERS:
            return PageCharacters((), frozenset(), images, complete=False)
        characters: list[Character] = []
        spaced: set[int] = set()
        for index in range(count):
            text = _text(text_page, index)
            if text.isspace() or raw.FPDFText_IsGenerated(text_page, index) == 1:
                spaced.add(len(characters))
                continue
            characters.append(_character(text_page, index, text, place))
        return PageCharacters(tuple(characters), frozenset(spaced), images)
    finally:
        text_page.close()


class _Place:
    """From the page's own coordinates (points, from the bottom left) to the drawn page's."""

    def __init__(self, page: Any) -> None:
        def at(x: float, y: float) -> NDArray[np.float64]:
            across, down = ctypes.c_int(), ctypes.c_int()
            raw.FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, across, down)
            return np.array([across.value, down.value]) / _FINE

        # Three points tell the whole mapping; far apart, so that whole pixels cost no precision.
        self._origin = at(0, 0)
        self._linear = np.stack([(at(1000, 0) - self._origin) / 1000, (at(0, 1000) - self._origin) / 1000], axis=1)
        width, height = page.get_size()
        self._size = np.array([width, height])

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        corners = np.array([[left, bottom], [right, top]]) @ self._linear.T + self._origin
        (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)

    def direction(self, x: float, y: float) -> tuple[float, float]:
        """In points on the drawn page, so that angles are true."""
        across, down = (self._linear @ np.array([x, y])) * self._size
        return float(across), float(down)


def _text(text_page: Any, index: int) -> str:
    if raw.FPDFText_IsHyphen(text_page, index) == 1:
        return "-"  # at the end of a line pdfium tells it as a control character
    code = raw.FPDFText_GetUnicode(text_page, index)
    # Halves of surrogates that pdfium leaves apart can't be a text.
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code <= 0xDFFF else "\ufffd"


def _character(text_page: Any, index: int, text: str, place: _Place) -> Character:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
    tight = place.box(left.value, bottom.value, right.value, top.value)
    rectangle, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    loose = tight
    if raw.FPDFText_GetLooseCharBox(text_page, index, rectangle):
        loose = place.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
    along, up = (1.0, 0.0), (0.0, -1.0)
    if raw.FPDFText_GetMatrix(text_page, index, matrix):
        along, up = place.direction(matrix.a, matrix.b), place.direction(matrix.c, matrix.d)
    return Character(
        text=text,
        tight=tight,
        loose=loose,
        along=along,
        up=up,
        hidden=_hidden(text_page, index),
        mapped=raw.FPDFText_HasUnicodeMapError(text_page, index) == 0,
    )


def _hidden(text_page: Any, index: int) -> bool:
    drawn = raw.FPDFText_GetTextObject(text_page, index)
    if not drawn or raw.FPDFTextObj_GetTextRenderMode(drawn) in HIDDEN_MODES:
        return True
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    return bool(raw.FPDFText_GetFillColor(text_page, index, red, green, blue, alpha)) and alpha.value == 0


def _bounds(page_object: Any) -> tuple[float, float, float, float] | None:
    try:
        left, bottom, right, top = page_object.get_bounds()
    except Exception:  # pypdfium2 has an error of its own for an object without a place
        return None
    return float(left), float(bottom), float(right), float(top)
