"""Fit the ranking of elements in services/consult/deciding.yaml on the development half.

    python -m benchmarks.consult.fit_elements

Which element of the right item does a question ask for? The trained head's chances come from heads that have not seen the
question's item, and the table is by five folds of items. Prints the weights to put into the file.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging

import numpy as np
import structlog

from benchmarks.consult.fit import FOLDS, by_folds, fitted
from benchmarks.consult.hub import bot
from benchmarks.consult.reading import read_questions
from services.consult.cleaning import clean
from services.consult.element_finding import SIGNS, ElementFinder
from services.consult.guide_words import GuideWords
from services.consult.names import read_names
from services.consult.personal_data import mask, without_marks
from services.consult.policy import load_policy
from services.consult.simplifying import simplify


async def run() -> None:
    """Print the weights, and how often the first, two or three hold what was asked for."""
    values: list[tuple[float, ...]] = []
    wanted: list[bool] = []
    folds: list[int] = []
    spans: list[tuple[int, int]] = []
    async with bot(unseen=True, lines=False) as hub:
        policy = load_policy()
        reader = read_names(hub.library, policy)
        finder = ElementFinder(GuideWords(hub.library), policy.deciding)
        index = hub.search.index
        assert index is not None
        for one in read_questions(["dev"]).single:
            (turn,) = one.turns
            if len(turn.items) != 1 or not turn.elements:
                continue
            text = simplify(without_marks(mask(clean(turn.ask)).text))
            query = await hub.search.embed(text)
            item = hub.library.items[turn.items[0]]
            signs, _ = finder.signs(
                index, query, item, reader.read(query.text), await hub.heads.element(query.vector, query.version, text)
            )
            spans.append((len(values), len(values) + len(signs)))
            values += [sign.values for sign in signs]
            wanted += [sign.element.value in turn.elements for sign in signs]
            folds += [hashlib.sha256(item.id.encode()).digest()[1] % FOLDS] * len(signs)
    table, right = np.array(values), np.array(wanted)
    chances = by_folds(table, right, np.array(folds))
    found = [0, 0, 0]
    for start, end in spans:
        order = np.argsort(-chances[start:end])
        for count in range(3):
            found[count] += bool(right[start:end][order[: count + 1]].any())
    shares = ", ".join(f"{share / len(spans):.3f}" for share in found)
    print(f"{len(spans)} questions: what was asked for is first, among two, among three: {shares}")
    weights = fitted(table, right)
    pairs = zip(("bias", *SIGNS), [weights[-1], *weights[:-1]], strict=True)
    print("element: {" + ", ".join(f"{sign}: {weight:.3f}" for sign, weight in pairs) + "}")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(run())
