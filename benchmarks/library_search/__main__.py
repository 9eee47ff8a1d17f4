"""Search, publish and start at 2,000 items.

    python -m benchmarks.library_search [--items 2000] [--json]

Questions and published items go through the real embedder. The vectors of the many made-up sections are made up too: exact
search costs the same whatever stands in the rows, and the real ones would take an hour. Let nothing else run.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import psutil
import structlog
from rich.console import Console
from rich.table import Table

from benchmarks.library_search.content import entries_of, questions_of, varied_item
from core.settings import Settings
from knowledge_base.index.index_plan import plan
from knowledge_base.index.words import WordIndex, terms
from knowledge_base.library import Library, read_folder
from knowledge_base.schema import ServiceItem
from knowledge_base.search import KEPT, SectionSearch
from models.artifacts import ArtifactStore
from models.handle import CallResult, Handle
from models.host import Host
from models.registry import Registry
from models.tasks import EmbeddingInput, EmbeddingOutput

EMBEDDER = "e5-small-zh"
QUESTIONS = 300
PUBLICATIONS = 12
NOTES = Console(stderr=True)


class BulkEmbedder:
    """The real embedder, but passages get made-up unit vectors while `bulk` is set."""

    task = "text-embedding"

    def __init__(self, handle: Handle, dimension: int, sample: CallResult) -> None:
        self._handle = handle
        self._dimension = dimension
        self._sample = sample
        self.bulk = True

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        """Like the handle's."""
        if not self.bulk or inputs[0].role == "query":
            return await self._handle.call(inputs)
        outputs = [
            EmbeddingOutput(vector=self._made_up(one.text), tokens=len(one.text), truncated=False) for one in inputs
        ]
        return CallResult(outputs, self._sample.model, self._sample.version, self._sample.timing)

    def _made_up(self, text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
        vector = np.random.default_rng(seed).standard_normal(self._dimension).astype(np.float32)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    return {f"p{part}": round(float(np.percentile(seconds, part)) * 1000, 1) for part in (50, 95)}


async def measure(items: int) -> dict[str, Any]:
    """All figures."""
    settings = Settings()
    host = Host(Registry(settings.registry_file), ArtifactStore(settings.artifacts), threads=2, queue_items=512)
    for report in await host.start([EMBEDDER]):
        if report.error:
            raise report.error
    sample = await host.handle(EMBEDDER).call([EmbeddingInput("办事", "query")])
    handle = BulkEmbedder(host.handle(EMBEDDER), len(sample.outputs[0].vector), sample)
    shipped = read_folder(settings.content_dir)
    entries = entries_of(shipped, items)
    started = time.perf_counter()
    library = Library(entries)
    result: dict[str, Any] = {
        "items": len(library.items),
        "entries": len(library.entries),
        "sections": len(library.all_sections()),
        "library_from_entries_s": round(time.perf_counter() - started, 2),
    }
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        before = psutil.Process().memory_info().rss
        search = SectionSearch(library, handle, cache=cache)
        NOTES.print("building …")
        result["first_build_made_up_vectors_s"] = round(await timed(search.build), 2)
        await search.settle()
        result["memory_mb"] = round((psutil.Process().memory_info().rss - before) / 2**20)
        NOTES.print("searching …")
        await questions(search, library, result)
        NOTES.print("publishing …")
        handle.bulk = False
        await publications(search, shipped, entries, result)
        handle.bulk = True
        await search.settle()
        NOTES.print("starting …")
        await starts(search, handle, cache, result)
    words(library, result)
    await host.close()
    return result


async def questions(search: SectionSearch, library: Library, result: dict[str, Any]) -> None:
    """One client, with the query's embedding."""
    asked = list(questions_of(library))[:: max(1, len(library.items) // QUESTIONS)][:QUESTIONS]
    for text in asked[:10]:
        await search.search(text)
    result["search_ms"] = percentiles([await timed(lambda text=text: search.search(text)) for text in asked])
    result["items_ms"] = percentiles([await timed(lambda text=text: search.items(text)) for text in asked])
    result["embedding_alone_ms"] = percentiles([await timed(lambda text=text: search.embed(text)) for text in asked])
    embedded = [await search.embed(text) for text in asked]
    result["search_without_embedding_ms"] = percentiles(
        [await timed(lambda query=query: search.search(query)) for query in embedded]
    )


async def publications(
    search: SectionSearch, shipped: Sequence[Any], entries: Sequence[Any], result: dict[str, Any]
) -> None:
    """An item is changed in one element, or new with all of them; then asked for until it is found."""
    guides = [entry for entry in shipped if isinstance(entry, ServiceItem)]
    current = {entry.id: entry for entry in entries}

    async def publish(item: ServiceItem) -> float:
        current[item.id] = item
        started = time.perf_counter()
        library = Library(current.values(), like=search.library)
        search.switch(await search.stage(library))
        found = await search.items(item.name, k=1)
        assert found[0].entry.id == item.id, f"{item.name}: found {found[0].entry.name}"
        return time.perf_counter() - started

    changed = [entry for entry in entries if isinstance(entry, ServiceItem)][:PUBLICATIONS]
    result["publish_changed_element_ms"] = percentiles(
        [
            await publish(item.model_copy(update={"summary": item.summary + "，另有说明", "version": 2}))
            for item in changed
        ]
    )
    fresh = [varied_item(guides[number], 50_000 + number) for number in range(PUBLICATIONS)]
    result["publish_new_item_ms"] = percentiles([await publish(item) for item in fresh])
    staged = varied_item(guides[0], 60_000)
    current[staged.id] = staged
    await search.stage(Library(current.values()))  # as when it was approved
    result["publish_new_item_staged_before_ms"] = round(await publish(staged) * 1000, 1)
    result["segments"] = len(search.index.section_index.words.segments) if search.index else 0


async def starts(search: SectionSearch, handle: Handle, cache: Path, result: dict[str, Any]) -> None:
    """The same library in a new process: with the kept index, and with the vectors alone."""
    again = SectionSearch(search.library, handle, cache=cache)
    result["start_kept_s"] = round(await timed(again.build), 2)
    await again.settle()
    for path in (cache / KEPT).iterdir():
        path.unlink()
    anew = SectionSearch(search.library, handle, cache=cache)
    result["start_words_anew_s"] = round(await timed(anew.build), 2)
    await anew.settle()


def words(library: Library, result: dict[str, Any]) -> None:
    """The word index beside bm25s, on the same texts."""
    texts = plan(library).section_texts
    started = time.perf_counter()
    own = WordIndex.of(texts)
    result["words_build_s"] = round(time.perf_counter() - started, 2)
    started = time.perf_counter()
    other = bm25s.BM25(k1=1.2, b=0.9, method="lucene")
    other.index([terms(text) for text in texts], show_progress=False)
    result["bm25s_build_s"] = round(time.perf_counter() - started, 2)
    asked = list(questions_of(library))[:100]
    for name, score in (("words_query_ms", own.scores), ("bm25s_query_ms", lambda text: other.get_scores(terms(text)))):
        seconds = []
        for text in asked:
            started = time.perf_counter()
            score(text)
            seconds.append(time.perf_counter() - started)
        result[name] = percentiles(seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.library_search", description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=2_000)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    result = asyncio.run(measure(chosen.items))
    if chosen.json:
        print(json.dumps(result, indent=2))
        return 0
    table = Table("what", "measured")
    for name, value in result.items():
        table.add_row(name, json.dumps(value))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
