"""What an index is given once it is searched: the real embedder's vectors, every segment counted as large."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from knowledge_base.index import vectors
from knowledge_base.index.rough_cosines import RoughCosines
from knowledge_base.index.section_index import SectionIndex
from knowledge_base.library import Library
from knowledge_base.search import KEPT, SectionSearch
from models.handle import Handle

QUESTION = "居住证怎么办"


@pytest.fixture
def few(library: Library, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setattr(vectors, "ROUGH_ROWS", 1)
    return [library.item(item_id) for item_id in ("senior-card-apply", "residence-permit-apply")]


class Waiting:
    """Makes the 8 bits only when it is let."""

    def __init__(self) -> None:
        self.begun, self.let = threading.Event(), threading.Event()
        self.made = 0

    def __call__(self, rows: np.ndarray) -> RoughCosines:
        self.begun.set()
        assert self.let.wait(60)
        self.made += 1
        return RoughCosines(rows)


def quick(index: SectionIndex | None) -> list[bool]:
    assert index is not None
    parts = [*index.section_index.vectors._parts, *index.name_index.vectors._parts]
    return [part.rough is not None and part.rough.cosines is not None for part in parts]


async def test_questions_and_publications_do_not_wait_for_the_8_bits(
    few: list[Any], embedder: Handle, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Waiting()
    monkeypatch.setattr(vectors, "RoughCosines", waiting)
    search = SectionSearch(Library(few), embedder, cache=own_cache)
    await search.build()
    await asyncio.to_thread(waiting.begun.wait, 60)
    exact = await search.items(QUESTION)
    # Published while the 8 bits are being made: the new state has them as soon as they are there, and its own.
    changed = few[0].model_copy(update={"version": 2, "summary": "全新的概述文字"})
    search.switch(await search.stage(Library([changed, few[1]])))
    assert not any(quick(search.index))
    before = [hit.score for hit in await search.items(QUESTION)]
    waiting.let.set()
    await search.settle()
    assert all(quick(search.index))
    assert waiting.made == 3  # sections, names, and the changed section
    assert [hit.entry.id for hit in await search.items(QUESTION)] == [hit.entry.id for hit in exact]
    assert [hit.score for hit in await search.items(QUESTION)] == pytest.approx(before, abs=0.05)


async def test_without_the_8_bits_all_goes_on_and_the_log_says_why(
    few: list[Any], embedder: Handle, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(rows: np.ndarray) -> RoughCosines:
        raise MemoryError

    monkeypatch.setattr(vectors, "RoughCosines", failing)
    search = SectionSearch(Library(few), embedder, cache=own_cache)
    with capture_logs() as told:
        await search.build()
        await search.settle()
    assert [(line["event"], line["error"]) for line in told] == [("index_not_quickened", "MemoryError")]
    assert (own_cache / KEPT / "manifest.json").is_file()
    assert (await search.items(QUESTION, k=1))[0].entry.id == "residence-permit-apply"


async def test_a_stop_leaves_no_thread(few: list[Any], embedder: Handle, own_cache: Path) -> None:
    search = SectionSearch(Library(few), embedder, cache=own_cache)
    await search.build()
    await search.settle()
    assert all(quick(search.index))
    await asyncio.get_running_loop().shutdown_default_executor()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("asyncio")]
