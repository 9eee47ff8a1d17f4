"""The item is known: find what is asked of it, and learn what the message tells of the person's situation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge_base.index.hits import Query
from knowledge_base.index.section_index import Scored
from knowledge_base.schema import ServiceItem
from knowledge_base.search import SectionSearch
from knowledge_base.terms import Element
from services.consult.asking import Asked, QuestionReader
from services.consult.consultation import Consultation, Subject
from services.consult.element_finding import ElementFinder
from services.consult.following import FollowUps
from services.consult.guide_lines import GuideLines
from services.consult.heads import Heads
from services.consult.item_finding import NO_MODEL
from services.consult.policy import DecidingEntry
from services.consult.situation_learning import SituationLearning, changed

BEYOND = 2
"""A question with fewer pairs of characters than this beside the item's name and the words for an element asks nothing more."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is read: the `text`, and its vector, None without the model."""

    text: str
    embedded: Query | None


class Settling:
    """Sets the consultation's `subjects`."""

    def __init__(
        self,
        search: SectionSearch,
        reader: QuestionReader,
        following: FollowUps,
        elements: ElementFinder,
        lines: GuideLines,
        learning: SituationLearning,
        figures: DecidingEntry,
        heads: Heads | None,
    ) -> None:
        self._search = search
        self._reader = reader
        self._following = following
        self._elements = elements
        self._lines = lines
        self._learning = learning
        self._figures = figures
        self._heads = heads

    async def asked_of(
        self,
        consultation: Consultation,
        item: ServiceItem,
        asked: Asked,
        carried: Sequence[Element],
        scored: Scored | None = None,
        *,
        message: Message | None = None,
    ) -> None:
        """Find what is asked of `item`. Plain words for an element and nothing beside them need no search.

        Args:
            asked: the message as read.
            carried: elements to take over from the conversation if the message asks for none.
            scored: the message's scores, if they were worked out already.
            message: what is read; by default the consultation's own message.
        """
        message = message or Message(consultation.query, consultation.embedded)
        beyond = self._following.beyond_name(asked.bare_matter, item)
        if len(beyond) < BEYOND:
            self.settle(consultation, item, asked.elements or carried, text=message.text)
            return
        if carried and not asked.elements:
            before = dict(consultation.memory.answers.get(item.id, {}))
            self._learning.learn(consultation, item, message.text)
            after = consultation.memory.answers[item.id]
            elements = tuple(dict.fromkeys([*carried, *changed(item, before, after)]))
            consultation.subjects = (Subject(item, elements[: self._figures.elements_most]),)
            return
        query = message.embedded
        index = self._search.index
        if query is None or index is None or index.version != query.version or item.id not in index.place:
            self.settle(consultation, item, asked.elements, text=message.text)
            return
        head: Mapping[str, float] = {}
        if self._heads is not None:
            head = await self._heads.element(query.vector, query.version, message.text)
        wanted = self._elements.find(index, query, item, asked, head, scored, self._lines.of(item, query.version))
        self.settle(
            consultation, item, wanted.elements, wanted.faq, wanted.line, text=message.text, further=wanted.further
        )

    async def waiting(self, consultation: Consultation, item: ServiceItem, waiting: str) -> None:
        """The item was asked for and is chosen: what the message before said of it, `waiting`, is read now."""
        try:
            embedded = await self._search.embed(waiting)
        except NO_MODEL:
            embedded = None
        asked = self._reader.read(waiting)
        # What the message takes over from the conversation needs no search; what it asks itself does.
        carried = () if asked.elements else consultation.session.pending
        await self.asked_of(consultation, item, asked, carried, message=Message(waiting, embedded))

    def settle(
        self,
        consultation: Consultation,
        item: ServiceItem,
        elements: Sequence[Element],
        faq: str | None = None,
        line: tuple[Element, str] | None = None,
        *,
        text: str | None = None,
        further: tuple[tuple[Element, str], ...] = (),
    ) -> None:
        """The message is about `item`; what `text` (by default the message) tells of the person's situation is learnt."""
        self._learning.learn(consultation, item, text)
        consultation.subjects = (Subject(item, tuple(elements), faq, line, further),)
