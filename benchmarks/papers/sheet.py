"""A sheet that is being drawn, and its truth: every line with its corners, every field with its places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.papers.fonts import Typeface
from benchmarks.papers.truth import Quad, TrueField, TrueLine, TrueMark

Colour = tuple[int, int, int]
INK: Colour = (28, 27, 30)
WIDTH, HEIGHT = 1240, 1754
"""A4 at 150 dots per inch."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text that may be (a part of) a field's value."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Pen:
    """How text is set: typeface, size in pixels, colour, extra space between characters in pixels."""

    face: Typeface
    size: float
    colour: Colour = INK
    spacing: float = 0.0

    def width(self, text: str) -> float:
        """Pixels that `text` takes."""
        return float(self.face.at(self.size).getlength(text)) + self.spacing * max(0, len(text) - 1)


@dataclass
class Sheet:
    """A paper of one kind in one layout."""

    kind: str
    layout: str
    image: Image.Image
    lines: list[TrueLine] = field(default_factory=list)
    fields: dict[str, TrueField] = field(default_factory=dict)
    seals: list[TrueMark] = field(default_factory=list)
    signatures: list[TrueMark] = field(default_factory=list)

    @classmethod
    def blank(
        cls, kind: str, layout: str, size: tuple[int, int] = (WIDTH, HEIGHT), colour: Colour = (253, 252, 249)
    ) -> Sheet:
        """An empty sheet of `size` (width, height) pixels."""
        return cls(kind, layout, Image.new("RGB", size, colour))

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        """For frames and lines, which are no truth."""
        return ImageDraw.Draw(self.image)

    @property
    def width(self) -> int:
        """Pixels."""
        return self.image.width

    @property
    def height(self) -> int:
        """Pixels."""
        return self.image.height

    def write(self, x: float, y: float, runs: str | Sequence[Run], pen: Pen, anchor: str = "left") -> float:
        """One line with its left, middle or right end (`anchor`) at x and its top at y; returns where it ends."""
        parts = [Run(runs)] if isinstance(runs, str) else [run for run in runs if run.text]
        text = "".join(run.text for run in parts)
        if not text:
            return x
        whole = pen.width(text)
        left = {"left": x, "middle": x - whole / 2, "right": x - whole}[anchor]
        place = left
        for number, run in enumerate(parts):
            end = self._set(place, y, run.text, pen)
            if run.field:
                self._mark(run, _box(place, y, end, y + pen.size * 1.16))
            place = end + (pen.spacing if number < len(parts) - 1 else 0)
        self.lines.append(TrueLine(text, _box(left, y, place, y + pen.size * 1.16)))
        return place

    def spread(self, x: float, y: float, text: str, pen: Pen, width: float) -> float:
        """A label whose characters are spread over `width` pixels, as official forms do."""
        gap = (width - pen.width(text)) / max(1, len(text) - 1) if len(text) > 1 else 0.0
        return self.write(x, y, text, Pen(pen.face, pen.size, pen.colour, pen.spacing + max(0.0, gap)))

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        runs: Iterable[Run],
        pen: Pen,
        leading: float = 1.6,
        indent: float = 0.0,
    ) -> float:
        """Text broken over lines of `width` pixels, the first one indented; returns the y below it."""
        line: list[Run] = []
        left, taken = x + indent, indent
        for run in runs:
            piece = ""
            for character in run.text:
                step = pen.width(character) + pen.spacing
                if taken + step > width and character not in "，。；：、）":
                    line.append(Run(piece, run.field))
                    self.write(left, y, line, pen)
                    y += pen.size * leading
                    line, piece, left, taken = [], "", x, 0.0
                piece += character
                taken += step
            line.append(Run(piece, run.field))
        if any(run.text for run in line):
            self.write(left, y, line, pen)
            y += pen.size * leading
        return y

    def tell(self, name: str, value: str, raw: str = "", *, printed: bool = True) -> None:
        """The truth of a field, before or after it is written."""
        known = self.fields.setdefault(name, TrueField(value, ""))
        known.value, known.printed = value, printed
        if raw:
            known.raw = raw

    def paste(self, layer: Image.Image) -> None:
        """Lay an RGBA image of the sheet's size over it, as ink: colours multiply."""
        area = layer.getchannel("A").getbbox()
        if area is None:
            return
        base = np.asarray(self.image.crop(area), dtype=np.float32)
        over = np.asarray(layer.crop(area), dtype=np.float32)
        share = over[..., 3:] / 255
        inked = base * (1 - share + share * over[..., :3] / 255)
        self.image.paste(Image.fromarray(inked.clip(0, 255).astype(np.uint8)), area[:2])

    def _mark(self, run: Run, quad: Quad) -> None:
        known = self.fields.setdefault(run.field, TrueField("", ""))
        known.raw += run.text
        known.quads.append(quad)

    def _set(self, x: float, y: float, text: str, pen: Pen) -> float:
        font = pen.face.at(pen.size)
        # By the line's own height: faces place their glyphs differently within it.
        top = y + pen.size * 0.58
        if not pen.spacing:
            self.draw.text((x, top), text, font=font, fill=pen.colour, anchor="lm")
            return x + float(font.getlength(text))
        for number, character in enumerate(text):
            self.draw.text((x, top), character, font=font, fill=pen.colour, anchor="lm")
            x += float(font.getlength(character)) + (pen.spacing if number < len(text) - 1 else 0)
        return x


def _box(left: float, top: float, right: float, bottom: float) -> Quad:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]
