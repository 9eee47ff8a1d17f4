"""The queue of documents and the tasks that read them, one page a turn.

A document goes back to the end of the queue after each page, so one photo never waits for somebody's fifty pages. Two
tasks take turns: while the model reads one page, the next one is decoded. Each page is written down when it is read;
after a restart a document goes on where it stopped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import HubError, TooManyRequests, Unavailable
from core.settings import Settings
from models.handle import Handle
from models.tasks import OcrInput, OcrOutput
from services.documents.files import DocumentFiles
from services.documents.images import read_page
from services.documents.intake import PDF
from services.documents.pdf import render_page
from services.documents.tables import Document, DocumentPage

READERS = 2
MODEL_ATTEMPTS = 8
LONGEST_PAUSE = 10.0
"""Seconds between two attempts when the model has no room or is being swapped."""
HELD_UP_BY = ("database_unavailable", "document_key_unusable")
"""Troubles that pass when somebody mends the hub: a full disk, a database that is away, a key that is missing."""
MOST_RESUMED = 3
"""A document that was being read at so many crashes of the hub is the likely reason for them."""

log = structlog.get_logger("documents")


@dataclass(frozen=True, slots=True)
class Turn:
    """What a reader has to do next for a document. `sha256`: of the original."""

    sha256: str
    media_type: str
    page_count: int
    page: int


class DocumentReader:
    """Reads queued documents in the background. Used on the event loop; its own work with files is done on `threads`."""

    def __init__(
        self, database: Database, handle: Handle, settings: Settings, files: DocumentFiles, threads: ThreadPoolExecutor
    ) -> None:
        self._database = database
        self._handle = handle
        self._settings = settings
        self._files = files
        self._threads = threads
        self._queue: deque[str] = deque()
        self._pending: dict[str, asyncio.Event] = {}
        self._wake = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self._held_up: set[asyncio.Task[None]] = set()

    @property
    def pending(self) -> int:
        """Documents that are waiting or being read."""
        return len(self._pending)

    async def start(self) -> None:
        """Take up what the last run left, oldest first, and begin to read."""
        for document_id in await self._database.run(_take_up):
            await self.add(document_id)
        self._tasks = [asyncio.create_task(self._read_on(), name=f"document-reader-{one}") for one in range(READERS)]

    async def close(self) -> None:
        """Stop reading. What is not done stays queued in the database."""
        tasks = [*self._tasks, *self._held_up]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks = []

    async def add(self, document_id: str) -> None:
        """Queue a document whose row and file are written."""
        async with self._wake:
            self._pending[document_id] = asyncio.Event()
            self._queue.append(document_id)
            self._wake.notify()

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
                finished = await self._one_page(document_id)
            except Unavailable as error:
                if error.code in HELD_UP_BY:
                    # Not the document's fault: it is tried again after a while, and keeps what was read of it.
                    log.warning("document_held_up", code=error.code)
                    self._later(document_id)
                    continue
                finished = await self._fail(document_id, error)
            except HubError as error:
                finished = await self._fail(document_id, error)
            except Exception as error:
                # The text of a foreign exception may hold what is on the page: its type is all that is kept.
                log.error("document_failed", error=type(error).__name__)
                failure = HubError("识读时发生内部错误；请稍后重新上传，或联系管理员。", code="document_failed")
                finished = await self._fail(document_id, failure)
            if finished:
                self._pending.pop(document_id).set()
            else:
                await self._again(document_id)

    async def _again(self, document_id: str) -> None:
        async with self._wake:
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

    async def _one_page(self, document_id: str) -> bool:
        """Read the next page; True if nothing is left to do."""
        turn = await self._database.run(lambda session: _next_turn(session, document_id))
        if turn is None:
            return True
        image = await asyncio.get_running_loop().run_in_executor(self._threads, self._decode, document_id, turn)
        output = await self._ask(image)
        return await self._database.run(lambda session: _write_page(session, document_id, turn, output))

    def _decode(self, document_id: str, turn: Turn) -> OcrInput:
        original = BytesIO(self._files.read(document_id, turn.sha256))
        if turn.media_type == PDF.media_type:
            return OcrInput(render_page(original, turn.page))
        return OcrInput(read_page(original, turn.page, max_pixels=self._settings.max_image_pixels))

    async def _ask(self, image: OcrInput) -> OcrOutput:
        """The model's answer. Other callers may have filled its queue, or it is being swapped: then try again."""
        pause = 0.5
        for attempt in range(1, MODEL_ATTEMPTS + 1):
            try:
                result = await self._handle.call([image])
            except (TooManyRequests, Unavailable):
                if attempt == MODEL_ATTEMPTS:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                output = result.outputs[0]
                assert isinstance(output, OcrOutput)
                return output
        raise AssertionError("unreachable")

    async def _fail(self, document_id: str, error: HubError) -> bool:
        log.warning("document_not_read", code=error.code)

        def write(session: Session) -> None:
            document = session.get(Document, document_id)
            if document is not None:
                document.status = "failed"
                document.error_code, document.error_message = error.code, error.message[:300]
                document.finished_at = now()

        await self._until_written(write)
        return True

    async def _until_written(self, write: Callable[[Session], None]) -> None:
        """The database may be away for a while; a reader must not die of it, nor a document be forgotten."""
        while True:
            try:
                await self._database.run(write)
            except Unavailable:
                await asyncio.sleep(LONGEST_PAUSE)
            else:
                return


def _take_up(session: Session) -> list[str]:
    """Ids to read, oldest first; marks what was being read too often when the hub stopped as failed."""
    ids = []
    for document in session.scalars(
        select(Document).where(Document.status.in_(["queued", "reading"])).order_by(Document.created_at)
    ):
        if document.status == "reading":
            document.resumed += 1
        if document.resumed > MOST_RESUMED:
            document.status = "failed"
            document.error_code = "document_interrupted"
            document.error_message = "多次识读这份文件时服务中断，已停止识读；请重新拍摄或导出后再传。"
            document.finished_at = now()
        else:
            ids.append(document.id)
    return ids


def _next_turn(session: Session, document_id: str) -> Turn | None:
    """The first page that is not written yet; None if there is none, or the document was deleted meanwhile."""
    document = session.get(Document, document_id)
    if document is None or document.status not in ("queued", "reading"):
        return None
    if document.status == "queued":
        document.status = "reading"
        document.started_at = now()
    read = session.scalar(select(func.count()).select_from(DocumentPage).where(DocumentPage.document_id == document_id))
    return Turn(document.sha256, document.media_type, document.page_count, (read or 0) + 1)


def _write_page(session: Session, document_id: str, turn: Turn, output: OcrOutput) -> bool:
    """Keep a page that was read; True if it was the last one, or the document was deleted meanwhile."""
    document = session.get(Document, document_id)
    if document is None:
        return True
    session.merge(
        DocumentPage(
            document_id=document_id,
            number=turn.page,
            width=output.width,
            height=output.height,
            rotation=output.rotation,
            lines=[
                {
                    "text": line.text,
                    "confidence": round(line.confidence, 4),
                    "box": [[round(x, 5), round(y, 5)] for x, y in line.box],
                }
                for line in output.lines
            ],
        )
    )
    if turn.page < turn.page_count:
        return False
    document.status = "done"
    document.finished_at = now()
    return True
