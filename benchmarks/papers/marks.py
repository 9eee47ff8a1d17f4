"""Seals and signatures on a sheet."""

from __future__ import annotations

import math
import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.papers.fonts import SANS_BOLD, SERIF_BOLD, Typeface
from benchmarks.papers.sheet import Sheet
from benchmarks.papers.truth import Quad, TrueMark

REDS = {"dev": ((208, 40, 45), (190, 30, 60)), "test": ((222, 52, 40), (196, 22, 34), (205, 60, 70))}


def seal(
    sheet: Sheet,
    dice: random.Random,
    half: str,
    x: float,
    y: float,
    text: str,
    *,
    radius: float = 120,
    shape: str = "round",
    below: str = "",
) -> None:
    """Press a seal with its middle at (x, y): `text` along the rim of a round or oval one, `below` under the star; a square one
    holds `text` in columns. Lines that it covers are marked as under it."""
    tone = dice.choice(REDS[half])
    strength = dice.uniform(0.62, 0.95)
    face = SERIF_BOLD if dice.random() < 0.7 else SANS_BOLD
    size = int(radius * 2.4)
    tile = Image.new("L", (size * 2, size * 2), 0)
    if shape == "square":
        _square(tile, text, face, radius * 2)
    else:
        _round(tile, text, below, face, radius * 2, 0.72 if shape == "oval" else 1.0, dice)
    tile = tile.resize((size, size), Image.Resampling.LANCZOS).rotate(
        dice.uniform(-14, 14), resample=Image.Resampling.BICUBIC
    )
    ink = np.asarray(tile, dtype=np.float32) / 255 * strength * _worn(dice, size)
    layer = Image.new("RGBA", sheet.image.size, (0, 0, 0, 0))
    stamp = Image.new("RGBA", (size, size), (*tone, 0))
    stamp.putalpha(Image.fromarray((ink * 255).clip(0, 255).astype(np.uint8)))
    layer.paste(stamp, (round(x - size / 2), round(y - size / 2)))
    sheet.paste(layer)
    reach_y = radius * (0.72 if shape == "oval" else 1.0)
    quad = [[x - radius, y - reach_y], [x + radius, y - reach_y], [x + radius, y + reach_y], [x - radius, y + reach_y]]
    sheet.seals.append(TrueMark(text, quad, shape))
    for line in sheet.lines:
        if _overlaps(line.quad, quad):
            line.under = "seal"


def signature(sheet: Sheet, dice: random.Random, face: Typeface, x: float, y: float, name: str, size: float) -> None:
    """A name written by hand, its left top near (x, y)."""
    width, height = int(size * (len(name) + 1)), int(size * 2)
    tile = Image.new("L", (width * 2, height * 2), 0)
    draw = ImageDraw.Draw(tile)
    place = size * 0.6
    for character in name:
        grown = size * 2 * dice.uniform(0.85, 1.2)
        draw.text(
            (place, height + dice.uniform(-0.25, 0.25) * size),
            character,
            font=face.at(grown),
            fill=255,
            anchor="lm",
            stroke_width=dice.choice([0, 1, 1]),
        )
        place += grown * dice.uniform(0.62, 0.82)
    pixels = _waved(np.asarray(tile), dice, size)
    tile = Image.fromarray(pixels).transform(
        tile.size, Image.Transform.AFFINE, (1, dice.uniform(0.15, 0.45), -size * 0.5, 0, 1, 0), Image.Resampling.BICUBIC
    )
    # Strokes that run on from character to character, as a quick hand leaves them.
    strokes = ImageDraw.Draw(tile)
    for _ in range(dice.randint(1, 3)):
        start = dice.uniform(size, place * 0.8)
        points = [(start + step * size * 0.25, height + dice.uniform(-0.5, 0.6) * size) for step in range(4)]
        strokes.line(points, fill=220, width=max(2, int(size / 18)), joint="curve")
    tile = tile.filter(ImageFilter.GaussianBlur(0.8)).resize((width, height), Image.Resampling.LANCZOS)
    found = tile.point(lambda value: 255 if value > 60 else 0).getbbox()
    if found is None:
        return
    tone = dice.choice([(20, 20, 30), (25, 35, 110), (15, 15, 20)])
    stamp = Image.new("RGBA", (width, height), (*tone, 0))
    stamp.putalpha(tile)
    layer = Image.new("RGBA", sheet.image.size, (0, 0, 0, 0))
    left, top = round(x), round(y - size * 0.4)
    layer.paste(stamp, (left, top))
    sheet.paste(layer)
    a, b, c, d = found
    quad: Quad = [[left + a, top + b], [left + c, top + b], [left + c, top + d], [left + a, top + d]]
    sheet.signatures.append(TrueMark(name, [[float(u), float(v)] for u, v in quad], "hand"))


