"""Fit which line of an element that wasn't asked for is told as well (services/consult/guide_lines.py) on the development half.

    python -m benchmarks.consult.fit_lines

Which lines of the right item hold a fact that the answer needs? The trained head's chances come from heads that have not seen the
question, and the table is by five folds of items: of the questions whose elements, as they are found, lack a fact, how many the
further lines mend, and what they cost. Prints the weights to put into services/consult/deciding.yaml.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from benchmarks.consult.citizen import bare
from benchmarks.consult.fit import FOLDS, fitted
from benchmarks.consult.hub import Bot, bot
from benchmarks.consult.reading import read_questions
from knowledge_base.terms import Element
from services.consult.cleaning import clean
from services.consult.element_finding import ElementFinder, beside_names
from services.consult.guide_lines import LINE_SIGNS, Lines, further_lines, line_signs, lines_of, titled
from services.consult.guide_words import GuideWords
from services.consult.names import read_names
from services.consult.personal_data import mask, without_marks
from services.consult.policy import Policy, load_policy
from services.consult.simplifying import simplify
from training.linear_head import fold_of

TRIED = ((0.05, 1), (0.07, 1), (0.1, 1), (0.15, 1), (0.05, 2), (0.07, 2), (0.1, 2))
"""Least likelihood and lines at most."""


@dataclass(frozen=True, slots=True)
class Example:
    """One question with the signs of its item's lines. `told`: elements that are told anyway; `facts`: bare."""

    lines: Lines
    signs: NDArray[np.float64]
    told: tuple[Element, ...]
    facts: tuple[str, ...]
    fold: int

    def holds(self, further: tuple[str, ...] = ()) -> bool:
        """Whether all facts stand in what is told, and in `further`."""
        told = "".join(bare(line.text) for line in self.lines.lines if line.element in self.told)
        return all(fact in told + "".join(map(bare, further)) for fact in self.facts)


async def examples(hub: Bot, policy: Policy) -> list[Example]:
    """The development half's single questions."""
    reader = read_names(hub.library, policy)
    words = GuideWords(hub.library)
    finder = ElementFinder(words, policy.deciding)
    index = hub.search.index
    assert index is not None
    kept: dict[str, Lines] = {}
    found = []
    for one in read_questions(["dev"]).single:
        (turn,) = one.turns
        if len(turn.items) != 1 or not turn.facts:
            continue
        item = hub.library.items[turn.items[0]]
        if item.id not in kept:
            lines = lines_of(hub.library, item)
            made = await hub.search.passages([titled(item, line) for line in lines])
            kept[item.id] = Lines(item, lines, made.vectors, made.version)
        text = simplify(without_marks(mask(clean(turn.ask)).text))
        query = await hub.search.embed(text)
        head = dict(await hub.heads.element(query.vector, query.version, text))
        asked = reader.read(query.text)
        signs, _ = finder.signs(index, query, item, asked, head)
        likely = {sign.element: finder.likely(sign) for sign in signs}
        told = finder.find(index, query, item, asked, head).elements
        if not told or Element.OVERVIEW in told:
            told = (*told, *policy.words.overview)
        rows = line_signs(query.vector, beside_names(query.text, item), kept[item.id], words, likely, head)
        found.append(Example(kept[item.id], rows, told, tuple(map(bare, turn.facts)), fold_of(item.id)))
    return found


async def run() -> None:
    """Print the weights, and what they mend."""
    policy = load_policy()
    async with bot(unseen=True, lines=False) as hub:
        every = await examples(hub, policy)
    table = np.concatenate([one.signs for one in every])
    wanted = np.array([any(fact in bare(line.text) for fact in one.facts) for one in every for line in one.lines.lines])
    folds = np.concatenate([np.full(len(one.signs), one.fold) for one in every])
    by_fold = [_named(fitted(table[folds != fold], wanted[folds != fold])) for fold in range(FOLDS)]
    lacking = sum(not one.holds() for one in every)
    print(f"{len(every)} questions, {lacking} lack a fact without further lines")
    for least, most in TRIED:
        mended = told = characters = 0
        for one in every:
            lines = further_lines(one.signs, one.lines, by_fold[one.fold], one.told, least, most)
            told += len(lines)
            characters += sum(len(line.text) for line in lines)
            mended += not one.holds() and one.holds(tuple(line.text for line in lines))
        print(
            f"  further_from {least}, at most {most}: mends {mended}, {told / len(every):.2f} lines and "
            f"{characters / len(every):.0f} characters an answer"
        )
    pairs = ", ".join(f"{name}: {weight:.3f}" for name, weight in _named(fitted(table, wanted)).items())
    print(f"further: {{{pairs}}}")


def _named(weights: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(("bias", *LINE_SIGNS), [float(weights[-1]), *map(float, weights[:-1])], strict=True))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(run())
