"""Score retrieval sets in BEIR form by the search code that the product uses: words, vectors, and both fused.

    python -m benchmarks.retrieval DIR [DIR ...] [--half dev|test] [--json]

Queries are halved by their text: settings are tuned on the dev half and reported on the test half. Sets that ask the same
questions so have them in the same half.

The embedder is the one of registry.yaml, loaded by the host. Vectors are kept under var/benchmarks by model version and
text, so a second run takes seconds. Progress and notes go to stderr, figures to stdout.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import log2
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from core.errors import HubError
from core.settings import Settings
from knowledge_base.index.embedding import VectorCache, embed_texts
from knowledge_base.index.fusion import best_first
from knowledge_base.index.hybrid import HybridIndex
from models.artifacts import ArtifactStore
from models.handle import Handle
from models.host import Host
from models.registry import Registry
from training.beir import BeirSet, NotBeir, read_beir
from training.written import half_of

DEPTH = 10
HALVES = ("dev", "test")
RANKERS = ("words", "vectors", "fused")
NOTES = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over all queries that have a relevant document, each 0..1."""

    ndcg10: float
    mrr10: float
    recall10: float


def ndcg(ranked: Sequence[str], relevant: Mapping[str, float], depth: int = DEPTH) -> float:
    """Normalised discounted cumulative gain with linear gains, as trec_eval counts it."""
    gained = sum(relevant.get(document, 0.0) / log2(place + 2) for place, document in enumerate(ranked[:depth]))
    best = sorted(relevant.values(), reverse=True)[:depth]
    ideal = sum(score / log2(place + 2) for place, score in enumerate(best))
    return gained / ideal if ideal else 0.0


def reciprocal_rank(ranked: Sequence[str], relevant: Mapping[str, float], depth: int = DEPTH) -> float:
    """1 / place of the first relevant document, 0 beyond `depth`."""
    return next((1 / (place + 1) for place, document in enumerate(ranked[:depth]) if document in relevant), 0.0)


def recall(ranked: Sequence[str], relevant: Mapping[str, float], depth: int = DEPTH) -> float:
    """The share of the relevant documents among the first `depth`."""
    return sum(document in relevant for document in ranked[:depth]) / len(relevant) if relevant else 0.0


def figures(rankings: Mapping[str, Sequence[str]], relevance: Mapping[str, Mapping[str, float]]) -> Figures:
    """Means over the queries in `relevance`; a query without a ranking counts 0."""
    count = len(relevance)
    pairs = [(rankings.get(query, ()), relevant) for query, relevant in relevance.items()]
    return Figures(
        ndcg10=sum(ndcg(ranked, relevant) for ranked, relevant in pairs) / count,
        mrr10=sum(reciprocal_rank(ranked, relevant) for ranked, relevant in pairs) / count,
        recall10=sum(recall(ranked, relevant) for ranked, relevant in pairs) / count,
    )


def halved(data: BeirSet, half: str) -> BeirSet:
    """`data` with the labels of one half of its queries. Raises NotBeir if none of them is in that half."""
    relevance = {query: found for query, found in data.relevance.items() if half_of(data.queries[query]) == half}
    if not relevance:
        raise NotBeir(f"{data.name}：有标注的问题都不在 {half} 一半里，问题太少，不能分半。")
    return replace(data, relevance=relevance)


class Bars:
    """Progress of one set's stages on stderr."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._name = name

    def stage(self, label: str, total: int) -> Callable[[int, int], None]:
        """A new bar; what comes back is called with (done, all)."""
        task = self._progress.add_task(f"{self._name} {label}", total=total)
        return lambda done, total: self._progress.update(task, completed=done, total=total)


async def score(data: BeirSet, handle: Handle, cache: VectorCache, bars: Bars) -> dict[str, Figures]:
    """The figures of each ranker on one set. Queries without a relevant document are left out."""
    asked = {query: data.queries[query] for query in data.relevance}
    # Equal scores go by descending id, as trec_eval has it. File order would not do: many sets list a query's relevant
    # documents first, and where texts are repeated that alone lifts nDCG by 0.01.
    documents = sorted(data.documents, key=lambda document: document.id, reverse=True)
    texts = [document.full_text for document in documents]
    shown = bars.stage("文档向量", len(texts))
    passages = await embed_texts(handle, texts, cache=cache, progress=shown)
    shown(len(texts), len(texts))
    shown = bars.stage("问题向量", len(asked))
    queries = await embed_texts(handle, list(asked.values()), role="query", cache=cache, progress=shown)
    shown(len(asked), len(asked))

    shown = bars.stage("检索", len(asked))
    index = HybridIndex.of(texts, passages.vectors)
    rankings: dict[str, dict[str, list[str]]] = {ranker: {} for ranker in RANKERS}
    for number, ((query, text), vector) in enumerate(zip(asked.items(), queries.vectors, strict=True), 1):
        scores = index.scores(text, vector)
        for ranker in RANKERS:
            best = best_first(getattr(scores, ranker), DEPTH)
            rankings[ranker][query] = [documents[place].id for place in best]
        shown(number, len(asked))
    return {ranker: figures(rankings[ranker], data.relevance) for ranker in RANKERS}


async def run(folders: Sequence[Path], model: str, half: str | None = None) -> list[dict[str, Any]]:
    """One entry per folder: {"set", "words", "vectors", "fused"}, over one half of the queries or all. Raises NotBeir and
    HubError."""
    sets = [read_beir(folder) for folder in folders]  # all are checked before the long work begins
    for data in sets:
        if data.unknown_documents:
            NOTES.print(f"{data.name}：{data.unknown_documents} 条标注的文档不在 corpus.jsonl 里，按找不到计。")
    if half is not None:
        sets = [halved(data, half) for data in sets]
    settings = Settings()
    host = Host(
        Registry(settings.registry_file),
        ArtifactStore(settings.artifacts),
        threads=settings.threads,
        queue_items=settings.queue_items,
    )
    try:
        for report in await host.start([model]):
            if report.error:
                raise report.error
        handle = host.handle(model)
        cache = VectorCache(settings.var_dir / "benchmarks" / "vectors")
        results: list[dict[str, Any]] = []
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=NOTES) as progress:
            for data in sets:
                scored = await score(data, handle, cache, Bars(progress, data.name))
                results.append({"set": data.name, **{ranker: asdict(scored[ranker]) for ranker in RANKERS}})
        return results
    finally:
        await host.close()


def table(results: Sequence[Mapping[str, Any]]) -> Table:
    """The results for people."""
    shown = Table("set", "ranker", "nDCG@10", "MRR@10", "recall@10")
    for result in results:
        for ranker in RANKERS:
            values = [f"{result[ranker][figure]:.4f}" for figure in ("ndcg10", "mrr10", "recall10")]
            shown.add_row(result["set"] if ranker == RANKERS[0] else "", ranker, *values)
        shown.add_section()
    return shown


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. 2: a folder is not in BEIR form; 1: the embedder can't be used."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="folder with a set in BEIR form")
    parser.add_argument("--half", choices=HALVES, help="one half of the queries; all if not given")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--model", default="e5-small-zh", help="name, name@alias or name/version in registry.yaml")
    chosen = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for figures alone
    try:
        results = asyncio.run(run(chosen.folders, chosen.model, chosen.half))
    except NotBeir as error:
        NOTES.print(str(error), style="red", markup=False, soft_wrap=True)
        return 2
    except HubError as error:
        NOTES.print(error.message, style="red", markup=False, soft_wrap=True)
        return 1
    if chosen.json:
        print(json.dumps(results, ensure_ascii=False, indent=2))
    else:
        Console().print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