def watermark(sheet: Sheet, dice: random.Random, face: Typeface, text: str) -> None:
    """Pale slanted words all over; every line counts as under it."""
    layer = Image.new("RGBA", sheet.image.size, (255, 255, 255, 0))
    size = dice.uniform(30, 46)
    tone, share = dice.choice([(110, 140, 180), (150, 150, 150), (180, 130, 120)]), dice.randint(60, 105)
    angle = dice.choice([18, 30, -25])
    step_x, step_y = int(size * (len(text) + 3)), int(size * dice.uniform(5, 8))
    tile = Image.new("RGBA", (step_x, int(size * 2)), (255, 255, 255, 0))
    ImageDraw.Draw(tile).text((size / 2, size / 3), text, font=face.at(size), fill=(*tone, share))
    tile = tile.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    for y in range(40, sheet.height, step_y):
        for x in range(-step_x // 2 * ((y // step_y) % 2), sheet.width, step_x):
            layer.paste(tile, (x, y), tile)
    sheet.paste(layer)
    for line in sheet.lines:
        line.under = line.under or "watermark"


def _round(
    tile: Image.Image, text: str, below: str, face: Typeface, radius: float, flat: float, dice: random.Random
) -> None:
    draw = ImageDraw.Draw(tile)
    middle = tile.width / 2
    draw.ellipse(
        (middle - radius, middle - radius, middle + radius, middle + radius), outline=255, width=int(radius / 18)
    )
    corners = []
    for corner in range(10):
        reach = radius * (0.34 if corner % 2 == 0 else 0.135)
        angle = math.pi * corner / 5 - math.pi / 2
        corners.append((middle + reach * math.cos(angle), middle + reach * math.sin(angle)))
    draw.polygon(corners, fill=255)
    size = radius * min(0.34, 3.6 / max(len(text), 8))
    arc = min(290.0, 24.0 * len(text) + 30) * dice.uniform(0.92, 1.0)
    for number, character in enumerate(text):
        turn = (number - (len(text) - 1) / 2) * arc / max(1, len(text) - 1)
        glyph = Image.new("L", (int(size * 1.8), int(size * 1.8)), 0)
        centre = glyph.width / 2
        ImageDraw.Draw(glyph).text((centre, centre), character, font=face.at(size), fill=255, anchor="mm")
        glyph = glyph.rotate(-turn, resample=Image.Resampling.BICUBIC)
        angle, reach = math.radians(turn - 90), radius * 0.76
        spot = (int(middle + reach * math.cos(angle) - centre), int(middle + reach * math.sin(angle) - centre))
        tile.paste(255, spot, glyph)
    if below:
        draw.text((middle, middle + radius * 0.56), below, font=face.at(radius * 0.2), fill=255, anchor="mm")
    if flat < 1:
        squeezed = tile.resize((tile.width, int(tile.height * flat)), Image.Resampling.LANCZOS)
        tile.paste(0, (0, 0, tile.width, tile.height))
        tile.paste(squeezed, (0, (tile.height - squeezed.height) // 2))


def _square(tile: Image.Image, text: str, face: Typeface, radius: float) -> None:
    draw, middle = ImageDraw.Draw(tile), tile.width / 2
    draw.rectangle(
        (middle - radius, middle - radius, middle + radius, middle + radius), outline=255, width=int(radius / 14)
    )
    columns = math.ceil(math.sqrt(len(text)))
    rows = math.ceil(len(text) / columns)
    cell = radius * 1.76 / max(columns, rows)
    for number, character in enumerate(text):
        column, row = divmod(number, rows)
        # Seals are read from the right column to the left.
        x = middle + radius * 0.88 - cell * (column + 0.5)
        draw.text(
            (x, middle - radius * 0.88 + cell * (row + 0.5)), character, font=face.at(cell * 0.9), fill=255, anchor="mm"
        )


def _worn(dice: random.Random, size: int) -> NDArray[np.float32]:
    """How much ink took hold, 0.35 to 1 over (size, size)."""
    rough = np.random.default_rng(dice.randrange(2**32)).random((12, 12)) * 255
    cloud = Image.fromarray(rough.astype(np.uint8)).resize((size, size), Image.Resampling.BICUBIC)
    spread = np.asarray(cloud, dtype=np.float32) / 255
    return np.clip(0.55 + 0.75 * spread, 0.35, 1.0)


def _waved(pixels: NDArray[np.uint8], dice: random.Random, size: float) -> NDArray[np.uint8]:
    """The same pixels with rows and columns shifted in waves."""
    height, width = pixels.shape
    rows, columns = np.mgrid[0:height, 0:width]
    phase, reach = dice.uniform(0, 6), size * dice.uniform(0.04, 0.1)
    source_y = rows + reach * np.sin(columns / size * 1.9 + phase)
    source_x = columns + reach * np.sin(rows / size * 2.3 + phase * 2)
    found: NDArray[np.uint8] = pixels[
        source_y.round().astype(int).clip(0, height - 1), source_x.round().astype(int).clip(0, width - 1)
    ]
    return found


def _overlaps(one: Quad, other: Quad) -> bool:
    """Whether two upright boxes share more than a sliver."""
    width = min(one[1][0], other[1][0]) - max(one[0][0], other[0][0])
    height = min(one[2][1], other[2][1]) - max(one[0][1], other[0][1])
    return width > 8 and height > 8
