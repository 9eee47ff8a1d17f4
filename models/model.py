"""The contract of a model: a plain class with a picklable config that a host loads, warms, calls and closes.

A backend implements `Model`, one file each in `models/backends/`. It knows no web framework and starts no threads of its
own: the batcher gives each loaded model one thread, on which `load`, `warmup`, `infer` and `close` run. Only `prepare`
is called from elsewhere (the event loop's thread for small calls, a worker thread for large ones), so it must be
thread-safe; it does the cheap work (tokenise, decode, check) that can overlap with inference and says how much room each
input takes in a batch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

Input = TypeVar("Input")
Output = TypeVar("Output")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """All that a backend needs to load one version; picklable, so that it can travel to another process.

    `folder` holds the artifact's files, already checked against registry.yaml. `options` is the version's `options`
    mapping in registry.yaml. `threads` is the number of inference threads.
    """

    name: str
    version: str
    task: str
    folder: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """One input made ready for `infer`.

    `size` is its length in the unit that padding multiplies: tokens for text, pixels for images. A batch costs
    `len(batch) * max(size)`. `payload` is the backend's own.
    """

    payload: Any
    size: int


class Model(ABC, Generic[Input, Output]):
    """One loaded version of one model. Made without side effects; `load()` does the heavy imports and the reading."""

    apart: ClassVar[bool] = False
    """Loaded by workers, processes of their own, if the host has any (`KAOPU_DOCUMENT_WORKERS`)."""
    max_batch_cost: int = 4096
    """Largest `len(batch) * max(size)` that one call of `infer` gets; a single input may exceed it."""
    max_batch_items: int = 64
    free_padding: int = 0
    """Padding (in units of size) per batch that costs next to nothing beside the fixed cost of one `infer`."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config

    @abstractmethod
    def load(self) -> None:
        """Read the artifact. Raises `core.errors.ArtifactMissing` or `HubError` with a clear message."""

    def warmup(self) -> None:
        """Run once on typical input, so that the first caller does not pay for it."""

    @abstractmethod
    def prepare(self, inputs: Sequence[Input]) -> list[Prepared]:
        """Tokenise or decode; thread-safe; raises `core.errors.Invalid` for an input that can't be used."""

    @abstractmethod
    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        """One output per input, in order. Always called from the same thread."""

    def close(self) -> None:
        """Let go of memory and files."""

    def describe(self) -> dict[str, Any]:
        """Facts for the model's metadata: dimension, longest input, and the like."""
        return {}
