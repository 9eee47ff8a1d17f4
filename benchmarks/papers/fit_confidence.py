"""Fit how sure fields are on the dev half of the bench.

    python -m benchmarks.papers.fit_confidence PAGES.jsonl FOLDER [PAGES.jsonl FOLDER ...] [--out confidence.yaml]

A logistic regression over the features of every value that was found (`services.documents.extraction.confidence`), right or
not against the truth. It is judged by folds over layouts: a page is only weighed by what was learned on other layouts. The
automatic threshold is as high as `KEPT` of the printed fields allow, and at least so high that `TARGET` of the values above it
are right; it and the weights of all pages are written. Pages are seen once with the seals' true places and once without, as a
caller may or may not hand them on; and again as if some labels were not known and some lines not read, because a form that
nobody has seen yet goes wrong in such ways, and the bench's few layouts hardly do. The same pages give the same file.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.papers.field_scoring import same
from benchmarks.papers.fields import quad, read_page
from benchmarks.papers.truth import TruePage
from models.tasks import OcrOutput
from services.documents.extraction.confidence import FILE, Calibration, probability
from services.documents.extraction.kinds import PaperKind, paper_kinds
from services.documents.extraction.reader import assessed

TARGET = 0.995
"""Share of the values above the threshold that have to be right, on pages as they are and on those made stranger."""
KEPT = 0.84
"""Share of the printed fields that should stay above the threshold, a little more than the 80 % that are promised. What this
leaves free goes to being right: new forms are harder than those that were learned on, by what the folds over layouts can't show."""
PENALTY = 1.0
COPIES = 2
"""Times that a page is seen stranger than it is."""
FORGOTTEN, UNREAD = 0.3, 0.08
"""Share of the labels that aren't known there, and of the lines that aren't read."""
WEIGHT = 0.5
"""Of a value of such a page."""
ROUNDS = 60
TINY = 1e-6
EXPECTED = {"covered_unproven": -4.0, "set_in": -3.0, "doubt": -0.5}
"""What is expected of a weight before anything is seen, in logits; 0 of all others. The bench has few values under seals."""
RAISES = frozenset({"checked_number", "option", "agreed", "agreeing"})
LOWERS = frozenset(
    {"doubt", "doubt_unproven", "long_doubt", "length", "lines", "misread_label", "repaired", "rivals", "disagreed"}
    | {
        "half_option",
        "unlike",
        "strange",
        "covered",
        "covered_unproven",
        "near_seal",
        "loose",
        "set_in",
        "unfamiliar",
        "open_end",
    }
    | {"how_below", "how_anywhere"}
)
"""What can only make a value surer, or less sure: a weight of the other sign would be chance, and the feature is left out."""


@dataclass(frozen=True, slots=True)
class Example:
    """A value that was found. `group`: the layout's number; `strange`: of a page that was made stranger than it is."""

    features: Mapping[str, float]
    right: bool
    group: str
    strange: bool


def blinded(kind: PaperKind, chance: random.Random) -> PaperKind:
    """The kind, some of whose labels it doesn't know."""
    forgotten = {
        label
        for label in sorted({*kind.other_labels, *(one for field in kind.fields for one in field.labels)})
        if chance.random() < FORGOTTEN
    }
    return kind.model_copy(
        update={
            "fields": tuple(
                field.model_copy(update={"labels": tuple(one for one in field.labels if one not in forgotten)})
                for field in kind.fields
            ),
            "other_labels": tuple(one for one in kind.other_labels if one not in forgotten),
        }
    )


def holed(page: OcrOutput, chance: random.Random) -> OcrOutput:
    """The page, some of whose lines weren't read."""
    return replace(page, lines=tuple(line for line in page.lines if chance.random() >= UNREAD))


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
            kind, page, chance = known[row["kind"]], read_page(row), random.Random(row["file"])
            printed += 2 * sum(one.printed for one in paper.fields.values())
            seen = [(kind, page, False)] + [(blinded(kind, chance), holed(page, chance), True) for _ in range(COPIES)]
            for as_known, as_read, strange in seen:
                for covered in ([], seals):
                    for one in assessed(as_known, as_read, covered):
                        if one.features is None or one.candidate is None or one.candidate.read.value is None:
                            continue
                        true = paper.fields.get(one.field.id)
                        right = true is not None and same(one.candidate.read.value, true.value)
                        found.append(Example(one.features, right, paper.layout, strange))
    return found, printed


