"""Train the model that tells what kind of paper a page is (`models.backends.page_text`).

    python -m training.paper_kinds PAGES.jsonl [--out models/build/pages/paper-kind/1]

Reads pages with their kinds, one JSON object a line: `kind`, `layout` (pages of one layout stay in one fold), `width`,
`height`, `rotation`, `lines` (each [text, confidence, box]), as `python -m benchmarks.papers.read` writes them for the dev half.
Each page is seen several times, as a phone would have seen it: lines missing, characters misread, a part cut off. Pages made
of the library's own sections are no paper: a guide that lists 营业执照 isn't one. Neither are the papers whose titles and labels
stand in sentences/papers.yaml; a form with the name of any item in its title is an application. One logistic regression per
kind, by full-batch gradient descent (Adam); right and wrong are counted by folds over layouts. The same pages give the same
files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from safetensors.numpy import save

from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.reading import load_yaml, read_file
from models.backends.page_text import FACTS, WEIGHTS, shares
from models.backends.page_text_features import LENGTH, vector
from models.build.paper_kinds import FOLDER
from models.tasks import OcrLine, OcrOutput

OTHER = "other"
FORM = "application-form"
PAPERS = Path(__file__).parent / "sentences" / "papers.yaml"
SEED = 20
COPIES = 4
"""Times that a page is seen, the first as it is."""
GUIDES = 600
FORMS = 60
COPIES_OF_OTHERS = 4
FOLDS = 4
STEPS = 220
RATE = 0.03
PENALTY = 2e-5
VALUES = "上海市普陀区武宁路长寿张王李陈刘明华建国丽芳伟强年月日号室公司有限0123456789"
"""What made-up values are made of."""
Corner = tuple[float, float]
Box = tuple[Corner, Corner, Corner, Corner]
MISREAD = "日曰目己已巳人入八未末土士千干于大太天夫申由甲田口囗力刀几儿王玉主"


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A page with its kind. `group`: pages of one group stay in one fold."""

    page: OcrOutput
    kind: str
    group: str


def read_pages(path: Path) -> list[LabelledPage]:
    """The pages of a file, see the module's text."""
    return [LabelledPage(_page(row), row["kind"], f"{row['kind']}/{row['layout']}") for row in _rows(path)]


def read_page_rows(path: Path) -> Iterator[tuple[str, OcrOutput]]:
    """The pages of a file with the names of their images (`file` of each object)."""
    for row in _rows(path):
        yield row["file"], _page(row)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(row) for row in file if row.strip())


def _page(row: dict[str, Any]) -> OcrOutput:
    lines = []
    for text, confidence, box in row["lines"]:
        first, second, third, fourth = ((float(x), float(y)) for x, y in box)
        lines.append(OcrLine(text, float(confidence), (first, second, third, fourth)))
    return OcrOutput(int(row["width"]), int(row["height"]), int(row["rotation"]), tuple(lines))


def seen_again(page: OcrOutput, dice: random.Random) -> OcrOutput:
    """The page as a worse photo would give it: a part cut off, lines missing, characters misread."""
    lines = list(page.lines)
    if dice.random() < 0.3:
        edge, share = dice.randrange(4), dice.uniform(0.05, 0.3)
        lines = [line for line in lines if _inside(line, edge, share)]
    lost, misread = dice.choice([0.0, 0.05, 0.15, 0.3]), dice.choice([0.0, 0.02, 0.06])
    lines = [line for line in lines if dice.random() >= lost]
    return replace(page, lines=tuple(replace(line, text=_misread(line.text, misread, dice)) for line in lines))


def _inside(line: OcrLine, edge: int, share: float) -> bool:
    x = sum(corner[0] for corner in line.box) / 4
    y = sum(corner[1] for corner in line.box) / 4
    return (x > share, y > share, x < 1 - share, y < 1 - share)[edge]


def _misread(text: str, share: float, dice: random.Random) -> str:
    if not share:
        return text
    return "".join(dice.choice(MISREAD) if dice.random() < share else one for one in text)


