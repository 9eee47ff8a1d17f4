"""How well a page's turn, its seals, its signatures and bad photos are told: all of it in one table.

    python -m benchmarks.papers.marks_found FOLDER PAGES.jsonl [FOLDER PAGES.jsonl ...] [--show]

FOLDER holds the truth of drawn pages, PAGES.jsonl what was read on them with care (`benchmarks.papers.read`). Nothing
is looked at anew, so it takes seconds. Orientation: the mean F1 of the four turns, over pages that can be read. Seals
and signatures: a box found is right if it and a true one share at least half (signatures: `SIGNED`, since a hand's
strokes have no edge) of what either covers. Photos: pages with a fault of the bench's rules against pages without,
whatever the reason that was given.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.papers.seals import box_of, counts
from benchmarks.papers.truth import TruePage

SEALED, SIGNED = 0.5, 0.3
GOALS = {"orientation": 0.99, "seals": 0.97, "signatures": 0.92, "photos": 0.95}


@dataclass(frozen=True, slots=True)
class Found:
    """Of one kind of mark: `right` and `missed` of what is there, `made_up` of what is not."""

    right: int = 0
    missed: int = 0
    made_up: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(self.right + other.right, self.missed + other.missed, self.made_up + other.made_up)

    @property
    def f1(self) -> float:
        """0..1; 1 where nothing is there and nothing was found."""
        all_ = 2 * self.right + self.missed + self.made_up
        return 2 * self.right / all_ if all_ else 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A page's truth and what was read on it, a row of PAGES.jsonl."""

    truth: TruePage
    row: Mapping[str, Any]

    def marks(self, name: str, least: float) -> Found:
        """Of its `seals` or `signatures`, with boxes that share at least `least`."""
        there = [box_of(mark.quad) for mark in getattr(self.truth, name)]
        return Found(*counts(there, [box_of(mark["box"]) for mark in self.row["marks"][name]], least))


def seen(folder: Path, pages: Path) -> Iterator[Seen]:
    """All pages of a folder that were read.

    Raises:
        SystemExit: they were read without care.
    """
    for line in pages.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "signatures" not in row.get("marks", {}):
            raise SystemExit(f"{pages}: read it with care (benchmarks.papers.read without --plain)")
        yield Seen(TruePage.read((folder / row["file"]).with_suffix(".json")), row)


def turns(pages: Iterable[Seen]) -> float:
    """Mean F1 of the turns that there are, 0..1."""
    pairs = Counter((page.truth.rotation, int(page.row["rotation"])) for page in pages)
    scores = []
    for turn in {true for true, _ in pairs}:
        right = pairs[turn, turn]
        missed = sum(count for (true, said), count in pairs.items() if true == turn != said)
        made_up = sum(count for (true, said), count in pairs.items() if said == turn != true)
        scores.append(Found(right, missed, made_up).f1)
    return sum(scores) / len(scores) if scores else 1.0


def told(pages: Iterable[Seen]) -> Counter[tuple[bool, bool]]:
    """How many pages are bad (by the rules) and were called so (by the photo)."""
    return Counter((bool(page.truth.faults), bool(page.row["marks"]["faults"])) for page in pages)


def table(pages: list[Seen]) -> Table:
    """A row a level, and all together."""
    columns = [f"{name} (>= {goal})" for name, goal in GOALS.items()]
    result = Table("level", "pages", *columns, "good ones sent back")
    groups = {level: [page for page in pages if page.truth.level == level] for level in ("clean", "degraded", "bad")}
    for level, group in [*groups.items(), ("all", pages)]:
        if not group:
            continue
        readable = [page for page in group if not page.truth.faults]
        seals = sum((page.marks("seals", SEALED) for page in readable), Found())
        signed = sum((page.marks("signatures", SIGNED) for page in readable), Found())
        photos = told(group)
        right = (photos[True, True] + photos[False, False]) / len(group)
        cells = ["-"] * 3
        if readable:
            cells = [f"{turns(readable):.3f}", _cell(seals), _cell(signed)]
        result.add_row(level, str(len(group)), *cells, f"{right:.3f}", str(photos[False, True]))
    return result


def _cell(found: Found) -> str:
    return f"{found.f1:.3f} ({found.right} right, {found.missed} missed, {found.made_up} made up)"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders_and_pages", type=Path, nargs="+")
    parser.add_argument("--show", action="store_true", help="name the pages where something is missed or made up")
    arguments = parser.parse_args()
    given = arguments.folders_and_pages
    pages = list(chain.from_iterable(seen(*pair) for pair in zip(given[::2], given[1::2], strict=True)))
    console = Console(width=200, highlight=False)
    if arguments.show:
        for page in pages:
            wrong = [
                f"{name} {found}"
                for name, least in (("seals", SEALED), ("signatures", SIGNED))
                if (found := page.marks(name, least)).missed or found.made_up
            ]
            if page.truth.rotation != page.row["rotation"]:
                wrong.append(f"turned {page.row['rotation']} for {page.truth.rotation}")
            if bool(page.truth.faults) != bool(page.row["marks"]["faults"]):
                wrong.append(f"faults {page.row['marks']['faults']} for {page.truth.faults}")
            if wrong:
                console.print(page.truth.file, page.truth.level, *wrong)
    console.print(table(pages))


if __name__ == "__main__":
    main()
