"""Fit the head that tells a follow-up from a new subject (services/consult/staying.py) on the development dialogues.

    python -m benchmarks.consult.fit_staying

Each turn but the first is looked at with the right item of the turn before as the present subject. The trained route head is
replaced by heads that have not seen the dialogue. Prints the weights to put into services/consult/deciding.yaml.
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
from services.consult.following import FollowUps
from services.consult.item_finding import ItemFinder
from services.consult.names import read_names
from services.consult.personal_data import mask, without_marks
from services.consult.policy import load_policy
from services.consult.simplifying import simplify
from services.consult.situation_reading import SituationReader
from services.consult.staying import STAY_SIGNS


async def run() -> None:
    """Print the weights, and how often they are right by folds of dialogues."""
    values: list[list[float]] = []
    stays: list[bool] = []
    folds: list[int] = []
    async with bot(unseen=True) as hub:
        policy = load_policy()
        reader = read_names(hub.library, policy)
        finder = ItemFinder(hub.library, hub.search, reader, policy.deciding)
        following = FollowUps(hub.library, finder, reader, SituationReader(policy.situations))
        for dialogue in read_questions(["dev"]).dialogues:
            before: str | None = None
            for turn in dialogue.turns:
                if before is not None and turn.items:
                    text = simplify(without_marks(mask(clean(turn.ask)).text))
                    asked, query = reader.read(text), await hub.search.embed(text)
                    ranked = await finder.ranked(text, asked, before, embedded=query)
                    route = await hub.heads.route(query.vector, query.version, text)
                    signs = following.signs(text, asked, ranked, hub.library.items[before], dict(route))
                    if signs is not None:
                        values.append(signs)
                        stays.append(before in turn.items)
                        folds.append(hashlib.sha256(dialogue.id.encode()).digest()[1] % FOLDS)
                before = turn.items[0] if turn.items else before
    table, right = np.array(values), np.array(stays)
    chances = by_folds(table, right, np.array(folds))
    print(f"{len(right)} follow-ups, {right.mean():.3f} stay; right by folds {((chances >= 0.5) == right).mean():.3f}")
    weights = fitted(table, right)
    pairs = zip(("bias", *STAY_SIGNS), [weights[-1], *weights[:-1]], strict=True)
    print("stay: {" + ", ".join(f"{sign}: {weight:.3f}" for sign, weight in pairs) + "}")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(run())
