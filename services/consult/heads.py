"""The trained heads over the question's vector and characters: what a message is, and what it asks for.

A head belongs to one embedder; with another one in production, with a full queue or without the artifact there is no answer, and
the bot goes by its rules alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import HubError
from models.handle import Handle
from models.tasks import VectorInput
from models.wording import worded

ROUTE, ELEMENT = "consult-route", "consult-element"
NOTHING: Mapping[str, float] = {}


class Heads(Protocol):
    """Probabilities by label; nothing where a head is missing or can't answer now."""

    async def route(self, vector: NDArray[np.float32], embedder: str, text: str) -> Mapping[str, float]:
        """What the message `text` is. `embedder`: "model/version" that made its vector."""

    async def element(self, vector: NDArray[np.float32], embedder: str, text: str) -> Mapping[str, float]:
        """Which element it asks for."""


class TrainedHeads:
    """The heads of the registry, through the host."""

    def __init__(self, route: Handle, element: Handle) -> None:
        self._route = route
        self._element = element

    async def route(self, vector: NDArray[np.float32], embedder: str, text: str) -> Mapping[str, float]:
        """See `Heads`."""
        return await _asked(self._route, worded(vector, text), embedder)

    async def element(self, vector: NDArray[np.float32], embedder: str, text: str) -> Mapping[str, float]:
        """See `Heads`."""
        return await _asked(self._element, worded(vector, text), embedder)


async def _asked(head: Handle, vector: NDArray[np.float32], embedder: str) -> Mapping[str, float]:
    try:
        output = (await head.call([VectorInput(vector)])).outputs[0]
    except HubError:
        return NOTHING
    if output.embedder != embedder:
        return NOTHING
    return dict(zip(output.labels, map(float, output.probabilities), strict=True))
