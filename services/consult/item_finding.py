"""Which item a question is about: by the names that people use, else maybe by nearness, else none.

Names decide: they are exact and cost nothing, while a model's nearest item is always some item, however far the question
is from all of them (docs/decisions/0008). A question that names nothing is looked for by meaning, and what is near enough
is asked back, never answered from. The figures stand in resolving.yaml.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import ModelFailed, TooManyRequests, Unavailable
from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from knowledge_base.search import SectionSearch
from knowledge_base.terms import Element
from services.consult.asking import Asked, QuestionReader
from services.consult.naming import NOT_NAMED, NameMatcher, bigrams
from services.consult.policy import Policy, ResolvingEntry

NO_MODEL = (TooManyRequests, Unavailable, ModelFailed)
"""The embedder can't help now: its queue is full, it isn't loaded, or it failed."""
LOOKED_AT = 3
"""Items looked at when a question names none."""


@dataclass(frozen=True, slots=True)
class Found:
    """The items that the question can mean, best first; none if it is about nothing in the library.

    `named`: told by name; otherwise by nearness alone, which is enough to ask but not to answer. `words_only`: the model
    had no room. `missing_action`: the item that is named, if no guide of its family tells what is asked for (补办, ...).
    `suggested`: items to point at where nothing is found.
    """

    items: tuple[ServiceItem, ...] = ()
    named: bool = True
    suggested: tuple[ServiceItem, ...] = ()
    words_only: bool = False
    missing_action: ServiceItem | None = None


def read_names(library: Library, policy: Policy) -> tuple[QuestionReader, NameMatcher]:
    """The reader and the matcher for the library's items; the reader then knows which words are part of names."""
    plain = QuestionReader(policy.words)
    items = [item for item in library.items.values() if library.sections(item.id)]
    names = NameMatcher({item.id: plain.forms_of(item) for item in items}, policy.words.common)
    return QuestionReader(policy.words, names.vocabulary), names


