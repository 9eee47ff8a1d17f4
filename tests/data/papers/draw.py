"""Draws the papers in this folder: `python tests/data/papers/draw.py` from the project's root. Everybody on them is made up.

The files are committed, so the tests need no fonts; the truth of `name.ext` stands in `name.txt`, pages apart by an empty
line. `hygiene-licence-turned.heic` is `hygiene-licence.jpg` at 700 pixels, turned, with a note in its EXIF that says so; it was
written once with pillow-heif: reading HEIC needs no encoder, and the one that there is has another licence.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks.ocr.papers import KINDS

HERE = Path(__file__).parent
SIZE = (868, 1228)


def page(kind: str, seed: int) -> tuple[Image.Image, list[str]]:
    sheet = KINDS[kind](random.Random(f"{kind}-{seed}"))
    return sheet.image.resize(SIZE, Image.Resampling.LANCZOS), sheet.lines


def truth(name: str, *pages: list[str]) -> None:
    (HERE / f"{name}.txt").write_text("\n\n".join("\n".join(lines) for lines in pages) + "\n", encoding="utf-8")


def main() -> None:
    image, lines = page("hygiene-licence", 1)
    image.save(HERE / "hygiene-licence.jpg", quality=55)
    truth("hygiene-licence", lines)
    image, lines = page("business-licence", 2)
    image.rotate(90, expand=True).save(HERE / "business-licence-turned.jpg", quality=55)
    truth("business-licence-turned", lines)
    image, lines = page("form", 3)
    image.convert("L").quantize(8).save(HERE / "form.png", optimize=True)
    truth("form", lines)
    first, first_lines = page("lease", 4)
    second, second_lines = page("food-licence", 4)
    first.convert("L").save(
        HERE / "lease.pdf", save_all=True, append_images=[second.convert("L")], quality=34, resolution=105
    )
    truth("lease", first_lines, second_lines)


if __name__ == "__main__":
    main()
