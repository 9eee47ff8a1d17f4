"""Train a linear head over the embedder's vectors, from sentences in YAML and in the library.

    python -m training.linear_head consult-route
    python -m training.linear_head consult-element

Multinomial logistic regression by full-batch gradient descent (Adam), classes weighted alike, the L2 penalty chosen by
cross-validation over groups (items, so that no item's wording helps itself). The same sentences give the same file on one
machine; its sum then goes into registry.yaml. What it reads is the development half only:

- consult-route: services/consult/route_exemplars.yaml; questions of the library's FAQ and names as how_to; development questions.
- consult-element: the development questions with their elements.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray
from rich.console import Console

from core.settings import Settings
from knowledge_base.entries import Faq
from knowledge_base.library import Library
from knowledge_base.terms import ITEM_ELEMENTS
from models.artifacts import ArtifactStore
from models.backends.linear_head import FILE
from models.build.consult_heads import HEADS
from models.host import Host
from models.registry import Registry
from models.tasks import EmbeddingInput
from training.written import EXEMPLARS, QUESTIONS, is_dev, read, several

EMBEDDER = "e5-small-zh"
SCALE = 20.0
"""Centred vectors of this embedder are about 0.3 long: scaled, one step size fits."""
PENALTIES = (3e-3, 1e-2)
STEPS = 150
RATE = 0.05
FOLDS = 5
DIGITS = 4
OUTSIDE = {"account_data": "account_data", "forbidden_words": "forbidden", "not_held": "how_to"}
"""Where a development question's kind is called otherwise than its route; the rest have the same name."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One training sentence. `labels`: share of each label (sum 1). `group`: sentences of one group stay in one fold."""

    text: str
    labels: dict[str, float]
    group: str


