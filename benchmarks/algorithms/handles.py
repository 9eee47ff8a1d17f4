"""The product's embedder and a head as it stands in the source tree, for measuring: nothing has to be built first but the
embedder."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog

from core.settings import Settings
from models.artifacts import ArtifactStore
from models.backends.linear_head import LinearHead
from models.build.consult_heads import HEADS
from models.handle import CallResult, Timing
from models.host import Host
from models.model import ModelConfig
from models.registry import Registry
from services.algorithms.head_reading import TextHead

EMBEDDER = "e5-small-zh"


class HeadInTree:
    """A handle of a head below models/build/heads."""

    task = "vector-classification"

    def __init__(self, name: str, version: str) -> None:
        config = ModelConfig(name=name, version=version, task=self.task, folder=HEADS / name / version)
        self._model = LinearHead(config)
        self._model.load()
        self._name, self._version = name, version

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        """See `Handle.call`."""
        outputs = self._model.infer(self._model.prepare(inputs))
        return CallResult(outputs, self._name, self._version, Timing(0.0, 0.0, 0.0))


@asynccontextmanager
async def text_head(name: str, version: str, *, coloured: bool = False) -> AsyncIterator[TextHead]:
    """Head `name` over the champion embedder, as a service holds it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    settings = Settings()
    registry, store = Registry(settings.registry_file), ArtifactStore(settings.artifacts)
    host = Host(registry, store, threads=settings.threads, queue_items=4096)
    await host.start([EMBEDDER])
    try:
        yield TextHead(host.handle(EMBEDDER), HeadInTree(name, version), coloured)
    finally:
        await host.close()
