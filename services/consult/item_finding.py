"""Which item a question is about: answered at once if it is plain, asked back if it isn't, declined if the library hasn't got it.

Search ranks the items by names (misspelt ones too), words and meaning; what is said of the action (注销, 丢了) and the item
talked about before move them; and two small heads (`services.consult.deciding`) tell how far the first can be trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.errors import ModelFailed, TooManyRequests, Unavailable
from knowledge_base.index.candidates import Candidate, candidates
from knowledge_base.index.hits import Query
from knowledge_base.index.section_index import Scored
from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from knowledge_base.search import SectionSearch
from services.consult.asking import Asked, QuestionReader
from services.consult.deciding import SURELY_HELD, UNTOLD, features, likelihood
from services.consult.guide_words import GuideWords
from services.consult.policy import DecidingEntry

NO_MODEL = (TooManyRequests, Unavailable, ModelFailed)
"""The embedder can't help now: its queue is full, it isn't loaded, or it failed."""
LOOKED_AT = 6
"""Items that search is asked for."""
BUTTONS = 4
"""Items that are offered at most when the bot asks back."""

SLIP = 0.6
"""Share of the question, by characters and sounds, that a name holds which is meant but for a slip."""
NAMED = 0.5
"""Without the model an item counts as named if its names hold this share of the question's words ..."""
NAMED_LEAD = 2.0
"""... and as plainly meant if its score leads by this."""

Certainty = Literal["plain", "several", "near", "none"]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The candidates of one question in the order of their adjusted scores, and what the decision was made by."""

    candidates: tuple[Candidate, ...]
    scores: tuple[float, ...]
    directory: Candidate | None
    values: tuple[float, ...]
    query: Query
    scored: Scored
    words_only: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The items that the question can mean, best first.

    `certainty`: plain (the first is meant), several (one of them is), near (perhaps one of them is), none. `right`: how
    likely the first is, 0..1; `held`: how likely the library holds the matter. `elsewhere`: the name of a known matter that
    the library has no guide of. `ranked`: what it was decided by.
    """

    certainty: Certainty
    items: tuple[ServiceItem, ...]
    right: float
    held: float
    ranked: Ranked
    elsewhere: Candidate | None = None


