"""Fit the two heads of services/consult/deciding.yaml on the development half: `python -m benchmarks.consult.fit`.

    python -m benchmarks.consult.fit

"right": is the first item the right one, by the questions of both benchmarks (items and consult). "held": does the library
hold the matter, by those against the messages that are no question to a guide of ours. Logistic regression with a little L2 by
Newton's method; the table beside it is by five folds of items, so that no item decides about itself. Prints the weights to put
into the file.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from benchmarks.consult.hub import Bot, bot
from benchmarks.consult.reading import read_questions
from benchmarks.items.reading import read_questions as read_item_questions
from services.consult.cleaning import clean
from services.consult.deciding import FEATURES
from services.consult.item_finding import ItemFinder, Ranked
from services.consult.names import read_names
from services.consult.personal_data import mask, without_marks
from services.consult.policy import load_policy
from services.consult.simplifying import simplify
from services.consult.steps import guide_chances
from training.linear_head import fold_of
from training.written import SENTENCES, half_of, read

FOLDS = 5
PENALTY = 3.0
OUTSIDE = ("not_held", "not_government", "legal_advice", "forbidden_words")
"""What search has to tell from a question to a guide; the rest is told by routes before."""
BEYOND = ("not_held", "not_government", "legal_advice", "forbidden")
"""How sentences written for training call the same."""
BEYOND_WRITTEN = ("beyond.yaml", "wider.yaml")


@dataclass(frozen=True, slots=True)
class Example:
    """One message with what is right; `items` is empty for what the library doesn't hold. `fold`: by its item."""

    text: str
    items: tuple[str, ...]
    fold: int
    ranked: Ranked


async def examples(hub: Bot) -> list[Example]:
    """The development half and what was written for training, ranked as the bot ranks it. `hub`: with unseen heads."""
    policy = load_policy()
    reader = read_names(hub.library, policy)
    finder = ItemFinder(hub.library, hub.search, reader, policy.deciding)
    found = []
    for text, items in dict(_written()).items():
        query = simplify(without_marks(mask(clean(text)).text))
        embedded = await hub.search.embed(query)
        guide, beyond = guide_chances(await hub.heads.route(embedded.vector, embedded.version, query))
        ranked = await finder.ranked(query, reader.read(query), embedded=embedded, guide=guide, beyond=beyond)
        found.append(Example(text, items, fold_of(items[0] if items else text), ranked))
    return found


def _written() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Texts, each with the items that are right."""
    questions = read_questions(["dev"])
    for name in BEYOND_WRITTEN:
        yield from ((text, ()) for kind, texts in read(SENTENCES / name).items() if kind in BEYOND for text in texts)
    yield from ((one.text, (one.item,)) for one in read_item_questions() if half_of(one.item) == "dev")
    yield from ((one.turns[0].ask, one.turns[0].items) for one in (*questions.single, *questions.dialogues))
    yield from ((one.ask, ()) for one in questions.out_of_scope if one.expect in OUTSIDE)


def fitted(values: NDArray[np.float64], wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights of a logistic regression, the bias last; features on their own scale."""
    mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
    rows = np.c_[(values - mean) / deviation, np.ones(len(values))]
    weights = np.zeros(rows.shape[1])
    penalty = np.append(np.full(rows.shape[1] - 1, PENALTY), 1e-6)
    for _ in range(60):
        chances = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (chances - wanted) + penalty * weights
        curve = (rows.T * (chances * (1 - chances))) @ rows + np.diag(penalty)
        weights -= np.linalg.solve(curve, slope)
    plain = weights[:-1] / deviation
    return np.append(plain, weights[-1] - plain @ mean)


def by_folds(values: NDArray[np.float64], wanted: NDArray[np.bool_], folds: NDArray[np.int_]) -> NDArray[np.float64]:
    """The chance of each example by weights that were fitted without its fold."""
    chances = np.zeros(len(wanted))
    for fold in range(FOLDS):
        own = folds == fold
        weights = fitted(values[~own], wanted[~own])
        chances[own] = 1 / (1 + np.exp(-(np.c_[values[own], np.ones(own.sum())] @ weights)))
    return chances


def told(name: str, weights: Sequence[float]) -> str:
    """A line of the file."""
    pairs = ", ".join(f"{feature}: {weight:.3f}" for feature, weight in zip(("bias", *FEATURES), weights, strict=True))
    return f"{name}: {{{pairs}}}"


async def run() -> None:
    """Print the weights, and what thresholds would do."""
    async with bot(unseen=True, lines=False) as hub:
        every = await examples(hub)
    inside = [one for one in every if one.items]
    values = np.array([one.ranked.values for one in inside])
    right = np.array([one.ranked.candidates[0].entry.id in one.items for one in inside])
    offered = np.array([any(c.entry.id in one.items for c in one.ranked.candidates[:4]) for one in inside])
    folds = np.array([one.fold for one in inside])
    chances = by_folds(values, right, folds)
    print(
        f"{len(inside)} questions in scope: right item first {right.mean():.3f}, among the first four {offered.mean():.3f}"
    )
    for threshold in (0.6, 0.7, 0.75, 0.8, 0.85, 0.9):
        plain = chances >= threshold
        print(
            f"  right_from {threshold}: answered at once {plain.mean():.3f}, of these right {right[plain].mean():.3f}, "
            f"right or asked back {np.where(plain, right, offered).mean():.3f}"
        )
    weights = fitted(values, right)
    print(told("right", [weights[-1], *weights[:-1]]))
    outside = [one for one in every if not one.items and one.ranked.values]
    if outside:
        both = np.array([one.ranked.values for one in [*inside, *outside]])
        held = np.arange(len(both)) < len(inside)
        chances = by_folds(both, held, np.array([one.fold for one in [*inside, *outside]]))
        print(f"{len(outside)} messages out of scope")
        for threshold in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
            refused = chances < threshold
            print(
                f"  held_from {threshold}: in scope refused {refused[held].mean():.3f}, "
                f"out of scope refused {refused[~held].mean():.3f}"
            )
        weights = fitted(both, held)
        print(told("held", [weights[-1], *weights[:-1]]))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(run())
