"""The one thread that belongs to a loaded model, and a short way to it from the event loop.

`ThreadPoolExecutor` takes twice as long there and back (measured with the processor's caches full of weights: 380 against
190 microseconds), most of it in locks and in a second future; for a lone query that is a good part of what the API costs.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

Job = Callable[[], None]


class ModelThread:
    """One thread; calls run in the order given. The thread starts at once and ends with `shutdown`."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def run(self, function: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
        """`function(*arguments)` on the thread; await what comes back on the event loop that runs now.

        Raises:
            RuntimeError: after `shutdown`.
        """
        self._refuse_if_closed()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            if future.done():
                return  # nobody waits any more
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def job() -> None:
            result: T | None = None
            error: BaseException | None = None
            try:
                result = function(*arguments)
            except BaseException as raised:
                error = raised
                if isinstance(raised, StopIteration) or not isinstance(raised, Exception):
                    # A future can't carry the one, so whoever waits would wait for ever; the others end the event loop.
                    error = RuntimeError(f"the model raised {type(raised).__name__}")
                    error.__cause__ = raised
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, result, error)

        self._jobs.put(job)
        return future

    def shutdown(self, wait: bool = True) -> None:
        """End the thread after what was given to it already. May be called again."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        if wait:
            self._thread.join()

    def __enter__(self) -> ModelThread:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise RuntimeError("the model's thread has been shut down")

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # or the last batch would stay in memory until the next
