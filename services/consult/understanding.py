"""Find out what a message is about: the item, the elements, the person's situation, and what it refers back to.

In this order: a button; the reply to a question of the bot's own; the choice among items that were offered; two questions in one
message; a follow-up on the item talked about before; an item found by search. What isn't plain is asked back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from knowledge_base.index.section_index import Scored
from knowledge_base.library import Library
from knowledge_base.personal_sections import personal_text
from knowledge_base.questionnaire import read_answers
from knowledge_base.rules import Answer
from knowledge_base.schema import ServiceItem, Situation
from knowledge_base.search import SectionSearch
from knowledge_base.terms import Element
from services.consult.answering import AnswerComposer
from services.consult.asking import Asked, QuestionReader
from services.consult.consultation import Consultation, Draft, Said, Subject
from services.consult.element_finding import ElementFinder
from services.consult.following import FollowUps
from services.consult.heads import Heads
from services.consult.item_finding import NO_MODEL, Found, ItemFinder
from services.consult.life_events import LifeEvents
from services.consult.policy import Policy
from services.consult.schemas import Choice
from services.consult.situation_reading import Reply, SituationReader
from services.consult.staying import supposes

_ORDINALS = {"一": 0, "1": 0, "二": 1, "2": 1, "两": 1, "三": 2, "3": 2, "四": 3, "4": 3}
_ORDINAL = re.compile(r"^(?:选|要)?(?:第)?(?P<number>[一二两三四1-4])(?:个|项|种|条|件)?(?:吧|的)?$")
_SIGNS = re.compile(r"[\W_]+")
_QUESTIONS = re.compile(
    r"[?？。！!；;\n]+|[,，、 ](?=(?:还有|另外|顺便|再问|再有|以及))|(?:还有|另外|顺便(?:问一?下)?|再问一?下)(?=[^一]{4})"
)
FOREIGN = 0.3
"""Below this likelihood of being a question to a guide, a message that names nothing of ours is not about the item either."""
FOLLOWS = 0.4
"""From this likelihood on a message looks like a follow-up to the trained head."""
BEYOND = 2
"""A question with fewer pairs of characters than this beside the item's name and the words for an element asks nothing more."""
SITUATED = (Element.MATERIALS, Element.CONDITIONS, Element.FEE, Element.RESULT)
"""Elements that a situation changes, those people ask for first before the rest."""
ITEM = "item"
"""The question's id where the bot asks which item is meant."""


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
        self._situations = SituationReader(policy.situations)
        self._following = FollowUps(library, finder, reader, self._situations)
        self._search = search
        self._heads = heads
        self._elements = ElementFinder(library, policy.deciding)
        self._events = LifeEvents(library, search, self._situations)

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """None with `subjects` set, or a draft that tells a life event, asks back or declines."""
        event = self._events.chosen(consultation, _place(consultation.query))
        if event is not None:
            return event
        if consultation.choice is not None and consultation.choice.question_id != ITEM:
            handled = self._pressed(consultation, consultation.choice)
            if handled is not None:
                return handled if isinstance(handled, Draft) else None
        if self._replied(consultation):
            return None
        asked = self._reader.read(consultation.query)
        chosen = self._chosen(consultation, asked)
        waiting = consultation.memory.waiting
        consultation.memory = replace(consultation.memory, waiting="")
        if chosen is not None:
            if waiting and not asked.elements:
                await self._settle_waiting(consultation, chosen, waiting)
            else:
                self._settle(consultation, chosen, asked.elements or consultation.session.pending)
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
            await self._settle_asked(consultation, followed.item, asked, followed.elements)
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
        item, likely = self._following.stays(consultation, asked, found.ranked, self._policy.deciding.stay)
        if (
            item is not None
            and likely >= self._policy.deciding.stay_from
            and not self._is_foreign(consultation, asked, item, found)
        ):
            moved = self._finder.by_action(item, asked.actions) if asked.actions else None
            await self._settle_asked(consultation, moved or item, asked, followed.carried, found.ranked.scored)
            return None
        event = self._events.found(consultation, asked, found)
        if event is not None:
            return event
        if found.certainty != "plain":
            perhaps = self._routes.perhaps(consultation)
            if perhaps is not None:
                return perhaps
        return await self._found(consultation, asked, found, followed.carried)

    def _is_foreign(self, consultation: Consultation, asked: Asked, item: ServiceItem, found: Found) -> bool:
        """Whether a message in a conversation about `item` is about nothing of ours at all: 股票开户呢."""
        if found.certainty != "none":
            return False
        if found.ranked.words_only or found.elsewhere is not None or consultation.guide < FOREIGN:
            return True
        if consultation.route_chances.get("follow_up", 0.0) >= FOLLOWS and consultation.beyond < FOREIGN:
            # 她腿不好，我代她去: by its looks it goes on, though no guide says it so.
            return False
        return not self._following.touches(consultation.query, asked, item)

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
        if self._finder.lacks(item, asked.actions) and not self._following.tells_of(asked, item):
            return self._composer.action_missing(item)
        await self._settle_asked(consultation, item, asked, carried, found.ranked.scored)
        return None

    async def _settle_asked(
        self,
        consultation: Consultation,
        item: ServiceItem,
        asked: Asked,
        carried: Sequence[Element],
        scored: Scored | None = None,
    ) -> None:
        """The item is known; find what is asked of it. Plain words for an element and nothing beside them need no search."""
        beyond = self._following.beyond_name(asked.bare_matter, item)
        if len(beyond) < BEYOND:
            self._settle(consultation, item, asked.elements or carried)
            return
        if carried and not asked.elements:
            before = dict(consultation.memory.answers.get(item.id, {}))
            self._learn(consultation, item)
            changed = self._changed(item, before, consultation.memory.answers[item.id])
            elements = tuple(dict.fromkeys([*carried, *changed]))
            consultation.subjects = (Subject(item, elements[: self._policy.deciding.elements_most]),)
            return
        query = consultation.embedded
        index = self._search.index
        if query is None or index is None or index.version != query.version or item.id not in index.place:
            self._settle(consultation, item, asked.elements)
            return
        head: Mapping[str, float] = {}
        if self._heads is not None:
            head = await self._heads.element(query.vector, query.version, consultation.query)
        wanted = self._elements.find(index, query, item, asked, head, scored)
        self._settle(consultation, item, wanted.elements, wanted.faq, wanted.line)

    async def _settle_waiting(self, consultation: Consultation, item: ServiceItem, waiting: str) -> None:
        """The item was asked for and is chosen: what the message before said of it is read now."""
        chosen, vector = consultation.query, consultation.embedded
        consultation.query = waiting
        try:
            consultation.embedded = await self._search.embed(waiting)
        except NO_MODEL:
            consultation.embedded = None
        asked = self._reader.read(waiting)
        # What the message takes over from the conversation needs no search; what it asks itself does.
        carried = () if asked.elements else consultation.session.pending
        await self._settle_asked(consultation, item, asked, carried)
        consultation.query, consultation.embedded = chosen, vector

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
            self._learn(consultation, subject.item)
        consultation.subjects = tuple(subjects)
        return True

    def _settle(
        self,
        consultation: Consultation,
        item: ServiceItem,
        elements: Sequence[Element],
        faq: str | None = None,
        line: tuple[Element, str] | None = None,
    ) -> None:
        """The message is about `item`; what it tells of the person's situation is learnt."""
        self._learn(consultation, item)
        consultation.subjects = (Subject(item, tuple(elements), faq, line),)

    def _changed(self, item: ServiceItem, before: Mapping[str, Answer], after: Mapping[str, Answer]) -> list[Element]:
        """The elements that read otherwise in the new situation."""
        if before == after:
            return []
        return [
            element
            for element in SITUATED
            if personal_text(item, element, before) != personal_text(item, element, after)
        ]

    def _learn(self, consultation: Consultation, item: ServiceItem) -> None:
        memory = consultation.memory
        known = dict(memory.answers.get(item.id, {}))
        supposed = bool(memory.subjects) and memory.subjects[-1] == item.id and supposes(consultation.query)
        told = self._situations.told(item, consultation.query, known, supposed=supposed)
        # What is said now counts more than what was said before; what then lies off the path is forgotten.
        answers = read_answers(item.situations, {**known, **told})
        rounds = memory.rounds if memory.subjects and memory.subjects[-1] == item.id else 0
        consultation.memory = replace(memory, answers={**memory.answers, item.id: answers}, rounds=rounds)

    def _chosen(self, consultation: Consultation, asked: Asked) -> ServiceItem | None:
        """The item picked from those that the bot offered: by its button, its name, its number, or its action."""
        offered = [
            self._library.items[item_id]
            for item_id in consultation.session.offered
            if item_id in self._library.items and self._library.sections(item_id)
        ]
        if consultation.choice is not None and consultation.choice.question_id == ITEM:
            by_id = self._library.items.get(str(consultation.choice.value))
            if by_id is not None and self._library.sections(by_id.id):
                return by_id
        if not offered:
            return None
        bare = _SIGNS.sub("", consultation.query)
        for item in offered:
            if _SIGNS.sub("", item.name) == bare:
                return item
        place = _place(consultation.query)
        if place is not None and place < len(offered):
            return offered[place]
        if asked.bare_matter:
            return None
        fitting = [item for item in offered if self._reader.actions_of(item) & set(asked.actions)]
        return fitting[0] if len(fitting) == 1 else None

    def _pressed(self, consultation: Consultation, choice: Choice) -> Draft | bool | None:
        """A button of the questionnaire; None if it belongs to no question of the item talked about."""
        item = self._subject(consultation)
        if item is None:
            return self._composer.withdrawn()
        situation = next((one for one in item.situations if one.id == choice.question_id), None)
        if situation is None:
            return None
        reply: Answer | Reply = Reply(choice.action) if choice.action != "answer" else _plain(choice.value)
        self._answered(consultation, item, situation, reply)
        return True

    def _replied(self, consultation: Consultation) -> bool:
        """Whether the message answers the question that the bot asked last."""
        memory = consultation.memory
        item = self._subject(consultation)
        if memory.asked is None or item is None:
            return False
        situation = next((one for one in item.situations if one.id == memory.asked), None)
        if situation is None:
            return False
        reply = self._situations.reply(situation, consultation.query)
        if reply is None:
            return False
        asked = self._reader.read(consultation.query)
        if asked.elements and not isinstance(reply, Reply) and len(consultation.query) > 12:
            # 有中央空调，那要多少钱: an answer and a question; what it answers is learnt on the way.
            return False
        self._answered(consultation, item, situation, reply)
        return True

    def _answered(
        self, consultation: Consultation, item: ServiceItem, situation: Situation, reply: Answer | Reply
    ) -> None:
        memory = consultation.memory
        answers = dict(memory.answers.get(item.id, {}))
        unsure = list(memory.unsure.get(item.id, []))
        rounds = memory.rounds
        if reply is Reply.BACK and situation.id in answers:
            # An answer that is known is taken back by itself: its question is asked again.
            answers.pop(situation.id)
            consultation.again = situation.id
            rounds = 0
        elif reply is Reply.BACK:
            # The last question that was answered or passed over is asked again.
            asked_before = (*(one for one in answers if one not in memory.asked_before), *memory.asked_before)
            for last in reversed(asked_before):
                if last in answers or last in unsure:
                    answers.pop(last, None)
                    unsure = [one for one in unsure if one != last]
                    break
            rounds = max(0, rounds - 1)
        elif reply is Reply.UNSURE:
            unsure.append(situation.id)
        elif reply is Reply.SKIP:
            rounds = self._policy.situations.most
        else:
            answers[situation.id] = reply
            unsure = [one for one in unsure if one != situation.id]
        checked = read_answers(item.situations, answers)
        consultation.memory = replace(
            memory,
            answers={**memory.answers, item.id: checked},
            unsure={**memory.unsure, item.id: unsure},
            rounds=rounds,
        )
        consultation.subjects = (Subject(item, memory.elements),)

    def _subject(self, consultation: Consultation) -> ServiceItem | None:
        item_id = consultation.session.item_id
        return self._library.offered(item_id) if item_id else None


def _place(text: str) -> int | None:
    """Which of the offered is picked by its number, from 0: 第二个."""
    ordinal = _ORDINAL.match(_SIGNS.sub("", text))
    return _ORDINALS[ordinal["number"]] if ordinal else None


def _plain(value: Answer | None) -> Answer:
    return list(value) if isinstance(value, list) else (value if value is not None else "")
