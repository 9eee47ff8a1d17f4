"""Find out what a message is about: the item, the elements, and what it refers back to.

In this order: the choice after the bot asked back; an item named in the message; a follow-up on the item talked about
before; an item found by search. Several items that fit as well as each other are asked back.
"""

from __future__ import annotations

import re

from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from services.consult.answering import AnswerComposer
from services.consult.asking import Asked, QuestionReader
from services.consult.consultation import Consultation, Draft, Said
from services.consult.item_finding import Found, ItemFinder
from services.consult.policy import Policy

_ORDINALS = {"一": 0, "1": 0, "二": 1, "2": 1, "两": 1, "三": 2, "3": 2, "四": 3, "4": 3}
_ORDINAL = re.compile(r"^(?:选|要)?(?:第)?(?P<number>[一二两三四1-4])(?:个|项|种|条|件)?(?:吧|的)?$")
# 那居住证呢: another matter, the same question.
_CARRIES_ON = re.compile(r"^(那么?|换成|换|如果是|要是)|呢[?!.。]*$")
_SIGNS = re.compile(r"[\W_]+")


class Understand:
    """Sets `item` and `elements`, or asks back, or says that the library doesn't hold it."""

    def __init__(
        self,
        library: Library,
        reader: QuestionReader,
        finder: ItemFinder,
        composer: AnswerComposer,
        policy: Policy,
        hot: tuple[str, ...] = (),
    ) -> None:
        self._library = library
        self._reader = reader
        self._finder = finder
        self._composer = composer
        self._policy = policy
        self._hot = hot

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """None with `item` set, or a draft that asks back or declines."""
        asked = self._reader.read(consultation.query)
        consultation.elements = asked.elements
        chosen = self._chosen(consultation, asked)
        if chosen is not None:
            consultation.item = chosen
            consultation.elements = asked.elements or consultation.session.pending
            return None
        named = self._finder.named(asked)
        if named.items or named.missing_action:
            return await self._settle(consultation, asked, named)
        draft = self._referred_back(consultation, asked)
        if draft is not None or consultation.item is not None:
            return draft
        if len(asked.bare_matter) < 2:
            return Draft("clarify", (Said(self._policy.say("clarify_nothing")),), suggestions=self._hot)
        found = await self._finder.find(asked)
        consultation.words_only = found.words_only
        return await self._settle(consultation, asked, found)

    def _chosen(self, consultation: Consultation, asked: Asked) -> ServiceItem | None:
        """The item picked from those that the bot offered: by its button, its number, or its action."""
        offered = [
            self._library.items[item_id]
            for item_id in consultation.session.offered
            if item_id in self._library.items and self._library.sections(item_id)
        ]
        if not offered:
            return None
        bare = _SIGNS.sub("", consultation.query)
        for item in offered:
            if _SIGNS.sub("", item.name) == bare:
                return item
        ordinal = _ORDINAL.match(bare)
        if ordinal and _ORDINALS[ordinal["number"]] < len(offered):
            return offered[_ORDINALS[ordinal["number"]]]
        if asked.bare_matter:
            return None
        fitting = [item for item in offered if self._reader.actions_of(item) & set(asked.actions)]
        return fitting[0] if len(fitting) == 1 else None

    def _referred_back(self, consultation: Consultation, asked: Asked) -> Draft | None:
        """A follow-up (那要多少钱, 换成变更呢) on the item talked about before; sets `item`, or says why not."""
        state = consultation.session
        if state.item_id is None or not (asked.elements or asked.actions or asked.bare_matter):
            return None
        before = self._library.items.get(state.item_id)
        if before is None or not self._library.sections(before.id):
            return None if asked.bare_matter else self._composer.withdrawn()
        if not self._finder.belongs(asked.bare_matter, before):
            return None
        item: ServiceItem | None = before
        if asked.actions:
            item = self._finder.by_action(before, asked.actions)
            if item is None:
                return self._composer.action_missing(before)
        consultation.item = item
        if not consultation.elements and state.element is not None:
            consultation.elements = (state.element,)
        return None

    async def _settle(self, consultation: Consultation, asked: Asked, found: Found) -> Draft | None:
        state = consultation.session
        if found.missing_action is not None:
            return self._composer.action_missing(found.missing_action)
        if not found.items:
            return self._composer.not_found(consultation.query, [item.name for item in found.suggested])
        if not found.named:
            return self._composer.maybe(found.items, asked.elements)
        if len(found.items) > 1:
            same = [item for item in found.items if item.id == state.item_id]
            if not same:
                return self._composer.clarify(found.items, asked.elements)
            consultation.item = same[0]
        else:
            consultation.item = found.items[0]
        if not asked.elements and state.element is not None and _CARRIES_ON.search(consultation.query):
            consultation.elements = (state.element,)
        elif not asked.elements:
            element = await self._finder.element(consultation.query, consultation.item, asked)
            consultation.elements = () if element is None else (element,)
        return None
