"""Texts -> probabilities of a trained head's labels, by way of the embedder's vectors.

Comes in: texts. Goes out: the labels and one row of probabilities a text. A head means nothing over another embedder's vectors, so
with another embedder in production it says so instead of guessing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable
from models.handle import Handle
from models.polarity import coloured
from models.tasks import EmbeddingInput, VectorInput


@dataclass(frozen=True, slots=True)
class Read:
    """`chances`: float32 (texts, labels), rows sum to 1."""

    labels: tuple[str, ...]
    chances: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TextHead:
    """A head of the registry with its embedder. `coloured`: whether the head sees a text's characters and mood beside its vector
    (models/polarity.py)."""

    embedder: Handle
    head: Handle
    coloured: bool = False

    async def read(self, texts: Sequence[str]) -> Read:
        """What the head says of each of `texts` (at least one).

        Raises:
            Unavailable: the head was trained over another embedder (code `head_not_fitted`).
            HubError: as `Handle.call`.
        """
        embedded = await self.embedder.call([EmbeddingInput(text, "query") for text in texts])
        rows = [output.vector for output in embedded.outputs]
        if self.coloured:
            rows = [coloured(row, text) for row, text in zip(rows, texts, strict=True)]
        outputs = (await self.head.call([VectorInput(row) for row in rows])).outputs
        if outputs[0].embedder != f"{embedded.model}/{embedded.version}":
            raise Unavailable("这个算法要按现在的句向量模型重新训练后才能使用，请联系管理员。", code="head_not_fitted")
        return Read(outputs[0].labels, np.stack([output.probabilities for output in outputs]))
