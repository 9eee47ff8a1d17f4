"""How well seals are found on drawn papers.

    python -m benchmarks.papers.seals FOLDER [--show]

A seal is found if its box and a box found share half of what either covers (intersection over union from .5). By the level of the
page: precision, recall, F1.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import track

from benchmarks.papers.truth import pages
from services.documents.page_care.seals import find_seals

Box = tuple[float, float, float, float]


def box_of(quad: Sequence[Sequence[float]]) -> Box:
    """Left, top, right, bottom around four corners."""
    xs, ys = [one[0] for one in quad], [one[1] for one in quad]
    return min(xs), min(ys), max(xs), max(ys)


def shared(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1]) - both)


def counts(truth: Sequence[Box], found: Sequence[Box], least: float = 0.5) -> tuple[int, int, int]:
    """Right, missed, made up; each box counts once. `least`: how much two boxes have to share to be one."""
    left = list(found)
    right = 0
    for one in truth:
        best = max(left, key=lambda other: shared(one, other), default=None)
        if best is not None and shared(one, best) >= least:
            left.remove(best)
            right += 1
    return right, len(truth) - right, len(left)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    total: Counter[tuple[str, str]] = Counter()
    for page in track(pages(arguments.folder), description="looking"):
        image = np.asarray(Image.open(arguments.folder / page.file).convert("RGB"))
        found = [box_of(seal.quad) for seal in find_seals(image)]
        right, missed, made_up = counts([box_of(mark.quad) for mark in page.seals], found)
        for name, count in (("right", right), ("missed", missed), ("made up", made_up)):
            total[page.level, name] += count
        if arguments.show and (missed or made_up):
            console.print(f"{page.file} {','.join(page.marred)}: missed {missed}, made up {made_up}")
    for level in sorted({level for level, _ in total}):
        right, missed, made_up = (total[level, name] for name in ("right", "missed", "made up"))
        precision, recall = right / max(right + made_up, 1), right / max(right + missed, 1)
        f1 = 2 * right / max(2 * right + missed + made_up, 1)
        console.print(
            f"seals, {level}: {right + missed} there, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}"
        )


if __name__ == "__main__":
    main()