@dataclass(frozen=True, slots=True)
class Head:
    """What was learnt: float64 arrays."""

    mean: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def chances(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (rows, labels), rows sum to 1."""
        return _softmax((vectors - self.mean) * SCALE @ self.weights + self.bias)


def route_sentences(library: Library) -> list[Sentence]:
    """Sentences with the route they belong to."""
    written: dict[str, list[str]] = read(EXEMPLARS)
    found = [Sentence(text, {route: 1.0}, text) for route, texts in written.items() for text in texts]
    found += [
        Sentence(name, {"how_to": 1.0}, entry.item)
        for entry in library.entries.values()
        if isinstance(entry, Faq)
        for name in (entry.name, *entry.aliases[:1])
    ]
    for path in sorted(QUESTIONS.glob("*.yaml")):
        data = read(path)
        for question in data.get("questions", ()):
            item = several(question.get("items") or question["item"])[0]
            if is_dev(item):
                found.append(Sentence(question["ask"], {"how_to": 1.0}, item))
        for question in data.get("out_of_scope", ()):
            if is_dev(question["id"]):
                route = OUTSIDE.get(question["expect"], question["expect"])
                found.append(Sentence(question["ask"], {route: 1.0}, question["id"]))
        for dialogue in data.get("dialogues", ()):
            if is_dev(dialogue["id"]):
                found += [
                    Sentence(turn["ask"], {"follow_up": 1.0}, dialogue["id"])
                    for turn in dialogue["turns"][1:]
                    if "expect" not in turn and len(turn["ask"]) <= 14
                ]
    return found


def element_sentences(_: Library) -> list[Sentence]:
    """Questions with the element they ask for. The library's FAQ is left out: it explains an element rather than asks for it, and
    cost .03 of the accuracy."""
    known = {element.value for element in ITEM_ELEMENTS}
    found: list[Sentence] = []
    for path in sorted(QUESTIONS.glob("*.yaml")):
        data = read(path)
        for question in data.get("questions", ()):
            items = several(question.get("items") or question["item"])
            elements = [one for one in several(question.get("element")) if one in known]
            if is_dev(items[0]) and elements:
                found.append(Sentence(question["ask"], dict.fromkeys(elements, 1 / len(elements)), items[0]))
        for dialogue in data.get("dialogues", ()):
            for turn in dialogue["turns"] if is_dev(dialogue["id"]) else ():
                elements = [one for one in several(turn.get("element")) if one in known]
                if elements:
                    found.append(Sentence(turn["ask"], dict.fromkeys(elements, 1 / len(elements)), dialogue["id"]))
    return found


def fitted(vectors: NDArray[np.float64], wanted: NDArray[np.float64], penalty: float) -> Head:
    """Train. `wanted`: (rows, labels), shares of labels."""
    mean = vectors.mean(axis=0)
    rows = (vectors - mean) * SCALE
    share = wanted.sum(axis=0) / wanted.sum()
    # Rare labels count more, but not so much that a few sentences rule.
    importance = wanted @ (1 / np.sqrt(np.maximum(share, 1e-6)))
    importance = importance / importance.mean()
    weights = np.zeros((rows.shape[1], wanted.shape[1]))
    bias = np.zeros(wanted.shape[1])
    first = [np.zeros_like(weights), np.zeros_like(bias)]
    second = [np.zeros_like(weights), np.zeros_like(bias)]
    for step in range(1, STEPS + 1):
        miss = (_softmax(rows @ weights + bias) - wanted) * importance[:, None] / len(rows)
        slopes = [rows.T @ miss + penalty * weights, miss.sum(axis=0)]
        for place, (slope, values) in enumerate(zip(slopes, (weights, bias), strict=True)):
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.99 * second[place] + 0.01 * slope**2
            values -= RATE * (first[place] / (1 - 0.9**step)) / (np.sqrt(second[place] / (1 - 0.99**step)) + 1e-8)
    return Head(mean, weights, bias)


def by_folds(
    vectors: NDArray[np.float64], wanted: NDArray[np.float64], groups: Sequence[str], penalty: float
) -> NDArray[np.float64]:
    """The chances of each row by a head that was trained without its fold."""
    folds = np.array([hashlib.sha256(group.encode()).digest()[1] % FOLDS for group in groups])
    chances = np.zeros_like(wanted)
    for fold in range(FOLDS):
        own = folds == fold
        chances[own] = fitted(vectors[~own], wanted[~own], penalty).chances(vectors[own])
    return chances


async def embedded(texts: Sequence[str]) -> tuple[NDArray[np.float64], str]:
    """Vectors of `texts` as questions, and "model/version" of who made them."""
    settings = Settings()
    host = Host(
        Registry(settings.registry_file), ArtifactStore(settings.artifacts), threads=settings.threads, queue_items=4096
    )
    await host.start([EMBEDDER])
    handle = host.handle(EMBEDDER)
    vectors = []
    version = ""
    for start in range(0, len(texts), 64):
        result = await handle.call([EmbeddingInput(text, "query") for text in texts[start : start + 64]])
        version = f"{result.model}/{result.version}"
        vectors += [output.vector for output in result.outputs]
    await host.close()
    return np.array(vectors, dtype=np.float64), version


async def train(name: str, out: Path = HEADS) -> dict[str, Any]:
    """Train head `name`, write it below `out`, and give back the report: accuracy by folds, sentences and figures by label."""
    library = Library.load(Settings().content_dir)
    sentences = _once(SOURCES[name](library))
    labels = sorted({label for sentence in sentences for label in sentence.labels})
    wanted = np.array([[sentence.labels.get(label, 0.0) for label in labels] for sentence in sentences])
    vectors, embedder = await embedded([sentence.text for sentence in sentences])
    groups = [sentence.group for sentence in sentences]
    tried = {penalty: by_folds(vectors, wanted, groups, penalty) for penalty in PENALTIES}
    rows = np.arange(len(wanted))
    accuracy = {penalty: float((wanted[rows, chances.argmax(1)] > 0).mean()) for penalty, chances in tried.items()}
    penalty = max(accuracy, key=lambda one: accuracy[one])
    head = fitted(vectors, wanted, penalty)
    folder = out / name / "1"
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "labels": labels,
        "embedder": embedder,
        "scale": SCALE,
        "mean": np.round(head.mean, DIGITS + 2).tolist(),
        "weights": np.round(head.weights, DIGITS).tolist(),
        "bias": np.round(head.bias, DIGITS).tolist(),
    }
    (folder / FILE).write_text(json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    guessed = tried[penalty].argmax(1)
    by_label = {
        label: (int((wanted[:, number] > 0).sum()), float((guessed[wanted[:, number] > 0] == number).mean()))
        for number, label in enumerate(labels)
    }
    digest = hashlib.sha256((folder / FILE).read_bytes()).hexdigest()
    return {"sentences": len(sentences), "accuracy": accuracy, "labels": by_label, "sha256": digest}


def _once(sentences: Sequence[Sentence]) -> list[Sentence]:
    return list({sentence.text: sentence for sentence in sentences}.values())


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = chances / chances.sum(axis=1, keepdims=True)
    return shares


SOURCES = {"consult-route": route_sentences, "consult-element": element_sentences}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.linear_head", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=sorted(SOURCES))
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