def fitted(rows: Sequence[Example]) -> Calibration:
    """Weights by logistic regression; the threshold is left at 1."""
    names = sorted({name for row in rows for name in row.features})
    while True:
        weights = _regressed(rows, names)
        wrong = {
            name
            for name, one in zip(names, weights, strict=False)
            if (name in RAISES and one < 0) or (name in LOWERS and one > 0)
        }
        if not wrong:
            break
        names = [name for name in names if name not in wrong]
    return Calibration(
        threshold=1.0,
        intercept=round(float(weights[-1]), 3),
        weights={name: round(float(one), 3) for name, one in zip(names, weights, strict=False)},
    )


def _regressed(rows: Sequence[Example], names: Sequence[str]) -> NDArray[np.float64]:
    """By iteratively reweighted least squares with a quadratic penalty; the intercept last."""
    matrix = np.array([[row.features.get(name, 0.0) for name in names] + [1.0] for row in rows])
    right = np.array([row.right for row in rows], dtype=np.float64)
    weight = np.array([WEIGHT if row.strange else 1.0 for row in rows])
    penalty = np.diag([PENALTY] * len(names) + [1e-3])
    expected = np.array([*(EXPECTED.get(name, 0.0) for name in names), 0.0])

    def loss(weights: NDArray[np.float64]) -> float:
        away = weights - expected
        against = np.logaddexp(0, np.where(right > 0, -1, 1) * (matrix @ weights))
        return float(weight @ against + away @ penalty @ away / 2)

    weights = np.zeros(len(names) + 1)
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(matrix @ weights, -30, 30)))
        slope = matrix.T @ (weight * (right - chance)) - penalty @ (weights - expected)
        bend = (matrix * (weight * chance * (1 - chance))[:, None]).T @ matrix + penalty
        step = np.linalg.solve(bend, slope)
        # A whole step may lead away where nearly all values are right.
        while loss(weights + step) > loss(weights) and np.abs(step).max() > TINY:
            step = step / 2
        weights = weights + step
        if np.abs(step).max() < TINY:
            break
    return weights


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


def kept(chances: NDArray[np.float64], printed: int, share: float = KEPT) -> float:
    """The highest probability above which `share` of the printed fields are; 0 if there aren't as many values."""
    place = round(share * printed) - 1
    return float(np.floor(np.sort(chances)[::-1][place] * 1e4) / 1e4) if place < len(chances) else 0.0


def written(learned: Calibration) -> str:
    """As the file holds it."""
    return "\n".join(
        [
            "# Written by python -m benchmarks.papers.fit_confidence: how sure a field is, in logits.",
            f"threshold: {learned.threshold}",
            f"intercept: {learned.intercept}",
            "weights:",
            *(f"  {name}: {weight}" for name, weight in learned.weights.items()),
            "",
        ]
    )


def _report(title: str, chances: NDArray[np.float64], right: NDArray[np.bool_]) -> Table:
    table = Table("said", "values", "right %", title=f"{title}, by what was learned on other layouts")
    edges = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 1.0001]
    for low, high in pairwise(edges):
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
    strange = np.array([row.strange for row in rows])
    # A value under a seal is not sure whatever its probability, see `read_fields`.
    open_ = np.array(["covered_unproven" not in row.features for row in rows])
    plain, odd = ~strange & open_, strange & open_
    limit = max(
        threshold(chances[plain], right[plain]),
        threshold(chances[odd], right[odd]),
        kept(chances[plain], printed),
    )
    console = Console(width=120)
    console.print(_report("pages as they are", chances[~strange], right[~strange]))
    console.print(_report("pages made stranger", chances[strange], right[strange]))
    above = (chances >= limit) & open_
    console.print(
        f"{(~strange).sum()} values, {printed} fields printed; threshold {limit:.4f}: "
        f"{100 * (above & ~strange).sum() / printed:.1f} % of the printed fields are above it, "
        f"{100 * right[above & ~strange].mean():.2f} % of them right; "
        f"of the stranger pages {100 * right[above & strange].mean():.2f} %"
    )
    learned = fitted(rows)
    arguments.out.write_text(written(learned.model_copy(update={"threshold": limit})), encoding="utf-8")


if __name__ == "__main__":
    main()