def guide_pages(library: Library, count: int, dice: random.Random) -> Iterator[LabelledPage]:
    """Pages printed from the library's sections: they name every paper there is, and are none."""
    sections = sorted(library.all_sections(), key=lambda section: section.id)
    for number in range(count):
        section = dice.choice(sections)
        text = f"{section.title}\n{section.text}" if dice.random() < 0.7 else section.text
        width = dice.randint(14, 40)
        rows = [row[start : start + width] for row in text.split("\n") for start in range(0, len(row), width)][:60]
        height = dice.uniform(0.012, 0.03)
        step = max(height * dice.uniform(1.2, 2.2), 0.9 / 60)
        lines = []
        for place, row in enumerate(rows):
            top = 0.05 + place * step
            tall = height * (dice.uniform(1.0, 2.2) if place == 0 else 1.0)
            if top > 0.95:
                break
            right = min(0.1 + 0.8 * len(row) / width, 0.95)
            lines.append(OcrLine(row, 0.98, _box(0.1, top, right, top + tall)))
        page = OcrOutput(1240, 1754, 0, tuple(lines))
        yield LabelledPage(page, OTHER, f"guide/{number % FOLDS}")


def form_pages(library: Library, count: int, dice: random.Random) -> Iterator[LabelledPage]:
    """Forms to be filled in: the name of an item in the title, labels that such forms have, made-up values."""
    known = load_yaml(read_file(PAPERS), source=PAPERS.name)["forms"]
    names = sorted(item.name for item in library.items.values())
    for number in range(count):
        labels = dice.sample(known["labels"], dice.randint(5, 14)) + dice.sample(known["closings"], dice.randint(1, 4))
        yield _printed_form(dice.choice(names) + dice.choice(known["endings"]), labels, FORM, number, dice)


def other_pages(dice: random.Random) -> Iterator[LabelledPage]:
    """Papers that are none of the kinds."""
    others = load_yaml(read_file(PAPERS), source=PAPERS.name)["others"]
    for number, paper in enumerate(others * COPIES_OF_OTHERS):
        labels = [label for label in paper["labels"] if dice.random() < 0.85]
        yield _printed_form(paper["title"], labels, OTHER, number % len(others), dice)


