"""Fit how sure fields are on the dev half of the bench.

    python -m benchmarks.papers.fit_confidence PAGES.jsonl FOLDER [PAGES.jsonl FOLDER ...] [--out confidence.yaml]

A logistic regression over the features of every value that was found (`services.documents.extraction.confidence`), right or not against
the truth. It is judged by folds over layouts: a page is only weighed by what was learned on other layouts. The automatic threshold is
the lowest above which at least `TARGET` of those values are right; it and the weights of all pages are written. Pages are seen once
with the seals' true places and once without, as a caller may or may not hand them on. The same pages give the same file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.papers.field_scoring import same
from benchmarks.papers.fields import quad, read_page
from benchmarks.papers.truth import TruePage
from services.documents.extraction.confidence import FILE, Calibration, probability
from services.documents.extraction.kinds import paper_kinds
from services.documents.extraction.reader import assessed

TARGET = 0.9965
"""A little above what is promised, 99.5 %: other layouts are harder than those that were learned on."""
PENALTY = 1.0
ROUNDS = 40
HELD = {"checked_number", "option", "agreed", "agreeing"}
"""Features that can only make a value surer."""


@dataclass(frozen=True, slots=True)
class Example:
    """A value that was found. `group`: the layout's number; `printed`: fields of its page that are printed count once each."""

    features: Mapping[str, float]
    right: bool
    group: str


def examples(pages: Path, folder: Path) -> tuple[list[Example], int]:
    """All values of a folder's pages, and how many fields are printed on them (both ways of seeing a page counted)."""
    known = paper_kinds()
    found: list[Example] = []
    printed = 0
    with pages.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row["kind"] not in known:
                continue
            truth = TruePage.read((folder / row["file"]).with_suffix(".json"))
            paper = truth.papers[0]
            seals = [quad(seal.quad) for seal in truth.seals]
            for covered in ([], seals):
                printed += sum(one.printed for one in paper.fields.values())
                for one in assessed(known[row["kind"]], read_page(row), covered):
                    if one.features is None or one.candidate is None or one.candidate.read.value is None:
                        continue
                    true = paper.fields.get(one.field.id)
                    right = true is not None and same(one.candidate.read.value, true.value)
                    found.append(Example(one.features, right, paper.layout))
    return found, printed


def fitted(rows: Sequence[Example]) -> Calibration:
    """Weights by iteratively reweighted least squares with a quadratic penalty; the threshold is left at 1."""
    names = sorted({name for row in rows for name in row.features})
    matrix = np.array([[row.features.get(name, 0.0) for name in names] + [1.0] for row in rows])
    right = np.array([row.right for row in rows], dtype=np.float64)
    penalty = np.diag([PENALTY] * len(names) + [1e-3])
    weights: NDArray[np.float64] = np.zeros(len(names) + 1)
    weights[-1] = 3.0
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(matrix @ weights, -30, 30)))
        slope = matrix.T @ (right - chance) - penalty @ weights
        bend = (matrix * (chance * (1 - chance))[:, None]).T @ matrix + penalty
        weights += np.linalg.solve(bend, slope)
    rounded = {name: round(float(one), 3) for name, one in zip(names, weights, strict=False)}
    return Calibration(
        threshold=1.0,
        intercept=round(float(weights[-1]), 3),
        weights={name: max(0.0, one) if name in HELD else one for name, one in rounded.items()},
    )


def across(rows: Sequence[Example]) -> NDArray[np.float64]:
    """Each value's probability by what was learned on the other layouts."""
    chances = np.zeros(len(rows))
    for group in sorted({row.group for row in rows}):
        learned = fitted([row for row in rows if row.group != group])
        for place, row in enumerate(rows):
            if row.group == group:
                chances[place] = probability(row.features, learned)
    return chances


def threshold(chances: NDArray[np.float64], right: NDArray[np.bool_], target: float = TARGET) -> float:
    """The lowest probability above which at least `target` of the values are right; 1 if there is none."""
    order = np.argsort(-chances, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= target)
    return float(np.ceil(chances[order][enough[-1]] * 1e4) / 1e4) if len(enough) else 1.0


def _report(chances: NDArray[np.float64], right: NDArray[np.bool_]) -> Table:
    table = Table("said", "values", "right %", title="by layouts that were not learned on")
    edges = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 1.0001]
    for low, high in zip(edges, edges[1:], strict=False):
        inside = (chances >= low) & (chances < high)
        if inside.any():
            table.add_row(f"{low:.3f}-{min(high, 1):.3f}", str(inside.sum()), f"{100 * right[inside].mean():.2f}")
    return table


def main() -> None:
    """Fit, judge and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages_and_folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=FILE)
    arguments = parser.parse_args()
    given = arguments.pages_and_folders
    rows: list[Example] = []
    printed = 0
    for pages, folder in zip(given[::2], given[1::2], strict=True):
        some, count = examples(pages, folder)
        rows += some
        printed += count
    right = np.array([row.right for row in rows])
    chances = across(rows)
    limit = threshold(chances, right)
    above = chances >= limit
    console = Console(width=120)
    console.print(_report(chances, right))
    console.print(
        f"{len(rows)} values, {printed} fields printed; threshold {limit:.4f}: {100 * above.sum() / printed:.1f} % of the printed "
        f"fields are above it, {100 * right[above].mean():.2f} % of them right"
    )
    learned = fitted(rows)
    text = yaml.safe_dump(
        {"threshold": limit, "intercept": learned.intercept, "weights": dict(learned.weights)}, sort_keys=False
    )
    head = "# Written by python -m benchmarks.papers.fit_confidence; logits of how sure a field is.\n"
    arguments.out.write_text(head + text, encoding="utf-8")


if __name__ == "__main__":
    main()
