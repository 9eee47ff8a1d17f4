"""How well bad photos are told from good ones.

    python -m benchmarks.papers.photos FOLDER PAGES.jsonl [--show]

FOLDER holds drawn pages of any level with their truth (`faults` empty: a good photo), PAGES.jsonl what was read on them.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import track

from benchmarks.papers.truth import TruePage
from services.documents.page_care.quality import judged
from training.paper_kinds import read_page_rows


def main() -> None:
    """Print shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    told: Counter[tuple[str, bool]] = Counter()
    named = 0
    for file, output in track(list(read_page_rows(arguments.pages)), description="judging"):
        truth = TruePage.read((arguments.folder / file).with_suffix(".json"))
        image = np.asarray(Image.open(arguments.folder / file).convert("RGB"))
        found = [fault.code for fault in judged(image, output)]
        right = bool(found) == bool(truth.faults)
        told["bad" if truth.faults else "good", right] += 1
        named += bool(truth.faults) and set(truth.faults) <= set(found)
        if arguments.show and (not right or not set(truth.faults) <= set(found)):
            console.print(f"{file} {truth.faults} {truth.marred}: {found}")
    for side in ("good", "bad"):
        count = told[side, True] + told[side, False]
        if count:
            console.print(f"{side}: {told[side, True]} of {count} told ({told[side, True] / count:.3f})")
    console.print(f"bad ones with the right reason: {named}")


if __name__ == "__main__":
    main()
