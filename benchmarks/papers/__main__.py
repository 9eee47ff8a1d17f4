"""Draw papers with their truth.

    python -m benchmarks.papers OUT [--half dev] [--level clean] [--count 45] [--seed 0] [--kinds a,b] [--more]

Writes OUT/<kind>-<layout>-<seed>.jpg and the truth beside it as .json (`benchmarks.papers.truth`).
The same call writes the same pages. `--more`: the further dev layouts of `benchmarks.papers.kinds.more`.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.progress import track

from benchmarks.papers.damage import LEVELS, handed_in
from benchmarks.papers.fonts import missing
from benchmarks.papers.kinds import KINDS, drawn
from benchmarks.papers.kinds.more import MORE, drawn_more


def main() -> None:
    """Write a folder of pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--half", choices=("dev", "test"), default="dev")
    parser.add_argument("--level", choices=LEVELS, default="clean")
    parser.add_argument("--count", type=int, default=45)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default="")
    parser.add_argument("--more", action="store_true")
    arguments = parser.parse_args()
    if arguments.more and arguments.half != "dev":
        parser.error("--more: of the dev half only")
    notes = Console(stderr=True)
    for file in missing():
        notes.print(f"not installed, Noto stands in: {file}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    kinds = [one for one in arguments.kinds.split(",") if one] or list(MORE if arguments.more else KINDS)
    for number in track(range(arguments.count), description="drawing", console=notes):
        kind, seed = kinds[number % len(kinds)], arguments.seed + number // len(kinds)
        sheet = drawn_more(kind, seed) if arguments.more else drawn(kind, arguments.half, seed)
        image, page = handed_in(sheet, random.Random(f"{kind}-{seed}"), arguments.half, arguments.level)
        page.file = f"{kind}-{sheet.layout}-{seed}.jpg"
        Image.fromarray(image).save(arguments.out / page.file, quality=95)
        page.write((arguments.out / page.file).with_suffix(".json"))
    notes.print(f"{arguments.count} pages in {arguments.out}")


if __name__ == "__main__":
    main()
