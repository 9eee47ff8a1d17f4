"""Backend `page-text`: what kind of paper a page is, from the text that was read on it and where it stands.

One yes-or-no question per kind (logistic regression over `page_text_features`), so that "none of them" is an answer of its own
and not the nearest guess: its chance is that of all kinds being wrong. The artifact is `classifier.json` (`kinds`, `other`)
and `classifier.safetensors` (`weights`, float16 (LENGTH, kinds); `bias`, float32 (kinds,)). Made by
`python -m training.paper_kinds`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from core.errors import ArtifactMismatch, Invalid
from models.backends.page_text_features import LENGTH, vector
from models.model import Model, Prepared
from models.tasks import LabelsOutput, PageTextInput

FACTS = "classifier.json"
WEIGHTS = "classifier.safetensors"
MOST_LINES = 2000
"""Lines of a page that are looked at; no page of paper has more."""


class PageTextClassifier(Model[PageTextInput, LabelsOutput]):
    """Task page-classification."""

    def load(self) -> None:
        """Read the files. Raises ArtifactMismatch (`classifier_invalid`) if they don't fit each other."""
        try:
            facts = json.loads((self.config.folder / FACTS).read_text(encoding="utf-8"))
            kinds, other = tuple(str(kind) for kind in facts["kinds"]), str(facts["other"])
            tensors = load_file(self.config.folder / WEIGHTS)
            weights = tensors["weights"].astype(np.float32)
            bias = tensors["bias"].astype(np.float32)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise self._invalid() from error
        if weights.shape != (LENGTH, len(kinds)) or bias.shape != (len(kinds),):
            raise self._invalid()
        self._labels = (*kinds, other)
        self._weights, self._bias = weights, bias

    def _invalid(self) -> ArtifactMismatch:
        return ArtifactMismatch(
            f"{self.config.name}/{self.config.version} 的模型文件不完整或尺寸不一致。", code="classifier_invalid"
        )

    def prepare(self, inputs: Sequence[PageTextInput]) -> list[Prepared]:
        """Turn pages into vectors. Raises Invalid (`page_invalid`)."""
        for one in inputs:
            if len(one.page.lines) > MOST_LINES:
                raise Invalid(f"一页最多 {MOST_LINES} 行。", code="page_invalid", param="text")
            if not np.isfinite(np.array([line.box for line in one.page.lines], dtype=np.float64)).all():
                raise Invalid("行的四角应为有限的数。", code="page_invalid", param="box")
        return [Prepared(vector(one.page), 1) for one in inputs]

    def infer(self, batch: Sequence[Prepared]) -> list[LabelsOutput]:
        """See `Model.infer`."""
        vectors: NDArray[np.float32] = np.stack([one.payload for one in batch])
        logits = vectors @ self._weights + self._bias
        return [LabelsOutput(self._labels, row, "") for row in shares(logits)]

    def describe(self) -> dict[str, Any]:
        """`labels`: the kinds, the last being none of the others."""
        return {"labels": list(self._labels)}


def shares(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Answers to yes-or-no questions -> chances that sum to 1, float32 (rows, kinds + 1), the last of none of them."""
    yes = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    none = np.prod(1 - yes, axis=1, keepdims=True)
    # Each kind: it and no other.
    alone = yes * none / np.maximum(1 - yes, 1e-12)
    chances = np.concatenate([alone, none], axis=1)
    found: NDArray[np.float32] = (chances / chances.sum(axis=1, keepdims=True)).astype(np.float32)
    return found
