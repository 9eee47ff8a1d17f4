"""Fit the two heads that tell a follow-up from a new subject (services/consult/staying.py) on the development half.

    python -m benchmarks.consult.fit_staying

"stay" tells it from another item of ours, by the dialogues: each turn but the first is looked at with the right item of the turn
before as the present subject. "goes_on" tells it from what is nothing of ours. Dialogues have hardly any of that, so further
messages are read as if an item drawn by chance had been talked about: follow-ups written for training go on about it, questions to
other items and messages that no guide answers don't. The trained route head is replaced by heads that haven't seen the message.
Prints the weights to put into services/consult/deciding.yaml.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import structlog

from benchmarks.consult.fit import BEYOND, BEYOND_WRITTEN, OUTSIDE, by_folds, fitted
from benchmarks.consult.hub import Bot, bot
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
from services.consult.steps import guide_chances
from training.linear_head import fold_of
from training.written import SENTENCES, is_dev, read

FOLLOWING = ("follow_ups.yaml", "wider.yaml")
BESIDE = 3
"""Signs of `goes_on` alone, the last ones: between items of ours they tell nothing, and dialogues are few."""
MOST = 300
"""Messages of each kind beside the dialogues."""
DIALOGUES, FOLLOW_UPS, OTHERS, BEYOND_ALL = "dialogues", "written follow-ups", "other items", "out of scope"


@dataclass(frozen=True, slots=True)
class Example:
    """A message after `before` (an item's id) was talked about. `group` stays in one fold."""

    text: str
    before: str
    stays: bool
    kind: str
    group: str


def examples(hub: Bot) -> list[Example]:
    """Dialogues first, then the rest, the same every time."""
    found = list(_of_dialogues())
    draw = random.Random(11)
    items = sorted(item for item in hub.library.items if is_dev(item) and hub.library.sections(item))
    questions = read_questions(["dev"])
    follow_ups = [text for name in FOLLOWING for text in read(SENTENCES / name).get("follow_up", ())]
    outside = [one.ask for one in questions.out_of_scope if one.expect in OUTSIDE]
    for name in BEYOND_WRITTEN:
        outside += [text for kind, texts in read(SENTENCES / name).items() if kind in BEYOND for text in texts]
    others = [(one.turns[0].ask, one.turns[0].items) for one in questions.single]
    for text in draw.sample(follow_ups, min(MOST, len(follow_ups))):
        found.append(Example(text, draw.choice(items), True, FOLLOW_UPS, text))
    for text in draw.sample(outside, min(MOST, len(outside))):
        found.append(Example(text, draw.choice(items), False, BEYOND_ALL, text))
    for text, own in draw.sample(others, min(MOST, len(others))):
        before = draw.choice([item for item in items if item not in own])
        found.append(Example(text, before, False, OTHERS, own[0]))
    return found


def _of_dialogues() -> Iterator[Example]:
    for dialogue in read_questions(["dev"]).dialogues:
        before: str | None = None
        for turn in dialogue.turns:
            if before is not None and turn.items:
                yield Example(turn.ask, before, before in turn.items, DIALOGUES, dialogue.id)
            before = turn.items[0] if turn.items else before


async def run() -> None:
    """Print the weights, and how often they are right by folds of dialogues, items and messages."""
    values: list[list[float]] = []
    kept: list[Example] = []
    async with bot(unseen=True, lines=False) as hub:
        policy = load_policy()
        reader = read_names(hub.library, policy)
        finder = ItemFinder(hub.library, hub.search, reader, policy.deciding)
        following = FollowUps(hub.library, finder, reader, SituationReader(policy.situations))
        for one in examples(hub):
            text = simplify(without_marks(mask(clean(one.text)).text))
            asked, query = reader.read(text), await hub.search.embed(text)
            if one.kind == FOLLOW_UPS and asked.actions:
                continue  # 换成注销呢 goes on about another item of the family, if there is one
            route = dict(await hub.heads.route(query.vector, query.version, text))
            guide, beyond = guide_chances(route)
            ranked = await finder.ranked(text, asked, one.before, embedded=query, guide=guide, beyond=beyond)
            signs = following.signs(text, asked, ranked, hub.library.items[one.before], route)
            if signs is not None:
                values.append(signs)
                kept.append(one)
    table, stays = np.array(values), np.array([one.stays for one in kept])
    chances = by_folds(table, stays, np.array([fold_of(one.group) for one in kept]))
    for kind in (DIALOGUES, FOLLOW_UPS, OTHERS, BEYOND_ALL):
        own = np.array([one.kind == kind for one in kept])
        shares = ", ".join(
            f"from {least} {((chances[own] >= least) == stays[own]).mean():.3f}" for least in (0.3, 0.4, 0.5, 0.6, 0.7)
        )
        print(f"{own.sum()} {kind}, {stays[own].mean():.3f} stay; right by folds {shares}")
    for name, rows, names in (
        ("stay", np.array([one.kind == DIALOGUES for one in kept]), STAY_SIGNS[:-BESIDE]),
        ("goes_on", np.ones(len(kept), dtype=np.bool_), STAY_SIGNS),
    ):
        weights = fitted(table[rows][:, : len(names)], stays[rows])
        pairs = zip(("bias", *names), [weights[-1], *weights[:-1]], strict=True)
        print(f"{name}: {{" + ", ".join(f"{sign}: {weight:.3f}" for sign, weight in pairs) + "}")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(run())
