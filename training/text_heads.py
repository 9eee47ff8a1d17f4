"""Train the heads of the shared text algorithms over the embedder's vectors, from sentences written for training.

    python -m training.text_heads ticket-matter sentiment

Same regression as training/linear_head.py. A ticket's matter (level 3) is what is learnt, not its class: classes are wide, and a
line between 55 narrow groups is straighter than one between seven wide ones (.93 against .82 on the development half).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from rich.console import Console

from models.backends.linear_head import FILE
from models.build.consult_heads import HEADS
from models.polarity import coloured
from training.linear_head import DIGITS, FINE, SCALE, STEPS, by_folds, embedded, fitted
from training.written import SENTENCES, read


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one head is made. `sentences`: (text, label) pairs. `coloured`: whether it sees a text's
    characters and mood too (models/polarity.py)."""

    version: str
    sentences: Callable[[], list[tuple[str, str]]]
    penalty: float
    coloured: bool


def ticket_sentences() -> list[tuple[str, str]]:
    """Messages with class/field/matter."""
    return [
        (text, f"{category}/{field}/{matter}")
        for path in sorted((SENTENCES / "tickets").glob("*.yaml"))
        for category, fields in read(path).items()
        for field, matters in fields.items()
        for matter, texts in matters.items()
        for text in texts
    ]


def sentiment_sentences() -> list[tuple[str, str]]:
    """Comments with what they express."""
    return [(text, label) for label, texts in read(SENTENCES / "sentiment.yaml").items() for text in texts]


RECIPES = {
    "ticket-matter": Recipe("1", ticket_sentences, penalty=1e-3, coloured=False),
    "sentiment": Recipe("1", sentiment_sentences, penalty=3e-3, coloured=True),
}


async def train(name: str, out: Path = HEADS) -> dict[str, object]:
    """Train head `name` and write it below `out`; gives back the count of sentences, the accuracy by folds, the file's sum."""
    recipe = RECIPES[name]
    sentences = recipe.sentences()
    texts = [text for text, _ in sentences]
    labels = sorted({label for _, label in sentences})
    wanted = np.array([[float(label == one) for one in labels] for _, label in sentences])
    vectors, embedder = await embedded(texts)
    if recipe.coloured:
        vectors = np.array([coloured(row.astype(np.float32), text) for row, text in zip(vectors, texts, strict=True)])
    by_fold = by_folds(vectors, wanted, texts, recipe.penalty, STEPS)
    head = fitted(vectors, wanted, recipe.penalty, STEPS)
    written = {
        "labels": labels,
        "embedder": embedder,
        "scale": SCALE,
        "mean": np.round(head.mean.astype(np.float64), FINE).tolist(),
        "weights": np.round(head.weights.astype(np.float64), DIGITS).tolist(),
        "bias": np.round(head.bias.astype(np.float64), FINE).tolist(),
    }
    path = out / name / recipe.version / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    right = (by_fold.argmax(1) == wanted.argmax(1)).mean()
    return {
        "sentences": len(texts),
        "labels": len(labels),
        "by_folds": round(float(right), 3),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.text_heads", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=sorted(RECIPES))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = Console(highlight=False, soft_wrap=True)
    for name in parser.parse_args().names:
        console.print(name, asyncio.run(train(name)))


if __name__ == "__main__":
    main()
