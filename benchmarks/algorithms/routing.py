"""Ticket routing on the citizens' messages of ../shared/data/routing-dev: accuracy by half, calibration, and the baseline.

As shipped, the head saw none of these messages. Beside it what a district gains that lets it learn from its own tickets: the
shipped head with a regression over the messages of the other four folds; and those alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.algorithms.handles import text_head
from core.settings import ROOT
from models.tasks import EmbeddingInput
from services.algorithms.head_reading import Read
from services.algorithms.ticket_routing.routing import (
    HEAD,
    Ticket,
    category_scores,
    confidences,
    pieces,
    policy,
)
from training.text_heads import RECIPES
from training.written import is_dev

MESSAGES = "../shared/data/routing-dev/messages.jsonl"
FOLDS = 5
RIDGE, LEARNT = 0.1, 2.0
"""Of the regression over the messages, and what it counts beside the shipped head; chosen on the development half."""
Numbers = NDArray[Any]


def _messages(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_messages() -> list[dict[str, str]]:
    """The set, wherever this tree lies. Raises SystemExit if it isn't there."""
    for root in (ROOT, Path("/work/main")):
        if (path := root / MESSAGES).exists():
            return _messages(path)
    raise SystemExit(f"{MESSAGES} isn't here")


def calibration_error(confidence: Numbers, right: Numbers, bins: int = 10) -> float:
    """Expected calibration error over `bins` of equal width."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(confidence[place == one].mean() - right[place == one].mean()) * (place == one).mean()
            for one in range(bins)
            if (place == one).any()
        )
    )


async def _read(tickets: list[Ticket]) -> tuple[list[Read], list[Numbers]]:
    """What the head says of each ticket; and three sets of vectors: of titles, of pieces (their mean), of whole messages."""
    found, titles, bodies, wholes = [], [], [], []
    async with text_head(HEAD, RECIPES[HEAD].version) as head:
        for ticket in tickets:
            texts = pieces(ticket, policy())
            found.append(await head.read(texts))
            asked = [EmbeddingInput(text, "query") for text in (*texts, f"{ticket.title}。{ticket.text}")]
            vectors = [output.vector.astype(np.float64) for output in (await head.embedder.call(asked)).outputs]
            titles.append(vectors[0])
            bodies.append(np.mean(vectors[1:-1], axis=0))
            wholes.append(vectors[-1])
    return found, [np.array(titles), np.array(bodies), np.array(wholes)]


def _character_weights(texts: list[str]) -> Numbers:
    """TF-IDF of characters and pairs that stand in two texts at least."""
    counted = [Counter(text[at : at + n] for n in (1, 2) for at in range(len(text) - n + 1)) for text in texts]
    spread = Counter(run for counts in counted for run in counts)
    places = {run: place for place, run in enumerate(run for run in spread if spread[run] > 1)}
    matrix = np.zeros((len(texts), len(places)))
    for row, counts in enumerate(counted):
        for run, count in counts.items():
            if run in places:
                matrix[row, places[run]] = 1 + np.log(count)
    return matrix * (np.log((1 + len(texts)) / (1 + (matrix > 0).sum(axis=0))) + 1)


def _kernel(rows: Numbers, *, centred: bool = True) -> Numbers:
    rows = rows - rows.mean(axis=0) if centred else rows
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return rows @ rows.T


def _by_folds(kernel: Numbers, gold: Numbers, ridge: float) -> Numbers:
    """(messages, classes): kernel ridge regression to the class, each message by the other folds."""
    folds = np.arange(len(gold)) % FOLDS
    wanted = np.eye(gold.max() + 1)[gold] * 2 - 1
    found = np.zeros_like(wanted)
    for fold in range(FOLDS):
        own, held = folds != fold, folds == fold
        middle = wanted[own].mean(axis=0)
        solved = np.linalg.solve(kernel[np.ix_(own, own)] + ridge * np.eye(own.sum()), wanted[own] - middle)
        found[held] = kernel[np.ix_(held, own)] @ solved + middle
    return found


def report(errors: bool) -> None:
    """Print the figures."""
    # Folds have to be the same everywhere and know nothing of the file's order.
    messages = sorted(read_messages(), key=lambda one: hashlib.sha256(one["id"].encode()).hexdigest())
    categories = policy().categories
    gold = np.array([categories.index(one["label"]) for one in messages])
    dev = np.array([is_dev(one["id"]) for one in messages])
    tickets = [Ticket(title=one["title"][:200], text=one["text"]) for one in messages]
    reads, vectors = asyncio.run(_read(tickets))
    chances = np.array([confidences(category_scores(read, policy()), policy().temperature) for read in reads])
    guessed = chances.argmax(1)
    right = guessed == gold
    top2 = np.array([gold[row] in np.argsort(-chances[row])[:2] for row in range(len(gold))])
    print(f"{len(gold)} messages; learnt from none of them. dev {dev.sum()}, test {(~dev).sum()}")
    for name, half in (("dev", dev), ("test", ~dev), ("all", dev | ~dev)):
        sure = chances.max(1)[half] >= policy().certain
        error = calibration_error(chances.max(1)[half], right[half])
        print(
            f"{name:5} accuracy {right[half].mean():.3f}  right within two {top2[half].mean():.3f}"
            f"  calibration error {error:.3f}  certain {sure.mean():.2f} of them right {right[half][sure].mean():.3f}"
        )
    texts = [f"{one['title']}。{one['text']}" for one in messages]
    characters = _character_weights(texts)
    kernels = [_kernel(one) for one in (*vectors, characters, _character_weights([one["title"] for one in messages]))]
    learnt = np.log(chances + 1e-9) + LEARNT * _by_folds(np.mean(kernels, axis=0), gold, RIDGE)
    for name, found in (
        ("shipped head and the other folds' messages", learnt),
        ("the other folds' messages alone", _by_folds(np.mean(kernels, axis=0), gold, RIDGE)),
        ("characters and pairs, TF-IDF", _by_folds(_kernel(characters, centred=False), gold, RIDGE)),
    ):
        hit = found.argmax(1) == gold
        print(f"5-fold, {name}: {hit.mean():.3f} (test half {hit[~dev].mean():.3f})")
    for row in np.flatnonzero(dev & ~right) if errors else ():
        print(f"  {categories[gold[row]]} -> {categories[guessed[row]]}: {messages[row]['title'][:40]}")
