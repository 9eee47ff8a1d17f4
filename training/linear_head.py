"""Train a linear head over the embedder's vectors, from sentences in YAML and in the library.

    python -m training.linear_head consult-route
    python -m training.linear_head consult-element

Multinomial logistic regression by full-batch gradient descent (Adam), classes weighted alike, the L2 penalty chosen by
cross-validation over groups (items, so that no item's wording helps itself). The same sentences give the same file on one
machine; its sum then goes into registry.yaml. What it reads is the development half only: the
sentences of training/head_sentences.py. Both heads see a message's vector and its characters (models/wording.py).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray
from rich.console import Console

from core.settings import Settings
from knowledge_base.index.embedding import VectorCache, embed_texts
from knowledge_base.library import Library
from models.artifacts import ArtifactStore
from models.backends.linear_head import FILE
from models.build.consult_heads import HEADS
from models.host import Host
from models.registry import Registry
from models.wording import SIZE, worded
from training.head_sentences import Sentence, element_sentences, route_sentences
from training.sparse_rows import CentredRows

EMBEDDER = "e5-small-zh"
SCALE = 20.0
"""Centred vectors of this embedder are about 0.3 long: scaled, one step size fits."""
RATE = 0.05
FOLDS = 5
DIGITS, FINE = 3, 6
"""Of the weights in the file; of its mean and its bias."""
STEPS = 100
Numbers = NDArray[Any]
"""float32 or float64."""


@dataclass(frozen=True, slots=True)
class Head:
    """What was learnt."""

    mean: Numbers
    weights: Numbers
    bias: Numbers

    def chances(self, vectors: Numbers) -> Numbers:
        """(rows, labels), rows sum to 1."""
        return _softmax((vectors - self.mean) * SCALE @ self.weights + self.bias)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one head is made. `version`: of the registry. `penalties`: the tried ones."""

    version: str
    sentences: Callable[[Library], list[Sentence]]
    penalties: tuple[float, ...]


def fitted(vectors: Numbers, wanted: Numbers, penalty: float, steps: int) -> Head:
    """Train, in the precision of `vectors`. `wanted`: (rows, labels), shares of labels."""
    mean = vectors.mean(axis=0)
    rows = CentredRows(vectors, mean, SCALE, max(0, vectors.shape[1] - SIZE) or vectors.shape[1])
    wanted = wanted.astype(vectors.dtype)
    share = wanted.sum(axis=0) / wanted.sum()
    # Rare labels count more, but not so much that a few sentences rule.
    importance = wanted @ (1 / np.sqrt(np.maximum(share, 1e-6)))
    importance = (importance / importance.mean()).astype(vectors.dtype)
    weights = np.zeros((vectors.shape[1], wanted.shape[1]), vectors.dtype)
    bias = np.zeros(wanted.shape[1], vectors.dtype)
    first = [np.zeros_like(weights), np.zeros_like(bias)]
    second = [np.zeros_like(weights), np.zeros_like(bias)]
    for step in range(1, steps + 1):
        miss = (_softmax(rows.times(weights) + bias) - wanted) * importance[:, None] / len(vectors)
        slopes = [rows.turned_times(miss) + penalty * weights, miss.sum(axis=0)]
        for place, (slope, values) in enumerate(zip(slopes, (weights, bias), strict=True)):
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.99 * second[place] + 0.01 * slope**2
            values -= RATE * (first[place] / (1 - 0.9**step)) / (np.sqrt(second[place] / (1 - 0.99**step)) + 1e-8)
    return Head(mean, weights, bias)


def by_folds(vectors: Numbers, wanted: Numbers, groups: Sequence[str], penalty: float, steps: int) -> Numbers:
    """The chances of each row by a head that was trained without its fold."""
    folds = np.array([fold_of(group) for group in groups])
    chances = np.zeros_like(wanted)
    for fold in range(FOLDS):
        own = folds == fold
        chances[own] = fitted(vectors[~own], wanted[~own], penalty, steps).chances(vectors[own])
    return chances


