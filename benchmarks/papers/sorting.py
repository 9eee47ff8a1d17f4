"""How well the kind of paper is told, and two papers on one page are taken apart.

    python -m benchmarks.papers.sorting FOLDER PAGES.jsonl [--show]

FOLDER holds the truth of drawn pages, PAGES.jsonl what was read on them (`benchmarks.papers.read`). By the level of the page: pages
whose papers are all told rightly, in order.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.papers.truth import TruePage
from core.settings import Settings
from models.backends.page_text import PageTextClassifier
from models.model import ModelConfig
from models.tasks import OcrOutput, PageTextInput
from services.documents.papers.policy import load_policy
from services.documents.papers.sorting import Guess, sort_pages
from training.paper_kinds import read_page_rows


def classifier() -> PageTextClassifier:
    """The version in production."""
    model = PageTextClassifier(
        ModelConfig("paper-kind", "1", "page-classification", Settings().artifacts / "paper-kind" / "1")
    )
    model.load()
    return model


def main() -> None:
    """Print shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    model, policy = classifier(), load_policy()

    async def guess(pages: Sequence[OcrOutput]) -> list[Guess]:
        outputs = model.infer(model.prepare([PageTextInput(one) for one in pages]))
        return [(one.labels[int(one.probabilities.argmax())], float(one.probabilities.max())) for one in outputs]

    right: Counter[tuple[str, int]] = Counter()
    counted: Counter[tuple[str, int]] = Counter()
    console = Console(highlight=False, soft_wrap=True)
    for file, page in read_page_rows(arguments.pages):
        truth = TruePage.read((arguments.folder / file).with_suffix(".json"))
        wanted = [paper.kind for paper in truth.papers]
        papers = asyncio.run(sort_pages([(1, page)], guess, policy))
        found = [paper.kind for paper in papers]
        group = (truth.level, len(wanted))
        counted[group] += 1
        right[group] += found == wanted
        if found != wanted and arguments.show:
            chances = ", ".join(f"{paper.kind} {paper.chance:.2f}" for paper in papers)
            console.print(f"{file}: {' + '.join(wanted)}: {chances} ({len(page.lines)} lines)")
    for (level, papers_a_page), count in sorted(counted.items()):
        share = right[level, papers_a_page] / count
        console.print(f"{level}, {papers_a_page} a page: {right[level, papers_a_page]} of {count} right ({share:.3f})")


if __name__ == "__main__":
    main()
