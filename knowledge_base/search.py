"""Find the item that a question is about, and the sections that answer it.

Comes in: a question, maybe an item or an element to stay within. Goes out: hits with the fused score that orders them and
the raw scores by which the caller decides whether anything fits at all. Sections are scored by words and vectors
(`knowledge_base.hybrid`, the code that the retrieval benchmark measures); items by their names and aliases and by their
best section; a section's place also depends on its item's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

from core.errors import Unavailable
from knowledge_base.coverage import NameCoverage
from knowledge_base.embedding import VectorCache, embed_texts
from knowledge_base.filters import Filters
from knowledge_base.fusion import best_first, group_maximum, z_normalise
from knowledge_base.hybrid import Document, HybridIndex, Scores
from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from knowledge_base.sections import Section
from knowledge_base.terms import Element
from models.handle import Handle
from models.tasks import EmbeddingInput

NAMES_WEIGHT = 0.6
"""Share of names and aliases in an item's score; the rest is its best section's."""
ATTEMPTS = 3
ITEM_WEIGHT = 0.5
"""Share of the item in a section's score. Sections of one item differ little from those of its neighbours (the same
materials, the same hours), so the item has to decide first."""


ASKED: dict[Element, tuple[str, ...]] = {
    Element(element): tuple(phrases)
    for element, phrases in YAML(typ="safe").load(Path(__file__).with_name("element_questions.yaml")).items()
}
"""How people ask for each element."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question with its vector: embed once, search several times. `version`: who made the vector."""

    text: str
    vector: NDArray[np.float32]
    version: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A section. `score` orders the hits of one question only. `words`: share of the question that the section holds,
    0..1. `vectors`: cosine, -1..1."""

    section: Section
    score: float
    words: float
    vectors: float


@dataclass(frozen=True, slots=True)
class ItemHit:
    """An item.

    `score` orders the hits of one question only. `matched`: its name or alias that is closest to the question.
    `coverage`: share (0..1) of the question's own words that stand in the item's names. `vectors`: cosine of the question
    and `matched`. `section_vectors`: best cosine of the question and one of the item's sections.
    """

    item: ServiceItem
    score: float
    matched: str
    coverage: float
    vectors: float
    section_vectors: float


@dataclass(frozen=True, slots=True)
class _Scored:
    """All scores of one question: raw ones of sections and of names, then of items, then of sections within items."""

    sections: Scores
    names: Scores
    items: NDArray[np.float32]
    fused: NDArray[np.float32]


class _Index:
    """Everything that depends on the library's state and on the embedder's version. Never changes once made."""

    def __init__(self, library: Library, vectors: NDArray[np.float32], version: str) -> None:
        self.version = version
        self.sections = library.sections()
        self.items = items_in_use(library)
        place = {item.id: number for number, item in enumerate(self.items)}
        self.item_of_section = np.array([place[section.item_id] for section in self.sections], dtype=np.intp)
        self.names = [(number, name) for number, item in enumerate(self.items) for name in names_of(item)]
        self.item_of_name = np.array([number for number, _ in self.names], dtype=np.intp)
        documents = documents_of(library)
        count = len(self.sections)
        self._sections = HybridIndex(documents[:count], vectors[:count])
        self._names = HybridIndex(documents[count:], vectors[count:])
        self._coverage = NameCoverage([names_of(item) for item in self.items])

    def scores(self, query: Query) -> _Scored:
        sections = self._sections.scores(query.text, query.vector)
        names = self._names.scores(query.text, query.vector)
        count = len(self.items)
        by_name = group_maximum(names.fused, self.item_of_name, count)
        by_section = group_maximum(sections.fused, self.item_of_section, count)
        items = NAMES_WEIGHT * z_normalise(by_name) + (1 - NAMES_WEIGHT) * z_normalise(by_section)
        own = z_normalise(sections.fused)
        fused = ITEM_WEIGHT * z_normalise(items)[self.item_of_section] + (1 - ITEM_WEIGHT) * own
        return _Scored(sections, names, items, fused)

    def hits(self, query: Query, k: int, item_id: str | None, element: Element | None, filters: Filters) -> list[Hit]:
        scored = self.scores(query)
        wanted = [
            number
            for number, section in enumerate(self.sections)
            if (item_id is None or section.item_id == item_id)
            and (element is None or section.element == element)
            and filters.admits(self.items[self.item_of_section[number]])
        ]
        order = best_first(scored.fused[wanted], k) if wanted else []
        return [
            Hit(
                section=self.sections[number],
                score=float(scored.fused[number]),
                words=float(scored.sections.words[number]),
                vectors=float(scored.sections.vectors[number]),
            )
            for number in (wanted[place] for place in order)
        ]

    def item_hits(self, query: Query, k: int, filters: Filters) -> list[ItemHit]:
        scored = self.scores(query)
        nearest_section = group_maximum(scored.sections.vectors, self.item_of_section, len(self.items))
        hits = []
        admitted = np.flatnonzero([filters.admits(item) for item in self.items])
        for place in best_first(scored.items[admitted], k):
            number = int(admitted[place])
            own = np.flatnonzero(self.item_of_name == number)
            closest = int(own[np.argmax(scored.names.fused[own])])
            hits.append(
                ItemHit(
                    item=self.items[number],
                    score=float(scored.items[number]),
                    matched=self.names[closest][1],
                    coverage=self._coverage.share(query.text, number),
                    vectors=float(scored.names.vectors[closest]),
                    section_vectors=float(nearest_section[number]),
                )
            )
        return hits


class Staged:
    """A new state of the library with its index, not searched yet. `version`: of the embedder that made its vectors."""

    def __init__(self, library: Library, index: _Index) -> None:
        self.library = library
        self.index = index

    @property
    def version(self) -> str:
        """ "model/version" that made the vectors."""
        return self.index.version


class SectionSearch:
    """Search over the sections and items of one state of the library at a time.

    Args:
        library: what is searched first.
        handle: of a text-embedding model; its version may change at any time.
        cache: folder for vectors; without it, every start embeds everything again.
    """

    def __init__(self, library: Library, handle: Handle, *, cache: Path | None = None) -> None:
        self._first = library
        self._handle = handle
        self._cache = VectorCache(cache) if cache else None
        self._staged: Staged | None = None
        self._building = asyncio.Lock()

    @property
    def library(self) -> Library:
        """What is searched right now."""
        return self._staged.library if self._staged else self._first

    @property
    def version(self) -> str | None:
        """ "model/version" that made the index; None before `build`."""
        return self._staged.version if self._staged else None

    async def build(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Embed every section and name with the embedder as it is now. Questions are answered meanwhile, if they were."""
        async with self._building:
            await self._rebuild(progress)

    async def stage(self, library: Library, progress: Callable[[int, int], None] | None = None) -> Staged:
        """The index of `library`, made beside the one that is searched; nothing visible changes.

        Raises what the handle raises; Unavailable (`index_unavailable`) if the library has nothing in use.
        """
        async with self._building:
            return await self._stage(library, progress)

    def switch(self, staged: Staged) -> None:
        """Search `staged` from now on. Can't fail; a question that has begun ends on the state that it began with."""
        self._staged = staged

    async def prepare(self, handle: Handle) -> None:
        """Embed everything with a version that is about to take over, so that its first question needn't wait for it.

        Needs a cache folder; without one there is nothing to prepare for.
        """
        if self._cache is not None:
            texts = [document.full_text for document in documents_of(self.library)]
            await embed_texts(handle, texts, cache=self._cache)

    async def embed(self, text: str) -> Query:
        """The question with its vector, made by the version that the index is made by.

        A new version of the embedder has the index built anew first: vectors of two models can't be compared.
        Raises what the handle raises; Unavailable if the model is swapped again and again.
        """
        for _ in range(ATTEMPTS):
            result = await self._handle.call([EmbeddingInput(text, "query")])
            version = f"{result.model}/{result.version}"
            if version == self.version:
                return Query(text, result.outputs[0].vector, version)
            async with self._building:
                if version != self.version:
                    await self._rebuild()
        raise Unavailable("向量模型正在反复切换，暂时不能检索。请稍后再试。", code="index_unavailable", retry_after=5)

    async def search(
        self,
        text: str | Query,
        *,
        k: int = 10,
        item_id: str | None = None,
        element: Element | str | None = None,
        filters: Filters = Filters(),  # noqa: B008  # frozen
    ) -> list[Hit]:
        """The best `k` sections, best first; within one item or of one element if given.

        Raises NotFound for an item that the library lacks, and what `embed` raises.
        """
        if item_id is not None:
            self.library.item(item_id)
        query, staged = await self._prepared(text)
        return staged.index.hits(query, k, item_id, Element(element) if element is not None else None, filters)

    async def items(
        self,
        text: str | Query,
        *,
        k: int = 5,
        filters: Filters = Filters(),  # noqa: B008  # frozen
    ) -> list[ItemHit]:
        """The best `k` items, best first. Always some: whether any fits, `coverage` and `vectors` tell."""
        query, staged = await self._prepared(text)
        return staged.index.item_hits(query, k, filters)

    async def _prepared(self, text: str | Query) -> tuple[Query, Staged]:
        query = await self.embed(text) if isinstance(text, str) else text
        staged = self._staged
        if staged is None or staged.version != query.version:
            query = await self.embed(query.text)
            staged = self._staged
        if staged is None:  # for the type checker: embed() has built it
            raise Unavailable("检索索引还没有建好。请稍后再试。", code="index_unavailable", retry_after=5)
        return query, staged

    async def _rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Stage and switch to what is searched; again if another state took its place meanwhile."""
        while True:
            library = self.library
            staged = await self._stage(library, progress)
            if self.library is library:
                self.switch(staged)
                return

    async def _stage(self, library: Library, progress: Callable[[int, int], None] | None) -> Staged:
        texts = [document.full_text for document in documents_of(library)]
        if not texts:
            raise Unavailable("没有在用的事项，检索索引建不成。请检查办事指南目录。", code="index_unavailable")
        embedded = await embed_texts(self._handle, texts, cache=self._cache, progress=progress)
        return Staged(library, await asyncio.to_thread(_Index, library, embedded.vectors, embedded.version))


def items_in_use(library: Library) -> list[ServiceItem]:
    """Items that have sections, in the order of ids."""
    return [item for item in library.items.values() if library.sections(item.id)]


def names_of(item: ServiceItem) -> tuple[str, ...]:
    """The item's name, then its aliases."""
    return (item.name, *item.aliases)


def documents_of(library: Library) -> list[Document]:
    """What is indexed: every section under its item's and element's name, then every name of every item in use."""
    sections = [
        Document(section.id, " ".join((section.item_name, section.title, *ASKED[section.element])), section.text)
        for section in library.sections()
    ]
    names = [
        Document(f"{item.id}#{place}", "", name)
        for item in items_in_use(library)
        for place, name in enumerate(names_of(item))
    ]
    return sections + names
