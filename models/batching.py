"""The batching policy: one bounded queue per loaded model, no timer.

While the model is busy, inputs gather; as soon as it is free, a batch is taken. So batches grow exactly when there is load,
and a lone request waits for nothing. What goes into a batch:

* the oldest waiting input always does, so nothing starves;
* around it, the inputs nearest to it in length, as long as the batch stays within its limits (inputs, padded size) and
  padding stays a small part of it (`PADDING_SHARE` of the real size, or the model's `free_padding`);
* an input whose caller has gone is dropped before it costs anything.

A full queue answers `TooManyRequests` at once, with an estimate of when there will be room. If a batch raises, its
requests are run again one request at a time, so that only the request at fault fails; the worker goes on.

A model may have several lanes (`lanes.py`): each takes a batch from the one queue when it is free.

Everything here runs on the event loop's thread; only `infer` runs elsewhere, on the thread of a lane.
"""

from __future__ import annotations

import asyncio
import bisect
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from core.errors import HubError, ModelFailed, TooManyRequests, Unavailable
from models.lanes import Lane
from models.model import Prepared

PADDING_SHARE = 0.15
"""Padding that a batch may hold, as a share of its real size."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ModelStats:
    """Counters since loading; seconds are sums. `padded_size` and `real_size` are in the unit of `Prepared.size`."""

    requests: int = 0
    failed_requests: int = 0
    refused_requests: int = 0
    cancelled_requests: int = 0
    inputs: int = 0
    batches: int = 0
    failed_batches: int = 0
    prepare_seconds: float = 0.0
    queue_seconds: float = 0.0
    infer_seconds: float = 0.0
    failed_seconds: float = 0.0
    padded_size: int = 0
    real_size: int = 0


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What one batch may hold. `cost` is `inputs * longest`; a single input may exceed it."""

    cost: int
    items: int
    free_padding: int = 0


@dataclass(slots=True, eq=False)
class _Request:
    future: asyncio.Future[None]
    outputs: list[Any]
    remaining: int
    enqueued: float
    queue_seconds: float = 0.0
    infer_seconds: float = 0.0


