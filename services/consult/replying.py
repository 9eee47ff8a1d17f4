"""Messages that answer the bot: a button, the reply to a question of the questionnaire, the choice among offered items."""

from __future__ import annotations

import re

from knowledge_base.library import Library
from knowledge_base.rules import Answer
from knowledge_base.schema import ServiceItem
from services.consult.answering import ITEM, AnswerComposer
from services.consult.asking import Asked, QuestionReader
from services.consult.consultation import Consultation, Draft
from services.consult.schemas import Choice
from services.consult.situation_learning import SituationLearning
from services.consult.situation_reading import Reply, SituationReader

_ORDINALS = {"一": 0, "1": 0, "二": 1, "2": 1, "两": 1, "三": 2, "3": 2, "四": 3, "4": 3}
_ORDINAL = re.compile(r"^(?:选|要)?(?:第)?(?P<number>[一二两三四1-4])(?:个|项|种|条|件)?(?:吧|的)?$")
_SIGNS = re.compile(r"[\W_]+")
ANSWER_ALONE = 12
"""A message with more characters than this that asks for an element is no mere answer."""


class Replies:
    """Reads a message against what the bot said last."""

    def __init__(
        self,
        library: Library,
        reader: QuestionReader,
        composer: AnswerComposer,
        situations: SituationReader,
        learning: SituationLearning,
    ) -> None:
        self._library = library
        self._reader = reader
        self._composer = composer
        self._situations = situations
        self._learning = learning

    def chosen(self, consultation: Consultation, asked: Asked) -> ServiceItem | None:
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
        place = place_said(consultation.query)
        if place is not None and place < len(offered):
            return offered[place]
        if asked.bare_matter:
            return None
        fitting = [item for item in offered if self._reader.actions_of(item) & set(asked.actions)]
        return fitting[0] if len(fitting) == 1 else None

    def pressed(self, consultation: Consultation, choice: Choice) -> Draft | bool | None:
        """A button of the questionnaire; None if it belongs to no question of the item talked about."""
        item = self._subject(consultation)
        if item is None:
            return self._composer.withdrawn()
        situation = next((one for one in item.situations if one.id == choice.question_id), None)
        if situation is None:
            return None
        reply: Answer | Reply = Reply(choice.action) if choice.action != "answer" else _plain(choice.value)
        self._learning.answered(consultation, item, situation, reply)
        return True

    def replied(self, consultation: Consultation) -> bool:
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
        if asked.elements and not isinstance(reply, Reply) and len(consultation.query) > ANSWER_ALONE:
            # 有中央空调，那要多少钱: an answer and a question; what it answers is learnt on the way.
            return False
        self._learning.answered(consultation, item, situation, reply)
        return True

    def _subject(self, consultation: Consultation) -> ServiceItem | None:
        item_id = consultation.session.item_id
        return self._library.offered(item_id) if item_id else None


def place_said(text: str) -> int | None:
    """Which of the offered is picked by its number, from 0: 第二个."""
    ordinal = _ORDINAL.match(_SIGNS.sub("", text))
    return _ORDINALS[ordinal["number"]] if ordinal else None


def _plain(value: Answer | None) -> Answer:
    return list(value) if isinstance(value, list) else (value if value is not None else "")