def fold_of(group: str) -> int:
    """0 to `FOLDS` - 1."""
    return hashlib.sha256(group.encode()).digest()[1] % FOLDS


async def read_by_heads(texts: Sequence[str]) -> tuple[Numbers, str]:
    """What a head sees of `texts`, a row each, and "model/version" of who made the vectors."""
    vectors, embedder = await embedded(texts)
    return np.array(
        [worded(vector.astype(np.float32), text) for vector, text in zip(vectors, texts, strict=True)]
    ), embedder


async def embedded(texts: Sequence[str]) -> tuple[NDArray[np.float64], str]:
    """Vectors of `texts` as questions, and "model/version" of who made them."""
    settings = Settings()
    host = Host(
        Registry(settings.registry_file), ArtifactStore(settings.artifacts), threads=settings.threads, queue_items=4096
    )
    await host.start([EMBEDDER])
    # What was embedded once for a training isn't again: the sentences are many, and few of them change.
    cache = VectorCache(settings.var_dir / "training" / "vectors")
    done = await embed_texts(host.handle(EMBEDDER), texts, role="query", cache=cache)
    await host.close()
    return done.vectors.astype(np.float64), done.version


async def train(name: str, out: Path = HEADS) -> dict[str, Any]:
    """Train head `name`, write it below `out`, and give back the report: accuracy by folds, sentences and figures by label."""
    library = Library.load(Settings().content_dir)
    recipe = RECIPES[name]
    sentences = recipe.sentences(library)
    labels = sorted({label for sentence in sentences for label in sentence.labels})
    wanted = np.array([[sentence.labels.get(label, 0.0) for label in labels] for sentence in sentences])
    vectors, embedder = await read_by_heads([sentence.text for sentence in sentences])
    groups = [sentence.group for sentence in sentences]
    tried = {penalty: by_folds(vectors, wanted, groups, penalty, STEPS) for penalty in recipe.penalties}
    rows = np.arange(len(wanted))
    accuracy = {penalty: float((wanted[rows, chances.argmax(1)] > 0).mean()) for penalty, chances in tried.items()}
    penalty = max(accuracy, key=lambda one: accuracy[one])
    head = fitted(vectors, wanted, penalty, STEPS)
    folder = out / name / recipe.version
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "labels": labels,
        "embedder": embedder,
        "scale": SCALE,
        "mean": _rounded(head.mean, FINE),
        "weights": _rounded(head.weights, DIGITS),
        "bias": _rounded(head.bias, FINE),
    }
    (folder / FILE).write_text(json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    guessed = tried[penalty].argmax(1)
    by_label = {
        label: (int((wanted[:, number] > 0).sum()), float((guessed[wanted[:, number] > 0] == number).mean()))
        for number, label in enumerate(labels)
    }
    digest = hashlib.sha256((folder / FILE).read_bytes()).hexdigest()
    return {"sentences": len(sentences), "accuracy": accuracy, "labels": by_label, "sha256": digest}


def _rounded(numbers: Numbers, digits: int) -> Any:
    return np.round(numbers.astype(np.float64), digits).tolist()


def _softmax(logits: Numbers) -> Numbers:
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Numbers = chances / chances.sum(axis=1, keepdims=True)
    return shares


RECIPES = {
    "consult-route": Recipe("2", route_sentences, penalties=(3e-3,)),
    "consult-element": Recipe("2", element_sentences, penalties=(3e-3,)),
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.linear_head", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=sorted(RECIPES))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = Console(highlight=False, soft_wrap=True)
    for name in parser.parse_args().names:
        report = asyncio.run(train(name))
        console.print(f"{name}: {report['sentences']} sentences; right by folds: {report['accuracy']}")
        console.print(f"sha256 {report['sha256']}")
        for label, (count, right) in report["labels"].items():
            console.print(f"  {label}: {count} sentences, {right:.2f} found")


if __name__ == "__main__":
    main()
