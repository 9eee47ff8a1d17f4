"""Answers told word for word as the library's authors noted that people tell them (`said`, `said_yes`, `said_no`).

Comes in: a question and a message. Goes out: the answer that is told, None where none or more than one is. Pure functions.
"""

from __future__ import annotations

import re

from knowledge_base.rules import Answer
from knowledge_base.schema import AnswerKind, Situation
from services.consult.bigrams import bare

_DENIED = re.compile(r"(?:不是|没有?|并非|[不非未无])[^，。；！？,;!?\s]{0,2}$")
"""What before a phrase turns it round: 不是外地户口."""
SHORTEST = 3
"""A shorter phrase stands in a message by chance."""


def answer_in_sayings(situation: Situation, text: str, names: str) -> Answer | None:
    """The one answer whose phrases `text` holds undenied; phrases that `names`, the item's own name, holds tell nothing."""
    if situation.kind is AnswerKind.YES_NO:
        answers: list[tuple[Answer, tuple[str, ...]]] = [(True, situation.said_yes), (False, situation.said_no)]
    elif situation.kind is AnswerKind.CHOICE:
        answers = [(option.value, option.said) for option in situation.options]
    else:
        return None
    lower = text.lower()
    told = [answer for answer, phrases in answers if any(_stands(phrase, lower, names) for phrase in phrases)]
    return told[0] if len(told) == 1 else None


def _stands(phrase: str, lower: str, names: str) -> bool:
    if len(bare(phrase)) < SHORTEST or bare(phrase) in bare(names):
        return False
    place = lower.find(phrase.lower())
    return place >= 0 and not _DENIED.search(lower[:place])
