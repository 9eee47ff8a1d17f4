"""PDFs, opened in processes of their own (`pdf_worker.py`), which are ended when they take too long and started anew.

Called from threads; each call has a process to itself. Nothing that comes back is trusted further than its form: a process that
was taken over by a PDF can lie about that page, no more.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import subprocess
import sys
import time
from collections.abc import Callable
from typing import IO, Any, BinaryIO, cast

import numpy as np
import orjson
import structlog
from numpy.typing import NDArray

from core.errors import Invalid, Unavailable
from services.documents.pdf import LONGEST_SIDE, DrawnPage
from services.documents.pdf_characters import Character, PageCharacters
from services.documents.pdf_worker import write_message

PROCESSES = 2
COUNT_SECONDS = 10.0
PAGE_SECONDS = 15.0
"""A plan with a hundred thousand lines takes three."""
START_SECONDS = 30.0
LARGEST_HEAD = 64 << 20

log = structlog.get_logger("documents")


class PdfProcesses:
    """As many processes as PDFs are opened at once. Started when they are first needed. All methods block."""

    def __init__(self, *, page_seconds: float = PAGE_SECONDS) -> None:
        self._page_seconds = page_seconds
        self._idle: queue.LifoQueue[_Process | None] = queue.LifoQueue()
        for _ in range(PROCESSES):
            self._idle.put(None)

    def count_pages(self, content: bytes) -> int:
        """Pages of a PDF. Raises as `pdf.count_pages`, and Invalid (`pdf_too_complex`)."""
        head, _ = self._ask({"do": "count"}, content, COUNT_SECONDS)
        return int(head["pages"])

    def render_page(self, content: bytes, number: int) -> NDArray[np.uint8]:
        """See `pdf.render_page`. Raises also Invalid (`pdf_too_complex`)."""
        return _pixels(*self._ask({"do": "render", "number": number}, content, self._page_seconds))

    def draw_page(self, content: bytes, number: int) -> DrawnPage:
        """See `pdf.draw_page`. Raises also Invalid (`pdf_too_complex`)."""
        head, body = self._ask({"do": "draw", "number": number}, content, self._page_seconds)
        own = head["own"]
        characters = tuple(
            Character(**{name: _plain(value) for name, value in one.items()}) for one in own["characters"]
        )
        images = tuple(_plain(one) for one in own["images"])
        return DrawnPage(
            _pixels(head, body), PageCharacters(characters, frozenset(own["spaced"]), images, own["complete"])
        )

    def close(self) -> None:
        """End the processes; nobody may be asking any more."""
        for process in [self._idle.get() for _ in range(PROCESSES)]:
            if process is not None:
                process.end()
            self._idle.put(None)

    def _ask(self, asked: dict[str, Any], content: bytes, seconds: float) -> tuple[dict[str, Any], bytearray]:
        process = self._idle.get()
        try:
            if process is None:
                process = _Process()
            head, body = process.ask(asked, content, seconds)
        except (_Lost, OSError, orjson.JSONDecodeError) as error:
            if process is not None:
                process.end()
                process = None
            log.warning("pdf_process_lost", reason=type(error).__name__, late=isinstance(error, _Late))
            raise Invalid(
                "这份 PDF 太复杂或有意做得难以处理，读不了；请打印成新的 PDF，或拍照上传。",
                code="pdf_too_complex",
                param="file",
            ) from None
        finally:
            self._idle.put(process)
        if "code" in head:
            raise Invalid(str(head["message"])[:300], code=str(head["code"])[:60], param="file")
        return head, body


class _Lost(Exception):
    """The process ended, or said something that is no message."""


class _Late(_Lost):
    """It took too long."""


class _Process:
    """One process. Used by one thread at a time."""

    def __init__(self) -> None:
        # The path of this process: the same code, wherever the current folder is. Nothing else of its environment.
        environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.documents.pdf_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                close_fds=True,
            )
        except OSError as error:
            raise _not_started() from error
        # Ready when it answers; importing isn't the PDF's time.
        try:
            self.ask({"do": "count"}, b"", START_SECONDS)
        except (_Lost, OSError) as error:
            self.end()
            raise _not_started() from error

    def ask(self, asked: dict[str, Any], content: bytes, seconds: float) -> tuple[dict[str, Any], bytearray]:
        """Ask and wait. Raises _Lost."""
        deadline = time.monotonic() + seconds
        write_message(cast("BinaryIO", self._process.stdin), asked, content)
        take: Callable[[int], bytearray] = lambda size: self._read(size, deadline)  # noqa: E731
        length = int.from_bytes(take(4), "big")
        if length > LARGEST_HEAD:
            raise _Lost
        head: dict[str, Any] = orjson.loads(take(length))
        size = int(head["size"])
        if size > 3 * LONGEST_SIDE * LONGEST_SIDE:
            raise _Lost
        return head, take(size)

    def _read(self, size: int, deadline: float) -> bytearray:
        stream = cast("IO[bytes]", self._process.stdout).fileno()
        found = bytearray()
        while len(found) < size:
            ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise _Late
            piece = os.read(stream, min(size - len(found), 1 << 20))
            if not piece:
                raise _Lost
            found += piece
        return found

    def end(self) -> None:
        """End it at once."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was to be written is of no use any more
                    stream.close()
        self._process.wait()


def _not_started() -> Unavailable:
    return Unavailable("现在打不开 PDF；请稍后再试，并告知管理员。", code="pdf_process_not_started", retry_after=10)


def _pixels(head: dict[str, Any], body: bytearray) -> NDArray[np.uint8]:
    height, width, colours = head["shape"]
    if colours != 3 or height * width * 3 != len(body):
        raise Invalid("这一页画不出来；请重新导出后再传。", code="page_damaged", param="file")
    return np.frombuffer(body, np.uint8).reshape(height, width, 3)


def _plain(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    return tuple(value) if isinstance(value, list) else value
