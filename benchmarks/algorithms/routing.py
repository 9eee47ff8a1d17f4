"""Ticket routing on the citizens' messages of ../shared/data/routing-dev: accuracy by half, calibration, and the baseline.

Three ways: as shipped (the head saw none of these messages); with the messages of the other four folds learnt beside the
written sentences; and the linear baseline of character pairs (TF-IDF) on the messages alone. The messages have the class only, so
their matters are shared out as the shipped head sees them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
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
from training.linear_head import STEPS, fitted
from training.text_heads import RECIPES
from training.written import is_dev

MESSAGES = "../shared/data/routing-dev/messages.jsonl"
FOLDS = 5
BASELINE_PENALTY = 1e-4
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


async def _read(tickets: list[Ticket]) -> tuple[list[Read], list[Numbers], tuple[str, ...]]:
    """What the head says of each ticket, and the vectors of its pieces."""
    found, vectors = [], []
    async with text_head(HEAD, RECIPES[HEAD].version) as head:
        for ticket in tickets:
            texts = pieces(ticket, policy())
            found.append(await head.read(texts))
            embedded = await head.embedder.call([EmbeddingInput(text, "query") for text in texts])
            vectors.append(np.array([output.vector for output in embedded.outputs], dtype=np.float64))
        sentences = RECIPES[HEAD].sentences()
        written = [
            output.vector
            for start in range(0, len(sentences), 64)
            for output in (
                await head.embedder.call([EmbeddingInput(t, "query") for t, _ in sentences[start : start + 64]])
            ).outputs
        ]
    return found, [*vectors, np.array(written, dtype=np.float64)], found[0].labels


def _with_the_rest(reads: list[Read], vectors: list[Numbers], gold: Numbers, labels: tuple[str, ...]) -> Numbers:
    """The class of each message by a head that learnt the other folds' messages beside the sentences."""
    *own, written = vectors
    matters = [label for _, label in RECIPES[HEAD].sentences()]
    wanted = np.array([[float(label == one) for one in labels] for label in matters])
    categories = policy().categories
    member = np.array([[label.startswith(f"{one}/") for one in categories] for label in labels], dtype=float)
    folds = np.arange(len(own)) % FOLDS
    guessed = np.zeros(len(own), dtype=int)
    for fold in range(FOLDS):
        rows, targets = [written], [wanted]
        for place in np.flatnonzero(folds != fold):
            shares = reads[place].chances * member[:, gold[place]]
            shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9)
            rows.append(own[place])
            targets.append(shares)
        stacked = np.concatenate(targets)
        head = fitted(np.concatenate(rows), stacked, RECIPES[HEAD].penalty, STEPS)
        for place in np.flatnonzero(folds == fold):
            chances = head.chances(own[place]).astype(np.float32)
            guessed[place] = int(category_scores(Read(labels, chances), policy()).argmax())
    return guessed


def _baseline(texts: list[str], gold: Numbers) -> Numbers:
    """Character pairs, TF-IDF, logistic regression: 5 folds over the messages alone."""
    vocabulary: dict[str, int] = {}
    counts = []
    for text in texts:
        pairs: dict[int, int] = {}
        for start in range(len(text) - 1):
            number = vocabulary.setdefault(text[start : start + 2], len(vocabulary))
            pairs[number] = pairs.get(number, 0) + 1
        counts.append(pairs)
    matrix = np.zeros((len(texts), len(vocabulary)))
    for row, pairs in enumerate(counts):
        for number, count in pairs.items():
            matrix[row, number] = 1 + np.log(count)
    matrix = matrix[:, (matrix > 0).sum(axis=0) > 1].astype(np.float32)
    matrix *= np.log((1 + len(texts)) / (1 + (matrix > 0).sum(axis=0))) + 1
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    folds = np.arange(len(texts)) % FOLDS
    guessed = np.zeros(len(texts), dtype=int)
    wanted = np.eye(gold.max() + 1)[gold]
    for fold in range(FOLDS):
        train, held = folds != fold, folds == fold
        head = fitted(matrix[train], wanted[train], BASELINE_PENALTY, STEPS)
        guessed[held] = head.chances(matrix[held]).argmax(1)
    return guessed


def report(errors: bool) -> None:
    """Print the figures."""
    # Folds have to be the same everywhere and know nothing of the file's order.
    messages = sorted(read_messages(), key=lambda one: hashlib.sha256(one["id"].encode()).hexdigest())
    categories = policy().categories
    gold = np.array([categories.index(one["label"]) for one in messages])
    dev = np.array([is_dev(one["id"]) for one in messages])
    tickets = [Ticket(title=one["title"][:200], text=one["text"]) for one in messages]
    reads, vectors, labels = asyncio.run(_read(tickets))
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
    learnt = _with_the_rest(reads, vectors, gold, labels)
    print(f"5-fold with messages learnt too: {(learnt == gold).mean():.3f} (test half {(learnt == gold)[~dev].mean():.3f})")
    texts = [f"{one['title']}。{one['text']}" for one in messages]
    print(f"5-fold baseline, TF-IDF of character pairs: {(_baseline(texts, gold) == gold).mean():.3f}")
    for row in np.flatnonzero(dev & ~right) if errors else ():
        print(f"  {categories[gold[row]]} -> {categories[guessed[row]]}: {messages[row]['title'][:40]}")
