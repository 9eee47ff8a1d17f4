"""Heads that have not seen the question: so that the development half, on which the heads are trained, tells the truth as well.

Training them takes some minutes; they are kept in var/benchmarks until their sentences, the embedder or the recipe change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.settings import Settings
from knowledge_base.library import Library
from models.wording import SIZE, worded
from training import linear_head
from training.linear_head import FOLDS, RECIPES, Head, Recipe, fold_of
from training.written import read

SAME = 0.995
"""Cosine from which a question is taken for the training sentence."""


class _Folds:
    """A head for each fold of its sentences, trained without it."""

    def __init__(
        self, labels: list[str], vectors: linear_head.Numbers, folds: linear_head.Numbers, heads: list[Head]
    ) -> None:
        self._labels, self._heads, self._fold = labels, heads, folds
        self._vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def chances(self, vector: NDArray[np.float32], row: NDArray[np.float32]) -> Mapping[str, float]:
        """Of each label. `vector`: the message's, by which its own sentence is found; `row`: what the head sees of it."""
        near = self._vectors @ vector.astype(np.float64)
        best = int(near.argmax())
        fold = int(self._fold[best]) if near[best] >= SAME else 0
        chances = self._heads[fold].chances(row[None])[0]
        return dict(zip(self._labels, map(float, chances), strict=True))

    @classmethod
    async def train(cls, name: str, library: Library) -> _Folds:
        """Embeds, and trains what isn't kept."""
        recipe = RECIPES[name]
        sentences = recipe.sentences(library)
        labels = sorted({label for one in sentences for label in one.labels})
        wanted = np.array([[one.labels.get(label, 0.0) for label in labels] for one in sentences])
        told = [(one.text, one.labels, one.group) for one in sentences]
        kept = _kept(name, recipe, json.dumps(told, ensure_ascii=False, sort_keys=True))
        folds = np.array([fold_of(one.group) for one in sentences])
        if not kept.exists():
            rows, _ = await linear_head.read_by_heads([one.text for one in sentences])
            penalty = recipe.penalties[-1]
            heads = [
                linear_head.fitted(rows[folds != one], wanted[folds != one], penalty, linear_head.STEPS)
                for one in range(FOLDS)
            ]
            kept.parent.mkdir(parents=True, exist_ok=True)
            parts = {f"{part}{number}": getattr(head, part) for number, head in enumerate(heads) for part in PARTS}
            np.savez(kept, vectors=rows[:, :-SIZE], **parts)
        with np.load(kept) as read:
            heads = [Head(*(read[f"{part}{number}"] for part in PARTS)) for number in range(FOLDS)]
            return cls(labels, read["vectors"], folds, heads)


PARTS = ("mean", "weights", "bias")


def _kept(name: str, recipe: Recipe, sentences: str) -> Path:
    settings = Settings()
    embedder = json.dumps(read(settings.registry_file)["models"][linear_head.EMBEDDER], default=str)
    what = f"{sentences}{recipe.penalties}{linear_head.STEPS}{SIZE}{embedder}"
    return settings.var_dir / "benchmarks" / "unseen" / f"{name}-{hashlib.sha256(what.encode()).hexdigest()[:16]}.npz"


class UnseenHeads:
    """See `services.consult.heads.Heads`."""

    def __init__(self, route: _Folds, element: _Folds) -> None:
        self._route, self._element = route, element

    @classmethod
    async def train(cls, library: Library) -> UnseenHeads:
        """Some minutes, if they aren't kept."""
        return cls(await _Folds.train("consult-route", library), await _Folds.train("consult-element", library))

    async def route(self, vector: NDArray[np.float32], embedder: str, text: str) -> Mapping[str, float]:
        """See `Heads`."""
        return self._route.chances(vector, worded(vector, text))

    async def element(self, vector: NDArray[np.float32], embedder: str, text: str) -> Mapping[str, float]:
        """See `Heads`."""
        return self._element.chances(vector, worded(vector, text))
