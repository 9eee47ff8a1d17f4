"""One version of a model in memory: how it is called, and how it gets there and away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import psutil

from core.errors import HubError, Unavailable
from models.batching import Batcher, ModelStats
from models.handle import CallResult, Timing
from models.jobs import Asked, job_named
from models.lanes import Lane, WorkerLane, WorkerState
from models.model import Model, Prepared
from models.worker_process import WorkerProcess

INLINE_INPUTS = 8
"""Up to so many inputs are prepared on the spot: a hop to a thread costs more than tokenising a few texts."""

State = Literal["loading", "ready", "draining", "failed"]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What loading one version did. Seconds; `memory_bytes` is how much the process grew (other loads at the same time
    count in, so it is a hint), or what the workers take."""

    name: str
    version: str
    verify_seconds: float
    load_seconds: float
    warmup_seconds: float
    memory_bytes: int
    error: HubError | None = None


@dataclass(slots=True, eq=False)
class LoadedModel:
    """One version in memory, with its lanes, its queue and its counters. `model` only prepares where the lanes have workers."""

    name: str
    version: str
    task: str
    state: State
    model: Model[Any, Any]
    lanes: Sequence[Lane]
    batcher: Batcher
    description: dict[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    error: HubError | None = None
    in_flight: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def stats(self) -> ModelStats:
        """Counters since loading."""
        return self.batcher.stats

    @property
    def workers(self) -> list[WorkerState]:
        """Its processes, if it has any."""
        return [lane.state() for lane in self.lanes if isinstance(lane, WorkerLane)]

    async def run(self, job: str, inputs: Sequence[Any]) -> CallResult:
        """As `JobHandle.run`: in the workers; or here, if there are none."""
        if self.workers:
            return await self.call(inputs, job)

        async def read(item: Any) -> Any:
            return (await self.call([item])).outputs[0]

        started = time.perf_counter()
        outputs = [await job_named(job)(read, item) for item in inputs]
        return CallResult(outputs, self.name, self.version, Timing(0.0, 0.0, time.perf_counter() - started))

    async def call(self, inputs: Sequence[Any], job: str | None = None) -> CallResult:
        """Prepare here or on a thread, then wait for the batcher. Raises as `Handle.call` does."""
        self.in_flight += 1
        try:
            started = time.perf_counter()
            if len(inputs) <= INLINE_INPUTS:
                prepared = self.model.prepare(inputs)
            else:
                prepared = await asyncio.to_thread(self.model.prepare, inputs)
            spent = time.perf_counter() - started
            self.stats.prepare_seconds += spent
            if job is not None:
                prepared = [Prepared(Asked(job, item), one.size) for item, one in zip(inputs, prepared, strict=True)]
            result = await self.batcher.submit(prepared)
            return CallResult(
                outputs=result.outputs,
                model=self.name,
                version=self.version,
                timing=Timing(prepare=spent, queue=result.queue_seconds, infer=result.infer_seconds),
            )
        finally:
            self.in_flight -= 1
            if self.in_flight == 0:
                self.idle.set()

    async def drain(self) -> None:
        """Wait until the last request that has this version is answered."""
        while self.in_flight:
            self.idle.clear()
            await self.idle.wait()


async def load_here(loaded: LoadedModel) -> tuple[float, float, int]:
    """Seconds to load and to warm, bytes that this process grew."""
    memory = psutil.Process().memory_info().rss
    times: list[float] = []

    def work() -> None:
        for step in (loaded.model.load, loaded.model.warmup):
            started = time.perf_counter()
            step()
            times.append(time.perf_counter() - started)

    await loaded.lanes[0].thread.run(work)
    loaded.description = loaded.model.describe()
    return times[0], times[1], psutil.Process().memory_info().rss - memory


async def start_workers(loaded: LoadedModel, lanes: Sequence[WorkerLane]) -> tuple[float, float, int]:
    """As `load_here`, of the slowest; all start beside each other. If one doesn't, none stays."""
    answers = await asyncio.gather(*(lane.thread.run(lane.start) for lane in lanes), return_exceptions=True)
    failures = [one for one in answers if isinstance(one, BaseException)]
    if failures:
        await asyncio.gather(*(lane.thread.run(lane.close) for lane in lanes))
        raise failures[0]
    started = [one.started for one in answers if isinstance(one, WorkerProcess)]
    loaded.description = started[0].description
    return (
        max(one.load_seconds for one in started),
        max(one.warmup_seconds for one in started),
        sum(one.memory_bytes for one in started),
    )


def load_failed(name: str, version: str, error: Exception) -> HubError:
    """An error of any kind as one that may be shown."""
    failure = Unavailable(
        f"模型 {name}/{version} 装载失败({type(error).__name__})；请查看服务日志。", code="model_load_failed"
    )
    failure.__cause__ = error
    return failure
