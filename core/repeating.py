"""Work that is done again and again beside everything else: now, and so many seconds after each time.

Comes in: an async function without arguments. A failure is logged and ends nothing: the next time tries again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from core.errors import HubError

log = structlog.get_logger(__name__)


class Repeating:
    """`work`, every `seconds` from `start` to `close`. `failure`: the log's event when it raised; a HubError is told by its
    code, anything else with its traceback."""

    def __init__(self, work: Callable[[], Awaitable[object]], *, seconds: float, failure: str) -> None:
        self._work = work
        self._seconds = seconds
        self._failure = failure
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; once."""
        self._task = asyncio.create_task(self._repeat())

    async def close(self) -> None:
        """Stop, in the middle of the work if need be. Safe before `start`, and twice."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _repeat(self) -> None:
        while True:
            try:
                await self._work()
            except HubError as error:
                # The database is away, a model has no room: nothing to trace.
                log.warning(self._failure, code=error.code)
            except Exception:
                log.exception(self._failure)
            await asyncio.sleep(self._seconds)