class ItemFinder:
    """Finds items of `library`, which is what `search` searches. `words`: the pairs of characters that its guides use."""

    def __init__(self, library: Library, search: SectionSearch, reader: QuestionReader, figures: DecidingEntry) -> None:
        self._library = library
        self._search = search
        self._reader = reader
        self._figures = figures
        self.words = GuideWords(library)
        self._families: dict[str, list[ServiceItem]] = {}
        usable = [item for item in library.items.values() if library.sections(item.id)]
        for item in sorted(usable, key=reader.order_of):
            self._families.setdefault(reader.family_of(item), []).append(item)

    async def find(
        self,
        text: str,
        asked: Asked,
        current: str | None = None,
        *,
        embedded: Query | None = None,
        guide: float = UNTOLD,
        beyond: float = SURELY_HELD,
    ) -> Found:
        """The items that `text` can mean.

        Args:
            current: id of the item talked about before; it and its family are among the candidates whatever their score.
            embedded: `text` with its vector, if it has been made already.
            guide: how likely the text is a question to a guide, by the trained head; beyond: likewise of a question to a
                guide, that the library hasn't got it.
        """
        return self.decide(await self.ranked(text, asked, current, embedded=embedded, guide=guide, beyond=beyond))

    async def ranked(
        self,
        text: str,
        asked: Asked,
        current: str | None = None,
        *,
        embedded: Query | None = None,
        guide: float = UNTOLD,
        beyond: float = SURELY_HELD,
    ) -> Ranked:
        """Search, and let the action and the conversation move the ranks."""
        words_only = False
        try:
            query = embedded or await self._search.embed(text)
        except NO_MODEL:
            words_only = True
            query = unembedded(self._search, asked.matter or text)
        index = self._search.index
        assert index is not None
        found = candidates(index, query, LOOKED_AT, self._relatives(current))
        # The search may have moved on to a newer state of the library than the one that this message is answered from.
        known = [one for one in found.items if self._library.items.get(one.entry.id) is one.entry]
        adjusted = sorted(
            ((one.score + self._adjustment(one.item, asked), one) for one in known), key=lambda pair: -pair[0]
        )
        scores = tuple(score for score, _ in adjusted)
        ranked = tuple(one for _, one in adjusted)
        matter = asked.matter or text
        explained = self.words.explained(matter, ranked[0].item) if ranked else 0.0
        values = features(ranked, scores, found.directory, len(matter), guide, beyond, explained) if ranked else []
        return Ranked(ranked, scores, found.directory, tuple(values), query, found.scored, words_only)

    def decide(self, ranked: Ranked) -> Found:
        """What the ranks amount to."""
        if not ranked.candidates:
            return Found("none", (), 0.0, 0.0, ranked)
        if ranked.words_only:
            return self._by_words(ranked)
        figures = self._figures
        right = likelihood(figures.right, ranked.values)
        held = likelihood(figures.held, ranked.values)
        items = tuple(one.item for one in ranked.candidates)
        close = tuple(
            one.item
            for one, score in zip(ranked.candidates, ranked.scores, strict=True)
            if ranked.scores[0] - score <= figures.close
        )[:BUTTONS]
        if len(close) < 2:
            close = items[:2]
        beside = ranked.directory
        if held < figures.near_from and not self._named_with_a_slip(ranked):
            elsewhere = beside if beside is not None and beside.tolerant >= figures.directory_named else None
            return Found("none", close[:2], right, held, ranked, elsewhere)
        if held < figures.held_from:
            return Found("near", items[:3], right, held, ranked)
        if right >= figures.right_from:
            return Found("plain", items[:1], right, held, ranked)
        return Found("several", close, right, held, ranked)

    def _named_with_a_slip(self, ranked: Ranked) -> bool:
        """Whether the first item is named but for a slip (敬老咔), and no other known matter as well: the guides' words and the meaning
        tell nothing of a misspelt name, so it is asked back whatever they say."""
        first, beside = ranked.candidates[0], ranked.directory
        return first.tolerant >= SLIP and (beside is None or beside.tolerant <= first.tolerant)

    def _by_words(self, ranked: Ranked) -> Found:
        """Without the model only what is plainly named counts."""
        first = ranked.candidates[0]
        items = tuple(one.item for one in ranked.candidates)
        if first.coverage < NAMED:
            return Found("none", (), 0.0, 0.0, ranked)
        lead = ranked.scores[0] - ranked.scores[1] if len(ranked.scores) > 1 else NAMED_LEAD
        if lead >= NAMED_LEAD:
            return Found("plain", items[:1], 1.0, 1.0, ranked)
        return Found("several", items[:BUTTONS], 0.5, 1.0, ranked)

    def siblings(self, item: ServiceItem) -> list[ServiceItem]:
        """The item's family, itself included, in the order of buttons."""
        return self._families.get(self._reader.family_of(item), [item])

    def by_action(self, item: ServiceItem, actions: Sequence[str]) -> ServiceItem | None:
        """The item of the same family that does one of `actions`; the item itself if it does."""
        for candidate in [item, *self.siblings(item)]:
            if self._reader.actions_of(candidate) & set(actions):
                return candidate
        return None

    def lacks(self, item: ServiceItem, actions: Sequence[str]) -> bool:
        """Whether actions are named that neither the item nor its family is for."""
        return bool(actions) and self.by_action(item, actions) is None

    def _relatives(self, current: str | None) -> list[str]:
        item = self._library.items.get(current) if current else None
        return [sibling.id for sibling in self.siblings(item)] if item is not None else []

    def _adjustment(self, item: ServiceItem, asked: Asked) -> float:
        figures = self._figures
        own = self._reader.actions_of(item)
        moved = 0.0
        if asked.actions:
            moved += figures.action if own & set(asked.actions) else -figures.other_action
        elif "new" not in own:
            moved -= figures.unasked_action
        return moved


def unembedded(search: SectionSearch, text: str) -> Query:
    """The question for words and names alone: a vector that is near to nothing. Raises Unavailable (`index_unavailable`)."""
    index = search.index
    if index is None:
        raise Unavailable("检索索引还没有建好。请稍后再试。", code="index_unavailable", retry_after=5)
    return Query(
        index.tolerant_names.readable(text),
        np.zeros(index.section_index.vectors.dimension, dtype=np.float32),
        index.version,
        text,
    )
