"""Fit the two heads of services/consult/deciding.yaml on the development half: `python -m benchmarks.consult.fit`.

    python -m benchmarks.consult.fit

"right": is the first item the right one, by the questions of both benchmarks (items and consult). "held": does the library
hold the matter, by those against the messages that are no question to a guide of ours. Logistic regression with a little L2 by
Newton's method; the table beside it is by five folds of items, so that no item decides about itself. Prints the weights to put
into the file.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
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
from services.consult.steps import GUIDE
from training import linear_head
from training.written import half_of

FOLDS = 5
PENALTY = 3.0
OUTSIDE = ("not_held", "not_government", "legal_advice", "forbidden_words")
"""What search has to tell from a question to a guide; the rest is told by routes before."""


@dataclass(frozen=True, slots=True)
class Example:
    """One message with what is right; `items` is empty for what the library doesn't hold. `fold`: by its item."""

    text: str
    items: tuple[str, ...]
    fold: int
    ranked: Ranked


async def examples(hub: Bot) -> list[Example]:
    """The development half, ranked as the bot ranks it."""
    policy = load_policy()
    reader = read_names(hub.library, policy)
    finder = ItemFinder(hub.library, hub.search, reader, policy.deciding)
    guides = await guide_chances(hub)
    questions = read_questions(["dev"])
    written: list[tuple[str, tuple[str, ...]]] = [
        (question.text, (question.item,)) for question in read_item_questions() if half_of(question.item) == "dev"
    ]
    written += [(one.turns[0].ask, one.turns[0].items) for one in (*questions.single, *questions.dialogues)]
    written += [(one.ask, ()) for one in questions.out_of_scope if one.expect in OUTSIDE]
    found = []
    for text, items in written:
        query = simplify(without_marks(mask(clean(text)).text))
        guide = guides.get(text)
        if guide is None:  # no training sentence of the head
            embedded = await hub.search.embed(query)
            told = await hub.heads.route(embedded.vector, embedded.version)
            guide = sum(told.get(route, 0.0) for route in GUIDE)
        ranked = await finder.ranked(query, reader.read(query), guide=guide)
        key = items[0] if items else text
        found.append(Example(text, items, hashlib.sha256(key.encode()).digest()[1] % FOLDS, ranked))
    return found


async def guide_chances(hub: Bot) -> dict[str, float]:
    """How likely each training sentence of the route head is a question to a guide, by a head that has not seen its group."""
    sentences = list({one.text: one for one in linear_head.route_sentences(hub.library)}.values())
    labels = sorted({label for one in sentences for label in one.labels})
    wanted = np.array([[one.labels.get(label, 0.0) for label in labels] for one in sentences])
    vectors, _ = await linear_head.embedded([one.text for one in sentences])
    chances = linear_head.by_folds(vectors, wanted, [one.group for one in sentences], linear_head.PENALTIES[0])
    own = [labels.index(label) for label in GUIDE]
    return {one.text: float(row[own].sum()) for one, row in zip(sentences, chances, strict=True)}


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
    async with bot() as hub:
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
