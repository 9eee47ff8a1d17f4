"""What a conversation knows of a person's situation: learnt from messages, answered to the bot's questions, taken back.

Comes in: a message on its way, the item that it is about. Goes out: the consultation's memory, brought up to date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from knowledge_base.personal_sections import personal_text
from knowledge_base.questionnaire import read_answers
from knowledge_base.rules import Answer
from knowledge_base.schema import ServiceItem, Situation
from knowledge_base.terms import Element
from services.consult.consultation import Consultation, Subject
from services.consult.situation_reading import Reply, SituationReader
from services.consult.staying import supposes

SITUATED = (Element.MATERIALS, Element.CONDITIONS, Element.FEE, Element.RESULT)
"""Elements that a situation changes, those people ask for first before the rest."""


class SituationLearning:
    """Keeps the answers in `Memory`. `most`: questions of the questionnaire that are asked in a row at most."""

    def __init__(self, situations: SituationReader, most: int) -> None:
        self._situations = situations
        self._most = most

    def learn(self, consultation: Consultation, item: ServiceItem, text: str | None = None) -> None:
        """Take in what `text` (by default the message) tells of the situation in `item`."""
        memory = consultation.memory
        text = consultation.query if text is None else text
        known = dict(memory.answers.get(item.id, {}))
        present = bool(memory.subjects) and memory.subjects[-1] == item.id
        told = self._situations.told(item, text, known, supposed=present and supposes(text))
        # What is said now counts more than what was said before; what then lies off the path is forgotten.
        answers = read_answers(item.situations, {**known, **told})
        rounds = memory.rounds if present else 0
        consultation.memory = replace(memory, answers={**memory.answers, item.id: answers}, rounds=rounds)

    def answered(
        self, consultation: Consultation, item: ServiceItem, situation: Situation, reply: Answer | Reply
    ) -> None:
        """Take in the answer to a question of the bot's, or that it is passed over or taken back; the item stays the subject."""
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
            rounds = self._most
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


def changed(item: ServiceItem, before: Mapping[str, Answer], after: Mapping[str, Answer]) -> list[Element]:
    """The elements that read otherwise in the new situation."""
    if before == after:
        return []
    return [
        element for element in SITUATED if personal_text(item, element, before) != personal_text(item, element, after)
    ]
