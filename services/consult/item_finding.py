"""Which item a question is about: by the names that people use, else by search, else none.

Names decide first: they are exact, cost nothing, and a model's nearest item is always some item, however far the question
is from all of them. Only a question that names nothing is searched for, and then the best section has to be near and has
to lead. The figures stand in resolving.yaml.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import TooManyRequests
from knowledge_base.library import Library
from knowledge_base.schema import Element, ServiceItem
from knowledge_base.search import Hit, SectionSearch
from services.consult.asking import Asked, QuestionReader
from services.consult.naming import NameMatcher, bigrams
from services.consult.policy import ResolvingEntry

SEARCHED = 12
"""Sections looked at when a question names no item."""


@dataclass(frozen=True, slots=True)
class Found:
    """The items that the question can mean, best first; none if it is about nothing in the library.

    `named`: told by name, not by nearness. `words_only`: the model had no room. `missing_action`: the family that is
    meant, if none of its items does what is asked for (补办, 变更, ...).
    """

    items: tuple[ServiceItem, ...] = ()
    named: bool = False
    words_only: bool = False
    missing_action: ServiceItem | None = None


class ItemFinder:
    """Finds items of `library`."""

    def __init__(
        self, library: Library, search: SectionSearch, reader: QuestionReader, figures: ResolvingEntry
    ) -> None:
        self._library = library
        self._search = search
        self._reader = reader
        self._figures = figures
        self._usable = [item for item in library.items.values() if library.sections(item.id)]
        self._names = NameMatcher(self._usable, reader.family_of)
        self._families: dict[str, list[ServiceItem]] = {}
        for item in sorted(self._usable, key=reader.order_of):
            self._families.setdefault(reader.family_of(item), []).append(item)
        self._said = {
            item.id: frozenset().union(*(bigrams(section.text) for section in library.sections(item.id)))
            | bigrams(item.name)
            for item in self._usable
        }

    async def find(self, query: str, asked: Asked) -> Found:
        """The items that `query` can mean. Raises TooManyRequests if search has no way around a full queue."""
        named = self.named(asked)
        if named.items or named.missing_action:
            return named
        if not asked.bare_matter:
            return Found()
        return await self._near(query, asked)

    def named(self, asked: Asked) -> Found:
        """The items that the question's own words name."""
        scored: list[tuple[float, ServiceItem]] = []
        for item in self._usable:
            naming = self._names.match(asked.bare_matter, item.id)
            if naming.told >= self._figures.told or len(naming.whole) >= self._figures.whole:
                full = self._names.match(asked.matter, item.id)
                bonus = 1.0 if len(naming.whole) >= self._figures.whole else 0.0
                scored.append((full.told + full.named + bonus, item))
        if not scored:
            return Found()
        scored.sort(key=lambda entry: -entry[0])
        best = scored[0][1]
        return self._within_family(best, asked, named=True)

    def siblings(self, item: ServiceItem) -> list[ServiceItem]:
        """The item's family, itself included, in the order of buttons."""
        return self._families.get(self._reader.family_of(item), [item])

    def by_action(self, item: ServiceItem, actions: Sequence[str]) -> ServiceItem | None:
        """The item of the same family that does one of `actions`; the item itself if it does."""
        for candidate in [item, *self.siblings(item)]:
            if self._reader.actions_of(candidate) & set(actions):
                return candidate
        return None

    def belongs(self, matter: str, item: ServiceItem) -> bool:
        """Whether what is new in a follow-up (外地户口) is something that the item's guide speaks of."""
        grams = bigrams(matter)
        if not grams:
            return True
        return len(grams & self._said.get(item.id, frozenset())) / len(grams) >= self._figures.follow_up

    async def element(self, query: str, item: ServiceItem, asked: Asked) -> Element | None:
        """The element nearest to a question that names the item but no element; None if it asks for nothing more."""
        rest = bigrams(asked.bare_matter) - self._names.grams(item.id)
        if len(rest) < 2:
            return None
        try:
            hits = await self._search.search(query, k=2, item_id=item.id)
        except TooManyRequests:
            return None
        if len(hits) < 2 or hits[0].vectors - hits[1].vectors < self._figures.element_lead:
            return None
        return hits[0].section.element

    def _within_family(self, best: ServiceItem, asked: Asked, *, named: bool, words_only: bool = False) -> Found:
        family = self.siblings(best)
        if asked.actions:
            fitting = [item for item in family if self._reader.actions_of(item) & set(asked.actions)]
            if fitting:
                return Found(tuple(fitting), named, words_only)
            return Found((), named, words_only, missing_action=best)
        if len(family) > 1:
            told = {item.id: self._names.match(asked.matter, item.id).told for item in family}
            ranked = sorted(family, key=lambda item: -told[item.id])
            if told[ranked[0].id] - told[ranked[1].id] >= self._figures.margin:
                return Found((ranked[0],), named, words_only)
            return Found(tuple(family), named, words_only)
        return Found((best,), named, words_only)

    async def _near(self, query: str, asked: Asked) -> Found:
        hits, words_only = await self._searched(query)
        if words_only or not hits:
            # Words alone find some section for anything; without a name that is not enough to answer from.
            return Found(words_only=words_only)
        hits.sort(key=lambda hit: -hit.vectors)
        best = self._library.item(hits[0].section.item_id)
        family = {item.id for item in self.siblings(best)}
        other = next((hit.vectors for hit in hits if hit.section.item_id not in family), 0.0)
        if hits[0].vectors < self._figures.near or hits[0].vectors - other < self._figures.lead:
            return Found()
        return self._within_family(best, asked, named=False)

    async def _searched(self, query: str) -> tuple[list[Hit], bool]:
        try:
            return list(await self._search.search(query, k=SEARCHED)), False
        except TooManyRequests:
            return [], True
