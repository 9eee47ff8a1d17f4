"""Whether messages that mean a life event (一件事) are answered by it, and those about one item are not.

    python -m benchmarks.consult.life_events [dev] [test] [--show]

The questions stand in questions/life_events.yaml, halved by the id of the event that they mean or are near.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from ruamel.yaml import YAML

from benchmarks.consult.hub import Bot, bot
from benchmarks.consult.scoring import Figures, check_citations
from services.consult.schemas import MessageAnswer
from training.written import QUESTIONS as FOLDER
from training.written import half_of


def read_life_events(half: str) -> list[Mapping[str, Any]]:
    """The questions of one half, in the order of the file."""
    written = YAML(typ="safe").load((FOLDER / "life_events.yaml").read_text(encoding="utf-8"))["life_events"]
    return [one for one in written if half_of(one.get("event") or one["near"]) == half]


def _offers(answer: MessageAnswer, entry: str) -> bool:
    return answer.asking is not None and any(option.value == entry for option in answer.asking.options)


def _verdict(question: Mapping[str, Any], answer: MessageAnswer) -> str:
    """told, asked back, other event, or missed, of a question that means an event; apart, offered or taken of one that
    doesn't."""
    if "event" in question:
        if answer.event is not None:
            return "told" if answer.event.id == question["event"] else "other event"
        return "asked back" if _offers(answer, question["event"]) else "missed"
    if answer.event is not None:
        return "taken"
    return "offered" if _offers(answer, question["near"]) else "apart"


async def score(hub: Bot, questions: Sequence[Mapping[str, Any]], *, show: bool) -> tuple[Counter[str], Figures]:
    """Count the verdicts; the figures are those of the citations."""
    counted: Counter[str] = Counter()
    figures = Figures()
    for question in questions:
        answer = await hub.ask(question["ask"], None, None)
        check_citations(answer, hub.library, figures)
        verdict = _verdict(question, answer)
        counted[verdict] += 1
        if show and verdict not in ("told", "apart"):
            about = answer.event or answer.item
            print(
                f"  {question['id']} {verdict}: {question['ask']} -> {answer.status} {about.id if about else answer.route}"
            )
    return counted, figures


async def run(halves: Sequence[str], *, show: bool) -> None:
    """Print the figures."""
    for half in halves:
        # The heads are trained on the development half.
        async with bot(unseen=half == "dev") as hub:
            questions = read_life_events(half)
            # What was tuned on nothing of this half is not looked at one by one.
            counted, figures = await score(hub, questions, show=show and half == "dev")
        meant = sum("event" in one for one in questions)
        print(
            f"{half} life events: told {counted['told']} of {meant}, asked back with it {counted['asked back']}, "
            f"another event {counted['other event']}, missed {counted['missed']}; of {len(questions) - meant} about one item "
            f"left alone {counted['apart']}, asked back {counted['offered']}, taken by an event {counted['taken']}; "
            f"citations that hold {figures.citations_hold} of {figures.citations}"
        )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("halves", nargs="*", default=["dev", "test"], help="dev, test")
    parser.add_argument("--show", action="store_true", help="print what went wrong on dev")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(run(arguments.halves, show=arguments.show))


if __name__ == "__main__":
    main()
