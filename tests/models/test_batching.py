"""The batching policy: every request answered exactly once, in order; the gone skipped; errors contained."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import HubError, Invalid, ModelFailed, TooManyRequests, Unavailable
from models.batching import PADDING_SHARE, Batcher, BatchLimits, choose
from models.lanes import Lane
from models.model import Prepared

LIMITS = BatchLimits(cost=64, items=8)


class Recorder:
    """A model that doubles its input, remembers its batches, waits while told to, and raises on negative payloads."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = threading.Event()
        self.open.set()

    def infer(self, batch: Sequence[Prepared]) -> list[Any]:
        self.open.wait(10)
        self.batches.append([one.payload for one in batch])
        if any(one.payload < 0 for one in batch):
            raise ValueError("secret text of a citizen")
        return [one.payload * 2 for one in batch]


def run(scenario: Callable[[Batcher, Recorder], Any], *, limits: BatchLimits = LIMITS, queue_items: int = 100) -> Any:
    async def inside() -> Any:
        model = Recorder()
        lane = Lane("test", model.infer)
        batcher = Batcher("test", [lane], limits, queue_items)
        try:
            return await scenario(batcher, model)
        finally:
            model.open.set()
            await batcher.close()
            lane.thread.shutdown()

    return asyncio.run(inside())


def inputs(*payloads: int, size: int = 4) -> list[Prepared]:
    return [Prepared(payload, size) for payload in payloads]


sizes = st.lists(st.integers(1, 80), min_size=1, max_size=40)


@given(sizes)
def test_choice_holds_the_oldest_and_the_limits(waiting: list[int]) -> None:
    chosen = choose(waiting, LIMITS)
    assert 0 in chosen
    assert len(set(chosen)) == len(chosen) <= LIMITS.items
    padded = len(chosen) * max(waiting[index] for index in chosen)
    real = sum(waiting[index] for index in chosen)
    assert len(chosen) == 1 or padded <= LIMITS.cost
    assert padded - real <= PADDING_SHARE * real
    assert [waiting[index] for index in chosen] == sorted(waiting[index] for index in chosen)


def test_choice_grows_towards_the_nearer_length() -> None:
    assert sorted(choose([20, 100, 21, 19, 3], BatchLimits(1000, 3))) == [0, 2, 3]


def test_free_padding_lets_short_inputs_together() -> None:
    assert choose([4, 9], LIMITS) == [0]
    assert choose([4, 9], BatchLimits(64, 8, free_padding=5)) == [0, 1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(-1, 50), min_size=1, max_size=6), st.integers(1, 30), st.booleans()),
        min_size=1,
        max_size=14,
    )
)
def test_every_request_is_answered_once(requests: list[tuple[list[int], int, bool]]) -> None:
    """Requests of random length, some with an input that makes the model raise, some whose caller leaves."""

    async def scenario(batcher: Batcher, model: Recorder) -> None:
        model.open.clear()
        tasks = []
        for payloads, size, _ in requests:
            tasks.append(asyncio.ensure_future(batcher.submit(inputs(*payloads, size=size))))
            await asyncio.sleep(0)
        for task, (_, _, leaves) in zip(tasks, requests, strict=True):
            if leaves:
                task.cancel()
        await asyncio.sleep(0)
        model.open.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for result, (payloads, _, leaves) in zip(results, requests, strict=True):
            if leaves:
                assert isinstance(result, asyncio.CancelledError)
            elif min(payloads) < 0:
                assert isinstance(result, ModelFailed)
                assert "secret" not in result.message
            else:
                assert not isinstance(result, BaseException)
                assert result.outputs == [payload * 2 for payload in payloads]
        assert batcher.waiting == 0
        bad = sum(min(payloads) < 0 and not leaves for payloads, _, leaves in requests)
        left = sum(leaves for _, _, leaves in requests)
        assert batcher.stats.requests == len(requests) - bad - left
        assert batcher.stats.failed_requests == bad
        assert batcher.stats.cancelled_requests == left

    run(scenario, queue_items=1000)


def test_who_left_costs_nothing() -> None:
    async def scenario(batcher: Batcher, model: Recorder) -> None:
        model.open.clear()
        first = asyncio.ensure_future(batcher.submit(inputs(1)))
        await asyncio.sleep(0.01)
        gone = asyncio.ensure_future(batcher.submit(inputs(2)))
        stays = asyncio.ensure_future(batcher.submit(inputs(3)))
        await asyncio.sleep(0)
        gone.cancel()
        model.open.set()
        await asyncio.gather(first, stays)
        assert model.batches == [[1], [3]]

    run(scenario)


