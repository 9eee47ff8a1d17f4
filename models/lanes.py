"""Where a batch is inferred: on a thread of the hub, or in a worker's process. A loaded model has one lane or several.

A lane with a worker starts it again when it is gone. A batch that was at hand then is asked once more; a batch that takes a second
worker with it is at fault itself, and so is one that takes too long. A worker that has grown too large is replaced after its batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from core.errors import HubError, ModelFailed, Unavailable
from models.model import Prepared
from models.model_thread import ModelThread
from models.worker_main import Start
from models.worker_process import WorkerLate, WorkerLost, WorkerProcess

BATCH_SECONDS = 120.0
"""A page takes one or two, and several times that on a machine that is busy."""
MOST_MEMORY_BYTES = 2 << 30
"""A worker has 0.5 GB resident, and 1.2 GB after the largest pages."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """Of one worker: seconds for a batch, resident bytes after it."""

    batch_seconds: float = BATCH_SECONDS
    memory_bytes: int = MOST_MEMORY_BYTES


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker as operators see it. `replaced`: how often it was started again, by reason. `error`: why it can't be started."""

    running: bool
    pid: int | None
    memory_bytes: int
    replaced: dict[str, int]
    error: str | None


class Lane:
    """A thread of the hub's process that infers batches, one at a time."""

    def __init__(self, name: str, infer: Callable[[Sequence[Prepared]], list[Any]]) -> None:
        self.infer = infer
        self.thread = ModelThread(name)


class WorkerLane(Lane):
    """A thread that hands batches to a worker's process. All but `state` and `stop` run on that thread."""

    def __init__(self, name: str, start: Start, limits: WorkerLimits) -> None:
        super().__init__(name, self._infer)
        self._start_message = start
        self._limits = limits
        self._process: WorkerProcess | None = None
        self._memory = 0
        self._replaced: dict[str, int] = {"lost": 0, "late": 0, "memory": 0}
        self._error: str | None = None
        self._stopped = False

    def start(self) -> WorkerProcess:
        """The process, started if there is none that lives.

        Raises:
            HubError: why it could not be started: the model's own reason, or Unavailable (`model_worker_not_started`).
        """
        if self._process is not None and not self._process.running:
            self._end("lost")
        if self._process is not None:
            return self._process
        try:
            process = WorkerProcess(self._start_message)
        except HubError as error:
            self._error = error.message
            raise
        except WorkerLost as error:
            failure = Unavailable(
                f"模型 {self._start_message.config.name} 的工作进程启动不了；请稍后再试，并告知管理员检查内存和服务日志。",
                code="model_worker_not_started",
                retry_after=10,
            )
            self._error = failure.message
            log.error("model_worker_not_started", model=self._start_message.config.name, reason=str(error))
            raise failure from error
        self._process, self._error, self._memory = process, None, process.started.memory_bytes
        if self._stopped:  # meanwhile
            self.close()
            raise _unloading()
        return process

    def _infer(self, batch: Sequence[Prepared]) -> list[Any]:
        answer = None
        for again in (True, False):
            if self._stopped:
                raise _unloading()
            process = self.start()
            try:
                answer = process.ask(batch, self._limits.batch_seconds)
                break
            except WorkerLost as error:
                if self._stopped:
                    raise _unloading() from None
                if isinstance(error, WorkerLate):
                    self._end("late")
                    raise ModelFailed(
                        "这一页处理时间过长，已停止；请换一份更清晰的再试。", code="model_too_slow"
                    ) from None
                self._end("lost")
                if not again:
                    raise ModelFailed(
                        "处理这一页时工作进程两次中断，未产生结果；请换一份输入再试。", code="model_worker_lost"
                    ) from None
        assert answer is not None
        self._memory = answer.memory_bytes
        if answer.memory_bytes > self._limits.memory_bytes:
            self._end("memory")
        if isinstance(answer.error, HubError):
            raise answer.error
        if answer.error is not None:
            log.error("model_raised", model=self._start_message.config.name, error=answer.error)
            raise ModelFailed("模型处理这次请求时出错，未产生结果；请换一份输入或稍后再试。")
        return answer.outputs

    def _end(self, reason: str) -> None:
        assert self._process is not None
        self._process.end()
        self._process, self._memory = None, 0
        self._replaced[reason] += 1
        log.warning("model_worker_replaced", model=self._start_message.config.name, reason=reason)

    def state(self) -> WorkerState:
        """Now; from any thread."""
        process = self._process
        running = process is not None and process.running
        return WorkerState(
            running,
            process.pid if process is not None and running else None,
            self._memory if running else 0,
            dict(self._replaced),
            self._error,
        )

    def stop(self) -> None:
        """Start no worker any more, and end the one that is there; from any thread."""
        self._stopped = True
        if (process := self._process) is not None:
            process.kill()

    def close(self) -> None:
        """End the worker and take away what it left."""
        self._stopped = True
        if self._process is not None:
            self._process.end()
            self._process = None


def _unloading() -> Unavailable:
    return Unavailable("该模型版本正在卸载，请重试。", code="model_unloading", retry_after=1)