@dataclass(slots=True, eq=False)
class _Waiting:
    prepared: Prepared
    request: _Request
    position: int


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Outputs in the order of the inputs; seconds until the last input was taken, and of the batches it took part in."""

    outputs: list[Any]
    queue_seconds: float
    infer_seconds: float


def choose(sizes: Sequence[int], limits: BatchLimits) -> list[int]:
    """Which of the waiting inputs go into the next batch: indices into `sizes` (oldest first), shortest first.

    Grows a window in the order of lengths around the oldest input, always towards the neighbour nearer in length.
    """
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    start = bisect.bisect_left([sizes[index] for index in order], sizes[0])
    while order[start] != 0:
        start += 1
    low, high = start, start
    real = sizes[0]

    def fits(first: int, last: int, with_real: int) -> bool:
        count = last - first + 1
        padded = count * sizes[order[last]]
        if count > limits.items or padded > limits.cost:
            return False
        return padded - with_real <= max(PADDING_SHARE * with_real, limits.free_padding)

    while True:
        below = sizes[order[low - 1]] if low > 0 else None
        above = sizes[order[high + 1]] if high + 1 < len(order) else None
        down = below is not None and fits(low - 1, high, real + below)
        up = above is not None and fits(low, high + 1, real + above)
        if down and up:
            assert below is not None
            assert above is not None
            down = sizes[0] - below <= above - sizes[0]
        if down:
            assert below is not None
            low, real = low - 1, real + below
        elif up:
            assert above is not None
            high, real = high + 1, real + above
        else:
            return order[low : high + 1]


@dataclass(slots=True, eq=False)
class Batcher:
    """The queue of one loaded model, and what takes from it.

    Args:
        name: for logs.
        lanes: where batches are inferred, one at a time in each.
        limits: what one batch may hold.
        queue_items: inputs that may wait; more are refused (a single request may exceed it while nothing waits).
    """

    name: str
    lanes: Sequence[Lane]
    limits: BatchLimits
    queue_items: int
    stats: ModelStats = field(default_factory=ModelStats)
    _waiting: list[_Waiting] = field(default_factory=list)
    _running: list[_Waiting] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _workers: list[asyncio.Task[None]] = field(default_factory=list)
    _seconds_per_input: float = 0.01
    _closed: bool = False

    @property
    def waiting(self) -> int:
        """Inputs in the queue now."""
        return len(self._waiting)

    async def submit(self, prepared: Sequence[Prepared]) -> BatchResult:
        """Queue the inputs of one request and wait for all of them.

        Raises:
            TooManyRequests: no room for them; nothing was queued.
            ModelFailed: the model raised on this request.
            Unavailable: the batcher is closed.
        """
        if self._closed:
            raise Unavailable("该模型版本正在卸载，请重试。", code="model_unloading", retry_after=1)
        if not prepared:
            return BatchResult([], 0.0, 0.0)
        if self._waiting and len(self._waiting) + len(prepared) > self.queue_items:
            self.stats.refused_requests += 1
            wait = len(self._waiting) * self._seconds_per_input / len(self.lanes)
            raise TooManyRequests(
                "当前排队已满，请稍后再试。", code="queue_full", retry_after=min(max(wait, 1.0), 60.0)
            )
        loop = asyncio.get_running_loop()
        if not self._workers:
            self._workers = [loop.create_task(self._work(lane), name=f"batcher:{self.name}") for lane in self.lanes]
        request = _Request(loop.create_future(), [None] * len(prepared), len(prepared), time.perf_counter())
        self._waiting.extend(_Waiting(one, request, position) for position, one in enumerate(prepared))
        self._wake.set()
        try:
            await request.future
        except asyncio.CancelledError:
            self.stats.cancelled_requests += 1
            self._forget(request)
            raise
        except Exception:
            self.stats.failed_requests += 1
            self._forget(request)
            raise
        self.stats.requests += 1
        return BatchResult(request.outputs, request.queue_seconds, request.infer_seconds)

    async def close(self) -> None:
        """Stop taking batches; whoever is not answered yet gets `Unavailable`."""
        self._closed = True
        for waiting in self._waiting + self._running:
            if not waiting.request.future.done():
                waiting.request.future.set_exception(
                    Unavailable("该模型版本已卸载，请重试。", code="model_unloading", retry_after=1)
                )
        self._waiting.clear()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def _forget(self, request: _Request) -> None:
        self._waiting = [waiting for waiting in self._waiting if waiting.request is not request]

    def _take(self) -> list[_Waiting]:
        self._waiting = [waiting for waiting in self._waiting if not waiting.request.future.done()]
        if not self._waiting:
            return []
        chosen = choose([waiting.prepared.size for waiting in self._waiting], self.limits)
        batch = [self._waiting[index] for index in chosen]
        left = set(chosen)
        self._waiting = [waiting for index, waiting in enumerate(self._waiting) if index not in left]
        return batch

    async def _work(self, lane: Lane) -> None:
        while True:
            batch = self._take()
            if not batch:
                self._wake.clear()
                await self._wake.wait()
                continue
            self._running += batch
            now = time.perf_counter()
            for waiting in batch:
                waiting.request.queue_seconds = now - waiting.request.enqueued
            try:
                await self._run(lane, batch)
            except Exception as error:
                await self._run_apart(lane, batch, error)
            self._running = [waiting for waiting in self._running if waiting not in batch]

    async def _run(self, lane: Lane, batch: list[_Waiting]) -> None:
        started = time.perf_counter()
        inputs = [waiting.prepared for waiting in batch]
        try:
            outputs = await lane.thread.run(lane.infer, inputs)
            if len(outputs) != len(batch):
                raise RuntimeError(f"{len(outputs)} outputs for {len(batch)} inputs")
        except Exception:
            self.stats.failed_batches += 1
            self.stats.failed_seconds += time.perf_counter() - started
            raise
        seconds = time.perf_counter() - started
        stats = self.stats
        stats.batches += 1
        stats.inputs += len(batch)
        stats.infer_seconds += seconds
        stats.real_size += sum(one.size for one in inputs)
        stats.padded_size += len(inputs) * max(one.size for one in inputs)
        self._seconds_per_input += 0.1 * (seconds / len(batch) - self._seconds_per_input)
        requests: set[_Request] = set()
        for waiting, output in zip(batch, outputs, strict=True):
            request = waiting.request
            request.outputs[waiting.position] = output
            request.remaining -= 1
            requests.add(request)
        for request in requests:
            request.infer_seconds += seconds
            stats.queue_seconds += request.queue_seconds
            if request.remaining == 0 and not request.future.done():
                request.future.set_result(None)

    async def _run_apart(self, lane: Lane, batch: list[_Waiting], error: Exception) -> None:
        """After a failed batch: each request on its own, so that one bad input does not take its neighbours down."""
        by_request: dict[_Request, list[_Waiting]] = {}
        for waiting in batch:
            by_request.setdefault(waiting.request, []).append(waiting)
        for request, own in by_request.items():
            if request.future.done():
                continue
            failure: Exception | None = error
            if len(by_request) > 1:
                try:
                    await self._run(lane, own)
                    failure = None
                except Exception as again:
                    failure = again
            if failure is not None and not request.future.done():
                # The exception's text may hold what the caller sent: its type is all that is logged.
                log.error("model_failed", model=self.name, error=type(failure).__name__)
                request.future.set_exception(_for_caller(failure))


def _for_caller(error: Exception) -> HubError:
    if isinstance(error, HubError):
        return error
    failed = ModelFailed("模型处理这次请求时出错，未产生结果；请换一份输入或稍后再试。")
    failed.__cause__ = error
    return failed