def test_requests_gather_while_the_model_is_busy() -> None:
    async def scenario(batcher: Batcher, model: Recorder) -> None:
        model.open.clear()
        tasks = [asyncio.ensure_future(batcher.submit(inputs(number))) for number in range(9)]
        await asyncio.sleep(0.01)
        model.open.set()
        await asyncio.gather(*tasks)
        assert [len(batch) for batch in model.batches] == [8, 1]

    run(scenario)


def test_full_queue_refuses_at_once_and_keeps_the_rest() -> None:
    async def scenario(batcher: Batcher, model: Recorder) -> None:
        model.open.clear()
        first = asyncio.ensure_future(batcher.submit(inputs(0)))
        await asyncio.sleep(0.01)
        second = asyncio.ensure_future(batcher.submit(inputs(1, 2, 3)))
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequests) as refusal:
            await batcher.submit(inputs(4, 5))
        assert refusal.value.retry_after is not None
        assert refusal.value.retry_after >= 1
        third = asyncio.ensure_future(batcher.submit(inputs(6)))
        await asyncio.sleep(0)
        model.open.set()
        assert (await first).outputs == [0]
        assert (await second).outputs == [2, 4, 6]
        assert (await third).outputs == [12]
        assert batcher.stats.refused_requests == 1

    run(scenario, queue_items=4)


def test_a_request_larger_than_the_queue_is_taken_when_nothing_waits() -> None:
    async def scenario(batcher: Batcher, _: Recorder) -> None:
        assert (await batcher.submit(inputs(*range(20)))).outputs == [2 * number for number in range(20)]

    run(scenario, queue_items=4)


def test_close_tells_who_still_waits() -> None:
    async def scenario(batcher: Batcher, model: Recorder) -> None:
        model.open.clear()
        first = asyncio.ensure_future(batcher.submit(inputs(0)))
        await asyncio.sleep(0.01)
        second = asyncio.ensure_future(batcher.submit(inputs(1)))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(batcher.close())
        for waiting in (first, second):
            with pytest.raises(Unavailable):
                await waiting
        model.open.set()
        await closing
        with pytest.raises(Unavailable):
            await batcher.submit(inputs(2))

    run(scenario)


def test_errors_of_the_family_pass_as_they_are() -> None:
    async def inside() -> HubError:
        def infer(_: Sequence[Prepared]) -> list[Any]:
            raise Invalid("图像太小。", code="image_too_small")

        lane = Lane("test", infer)
        batcher = Batcher("test", [lane], LIMITS, 10)
        with pytest.raises(Invalid) as error:
            await batcher.submit(inputs(1))
        await batcher.close()
        lane.thread.shutdown()
        return error.value

    assert asyncio.run(inside()).code == "image_too_small"


def test_a_model_that_returns_too_little_fails_its_requests() -> None:
    async def inside() -> None:
        lane = Lane("test", lambda batch: [1])
        batcher = Batcher("test", [lane], LIMITS, 10)
        with pytest.raises(ModelFailed):
            await batcher.submit(inputs(1, 2))
        assert (await batcher.submit(inputs(3))).outputs == [1]
        await batcher.close()
        lane.thread.shutdown()

    asyncio.run(inside())


def test_several_lanes_take_from_one_queue_at_the_same_time() -> None:
    async def inside() -> None:
        together = threading.Barrier(2)

        def infer(batch: Sequence[Prepared]) -> list[Any]:
            together.wait(10)  # raises unless the other lane is inferring as well
            return [one.payload for one in batch]

        lanes = [Lane("one", infer), Lane("two", infer)]
        batcher = Batcher("test", lanes, BatchLimits(cost=1, items=1), 10)
        answers = await asyncio.gather(*(batcher.submit(inputs(number)) for number in range(4)))
        assert [one.outputs for one in answers] == [[0], [1], [2], [3]]
        assert (batcher.stats.inputs, batcher.stats.requests) == (4, 4)
        await batcher.close()
        for lane in lanes:
            lane.thread.shutdown()

    asyncio.run(inside())
