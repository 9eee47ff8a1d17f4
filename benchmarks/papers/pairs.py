"""Two papers on one scan, as people copy a card's two sides on one sheet.

    python -m benchmarks.papers.pairs OUT [--half dev] [--level clean] [--count 40] [--seed 0]

Writes pages like `python -m benchmarks.papers`, with two papers in the truth of each.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from PIL import Image
from rich.progress import track

from benchmarks.papers.damage import LEVELS, handed_in
from benchmarks.papers.kinds import drawn
from benchmarks.papers.sheet import HEIGHT, WIDTH, Sheet
from benchmarks.papers.truth import Quad, TrueField, TrueLine, TrueMark, TruePage, TruePaper

PAIRS = (
    ("identity-card-face", "identity-card-back"),
    ("identity-card-back", "identity-card-face"),
    ("identity-card-face", "identity-card-face"),
    ("residence-permit", "identity-card-face"),
    ("health-certificate", "identity-card-face"),
)


def two_on_one(first: Sheet, second: Sheet, dice: random.Random) -> Sheet:
    """Both on one sheet of A4, one below the other. Fields are named 0/... and 1/..."""
    both = Sheet.blank(first.kind, f"{first.layout}+{second.layout}")
    for place, sheet in enumerate((first, second)):
        wide = dice.uniform(0.5, 0.72) * WIDTH
        times = min(wide / sheet.width, 0.42 * HEIGHT / sheet.height)
        size = (round(sheet.width * times), round(sheet.height * times))
        left = dice.uniform(0.08, 0.92) * (WIDTH - size[0])
        top = (0.04 + 0.48 * place) * HEIGHT + dice.uniform(0, 0.02) * HEIGHT
        both.image.paste(sheet.image.resize(size, Image.Resampling.LANCZOS), (round(left), round(top)))

        def moved(quad: Quad, left: float = left, top: float = top, times: float = times) -> Quad:
            return [[left + x * times, top + y * times] for x, y in quad]

        both.lines += [TrueLine(line.text, moved(line.quad), line.under) for line in sheet.lines]
        both.seals += [TrueMark(mark.text, moved(mark.quad), mark.shape) for mark in sheet.seals]
        both.signatures += [TrueMark(mark.text, moved(mark.quad), mark.shape) for mark in sheet.signatures]
        for name, field in sheet.fields.items():
            quads = [moved(quad) for quad in field.quads]
            both.fields[f"{place}/{name}"] = TrueField(field.value, field.raw, quads, field.printed)
    return both


def parted(page: TruePage, sheets: tuple[Sheet, Sheet]) -> None:
    """Give the page of `two_on_one` its two papers."""
    whole = page.papers[0]
    page.papers = [
        TruePaper(
            sheet.kind,
            sheet.layout,
            whole.quad,
            {name.partition("/")[2]: field for name, field in whole.fields.items() if name.startswith(f"{place}/")},
        )
        for place, sheet in enumerate(sheets)
    ]


def main() -> None:
    """Write a folder of pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--half", choices=("dev", "test"), default="dev")
    parser.add_argument("--level", choices=LEVELS, default="clean")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for number in track(range(arguments.count), description="drawing"):
        kinds, seed = PAIRS[number % len(PAIRS)], arguments.seed + number
        sheets = (drawn(kinds[0], arguments.half, seed), drawn(kinds[1], arguments.half, seed + 1000))
        dice = random.Random(f"pair-{seed}")
        image, page = handed_in(two_on_one(*sheets, dice), dice, arguments.half, arguments.level)
        parted(page, sheets)
        page.file = f"pair-{seed}.jpg"
        Image.fromarray(image).save(arguments.out / page.file, quality=95)
        page.write((arguments.out / page.file).with_suffix(".json"))


if __name__ == "__main__":
    main()