def _printed_form(title: str, labels: Sequence[str], kind: str, group: int, dice: random.Random) -> LabelledPage:
    height = dice.uniform(0.012, 0.022)
    tall = height * dice.uniform(1.4, 2.2)
    wide = dice.random() < 0.3
    middle = min(0.45, len(title) * tall * 0.5)
    lines = [OcrLine(title, 0.98, _box(0.5 - middle, 0.06, 0.5 + middle, 0.06 + tall))]
    columns = dice.choice([1, 1, 2])
    step = min(0.85 / (len(labels) // columns + 1), height * dice.uniform(1.5, 3.0))
    for place, label in enumerate(labels):
        top = 0.08 + tall + (place // columns) * step
        left = 0.08 + 0.44 * (place % columns)
        colon = dice.choice(["", "", "：", ":"])
        value = "".join(dice.choice(VALUES) for _ in range(dice.randint(0, 12)))
        right = left + len(label) * height * 0.8
        if dice.random() < 0.6:
            lines.append(OcrLine(label + colon, 0.98, _box(left, top, right, top + height)))
            if value:
                end = min(right + 0.02 + len(value) * height * 0.6, 0.98)
                lines.append(OcrLine(value, 0.98, _box(right + 0.02, top, end, top + height)))
        else:
            end = min(right + len(value) * height * 0.6, 0.98)
            lines.append(OcrLine(label + colon + value, 0.98, _box(left, top, end, top + height)))
    width, tallness = (1600, 1100) if wide else (1240, 1754)
    return LabelledPage(OcrOutput(width, tallness, 0, tuple(lines)), kind, f"{kind}/made-{group}")


def _box(left: float, top: float, right: float, bottom: float) -> Box:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def fitted(
    vectors: NDArray[np.float32], wanted: NDArray[np.float32], progress: bool = False
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (LENGTH, kinds) and bias (kinds,) of one logistic regression per column of `wanted` (rows, kinds; 0 or 1). A
    kind's few pages weigh as much as the many of the rest."""
    positive = wanted.sum(axis=0)
    importance = np.where(wanted > 0, 0.5 / np.maximum(positive, 1), 0.5 / np.maximum(len(wanted) - positive, 1))
    importance = importance.astype(np.float32)
    weights = np.zeros((vectors.shape[1], wanted.shape[1]), dtype=np.float32)
    bias = np.full(wanted.shape[1], -2.0, dtype=np.float32)
    first = [np.zeros_like(weights), np.zeros_like(bias)]
    second = [np.zeros_like(weights), np.zeros_like(bias)]
    for step in track(range(1, STEPS + 1), "训练", disable=not progress, console=Console(stderr=True)):
        miss = (1 / (1 + np.exp(-np.clip(vectors @ weights + bias, -30, 30))) - wanted) * importance
        slopes = [vectors.T @ miss + PENALTY * weights, miss.sum(axis=0)]
        for place, (slope, values) in enumerate(zip(slopes, (weights, bias), strict=True)):
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.99 * second[place] + 0.01 * slope**2
            values -= RATE * (first[place] / (1 - 0.9**step)) / (np.sqrt(second[place] / (1 - 0.99**step)) + 1e-8)
    return weights, bias


def train(
    pages: Sequence[LabelledPage], out: Path, *, guides: int = GUIDES, seed: int = SEED, progress: bool = False
) -> dict[str, Any]:
    """Train, write the two files into `out`, and give back the report: pages, accuracy by folds, what was mistaken for what.
    `guides`: how many pages are made of the library's sections."""
    dice = random.Random(seed)  # noqa: S311  # to be repeated, not to be secret
    kinds = sorted({page.kind for page in pages} - {OTHER})
    library = Library.load(Settings().content_dir)
    seen = [*pages, *guide_pages(library, guides, dice), *other_pages(dice)]
    if FORM in kinds:
        seen += form_pages(library, FORMS, dice)
    rows = [(page, copy) for page in seen for copy in range(COPIES if copy_of(page) else 1)]
    vectors = np.empty((len(rows), LENGTH), dtype=np.float32)
    for place, (page, copy) in enumerate(rows):
        vectors[place] = vector(seen_again(page.page, dice) if copy else page.page)
    wanted = np.array([[float(page.kind == kind) for kind in kinds] for page, _ in rows], dtype=np.float32)
    first = np.array([copy == 0 for _, copy in rows])
    fold_of = _folds(page.group for page in seen)
    folds = np.array([fold_of[page.group] for page, _ in rows])
    names = [*kinds, OTHER]
    mistaken: Counter[tuple[str, str]] = Counter()
    right: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for fold in range(FOLDS):
        weights, bias = fitted(vectors[folds != fold], wanted[folds != fold])
        for place in np.flatnonzero((folds == fold) & first).tolist():
            found = names[int(shares(vectors[place : place + 1] @ weights + bias).argmax())]
            kind = rows[place][0].kind
            counted[kind] += 1
            right[kind] += found == kind
            if found != kind:
                mistaken[kind, found] += 1
    weights, bias = fitted(vectors, wanted, progress)
    out.mkdir(parents=True, exist_ok=True)
    (out / FACTS).write_text(
        json.dumps({"kinds": kinds, "other": OTHER}, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    (out / WEIGHTS).write_bytes(save({"weights": weights.astype(np.float16), "bias": bias}))
    return {
        "pages": len(pages),
        "accuracy": sum(right.values()) / max(sum(counted.values()), 1),
        "kinds": {kind: (counted[kind], right[kind] / counted[kind]) for kind in names if counted[kind]},
        "mistaken": {f"{kind} -> {found}": count for (kind, found), count in mistaken.most_common()},
        "sha256": {file: hashlib.sha256((out / file).read_bytes()).hexdigest() for file in (FACTS, WEIGHTS)},
    }


def copy_of(page: LabelledPage) -> bool:
    """Whether a page is worth seeing again: drawn ones are, made ones are many."""
    return not page.group.startswith("guide/") and "/made-" not in page.group


def _folds(groups: Iterable[str]) -> dict[str, int]:
    """Layouts of a kind one after the other into the folds, so that no fold holds all of them."""
    return {
        group: place % FOLDS
        for _, own in groupby(sorted(set(groups)), key=lambda group: group.split("/")[0])
        for place, group in enumerate(own)
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.paper_kinds", description=__doc__.splitlines()[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    report = train(read_pages(arguments.pages), arguments.out, progress=True)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{report['pages']} pages; right by folds over layouts: {report['accuracy']:.4f}")
    for kind, (count, share) in report["kinds"].items():
        console.print(f"  {kind}: {count} pages, {share:.3f} found")
    for pair, count in report["mistaken"].items():
        console.print(f"  mistaken {pair}: {count}")
    for file, digest in report["sha256"].items():
        console.print(f"sha256 {file} {digest}")


if __name__ == "__main__":
    main()
