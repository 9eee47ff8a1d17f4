"""Follow-ups: what a message leaves unsaid is taken from the conversation (那要多少钱, 如果是外地户口呢, 换成注销呢, 那居住证呢).

Comes in: the message as read, and what the conversation remembers. Goes out: the item, if the message goes on about one that was
talked about; or which item may still be meant and which elements are carried on, for the search to weigh.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from knowledge_base.terms import Element
from services.consult.asking import Asked, QuestionReader
from services.consult.bigrams import bigrams
from services.consult.consultation import Consultation
from services.consult.item_finding import Found, ItemFinder, Ranked
from services.consult.policy import DecidingEntry
from services.consult.situation_reading import SituationReader
from services.consult.staying import CARRIES_ON, likely_stays, stay_signs

_POINTS_BACK = re.compile(r"刚才|刚刚|之前|前面|上面|回到|先前|原来(问|说)")
LONGEST = 24
"""A follow-up is short; a long message tells its matter itself."""


@dataclass(frozen=True, slots=True)
class Followed:
    """`item`: what the message goes on about, with the `elements` asked of it; None if it has to be searched for. Then
    `current`: id of the item that it may go on about, and `carried`: elements to take over."""

    item: ServiceItem | None = None
    elements: tuple[Element, ...] = ()
    current: str | None = None
    carried: tuple[Element, ...] = ()
    withdrawn: bool = False
    missing_action: ServiceItem | None = None


class FollowUps:
    """Reads messages against the conversation."""

    def __init__(
        self, library: Library, finder: ItemFinder, reader: QuestionReader, situations: SituationReader
    ) -> None:
        self._library = library
        self._finder = finder
        self._reader = reader
        self._situations = situations

    def read(self, consultation: Consultation, asked: Asked) -> Followed:
        """What the message goes on about."""
        query = consultation.query
        before = consultation.session.item_id
        memory = consultation.memory
        if before is None:
            return Followed()
        carries = bool(CARRIES_ON.search(query)) and len(query) <= LONGEST
        elements = asked.elements or (memory.elements if carries or not asked.bare_matter else ())
        earlier = self._earlier(query, asked, memory.subjects, before)
        if earlier is not None:
            return Followed(earlier, asked.elements or memory.elements)
        item = self._library.items.get(before)
        if item is None or not self._library.sections(before):
            # What was talked about is gone: say so, unless the message names something itself.
            return Followed(withdrawn=len(asked.bare_matter) < 2)
        if not (asked.elements or asked.actions or asked.bare_matter):
            return Followed()
        tells = self._situations.told(item, query, {})
        bare = asked.bare_matter
        if asked.actions and (len(bare) < 2 or self._is_its_name(bare, item)):
            moved = self._finder.by_action(item, asked.actions)
            if moved is not None:
                return Followed(moved, asked.elements or memory.elements)
            if len(bare) < 2 and not tells:
                return Followed(missing_action=item) if carries else Followed(current=before, carried=elements)
        if len(bare) < 2 or (len(query) <= LONGEST and self._is_its_name(bare, item)):
            return Followed(item, elements)
        return Followed(current=before, carried=elements)

    def tells_of(self, asked: Asked, item: ServiceItem) -> bool:
        """Whether the item's guide speaks of one of the actions that the message names."""
        told = "\n".join(section.text for section in self._library.sections(item.id))
        return any(name in told for action in asked.actions for name in self._reader.names_of(action))

    def stays(
        self, consultation: Consultation, asked: Asked, found: Found, figures: DecidingEntry
    ) -> ServiceItem | None:
        """The item talked about, if the message goes on about it."""
        before = consultation.session.item_id
        item = self._library.items.get(before) if before else None
        if item is None or not self._library.sections(item.id):
            return None
        signs = self.signs(consultation.query, asked, found.ranked, item, consultation.route_chances)
        if signs is None:
            return None
        stays = likely_stays(figures.stay, signs) >= figures.stay_from
        if found.certainty != "none":
            return item if stays else None
        if found.elsewhere is not None or found.ranked.words_only:
            # A known matter that the library has no guide of (股票开户呢), and what nothing but words could be compared with.
            return None
        goes_on = likely_stays(figures.goes_on, signs)
        return item if goes_on >= (figures.goes_on_least if stays else figures.goes_on_from) else None

    def signs(
        self, query: str, asked: Asked, ranked: Ranked, item: ServiceItem, route: Mapping[str, float]
    ) -> list[float] | None:
        """What tells whether `query` goes on about `item`; see `services.consult.staying`."""
        grams = bigrams(asked.bare_matter)
        return stay_signs(
            query,
            asked,
            ranked,
            item.id,
            route,
            told=len(grams & self._told(item)) / len(grams) if grams else 1.0,
            tells=bool(self._situations.told(item, query, {})),
            held=self._finder.decide(ranked).held,
        )

    def _earlier(self, query: str, asked: Asked, subjects: tuple[str, ...], before: str) -> ServiceItem | None:
        """刚才那个许可证: the latest earlier subject that the message's words fit."""
        if not _POINTS_BACK.search(query):
            return None
        words = bigrams(_POINTS_BACK.sub("", asked.matter))
        for item_id in reversed(dict.fromkeys(subjects)):
            item = self._library.items.get(item_id)
            if item is None or not self._library.sections(item_id):
                continue
            own = frozenset().union(*(bigrams(name) for name in (item.name, *item.aliases)))
            if words & own or (not words and item_id != before):
                return item
        return None

    def beyond_name(self, matter: str, item: ServiceItem) -> frozenset[str]:
        """The pairs of characters in `matter` that are no part of what the item is called."""
        return bigrams(matter) - frozenset().union(*(bigrams(name) for name in (item.name, *item.aliases)))

    def _is_its_name(self, matter: str, item: ServiceItem) -> bool:
        """Whether `matter` is nothing but a part of what the item is called."""
        own = frozenset().union(*(bigrams(name) for name in (item.name, *item.aliases)))
        grams = bigrams(matter)
        return bool(grams) and grams <= own

    def _told(self, item: ServiceItem) -> frozenset[str]:
        return self._finder.words.used_by(item)
