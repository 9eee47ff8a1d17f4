"""Find the item that a question is about, and the sections that answer it.

Comes in: a question, maybe an item, an element or filters to stay within. Goes out: hits with the fused score that orders
them and the raw scores by which the caller decides whether anything fits at all.

One state of the library is searched at a time (`knowledge_base.index.section_index`). A new state is staged beside it, which may
fail, and switched to in one assignment, which may not: so a publication moves the database and the search together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import Unavailable
from knowledge_base.index.aftercare import Aftercare
from knowledge_base.index.embedding import Embedded, embed_texts
from knowledge_base.index.explaining import explain
from knowledge_base.index.filters import Filters
from knowledge_base.index.hits import Explanation, Found, Hit, ItemHit, Query
from knowledge_base.index.index_plan import IndexPlan, plan
from knowledge_base.index.kept_index import KeptIndex
from knowledge_base.index.section_index import Beginning, Scored, SectionIndex
from knowledge_base.index.vector_cache import VectorCache
from knowledge_base.index.vectors import VectorIndex
from knowledge_base.index.words import WordIndex
from knowledge_base.library import Library
from knowledge_base.terms import Element
from models.handle import Handle
from models.tasks import EmbeddingInput

__all__ = ["Explanation", "Filters", "Found", "Hit", "ItemHit", "Query", "SectionSearch", "Staged"]

ATTEMPTS = 3
KEPT = "words"
"""Folder of the kept index inside the cache's folder."""
NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Staged:
    """A new state of the library with its index, ready to be switched to."""

    index: SectionIndex

    @property
    def library(self) -> Library:
        """The state that it is the index of."""
        return self.index.library

    @property
    def version(self) -> str:
        """ "model/version" that made the vectors."""
        return self.index.version


