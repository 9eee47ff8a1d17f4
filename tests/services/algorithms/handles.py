"""Handles that need no model: an embedder whose vectors a test chooses, a head as the registry's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from models.handle import CallResult, Timing
from models.tasks import EmbeddingOutput, LabelsOutput

NO_TIME = Timing(0.0, 0.0, 0.0)


class Embedder:
    """Gives each text the vector that `choose` gives it."""

    task = "text-embedding"

    def __init__(self, choose: Callable[[str], Sequence[float]], version: str = "2") -> None:
        self._choose = choose
        self._version = version
        self.texts: list[str] = []

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        self.texts += [one.text for one in inputs]
        outputs = [EmbeddingOutput(np.array(self._choose(one.text), np.float32), 3, False) for one in inputs]
        return CallResult(outputs, "e5-small-zh", self._version, NO_TIME)


class Head:
    """Reads a label's probability straight from the vector's first places."""

    task = "vector-classification"

    def __init__(self, labels: tuple[str, ...], embedder: str = "e5-small-zh/2") -> None:
        self._labels, self._embedder = labels, embedder

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        outputs = []
        for one in inputs:
            chances = np.maximum(one.vector[: len(self._labels)], 1e-6)
            outputs.append(LabelsOutput(self._labels, chances / chances.sum(), self._embedder))
        return CallResult(outputs, "head", "1", NO_TIME)