class ItemFinder:
    """Finds items of `library`."""

    def __init__(
        self,
        library: Library,
        search: SectionSearch,
        reader: QuestionReader,
        names: NameMatcher,
        figures: ResolvingEntry,
    ) -> None:
        self._library = library
        self._search = search
        self._reader = reader
        self._figures = figures
        self._usable = [item for item in library.items.values() if library.sections(item.id)]
        self._names = names
        self._families: dict[str, list[ServiceItem]] = {}
        for item in sorted(self._usable, key=reader.order_of):
            self._families.setdefault(reader.family_of(item), []).append(item)
        self._said = {
            item.id: frozenset().union(*(bigrams(section.text) for section in library.sections(item.id)))
            | names.grams(item.id)
            for item in self._usable
        }

    async def find(self, asked: Asked) -> Found:
        """The items that the question can mean."""
        named = self.named(asked)
        if named.items or named.missing_action:
            return named
        if not asked.bare_matter:
            return Found()
        return await self._near(asked)

    def named(self, asked: Asked) -> Found:
        """The items that the question's own words name."""
        scored: list[tuple[float, ServiceItem]] = []
        full = self._names.match(asked.matter)
        for item_id, naming in self._names.match(asked.bare_matter).items():
            in_one_piece = len(naming.whole) >= self._figures.whole
            enough = naming.told >= self._figures.told and naming.named >= self._figures.named
            if enough or in_one_piece:
                with_action = full.get(item_id, naming)
                scored.append((with_action.told + with_action.named + in_one_piece, self._library.items[item_id]))
        if not scored:
            return Found()
        scored.sort(key=lambda entry: -entry[0])
        best = scored[0][1]
        several = self._several(asked, best, [item for _, item in scored[1:]])
        if several:
            return Found(several)
        if self._goes_beyond(asked, best):
            return Found(missing_action=best)
        return self._within_family(best, asked)

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
        return self._share_told(matter, [item]) >= self._figures.follow_up

    async def element(self, query: str, item: ServiceItem, asked: Asked) -> Element | None:
        """The element nearest to a question that names the item but no element; None if it asks for nothing more."""
        rest = bigrams(asked.bare_matter) - self._names.grams(item.id)
        if len(rest) < 2:
            return None
        try:
            hits = await self._search.search(query, k=2, item_id=item.id)
        except NO_MODEL:
            return None
        if len(hits) < 2 or hits[0].vectors - hits[1].vectors < self._figures.element_lead:
            return None
        return hits[0].section.element

    def _within_family(self, best: ServiceItem, asked: Asked) -> Found:
        family = self.siblings(best)
        if asked.actions:
            fitting = tuple(item for item in family if self._reader.actions_of(item) & set(asked.actions))
            return Found(fitting) if fitting else Found(missing_action=best)
        if len(family) == 1:
            return Found((best,))
        naming = self._names.match(asked.matter)
        told = {item.id: naming.get(item.id, NOT_NAMED).told for item in family}
        ranked = sorted(family, key=lambda item: -told[item.id])
        if told[ranked[0].id] - told[ranked[1].id] < self._figures.margin:
            return Found(tuple(family))
        return Found((ranked[0],))

    async def _near(self, asked: Asked) -> Found:
        """What the question may be about, by nearness to names and sections: never certain enough to answer from."""
        try:
            hits = await self._search.items(asked.matter, k=LOOKED_AT)
        except NO_MODEL:
            # Words alone find something for anything; without a name that is not enough even to ask back.
            return Found(words_only=True)
        # The search may have moved on to a newer state of the library than the one that this message is answered from.
        close = [
            hit
            for hit in hits
            if hit.vectors >= self._figures.suggested and self._library.items.get(hit.item.id) is hit.item
        ]
        suggested = tuple(hit.item for hit in close)
        if not close:
            return Found()
        best = max(close, key=lambda hit: hit.vectors)
        asks = asked.elements or asked.actions
        if not asks or best.vectors < self._figures.near or self._names_another_document(asked, best.item):
            return Found(suggested=suggested)
        return replace(self._within_family(best.item, asked), named=False, suggested=suggested)

    def _several(self, asked: Asked, best: ServiceItem, others: Sequence[ServiceItem]) -> tuple[ServiceItem, ...]:
        """The items of different families that the question names one beside the other (生育登记和居住证); else none."""
        naming = self._names.match(asked.bare_matter)
        chosen = [best]
        for item in others:
            form = naming[item.id].whole
            beside = all(
                self._reader.family_of(item) != self._reader.family_of(other)
                and form not in naming[other.id].whole
                and naming[other.id].whole not in form
                for other in chosen
            )
            if len(form) >= self._figures.whole and naming[best.id].whole and beside:
                chosen.append(item)
        return tuple(chosen) if len(chosen) > 1 else ()

    def _goes_beyond(self, asked: Asked, item: ServiceItem) -> bool:
        """Whether the question names the item and goes on with something that its guide doesn't speak of."""
        form = self._names.match(asked.bare_matter)[item.id].whole
        if len(form) < self._figures.whole:
            return False
        rests = [piece.split(form, 1)[1] for piece in asked.pieces if form in piece]
        return any(
            len(rest) > 1 and self._share_told(rest, self.siblings(item)) < self._figures.suffix for rest in rests
        )

    def _share_told(self, words: str, items: Sequence[ServiceItem]) -> float:
        """The share of `words` that stands in the guides of `items`."""
        grams = bigrams(words)
        told = frozenset().union(*(self._said[item.id] for item in items))
        return len(grams & told) / len(grams) if len(words) > 1 else 1.0

    def _names_another_document(self, asked: Asked, item: ServiceItem) -> bool:
        """Whether the question names a document (结婚证, 医疗机构执业许可证) that is not the item's."""
        return any(
            self._names.match(document).get(item.id, NOT_NAMED).told < self._figures.told
            for document in self._reader.documents(asked.bare_matter)
        )
