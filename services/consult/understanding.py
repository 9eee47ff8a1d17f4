"""Find out what a message is about: the item, the elements, the person's situation, and what it refers back to.

In this order: a button; the reply to a question of the bot's own; the choice among items that were offered; two questions in one
message; a follow-up on the item talked about before; an item found by search. What isn't plain is asked back.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Protocol

from knowledge_base.library import Library
from knowledge_base.search import SectionSearch
from knowledge_base.terms import Element
from services.consult.answering import ITEM, AnswerComposer
from services.consult.asking import Asked, QuestionReader
from services.consult.consultation import Consultation, Draft, Said, Subject
from services.consult.element_finding import ElementFinder
from services.consult.following import FollowUps
from services.consult.guide_lines import GuideLines
from services.consult.heads import Heads
from services.consult.item_finding import Found, ItemFinder
from services.consult.life_events import LifeEvents
from services.consult.policy import Policy
from services.consult.replying import Replies, place_said
from services.consult.settling import Settling
from services.consult.situation_learning import SituationLearning
from services.consult.situation_reading import SituationReader

_QUESTIONS = re.compile(
    r"[?？。！!；;\n]+|[,，、 ](?=(?:还有|另外|顺便|再问|再有|以及))|(?:还有|另外|顺便(?:问一?下)?|再问一?下)(?=[^一]{4})"
)
SURELY_HELD = 0.95
"""From this likelihood on that the library holds the matter, an action that no guide is named after is answered from the guide."""


class Rerouting(Protocol):
    """The routes, asked again once it is known how well the library fits (`services.consult.steps.Route`)."""

    def perhaps(self, consultation: Consultation) -> Draft | None:
        """What the message is unless it is plainly about an item."""

    def rather(self, consultation: Consultation) -> Draft | None:
        """What it is if the library holds nothing that fits."""


class Understand:
    """Sets `subjects`, or asks back which item is meant, or says that the library doesn't hold it."""

    def __init__(
        self,
        library: Library,
        search: SectionSearch,
        reader: QuestionReader,
        finder: ItemFinder,
        composer: AnswerComposer,
        policy: Policy,
        routes: Rerouting,
        lines: GuideLines,
        hot: tuple[str, ...] = (),
        heads: Heads | None = None,
    ) -> None:
        self._routes = routes
        self._library = library
        self._reader = reader
        self._finder = finder
        self._composer = composer
        self._policy = policy
        self._hot = hot
        situations = SituationReader(policy.situations)
        self._following = FollowUps(library, finder, reader, situations)
        self._learning = SituationLearning(situations, policy.situations.most)
        self._replies = Replies(library, reader, composer, situations, self._learning)
        elements = ElementFinder(finder.words, policy.deciding)
        self._settling = Settling(
            search, reader, self._following, elements, lines, self._learning, policy.deciding, heads
        )
        self._events = LifeEvents(library, search, situations)

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """None with `subjects` set, or a draft that tells a life event, asks back or declines."""
        event = self._events.chosen(consultation, place_said(consultation.query))
        if event is not None:
            return event
        if consultation.choice is not None and consultation.choice.question_id != ITEM:
            handled = self._replies.pressed(consultation, consultation.choice)
            if handled is not None:
                return handled if isinstance(handled, Draft) else None
        if self._replies.replied(consultation):
            return None
        asked = self._reader.read(consultation.query)
        chosen = self._replies.chosen(consultation, asked)
        waiting = consultation.memory.waiting
        consultation.memory = replace(consultation.memory, waiting="")
        if chosen is not None:
            if waiting and not asked.elements:
                await self._settling.waiting(consultation, chosen, waiting)
            else:
                self._settling.settle(consultation, chosen, asked.elements or consultation.session.pending)
            return None
        if await self._two_questions(consultation):
            return None
        return await self._one_question(consultation, asked)

    async def _one_question(self, consultation: Consultation, asked: Asked) -> Draft | None:
        followed = self._following.read(consultation, asked)
        if followed.withdrawn:
            return self._composer.withdrawn()
        if followed.missing_action is not None:
            return self._composer.action_missing(followed.missing_action)
        if followed.item is not None:
            await self._settling.asked_of(consultation, followed.item, asked, followed.elements)
            return None
        if len(asked.bare_matter) < 2 and not asked.actions:
            if asked.elements and (items := self._events.items_told(consultation)):
                consultation.pending = asked.elements
                return self._composer.clarify(items, asked.elements)
            perhaps = self._routes.perhaps(consultation)
            if perhaps is not None:
                return perhaps
            return Draft("clarify", (Said(self._policy.say("clarify_nothing")),), suggestions=self._hot)
        found = await self._finder.find(
            consultation.query,
            asked,
            followed.current,
            embedded=consultation.embedded,
            guide=consultation.guide,
            beyond=consultation.beyond,
        )
        consultation.words_only = found.ranked.words_only
        item = self._following.stays(consultation, asked, found, self._policy.deciding)
        if item is not None:
            moved = self._finder.by_action(item, asked.actions) if asked.actions else None
            await self._settling.asked_of(consultation, moved or item, asked, followed.carried, found.ranked.scored)
            return None
        event = self._events.found(consultation, asked, found)
        if event is not None:
            return event
        if found.certainty != "plain":
            perhaps = self._routes.perhaps(consultation)
            if perhaps is not None:
                return perhaps
        return await self._found(consultation, asked, found, followed.carried)

    async def _found(
        self, consultation: Consultation, asked: Asked, found: Found, carried: tuple[Element, ...]
    ) -> Draft | None:
        consultation.pending = asked.elements or carried
        if found.certainty == "none":
            rather = self._routes.rather(consultation)
            if rather is not None:
                return rather
            return self._composer.not_found(
                consultation.query,
                [item.name for item in found.items],
                found.elsewhere.matched if found.elsewhere else None,
            )
        if found.certainty in ("near", "several"):
            consultation.memory = replace(consultation.memory, waiting=consultation.query)
        if found.certainty == "near":
            return self._composer.maybe(found.items, asked.elements)
        if found.certainty == "several":
            return self._composer.clarify(found.items, asked.elements or carried)
        item = found.items[0]
        if (
            found.held < SURELY_HELD
            and self._finder.lacks(item, asked.actions)
            and not self._following.tells_of(asked, item)
        ):
            return self._composer.action_missing(item)
        await self._settling.asked_of(consultation, item, asked, carried, found.ranked.scored)
        return None

    async def _two_questions(self, consultation: Consultation) -> bool:
        """Two questions about two items in one message: both are answered, if both are plain."""
        pieces = [piece.strip() for piece in _QUESTIONS.split(consultation.query) if piece and len(piece.strip()) > 3]
        if not 2 <= len(pieces) <= 4:
            return False
        read = [(piece, self._reader.read(piece)) for piece in pieces]
        asking = [(piece, asked) for piece, asked in read if asked.elements and len(asked.bare_matter) >= 2]
        if len(asking) < 2:
            return False
        subjects: list[Subject] = []
        for piece, asked in asking[:2]:
            found = await self._finder.find(piece, asked)
            if found.certainty != "plain":
                return False
            subjects.append(Subject(found.items[0], asked.elements))
        if subjects[0].item is subjects[1].item:
            return False
        for subject in subjects:
            self._learning.learn(consultation, subject.item)
        consultation.subjects = tuple(subjects)
        return True
