"""The trained heads over the question's vector: what a message is, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Heads(Protocol):
    """Probabilities by label, or nothing where a head is missing or can't answer now."""

    async def route(self, vector: NDArray[np.float32]) -> Mapping[str, float]:
        """What the message is."""

    async def element(self, vector: NDArray[np.float32]) -> Mapping[str, float]:
        """Which element it asks for."""
