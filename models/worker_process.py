"""The hub's end of a worker (`worker_main.py`): start it, ask it, end it. Blocking; used by one thread, ended by any."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from core.errors import HubError
from models.model import Prepared
from models.worker_main import Answer, Start, Started
from models.worker_messages import read_message, write_message

START_SECONDS = 180.0
KEPT = ("PATH", "LD_LIBRARY_PATH", "OMP_NUM_THREADS")
"""What a worker has of the hub's environment: no keys, no addresses."""


class WorkerLost(Exception):
    """The process ended: it crashed, was killed, or there was no memory."""


class WorkerLate(WorkerLost):
    """It took too long and was ended."""


class WorkerProcess:
    """One process with one model; made by `__init__`, which returns when the model is warm.

    Raises:
        HubError: what made loading fail.
        WorkerLost: the process could not be started, ended while it loaded, or failed in another way.
    """

    def __init__(self, start: Start) -> None:
        self._late = False
        self._ending = threading.Lock()
        self._scratch = Path(tempfile.mkdtemp(prefix="kaopu-worker-"))
        places = {"TMPDIR": str(self._scratch), "HOME": str(self._scratch), "LANG": "C.UTF-8"}
        path = {"PYTHONPATH": os.pathsep.join(str(Path(one).absolute()) for one in sys.path)}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "models.worker_main"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in KEPT if name in os.environ} | places | path,
                close_fds=True,
            )
        except OSError as error:
            shutil.rmtree(self._scratch, ignore_errors=True)
            raise WorkerLost from error
        try:
            answer = self._ask(start, START_SECONDS)
        except WorkerLost:
            self.end()
            raise
        if isinstance(answer, Started):
            self.started = answer
            return
        self.end()
        raise answer.error if isinstance(answer.error, HubError) else WorkerLost(str(answer.error))

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def ask(self, batch: Sequence[Prepared], seconds: float) -> Answer:
        """What the model makes of a batch, within so many seconds. Raises WorkerLost, WorkerLate; the process has ended then."""
        answer = self._ask(list(batch), seconds)
        assert isinstance(answer, Answer)
        return answer

    def _ask(self, message: Any, seconds: float) -> Any:
        def give_up() -> None:
            self._late = True
            self._process.kill()

        # Ending the process also ends a write that nobody reads and a read that nobody writes to.
        timer = threading.Timer(seconds, give_up)
        timer.daemon = True
        timer.start()
        try:
            write_message(cast("BinaryIO", self._process.stdin), message)
            return read_message(cast("BinaryIO", self._process.stdout))
        except (OSError, EOFError, ValueError) as error:
            self.end()
            raise (WorkerLate if self._late else WorkerLost)(type(error).__name__) from None
        finally:
            timer.cancel()

    def kill(self) -> None:
        """End the process and nothing else; from any thread. Who is asking gets WorkerLost."""
        self._process.kill()

    def end(self) -> None:
        """End the process at once and take away what it left. May be called again."""
        with self._ending:
            self._process.kill()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError, ValueError):  # what was to be written is of no use any more
                        stream.close()
            self._process.wait()
            shutil.rmtree(self._scratch, ignore_errors=True)
