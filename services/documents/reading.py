"""The queue of documents and the tasks that read them, one page a turn.

A document goes back to the end of the queue after each page, so one photo never waits for somebody's fifty pages. One task
more than the model has workers take turns: while pages are read, the next one is decoded. Each page is written down when it is
read; after a restart a document goes on where it stopped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import HubError, ModelFailed, TooManyRequests, Unavailable
from models.handle import CallResult, JobHandle
from models.tasks import OcrInput
from services.documents.cared_page import JOB, not_read
from services.documents.page_care.caring import CaredPage, marks_of
from services.documents.papers.reading import PaperReader
from services.documents.papers.storing import read_pages, write_papers
from services.documents.progress import Following
from services.documents.sight import Sight
from services.documents.turns import (
    AllRead,
    Behind,
    Gone,
    PageRead,
    Turn,
    mark_done,
    mark_failed,
    next_step,
    take_up,
    write_page,
)

MODEL_ATTEMPTS = 8
LONGEST_PAUSE = 10.0
"""Seconds between two attempts when the model has no room or is being swapped."""
HELD_UP_BY = ("database_unavailable", "document_key_unusable", "pdf_process_not_started", "model_worker_not_started")
"""Troubles that pass when somebody mends the hub: a full disk, a database that is away, a key that is missing, no memory."""
PAGE_AT_FAULT = ("model_too_slow", "model_worker_lost")
"""Failures of the page that was asked for; the other pages of its document are read."""

Look = Callable[[str, Turn], Sight]
"""What a page looks like; blocking (`sight.look`)."""

log = structlog.get_logger("documents")


class DocumentReader:
    """Reads queued documents in the background. Used on the event loop; `look` runs on `threads`.

    `papers` tells what papers the pages are; `following` is told of every page and every end. `readers`: pages underway at a time.
    """

    def __init__(
        self,
        database: Database,
        handle: JobHandle,
        papers: PaperReader,
        look: Look,
        threads: ThreadPoolExecutor,
        following: Following,
        *,
        readers: int = 2,
    ) -> None:
        self._database = database
        self._handle = handle
        self._papers = papers
        self._look = look
        self._threads = threads
        self._following = following
        self._readers = readers
        self._queue: deque[str] = deque()
        self._pending: dict[str, asyncio.Event] = {}
        self._behind: dict[str, list[str]] = {}
        self._wake = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self._held_up: set[asyncio.Task[None]] = set()

    @property
    def pending(self) -> int:
        """Documents that are waiting or being read."""
        return len(self._pending)

    async def start(self) -> None:
        """Take up what the last run left, oldest first, and begin to read."""
        for document_id in await self._database.run(take_up):
            await self.add(document_id)
        self._tasks = [
            asyncio.create_task(self._read_on(), name=f"document-reader-{one}") for one in range(self._readers)
        ]

    async def close(self) -> None:
        """Stop reading. What is not done stays queued in the database."""
        tasks = [*self._tasks, *self._held_up]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks = []

    async def add(self, document_id: str) -> None:
        """Queue a document whose row and file are written."""
        self.expect(document_id)
        await self._again(document_id)

    def expect(self, document_id: str) -> None:
        """A document's row is about to be written: whoever sees the row sees that it will be read here. Either `add` or `give_up`
        follows."""
        self._pending.setdefault(document_id, asyncio.Event())

    async def give_up(self, document_id: str) -> None:
        """The row that was expected could not be written."""
        await self._let_go(document_id)

    def is_pending(self, document_id: str) -> bool:
        """Whether a document is waiting or being read here."""
        return document_id in self._pending

    async def wait(self, document_id: str, seconds: float) -> None:
        """Return when the document is done or failed, or after `seconds`, or at once if it isn't queued here."""
        done = self._pending.get(document_id)
        if done is None or seconds <= 0:
            return
        try:
            await asyncio.wait_for(done.wait(), seconds)
        except TimeoutError:
            return

    async def _read_on(self) -> None:
        while True:
            async with self._wake:
                await self._wake.wait_for(lambda: bool(self._queue))
                document_id = self._queue.popleft()
            try:
                await self._take_turn(document_id)
                continue
            except HubError as error:
                if isinstance(error, Unavailable) and error.code in HELD_UP_BY:
                    # Not the document's fault: it is tried again after a while, and keeps what was read of it.
                    log.warning("document_held_up", code=error.code)
                    self._later(document_id)
                    continue
                failure = error
            except Exception as error:
                # The text of a foreign exception may hold what is on the page: its type is all that is kept.
                log.error("document_failed", error=type(error).__name__)
                failure = HubError("识读时发生内部错误；请稍后重新上传，或联系管理员。", code="document_failed")
            log.warning("document_not_read", code=failure.code)
            await self._until_written(partial(mark_failed, document_id=document_id, error=failure))
            await self._let_go(document_id)

    async def _take_turn(self, document_id: str) -> None:
        """Read the next page of a document, or finish it; then it is queued again, or let go of."""
        step = await self._database.run(lambda session: next_step(session, document_id, self.is_pending))
        match step:
            case Gone():
                await self._let_go(document_id)
            case Behind(document_id=other):
                if self.is_pending(other):
                    self._behind.setdefault(other, []).append(document_id)
                else:  # done since we looked
                    await self._again(document_id)
            case AllRead():
                await self._finish(document_id)
            case Turn():
                await self._read_page(document_id, step)

    async def _read_page(self, document_id: str, turn: Turn) -> None:
        """The one place where a page is read: what it looks like, what stands on it, written down, told."""
        sight = await asyncio.get_running_loop().run_in_executor(self._threads, self._look, document_id, turn)
        if sight.text is not None:
            page = PageRead(sight.text, sight.source)
        else:
            page = await self._cared(sight)
        await self._database.run(lambda session: write_page(session, document_id, turn, page))
        self._following.wake(document_id)
        if turn.page < turn.page_count:
            await self._again(document_id)
        else:
            await self._finish(document_id)

    async def _cared(self, sight: Sight) -> PageRead:
        """A page's image read with care, where the model is; an empty page that says so if the model can't get through with it."""
        try:
            result = await self._patiently(lambda: self._handle.run(JOB, [OcrInput(sight.pixels)]))
        except ModelFailed as error:
            if error.code not in PAGE_AT_FAULT:
                raise
            log.warning("page_not_read", code=error.code)
            height, width = sight.pixels.shape[:2]
            page = not_read(width, height)
            return PageRead(page.output, sight.source, sight.text_layer, None, marks_of(page))
        cared = result.outputs[0]
        assert isinstance(cared, CaredPage)
        by = f"{result.model}/{result.version}"
        return PageRead(cared.output, sight.source, sight.text_layer, by, marks_of(cared))

    async def _finish(self, document_id: str) -> None:
        """The one place where a document is finished, whether its pages were read or copied. A crash before the end of this
        finds all pages read at the next start, and comes here again."""
        pages = await self._database.run(lambda session: read_pages(session, document_id), read_only=True)
        papers = await self._papers.read(pages)

        def write(session: Session) -> None:
            if mark_done(session, document_id):
                write_papers(session, document_id, papers)

        await self._database.run(write)
        await self._let_go(document_id)

    async def _let_go(self, document_id: str) -> None:
        """Nothing is left to do for a document: who waits for it hears so, and what is behind it has its turn first."""
        self._pending.pop(document_id).set()
        self._following.wake(document_id)
        for other in self._behind.pop(document_id, []):
            await self._again(other, first=True)

    async def _again(self, document_id: str, *, first: bool = False) -> None:
        async with self._wake:
            if first:
                self._queue.appendleft(document_id)
            else:
                self._queue.append(document_id)
            self._wake.notify()

    def _later(self, document_id: str) -> None:
        """Queue it again after a pause, in which the others are read."""

        async def work() -> None:
            await asyncio.sleep(LONGEST_PAUSE)
            await self._again(document_id)

        task = asyncio.create_task(work())
        self._held_up.add(task)
        task.add_done_callback(self._held_up.discard)

    async def ask(self, image: OcrInput) -> CallResult:
        """The model's answer to an image as it is."""
        return await self._patiently(lambda: self._handle.call([image]))

    async def _patiently(self, ask: Callable[[], Awaitable[CallResult]]) -> CallResult:
        """The answer. Other callers may have filled the model's queue, or it is being swapped: then try again."""
        pause = 0.5
        for attempt in range(1, MODEL_ATTEMPTS + 1):
            try:
                return await ask()
            except (TooManyRequests, Unavailable):
                if attempt == MODEL_ATTEMPTS:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        raise AssertionError("unreachable")

    async def _until_written(self, write: Callable[[Session], None]) -> None:
        """The database may be away for a while; a reader must not die of it, nor a document be forgotten."""
        while True:
            try:
                await self._database.run(write)
            except Unavailable:
                await asyncio.sleep(LONGEST_PAUSE)
            else:
                return
