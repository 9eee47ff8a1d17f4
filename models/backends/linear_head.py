"""A linear head over an embedder's vectors: probabilities of a few labels, for a fraction of a millisecond.

The artifact is one file, `head.json`: `labels`, `mean` (dimension), `weights` (dimension x labels), `bias` (labels), `scale`, and
`embedder`, the "model/version" whose vectors it was trained on. Its answer is softmax((vector - mean) * scale @ weights + bias).
Made by `python -m training.linear_head`. Vectors of another embedder mean nothing to it: who calls compares versions.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ArtifactMismatch, Invalid
from models.model import Model, Prepared
from models.tasks import LabelsOutput, VectorInput

FILE = "head.json"


class LinearHead(Model[VectorInput, LabelsOutput]):
    """Task vector-classification."""

    def load(self) -> None:
        """Read the file. Raises ArtifactMismatch (`head_invalid`) if its parts don't fit each other."""
        written = json.loads((self.config.folder / FILE).read_text(encoding="utf-8"))
        self._labels = tuple(written["labels"])
        self._mean = np.array(written["mean"], dtype=np.float32)
        self._weights = np.array(written["weights"], dtype=np.float32) * np.float32(written["scale"])
        self._bias = np.array(written["bias"], dtype=np.float32)
        self._embedder = str(written["embedder"])
        if self._weights.shape != (len(self._mean), len(self._labels)) or self._bias.shape != (len(self._labels),):
            raise ArtifactMismatch(
                f"{self.config.name}/{self.config.version} 的 {FILE} 尺寸不一致。", code="head_invalid"
            )

    def warmup(self) -> None:
        """One vector."""
        self.infer(self.prepare([VectorInput(self._mean)]))

    def prepare(self, inputs: Sequence[VectorInput]) -> list[Prepared]:
        """Check the length and that there are numbers. Raises Invalid (`vector_invalid`)."""
        for one in inputs:
            if one.vector.shape != self._mean.shape or not np.isfinite(one.vector).all():
                raise Invalid(f"向量应为 {len(self._mean)} 个有限的数。", code="vector_invalid", param="vector")
        return [Prepared(one.vector, 1) for one in inputs]

    def infer(self, batch: Sequence[Prepared]) -> list[LabelsOutput]:
        """See `Model.infer`."""
        vectors: NDArray[np.float32] = np.stack([one.payload for one in batch])
        logits = (vectors - self._mean) @ self._weights + self._bias
        logits -= logits.max(axis=1, keepdims=True)
        chances = np.exp(logits)
        chances /= chances.sum(axis=1, keepdims=True)
        return [LabelsOutput(self._labels, row.astype(np.float32), self._embedder) for row in chances]

    def describe(self) -> dict[str, Any]:
        """`dimension`, `labels`, and the `embedder` it belongs to."""
        return {"dimension": len(self._mean), "labels": list(self._labels), "embedder": self._embedder}
