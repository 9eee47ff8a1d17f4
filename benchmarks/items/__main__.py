"""Score the written questions by the product's own search: clean, with a typo, with a homophone, in pinyin.

    python -m benchmarks.items [--directory ../shared/data/sc_guangan_items/items.jsonl] [--json]

`product` is `SectionSearch.items` over the library's items and the directory. `words` and `vectors` are the best single score of
an item's names and sections; `plain` is the product's score without tolerant names. Those three see pinyin as the product does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.items.perturbing import KINDS, perturbed
from benchmarks.items.reading import Question, read_directory, read_questions
from core.settings import ROOT, Settings
from knowledge_base.entries import DirectoryItem
from knowledge_base.index.fusion import z_normalise
from knowledge_base.index.hits import Query
from knowledge_base.index.item_scoring import DIRECTORY_HANDICAP, score_by_words, score_entries
from knowledge_base.index.search_documents import names_of
from knowledge_base.index.section_index import SectionIndex
from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from knowledge_base.search import SectionSearch
from models.artifacts import ArtifactStore
from models.host import Host
from models.registry import Registry

MODEL = "e5-small-zh"
DIRECTORY = ROOT.parent / "shared" / "data" / "sc_guangan_items" / "items.jsonl"
RANKERS = ("words", "vectors", "plain", "product")
Rates = dict[str, dict[str, dict[str, float]]]


def rankings(index: SectionIndex, query: Query) -> dict[str, NDArray[np.float32]]:
    """The scores of every entry by each ranker."""
    scored = index.scores(query)
    groups = index.memberships
    untolerant = score_by_words(
        scored.names.words, np.zeros(len(index.names), dtype=np.float32), scored.sections.words, groups
    )
    held_back = groups.directory * np.float32(DIRECTORY_HANDICAP)
    return {
        "words": np.maximum(groups.names.maximum(scored.names.words), groups.sections.maximum(scored.sections.words))
        - held_back,
        "vectors": z_normalise(groups.names.maximum(scored.names.vectors))
        + z_normalise(groups.sections.maximum(scored.sections.vectors))
        - held_back,
        "plain": score_entries(untolerant, scored.names.vectors, scored.sections.vectors, groups),
        "product": scored.entries,
    }


async def measure(search: SectionSearch, index: SectionIndex, questions: Sequence[Question]) -> Rates:
    """Kind -> ranker -> half -> share of the questions whose item is first among items and directory items."""
    asked = np.flatnonzero([isinstance(entry, ServiceItem | DirectoryItem) for entry in index.entries])
    rates: Rates = {}
    for kind in ("clean", *KINDS):
        right: dict[str, dict[str, list[bool]]] = {ranker: {"dev": [], "test": []} for ranker in RANKERS}
        for question in questions:
            names = names_of(index.library.item(question.item))
            text = question.text if kind == "clean" else perturbed(kind, question.text, names)
            query = await search.embed(text)
            for ranker, scores in rankings(index, query).items():
                best = index.entries[int(asked[np.argmax(scores[asked])])]
                right[ranker][question.half].append(best.id == question.item)
        rates[kind] = {
            ranker: {half: float(np.mean(found)) for half, found in halves.items()} for ranker, halves in right.items()
        }
    return rates


async def run(directory: Path) -> tuple[Rates, dict[str, int]]:
    """The rates and how much was searched."""
    settings = Settings()
    whole = Library.load(settings.content_dir)
    library = Library([*whole.entries.values(), *read_directory(directory)])
    questions = read_questions()
    missing = sorted({question.item for question in questions} - set(library.items))
    if missing:
        print("没有这些事项，其问题不计：" + "、".join(missing), file=sys.stderr)
    questions = [question for question in questions if question.item in library.items]
    host = Host(
        Registry(settings.registry_file),
        ArtifactStore(settings.artifacts),
        threads=settings.threads,
        queue_items=settings.queue_items,
    )
    try:
        for report in await host.start([MODEL]):
            if report.error:
                raise report.error
        search = SectionSearch(library, host.handle(MODEL), cache=settings.var_dir / "benchmarks" / "vectors")
        staged = await search.stage(library)
        search.switch(staged)
        rates = await measure(search, staged.index, questions)
        await search.settle()
    finally:
        await host.close()
    halves = [question.half for question in questions]
    return rates, {
        "items": len(library.items),
        "directory": sum(isinstance(entry, DirectoryItem) for entry in library.entries.values()),
        "dev": halves.count("dev"),
        "test": halves.count("test"),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.items", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="catalogue of a district, JSON lines")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    rates, counts = asyncio.run(run(chosen.directory))
    if chosen.json:
        print(json.dumps({"counts": counts, "rates": rates}, ensure_ascii=False, indent=2))
        return 0
    shown = Table("kind", *RANKERS, title=f"right item first, dev / test; {counts}")
    for kind, by_ranker in rates.items():
        shown.add_row(
            kind, *(f"{by_ranker[ranker]['dev']:.3f} / {by_ranker[ranker]['test']:.3f}" for ranker in RANKERS)
        )
    Console(width=120).print(shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
