from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from core.errors import Unavailable
from core.repeating import Repeating


async def test_failures_are_logged_and_the_next_time_tries_again() -> None:
    enough = asyncio.Event()
    turns = 0

    async def work() -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            raise Unavailable("数据库暂时不可用。", code="database_unavailable")
        if turns == 2:
            raise RuntimeError
        enough.set()

    with capture_logs() as logged:
        repeating = Repeating(work, seconds=0, failure="not_done")
        await repeating.start()
        await asyncio.wait_for(enough.wait(), 10)
        await repeating.close()
    assert turns >= 3
    assert [(line["event"], line["log_level"], line.get("code")) for line in logged] == [
        ("not_done", "warning", "database_unavailable"),
        ("not_done", "error", None),
    ]


async def test_the_first_time_is_at_once_and_the_next_one_waits() -> None:
    begun = asyncio.Event()
    done: list[int] = []

    async def work() -> None:
        done.append(1)
        begun.set()

    repeating = Repeating(work, seconds=3600, failure="not_done")
    await repeating.start()
    await asyncio.wait_for(begun.wait(), 10)
    for _ in range(5):
        await asyncio.sleep(0)
    assert done == [1]
    await repeating.close()


async def test_closed_in_the_middle_it_ends_and_never_begun_it_closes() -> None:
    begun, ended = asyncio.Event(), []

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append(1)

    repeating = Repeating(work, seconds=1, failure="not_done")
    await repeating.close()
    await repeating.start()
    await asyncio.wait_for(begun.wait(), 10)
    await repeating.close()
    await repeating.close()
    assert ended == [1]
