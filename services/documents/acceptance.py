"""Take a file in. In one order, so that nothing accepted is lost: it is checked, the bytes are on the disk, then the row is in
the database, then it is queued, and then the caller hears its id. A crash at any point leaves either a document that the next
start takes up, or a file without a row that it clears away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import SEEK_END
from typing import BinaryIO, TypeVar

from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import TooLarge, TooManyRequests
from core.settings import Settings
from services.access import Caller
from services.documents.files import DocumentFiles, Received
from services.documents.intake import Inspected, clean_file_name, inspect
from services.documents.pdf_process import PdfProcesses
from services.documents.reading import DocumentReader
from services.documents.retention import Retention
from services.documents.tables import Document

T = TypeVar("T")

SECONDS_PER_DOCUMENT = 2.0
"""A guess of how long one document holds the queue; says when to come back, no more."""


class Acceptance:
    """Files become queued documents. `settings`: `max_body_bytes`, `max_image_pixels`, `max_pdf_pages`, `document_queue`."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        files: DocumentFiles,
        pdfs: PdfProcesses,
        retention: Retention,
        reader: DocumentReader,
        threads: ThreadPoolExecutor,
    ) -> None:
        self._database = database
        self._settings = settings
        self._files = files
        self._pdfs = pdfs
        self._retention = retention
        self._reader = reader
        self._threads = threads
        self._accepting = 0

    def check_room(self) -> None:
        """Raises TooManyRequests (`document_queue_full`) if no further document is taken now."""
        if self._reader.pending + self._accepting >= self._settings.document_queue:
            raise TooManyRequests(
                "等待识读的文件太多，请稍后再传。",
                code="document_queue_full",
                retry_after=min(max(5.0, self._reader.pending * SECONDS_PER_DOCUMENT / 10), 60.0),
            )

    async def accept(
        self,
        caller: Caller,
        file_name: str | None,
        source: BinaryIO,
        submission_id: str | None = None,
        also: Callable[[Session, Document], None] | None = None,
    ) -> str:
        """Check a file, keep it, queue it; the id of its document. `submission_id` has been checked by now. `also` runs in the
        transaction that writes the row; what it raises refuses the document.

        Raises:
            TooManyRequests: `document_queue_full`.
            Invalid, UnsupportedMedia, TooLarge: see `intake.inspect`, and `file_too_large`.
            Unavailable: it can't be stored.
        """
        self.check_room()
        self._accepting += 1
        try:
            return await self._accept(caller, clean_file_name(file_name), source, submission_id, also)
        finally:
            self._accepting -= 1

    async def _accept(
        self,
        caller: Caller,
        name: str,
        source: BinaryIO,
        submission_id: str | None,
        also: Callable[[Session, Document], None] | None,
    ) -> str:
        def write(session: Session) -> None:
            session.add(row)
            if also is not None:
                also(session, row)

        inspected = await self._blocking(lambda: self._inspect(source, name))
        received = await self._blocking(lambda: self._files.receive(source))
        try:
            await self._blocking(lambda: self._files.keep(received))
            row = self._row(received, inspected, caller, name, submission_id)
            self._reader.expect(received.document_id)
            try:
                await self._database.run(write)
            except Exception:
                await self._reader.give_up(received.document_id)
                raise
        except Exception:
            # Not on cancellation: the row may just be on its way. A file without a row is cleared by a later start.
            self._files.drop(received)
            raise
        await self._reader.add(received.document_id)
        return received.document_id

    def _inspect(self, source: BinaryIO, name: str) -> Inspected:
        """Before anything is written: what is refused never reaches the disk. Leaves `source` at its beginning."""
        most = self._settings.max_body_bytes
        if source.seek(0, SEEK_END) > most:
            raise TooLarge(f"文件超过 {most >> 20} MB；请压缩后再传。", code="file_too_large", param="file")
        inspected = inspect(
            source,
            name,
            max_pixels=self._settings.max_image_pixels,
            max_pages=self._settings.max_pdf_pages,
            count_pages=self._pdfs.count_pages,
        )
        source.seek(0)
        return inspected

    def _row(
        self, received: Received, inspected: Inspected, caller: Caller, name: str, submission_id: str | None
    ) -> Document:
        moment = now()
        return Document(
            id=received.document_id,
            owner=caller.id,
            owned=not caller.anonymous,
            file_name=name,
            media_type=inspected.media_type,
            sha256=received.sha256,
            size=received.size,
            page_count=inspected.page_count,
            status="queued",
            resumed=0,
            created_at=moment,
            submission_id=submission_id,
            expires_at=self._retention.until(moment, owned=not caller.anonymous, submission_id=submission_id),
            reused=False,
        )

    async def _blocking(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
