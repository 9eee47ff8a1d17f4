from __future__ import annotations

import asyncio
import threading
import time

import pytest

from models.model_thread import ModelThread


async def test_runs_in_order_on_one_thread() -> None:
    with ModelThread("test") as thread:
        seen: list[tuple[int, int]] = []

        def note(number: int) -> int:
            seen.append((number, threading.get_ident()))
            return number * 2

        assert await asyncio.gather(*(thread.run(note, number) for number in range(50))) == [2 * n for n in range(50)]
    assert [number for number, _ in seen] == list(range(50))
    assert {ident for _, ident in seen} != {threading.get_ident()}
    assert len({ident for _, ident in seen}) == 1


@pytest.mark.parametrize("error", [ValueError, StopIteration, SystemExit, KeyboardInterrupt])
async def test_what_is_raised_arrives_and_the_thread_goes_on(error: type[BaseException]) -> None:
    def fail() -> None:
        raise error

    with ModelThread("test") as thread:
        with pytest.raises(error if error is ValueError else RuntimeError):
            await thread.run(fail)
        assert await thread.run(lambda: 7) == 7


async def test_nobody_waits_any_more() -> None:
    with ModelThread("test") as thread:
        future = thread.run(time.sleep, 0.05)
        await asyncio.sleep(0.01)
        future.cancel()
        assert await thread.run(lambda: 7) == 7


def test_the_loop_is_gone() -> None:
    thread = ModelThread("test")

    async def leave() -> None:
        thread.run(time.sleep, 0.05)

    async def come_back() -> int:
        return await thread.run(lambda: 7)

    asyncio.run(leave())
    assert asyncio.run(come_back()) == 7
    thread.shutdown()


async def test_shut_down_refuses() -> None:
    thread = ModelThread("test")
    thread.shutdown(wait=False)
    with pytest.raises(RuntimeError):
        thread.run(print)
