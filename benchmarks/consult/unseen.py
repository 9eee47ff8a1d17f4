"""Heads that have not seen the question: so that the development half, on which the heads are trained, tells the truth as well."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge_base.library import Library
from training import linear_head
from training.linear_head import FOLDS, Head, Sentence

SAME = 0.995
"""Cosine from which a question is taken for the training sentence."""


class _Folds:
    """A head for each fold of its sentences, trained without it."""

    def __init__(self, sentences: Sequence[Sentence], vectors: NDArray[np.float64], penalty: float) -> None:
        self._labels = sorted({label for one in sentences for label in one.labels})
        wanted = np.array([[one.labels.get(label, 0.0) for label in self._labels] for one in sentences])
        self._vectors = vectors
        self._fold = np.array([hashlib.sha256(one.group.encode()).digest()[1] % FOLDS for one in sentences])
        self._heads: list[Head] = [
            linear_head.fitted(vectors[self._fold != fold], wanted[self._fold != fold], penalty)
            for fold in range(FOLDS)
        ]

    def chances(self, vector: NDArray[np.float32]) -> Mapping[str, float]:
        near = self._vectors @ vector.astype(np.float64)
        best = int(near.argmax())
        fold = int(self._fold[best]) if near[best] >= SAME else 0
        row = self._heads[fold].chances(vector.astype(np.float64)[None])[0]
        return dict(zip(self._labels, map(float, row), strict=True))


class UnseenHeads:
    """See `services.consult.heads.Heads`."""

    def __init__(self, route: _Folds, element: _Folds) -> None:
        self._route, self._element = route, element

    @classmethod
    async def train(cls, library: Library) -> UnseenHeads:
        """Embeds and trains: a minute."""
        folds = []
        for source, penalty in (
            (linear_head.route_sentences, linear_head.PENALTIES[0]),
            (linear_head.element_sentences, linear_head.PENALTIES[-1]),
        ):
            sentences = list({one.text: one for one in source(library)}.values())
            vectors, _ = await linear_head.embedded([one.text for one in sentences])
            folds.append(_Folds(sentences, vectors, penalty))
        return cls(*folds)

    async def route(self, vector: NDArray[np.float32], embedder: str) -> Mapping[str, float]:
        """See `Heads`."""
        return self._route.chances(vector)

    async def element(self, vector: NDArray[np.float32], embedder: str) -> Mapping[str, float]:
        """See `Heads`."""
        return self._element.chances(vector)
