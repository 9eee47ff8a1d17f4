"""A citizen who asks what stands in the questions, and answers what the bot asks back out of what stands there too."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from benchmarks.consult.reading import Turn
from services.consult.schemas import Choice, MessageAnswer

Ask = Callable[[str, str | None, Choice | None], Awaitable[MessageAnswer]]
"""Text, session and button to answer."""
MOST_ROUNDS = 6
_SIGNS = re.compile(r"[\s\W_]+")
_CONDITIONAL = re.compile(r"仅在下列情形|适用于：")


@dataclass(slots=True)
class Asked:
    """What came of one turn. `first`: the first answer; `last`: after all that was asked back. `offered`: the item was among
    the buttons. `rounds`: questions of the questionnaire. `asked_again`: of those, what the message had told already."""

    first: MessageAnswer
    last: MessageAnswer
    offered: bool = False
    rounds: int = 0
    asked_again: list[str] = field(default_factory=list)


async def converse(turn: Turn, ask: Ask, session: str | None) -> Asked:
    """Ask, choose the item if it is offered, answer the questionnaire."""
    answer = await ask(turn.ask, session, None)
    asked = Asked(answer, answer)
    for _ in range(MOST_ROUNDS):
        asking = answer.asking
        if asking is None:
            break
        if asking.kind == "item":
            wanted = next((option for option in asking.options if option.value in turn.items), None)
            if wanted is None:
                break
            asked.offered = True
            choice = Choice(question_id=asking.question_id, value=wanted.value)
            answer = await ask(wanted.label, answer.session_id, choice)
        else:
            asked.rounds += 1
            if asking.question_id in turn.told:
                asked.asked_again.append(asking.question_id)
            value = turn.situation.get(asking.question_id)
            if value is None:
                choice = Choice(question_id=asking.question_id, action="unsure")
            else:
                choice = Choice(question_id=asking.question_id, value=value)
            answer = await ask(str(value if value is not None else "不清楚"), answer.session_id, choice)
    asked.last = answer
    return asked


def bare(text: str) -> str:
    """`text` without spaces and signs, and without the measure word of days: facts leave it out as often as not."""
    return _SIGNS.sub("", text).replace("个工作日", "工作日").replace("个自然日", "自然日")


def missing_facts(turn: Turn, answer: MessageAnswer) -> list[str]:
    """The facts that the answer lacks."""
    said = bare(answer.text)
    return [fact for fact in turn.facts if bare(fact) not in said]


def wrong_facts(turn: Turn, answer: MessageAnswer) -> list[str]:
    """What the answer says although it is wrong for this person; a line that names the case it is for is not wrong."""
    lines = [bare(line) for line in answer.text.split("\n") if not _CONDITIONAL.search(line)]
    return [wrong for wrong in turn.wrong if any(bare(wrong) in line for line in lines)]
