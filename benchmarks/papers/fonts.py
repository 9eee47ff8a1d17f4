"""The typefaces that papers are drawn in: pools of the dev half and of the test half.

Debian: fonts-noto-cjk fonts-noto-cjk-extra fonts-lxgw-wenkai fonts-wqy-microhei fonts-wqy-zenhei fonts-arphic-ukai
fonts-arphic-uming. Where one is missing, Noto stands in for it (`missing` names them), and figures differ a little.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

ROOT = Path("/usr/share/fonts")
NOTO = "opentype/noto/Noto{}.ttc"
SIMPLIFIED = 2
"""Index of the simplified Chinese face in the Noto collections."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """A file below `ROOT`, the face's index in it, and the Noto face that stands in for it."""

    file: str
    index: int = 0
    instead: str = NOTO.format("SansCJK-Regular")

    def at(self, size: float) -> ImageFont.FreeTypeFont:
        """The face at `size` pixels."""
        return _loaded(self, max(6, round(size)))


def _noto(name: str) -> Typeface:
    return Typeface(NOTO.format(name), SIMPLIFIED)


SANS, SANS_BOLD = _noto("SansCJK-Regular"), _noto("SansCJK-Bold")
SERIF, SERIF_BOLD = _noto("SerifCJK-Regular"), _noto("SerifCJK-Bold")
SANS_LIGHT, SERIF_MEDIUM = _noto("SansCJK-DemiLight"), _noto("SerifCJK-Medium")
WENKAI = Typeface("truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf", instead=NOTO.format("SerifCJK-Regular"))
MICROHEI = Typeface("truetype/wqy/wqy-microhei.ttc")
ZENHEI = Typeface("truetype/wqy/wqy-zenhei.ttc")
UKAI = Typeface("truetype/arphic/ukai.ttc", instead=NOTO.format("SerifCJK-Regular"))
UMING = Typeface("truetype/arphic/uming.ttc", instead=NOTO.format("SerifCJK-Regular"))

HANDS = {"dev": WENKAI, "test": UKAI}
"""What signatures are made of."""
PRINT = {
    "dev": (SANS, SERIF, WENKAI, MICROHEI),
    "test": (SERIF_MEDIUM, SANS_LIGHT, UKAI, ZENHEI, UMING),
}
"""What labels and values are set in."""
TITLES = {"dev": (SERIF_BOLD, SANS_BOLD), "test": (SERIF_BOLD, ZENHEI, SANS_BOLD)}


@cache
def _loaded(face: Typeface, size: int) -> ImageFont.FreeTypeFont:
    if (ROOT / face.file).is_file():
        return ImageFont.truetype(str(ROOT / face.file), size, index=face.index)
    return ImageFont.truetype(str(ROOT / face.instead), size, index=SIMPLIFIED)


def missing() -> list[str]:
    """Files of typefaces that aren't installed."""
    faces = {face for pool in (PRINT, TITLES) for half in pool.values() for face in half} | set(HANDS.values())
    return sorted(face.file for face in faces if not (ROOT / face.file).is_file())