class SectionSearch:
    """Search over one state of the library at a time.

    Args:
        library: what is searched first.
        handle: of a text-embedding model; its version may change at any time.
        cache: folder for vectors and the kept index; without it, every start embeds and counts everything again.
    """

    def __init__(self, library: Library, handle: Handle, *, cache: Path | None = None) -> None:
        self._first = library
        self._handle = handle
        self._cache = VectorCache(cache) if cache else None
        self._kept = KeptIndex(cache / KEPT) if cache else None
        self._index: SectionIndex | None = None
        self._building = asyncio.Lock()
        self._aftercare = Aftercare(self._kept)

    @property
    def library(self) -> Library:
        """What is searched right now."""
        return self._index.library if self._index else self._first

    @property
    def version(self) -> str | None:
        """ "model/version" that made the index; None before `build`."""
        return self._index.version if self._index else None

    @property
    def index(self) -> SectionIndex | None:
        """What is searched right now, for benchmarks and tests; None before `build`."""
        return self._index

    async def build(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the index with the embedder as it is now, from what is kept on disk as far as it still holds.

        Questions are answered meanwhile, if they were. Raises what `stage` raises.
        """
        async with self._building:
            await self._rebuild(progress)

    async def stage(self, library: Library, progress: Callable[[int, int], None] | None = None) -> Staged:
        """The index of `library`, made beside the one that is searched; nothing visible changes.

        Only what is new in it is embedded and counted; the vectors are remembered, so that staging the same texts again
        embeds nothing: a draft may be staged and thrown away when it is approved, and its publication is then quick.

        Raises what the handle raises; Unavailable (`index_unavailable`) if the library has nothing in use.
        """
        async with self._building:
            return await self._stage(library, progress)

    def switch(self, staged: Staged) -> None:
        """Search `staged` from now on. Can't fail; a question that has begun ends on the state that it began with.

        What it wants beside (`knowledge_base.index.aftercare`) follows in the background.
        """
        self._index = staged.index
        self._aftercare.follow(staged.index)

    async def settle(self) -> None:
        """Wait until the index is kept and as quick as it gets. For a stop in good order, and for tests."""
        await self._aftercare.settle()

    async def prepare(self, handle: Handle) -> None:
        """Embed everything with a version that is about to take over, so that its first question needn't wait for it.

        Needs a cache folder; without one there is nothing to prepare for.
        """
        if self._cache is not None:
            planned = await asyncio.to_thread(plan, self.library)
            await embed_texts(handle, [*planned.section_texts, *planned.name_texts], cache=self._cache)

    async def embed(self, text: str) -> Query:
        """The question with its vector, made by the version that the index is made by.

        A new version of the embedder has the index built anew first: vectors of two models can't be compared.
        Raises what the handle raises; Unavailable if the model is swapped again and again.
        """
        original = text
        if self._index is not None:
            # Before embedding: to the model, pinyin is noise.
            text = self._index.tolerant_names.readable(text)
        for _ in range(ATTEMPTS):
            result = await self._handle.call([EmbeddingInput(text, "query")])
            version = f"{result.model}/{result.version}"
            if version == self.version:
                return Query(text, result.outputs[0].vector, version, original)
            async with self._building:
                if version != self.version:
                    await self._rebuild()
        raise Unavailable("向量模型正在反复切换，暂时不能检索。请稍后再试。", code="index_unavailable", retry_after=5)

    async def passages(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Embedded:
        """Vectors of further texts, not empty, by the embedder as it is now; remembered like those of sections.

        Raises what the handle raises, but waits out a full queue.
        """
        return await embed_texts(self._handle, texts, cache=self._cache, progress=progress)

    async def search(
        self,
        text: str | Query,
        *,
        k: int = 10,
        item_id: str | None = None,
        element: Element | str | None = None,
        filters: Filters = NO_FILTERS,
    ) -> list[Hit]:
        """The best `k` sections, best first; within one item or of one element if given, and as far as `filters` admit.

        Raises NotFound for an item that the library lacks, ValueError for an unknown element, and what `embed` raises.
        """
        wanted = Element(element) if element is not None else None
        _, index, scored = await self._scored(text)
        if item_id is not None:
            index.library.item(item_id)
        return [index.hit(scored, row) for row in index.best_sections(scored, k, item_id, wanted, filters)]

    async def items(self, text: str | Query, *, k: int = 5, filters: Filters = NO_FILTERS) -> list[ItemHit]:
        """The best `k` items, best first, or entries of the kinds that `filters` ask for.

        Always some, if the filters admit any: whether one fits, `coverage` and `vectors` tell. Raises what `embed` raises.
        """
        query, index, scored = await self._scored(text)
        return [index.item_hit(query, scored, entry) for entry in index.best_entries(scored, k, filters)]

    async def both(self, text: str | Query, *, k: int = 10, filters: Filters = NO_FILTERS) -> Found:
        """The best `k` entries and the best `k` sections, from one state and one scoring. Raises what `embed` raises."""
        query, index, scored = await self._scored(text)
        return Found(
            generation=index.library.generation,
            items=tuple(index.item_hit(query, scored, entry) for entry in index.best_entries(scored, k, filters)),
            sections=tuple(index.hit(scored, row) for row in index.best_sections(scored, k, None, None, filters)),
        )

    async def explain(self, text: str | Query, *, k: int = 10, filters: Filters = NO_FILTERS) -> Explanation:
        """What is found for a question, with which scores, and why. Raises what `embed` raises."""
        query, index = await self._prepared(text)
        return await asyncio.to_thread(explain, index, query, k, filters)

    async def _scored(self, text: str | Query) -> tuple[Query, SectionIndex, Scored]:
        """Words are scored while the model embeds: half of the scoring at 40,000 sections."""
        before = self._index
        worded = None
        if isinstance(text, str) and before is not None:
            readable = before.tolerant_names.readable(text)
            text, worded = await asyncio.gather(self.embed(text), asyncio.to_thread(before.worded, readable))
        query, index = await self._prepared(text)
        # Off the event loop: others' requests go on meanwhile.
        return query, index, await asyncio.to_thread(index.scores, query, worded if index is before else None)

    async def _prepared(self, text: str | Query) -> tuple[Query, SectionIndex]:
        query = await self.embed(text) if isinstance(text, str) else text
        index = self._index
        if index is None or index.version != query.version:
            query = await self.embed(query.original)
            index = self._index
        if index is None:  # for the type checker: embed() has built it
            raise Unavailable("检索索引还没有建好。请稍后再试。", code="index_unavailable", retry_after=5)
        return query, index

    async def _rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Stage and switch to what is searched; again if another state took its place meanwhile."""
        while True:
            library = self.library
            staged = await self._stage(library, progress)
            if self.library is library:
                self.switch(staged)
                return

    async def _stage(self, library: Library, progress: Callable[[int, int], None] | None) -> Staged:
        base = self._index
        if base is None:
            return await self._stage_anew(library, progress)
        planned = await asyncio.to_thread(plan, library, base.frame.plan)
        if not planned.sections:
            raise _nothing()
        texts = [*planned.texts(planned.section_change.added), *planned.new_names]
        if texts:
            # The model and the index don't wait for each other.
            embedded, extending = await asyncio.gather(
                embed_texts(self._handle, texts, cache=self._cache, progress=progress),
                asyncio.to_thread(base.extending, planned),
            )
            vectors, version = embedded.vectors, embedded.version
        elif library is base.library:  # asked for because the embedder has changed
            return await self._stage_anew(library, progress)
        else:
            dimension = base.section_index.vectors.dimension
            vectors, version = np.empty((0, dimension), dtype=np.float32), base.version
            extending = await asyncio.to_thread(base.extending, planned)
        if version != base.version:
            return await self._stage_anew(library, progress)
        return Staged(await asyncio.to_thread(extending.index, vectors))

    async def _stage_anew(self, library: Library, progress: Callable[[int, int], None] | None) -> Staged:
        """All vectors from the cache or the model; words from the present index or the kept one."""
        planned, (words, keys) = await asyncio.gather(asyncio.to_thread(plan, library), self._counted())
        if not planned.sections:
            raise _nothing()
        if words is not None:
            planned = await asyncio.to_thread(planned.from_sections, keys)
        # The vectors are read, or made, while words and names are counted.
        beginning, (sections, names, version) = await asyncio.gather(
            asyncio.to_thread(Beginning.of, planned, words), self._vectors(planned, progress)
        )
        return Staged(beginning.index(sections, names, version))

    async def _counted(self) -> tuple[WordIndex | None, Sequence[str]]:
        """Words that need no counting again, and the keys of their texts: the present index's, or the kept one's."""
        if self._index is not None:
            return self._index.section_index.words, self._index.section_keys
        kept = await asyncio.to_thread(self._kept.read) if self._kept is not None else None
        return (kept.words, kept.keys) if kept is not None else (None, ())

    async def _vectors(
        self, planned: IndexPlan, progress: Callable[[int, int], None] | None
    ) -> tuple[VectorIndex, VectorIndex, str]:
        """All vectors of sections and of names, and what made them."""
        texts, count = [*planned.section_texts, *planned.name_texts], len(planned.sections)
        embedded = await embed_texts(
            self._handle, texts, cache=self._cache, progress=progress, known_keys=planned.section_keys
        )
        sections = await asyncio.to_thread(VectorIndex.of, embedded.vectors[:count])
        return sections, await asyncio.to_thread(VectorIndex.of, embedded.vectors[count:]), embedded.version


def _nothing() -> Unavailable:
    return Unavailable("没有在用的事项，检索索引建不成。请检查办事指南目录。", code="index_unavailable")
