"""A worker: one loaded model in a process of its own: `python -m models.worker_main`, fed by `worker_process.py`.

The first message is a `Start`, answered with `Started` or the error; each further one is a batch, answered with an `Answer`. A
thread of its own listens, so that the process ends with the hub even in the middle of a page.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from core.errors import HubError
from models.jobs import Asked, job_named
from models.model import Model, ModelConfig, Prepared
from models.worker_messages import read_message, write_message

NICENESS = 5
"""Who asks the bot waits for an answer of milliseconds; who hands a paper in waits for seconds either way."""
KILLED_FIRST = "500"
"""Where memory runs out, the kernel ends a worker (-1000 to 1000: the higher the sooner) and not the hub."""


@dataclass(frozen=True, slots=True)
class Start:
    """What to load: the backend's class as `module:Class`."""

    backend: str
    config: ModelConfig


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds, and what the model says of itself."""

    load_seconds: float
    warmup_seconds: float
    memory_bytes: int
    description: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """`outputs` in the order of the batch; or `error`: the hub's own, or the name of another one's type (its text may hold what is
    on the page). `memory_bytes`: resident, after the batch."""

    outputs: list[Any]
    error: HubError | str | None
    memory_bytes: int


def perform(model: Model[Any, Any], batch: Sequence[Prepared]) -> list[Any]:
    """One output per input: the model's, or what the job makes of it."""
    if not any(isinstance(one.payload, Asked) for one in batch):
        return model.infer(batch)

    async def read(item: Any) -> Any:
        return model.infer(model.prepare([item]))[0]

    async def work(one: Prepared) -> Any:
        asked: Asked = one.payload
        return await job_named(asked.job)(read, asked.input)

    return [asyncio.run(work(one)) if isinstance(one.payload, Asked) else model.infer([one])[0] for one in batch]


def _load(start: Start) -> tuple[Model[Any, Any], Started]:
    module, _, name = start.backend.partition(":")
    model: Model[Any, Any] = getattr(import_module(module), name)(start.config)
    begun = time.perf_counter()
    model.load()
    loaded = time.perf_counter()
    model.warmup()
    warm = time.perf_counter()
    return model, Started(loaded - begun, warm - loaded, _memory(), model.describe())


def _answer(model: Model[Any, Any], batch: Sequence[Prepared]) -> Answer:
    try:
        return Answer(perform(model, batch), None, _memory())
    except HubError as error:
        error.__cause__ = error.__context__ = None
        return Answer([], error, _memory())
    except Exception as error:
        return Answer([], type(error).__name__, _memory())


def _memory() -> int:
    return int(psutil.Process().memory_info().rss)


def _listen(messages: queue.SimpleQueue[Any]) -> None:
    """Runs on a thread. When the hub is gone, nobody waits for the page at hand, and nobody else tidies up."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            messages.put(read_message(sys.stdin.buffer))
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    os._exit(0)


def _take_place() -> None:
    # Ctrl+C at a terminal reaches every process of the group: the hub ends its workers when they have answered.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(KILLED_FIRST, encoding="ascii")
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        # A core dump would hold the paper.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _make_way() -> None:
    os.nice(NICENESS)
    # On Linux niceness is a thread's own, and onnxruntime has made its threads by now.
    with contextlib.suppress(AttributeError, OSError):
        for thread in psutil.Process().threads():
            os.setpriority(os.PRIO_PROCESS, thread.id, NICENESS)


def main() -> None:
    """Load, then answer until the hub closes the pipe."""
    # Whatever a library prints must not get between the messages.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _take_place()
    messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(messages,), name="listening", daemon=True).start()
    try:
        model, started = _load(messages.get())
    except HubError as error:
        error.__cause__ = error.__context__ = None
        write_message(out, Answer([], error, 0))
        return
    except Exception as error:
        write_message(out, Answer([], type(error).__name__, 0))
        return
    write_message(out, started)
    # Not before: until it is ready, whoever starts the hub waits for it.
    _make_way()
    while True:
        answer = _answer(model, messages.get())
        write_message(out, answer)
        del answer  # or the last page's would stay until the next


if __name__ == "__main__":
    # Classes that are sent are those of the module by its name, not of `__main__`.
    from models.worker_main import main as named_main

    named_main()
