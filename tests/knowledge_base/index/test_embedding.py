"""Vectors of many texts: one version, remembered, never mixed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import TooManyRequests, Unavailable
from knowledge_base.index.embedding import BATCH, VectorCache, embed_texts, key_of
from models.handle import CallResult, Handle
from models.host import Host
from models.tasks import EmbeddingInput

TEXTS = [f"第 {number} 条办事指南" for number in range(2 * BATCH + 3)]


@dataclass
class Watched:
    """The real embedder, watched, and changed on the way as a test asks for."""

    handle: Handle
    embedded: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    refusals: int = 0
    task: str = "text-embedding"

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        if self.refusals:
            self.refusals -= 1
            raise TooManyRequests("满", retry_after=0.01)
        self.embedded.extend(one.text for one in inputs)
        result = await self.handle.call(inputs)
        return replace(result, version=self.versions.pop(0)) if self.versions else result


async def test_vectors_come_in_the_order_of_the_texts(embedder: Handle) -> None:
    embedded = await embed_texts(embedder, TEXTS)
    assert embedded.version == "e5-small-zh/2"
    assert embedded.vectors.shape == (len(TEXTS), 384)
    for place in (0, len(TEXTS) // 2, len(TEXTS) - 1):
        alone = (await embedder.call([EmbeddingInput(TEXTS[place], "passage")])).outputs[0].vector
        assert embedded.vectors[place] @ alone > 0.999


async def test_what_is_remembered_is_not_embedded_again(embedder: Handle, tmp_path: Path) -> None:
    first = await embed_texts(embedder, TEXTS, cache=VectorCache(tmp_path))
    watched = Watched(embedder)
    again = await embed_texts(watched, [*TEXTS, "新的一条内容"], cache=VectorCache(tmp_path))
    assert watched.embedded == ["新的一条内容", TEXTS[0]], "the new text, and a known one to see if it still holds"
    assert np.array_equal(again.vectors[: len(TEXTS)], first.vectors)


async def test_query_and_passage_are_remembered_apart(embedder: Handle, tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    passages = await embed_texts(embedder, TEXTS[:2], cache=cache)
    queries = await embed_texts(embedder, TEXTS[:2], role="query", cache=cache)
    assert passages.vectors[0] @ queries.vectors[0] < 0.999


async def test_vectors_of_other_weights_under_the_same_name_are_not_used(embedder: Handle, tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    honest = await embed_texts(embedder, TEXTS[:4], cache=cache)
    keys = [key_of(text) for text in TEXTS[:4]]
    cache.write(honest.version, keys, np.roll(honest.vectors, 1, axis=1))
    again = await embed_texts(embedder, [*TEXTS[:4], "新的"], cache=cache)
    assert again.vectors[:4] == pytest.approx(honest.vectors, abs=1e-3)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04broken", b"\x93NUMPY"])
async def test_a_damaged_file_is_made_again(embedder: Handle, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "e5-small-zh@2.npz").write_bytes(damage)
    assert len((await embed_texts(embedder, TEXTS[:2], cache=VectorCache(tmp_path))).vectors) == 2
    _, found = VectorCache(tmp_path).read("e5-small-zh/2", [key_of(text) for text in TEXTS[:2]], 384)
    assert found.all()


async def test_a_folder_that_can_t_be_written_costs_the_cache_only(embedder: Handle, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    embedded = await embed_texts(embedder, TEXTS[:2], cache=VectorCache(tmp_path / "file" / "folder"))
    assert len(embedded.vectors) == 2


async def test_a_swap_on_the_way_starts_over(embedder: Handle) -> None:
    watched = Watched(embedder, versions=["1-q4", "1-q4", "2", "2", "2", "2", "2"])
    embedded = await embed_texts(watched, TEXTS)
    assert embedded.version == "e5-small-zh/2"
    assert watched.embedded.count(TEXTS[-1]) <= 2


async def test_endless_swapping_is_given_up(embedder: Handle) -> None:
    watched = Watched(embedder, versions=[str(number) for number in range(50)])
    with pytest.raises(Unavailable) as caught:
        await embed_texts(watched, TEXTS)
    assert caught.value.code == "index_unavailable"


async def test_a_full_queue_is_waited_out(embedder: Handle) -> None:
    watched = Watched(embedder, refusals=3)
    assert len((await asyncio.wait_for(embed_texts(watched, TEXTS[:2]), 5)).vectors) == 2


async def test_progress_ends_at_all(embedder: Handle, host: Host) -> None:
    seen: list[tuple[int, int]] = []
    await embed_texts(embedder, TEXTS, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(TEXTS), len(TEXTS))
    assert seen == sorted(seen)
