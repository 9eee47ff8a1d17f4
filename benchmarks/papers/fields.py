"""How many fields of drawn papers come out exactly right.

    python -m benchmarks.papers.fields PAGES.jsonl FOLDER [--show] [--fields] [--kinds a,b] [--seals]

PAGES.jsonl: what the hub's reader read (`benchmarks.papers.read`); FOLDER: the truth, one .json a page. Prints right,
wrong and missing fields of every kind, by level and under seals, and how far fields that call themselves sure can be
trusted. `--show` lists every field that isn't right; `--fields` counts each field of a kind by itself; `--seals` hands
the true places of seals to the extraction, as the service hands on those that it finds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.papers.field_scoring import Outcome, Status, by, outcomes, tally
from benchmarks.papers.truth import TruePage
from models.tasks import OcrLine, OcrOutput
from services.documents.extraction.kinds import paper_kinds
from services.documents.extraction.page_lines import Quad
from services.documents.extraction.reader import read_fields


def read_page(row: Mapping[str, Any]) -> OcrOutput:
    """A page as a line of PAGES.jsonl holds it."""
    lines = [OcrLine(text, confidence, quad(box)) for text, confidence, box in row["lines"]]
    return OcrOutput(row["width"], row["height"], row["rotation"], tuple(lines))


def measured(
    pages: Path, folder: Path, *, kinds: frozenset[str] = frozenset(), seals: bool = False
) -> Iterator[Outcome]:
    """The outcome of every field of every page that was read and has a truth; `other` has no fields."""
    known = paper_kinds()
    with pages.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row["kind"] not in known or (kinds and row["kind"] not in kinds):
                continue
            truth = TruePage.read((folder / row["file"]).with_suffix(".json"))
            covered = [quad(seal.quad) for seal in truth.seals] if seals else []
            yield from outcomes(truth, read_fields(known[row["kind"]], read_page(row), covered=covered))


def quad(corners: Iterable[Iterable[float]]) -> Quad:
    """Four corners as they stand in a file."""
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return first, second, third, fourth


def _table(title: str, rows: list[Outcome], *names: str) -> Table:
    table = Table(*names, "fields", "exact %", "wrong", "missing", "invented", "sure %", "sure right %", title=title)
    for key, group in [*by(rows, *names).items(), (("all", *[""] * (len(names) - 1)), rows)]:
        sums = tally(group)
        table.add_row(
            *key,
            str(sums.printed),
            f"{100 * sums.exact:.2f}",
            str(sums.wrong),
            str(sums.missing),
            str(sums.invented),
            f"{100 * sums.sure_share:.1f}",
            f"{100 * sums.sure_exact:.2f}",
        )
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--fields", action="store_true")
    parser.add_argument("--seals", action="store_true")
    parser.add_argument("--kinds", default="")
    arguments = parser.parse_args()
    kinds = frozenset(one for one in arguments.kinds.split(",") if one)
    rows = list(measured(arguments.pages, arguments.folder, kinds=kinds, seals=arguments.seals))
    console = Console(width=150)
    if arguments.show:
        for row in rows:
            if row.status is not Status.RIGHT and (row.printed or row.status is not Status.MISSING):
                mark = "SURE" if row.field.sure else "seal only" if row.true and not row.printed else ""
                print(
                    f"{row.status} {row.file} {row.level} {row.field.id}: {row.field.value!r} for {row.true!r} "
                    f"from {row.field.raw!r} {row.field.confidence:.3f} {mark}"
                )
    console.print(_table("kinds", rows, "level", "kind"))
    if arguments.fields:
        console.print(_table("fields", rows, "kind", "field"))
    console.print(_table("under a seal", [row for row in rows if row.covered], "level"))
    seal_only = [row for row in rows if row.true is not None and not row.printed]
    read = sum(row.status is Status.RIGHT for row in seal_only)
    console.print(f"in the seal only: {read} of {len(seal_only)} read all the same")


if __name__ == "__main__":
    main()
