"""Documents: take a file, have it read in the background, give out what was read.

Accepting is done in one order so that nothing accepted is lost: the bytes are on the disk, then the row is in the
database, then the caller hears the id, and only then is it read. A crash at any point leaves either a document that the
next start takes up, or a file without a row that it clears away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import SEEK_END, BytesIO
from typing import BinaryIO, Literal, TypeVar

import structlog
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import HubError, NotFound, TooLarge, TooManyRequests, Unavailable
from core.settings import Settings
from models.handle import Handle
from services.access import Caller, Role
from services.documents.files import ID_FORM, DocumentFiles, Received
from services.documents.images import read_page
from services.documents.intake import PDF, Inspected, clean_file_name, inspect
from services.documents.key_ring import KeyRing
from services.documents.pdf import render_page
from services.documents.reading import DocumentReader
from services.documents.tables import Document, DocumentPage

T = TypeVar("T")

log = structlog.get_logger("documents")

THREADS = 3
SECONDS_PER_DOCUMENT = 2.0
"""A guess of how long one document holds the queue; says when to come back, no more."""
SHOWN_LONGEST_SIDE = 2000
"""Pixels of a page's image as given out; boxes are relative, so it may be smaller than what was read."""

ImageFormat = Literal["png", "jpg"]


@dataclass(frozen=True, slots=True)
class DocumentState:
    """A document and the pages that are read so far, in order."""

    document: Document
    pages: list[DocumentPage]


class DocumentService:
    """One per process.

    Args:
        database: upgraded to the newest revision.
        handle: of a model of task `ocr`.
        settings: `var_dir`, `document_key`, `max_body_bytes`, `max_image_pixels`, `max_pdf_pages`, `document_queue`.

    Raises:
        Invalid: the setting `document_key` is no key.
    """

    def __init__(self, database: Database, handle: Handle, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._files = DocumentFiles(
            settings.var_dir / "documents", KeyRing(settings.document_key, settings.document_key_file)
        )
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="documents")
        self._reader = DocumentReader(database, handle, settings, self._files, self._threads)
        self._accepting = 0
        self._resealing: asyncio.Task[None] | None = None

    @property
    def max_file_bytes(self) -> int:
        """Largest file that is taken."""
        return self._settings.max_body_bytes

    @property
    def pending(self) -> int:
        """Documents that are waiting or being read."""
        return self._reader.pending

    async def start(self) -> None:
        """Take up what the last run left, and begin to read. The database must be upgraded by now."""
        known = await self._database.run(
            lambda session: {row.id: row.sha256 for row in session.execute(select(Document.id, Document.sha256))},
            read_only=True,
        )

        def tidy() -> None:
            try:
                self._files.prepare()
            except Unavailable as error:
                # The hub is more than its papers: it starts, and says so at every upload until this is mended.
                log.error("documents_not_ready", code=error.code, reason=error.message)
                return
            self._files.clear(known)

        await self._blocking(tidy)
        self._resealing = asyncio.create_task(self._reseal(known))
        await self._reader.start()

    async def _reseal(self, known: dict[str, str]) -> None:
        """Seal originals from before they were sealed, and those of an older key; one after the other, beside everything."""
        sealed = 0
        for document_id, sha256 in known.items():
            try:
                sealed += await self._blocking(partial(self._files.reseal, document_id, sha256))
            except HubError as error:
                log.error("original_not_sealed", document=document_id, code=error.code)
        if sealed:
            log.info("originals_sealed", count=sealed)

    async def close(self) -> None:
        """Stop reading; what is not done is taken up by the next start."""
        await self._reader.close()
        if self._resealing is not None:
            self._resealing.cancel()
            await asyncio.gather(self._resealing, return_exceptions=True)
        await asyncio.to_thread(self._threads.shutdown)

    def check_room(self) -> None:
        """Raises TooManyRequests (`document_queue_full`) if no further document is taken now."""
        if self._reader.pending + self._accepting >= self._settings.document_queue:
            raise TooManyRequests(
                "等待识读的文件太多，请稍后再传。",
                code="document_queue_full",
                retry_after=min(max(5.0, self._reader.pending * SECONDS_PER_DOCUMENT / 10), 60.0),
            )

    async def accept(self, caller: Caller, file_name: str | None, source: BinaryIO) -> str:
        """Check a file, keep it, queue it; the id of its document.

        Raises:
            TooManyRequests: `document_queue_full`.
            Invalid, UnsupportedMedia, TooLarge: see `intake.inspect`, and `file_too_large`.
            Unavailable: it can't be stored.
        """
        self.check_room()
        self._accepting += 1
        try:
            return await self._accept(caller, file_name, source)
        finally:
            self._accepting -= 1

    async def _accept(self, caller: Caller, file_name: str | None, source: BinaryIO) -> str:
        name = clean_file_name(file_name)
        inspected = await self._blocking(lambda: self._inspect(source, name))
        received = await self._blocking(lambda: self._files.receive(source))
        try:
            await self._blocking(lambda: self._files.keep(received))
            await self._database.run(lambda session: session.add(_row(received, inspected, caller, name)))
        except Exception:
            # Not on cancellation: the row may just be on its way. A file without a row is cleared by a later start.
            self._files.drop(received)
            raise
        await self._reader.add(received.document_id)
        return received.document_id

    def _inspect(self, source: BinaryIO, name: str) -> Inspected:
        """Before anything is written: what is refused never reaches the disk. Leaves `source` at its beginning."""
        if source.seek(0, SEEK_END) > self.max_file_bytes:
            raise TooLarge(
                f"文件超过 {self.max_file_bytes >> 20} MB；请压缩后再传。", code="file_too_large", param="file"
            )
        inspected = inspect(
            source, name, max_pixels=self._settings.max_image_pixels, max_pages=self._settings.max_pdf_pages
        )
        source.seek(0)
        return inspected

    async def wait(self, document_id: str, seconds: float) -> None:
        """Return when the document is done or failed, or after `seconds`."""
        await self._reader.wait(document_id, seconds)

    async def get(self, document_id: str, caller: Caller) -> DocumentState:
        """A document and what was read so far.

        Raises:
            NotFound: `document_not_found`: there is none, or it isn't the caller's. The two look the same on purpose.
        """

        def read(session: Session) -> DocumentState:
            document = find(session, document_id, caller)
            pages = session.scalars(
                select(DocumentPage).where(DocumentPage.document_id == document_id).order_by(DocumentPage.number)
            )
            return DocumentState(document, list(pages))

        return await self._database.run(read, read_only=True)

    async def delete(self, document_id: str, caller: Caller) -> None:
        """Remove a document, what was read and the original; reading stops after the page at hand.

        Raises:
            NotFound: as `get`.
        """

        def remove(session: Session) -> None:
            session.delete(find(session, document_id, caller))

        await self._database.run(remove)
        await self._blocking(lambda: self._files.delete(document_id))

    async def page_image(self, document_id: str, number: int, image_format: ImageFormat, caller: Caller) -> bytes:
        """The page's image as the boxes refer to it, encoded.

        Raises:
            NotFound: as `get`; `page_not_found`.
        """
        document = await self._database.run(lambda session: find(session, document_id, caller), read_only=True)
        if not 1 <= number <= document.page_count:
            raise NotFound(f"这份文件没有第 {number} 页，共 {document.page_count} 页。", code="page_not_found")
        return await self._blocking(lambda: self._draw(document, number, image_format))

    def _draw(self, document: Document, number: int, image_format: ImageFormat) -> bytes:
        original = BytesIO(self._files.read(document.id, document.sha256))
        if document.media_type == PDF.media_type:
            pixels = render_page(original, number)
        else:
            pixels = read_page(original, number, max_pixels=self._settings.max_image_pixels)
        image = Image.fromarray(pixels)
        image.thumbnail((SHOWN_LONGEST_SIDE, SHOWN_LONGEST_SIDE))
        encoded = BytesIO()
        if image_format == "png":
            image.save(encoded, "PNG", compress_level=3)
        else:
            image.save(encoded, "JPEG", quality=85)
        return encoded.getvalue()

    async def _blocking(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _row(received: Received, inspected: Inspected, caller: Caller, name: str) -> Document:
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
        created_at=now(),
    )


def find(session: Session, document_id: str, caller: Caller) -> Document:
    # Only ids that we could have made are asked for: PostgreSQL refuses others (NUL) with an error of its own.
    document = session.get(Document, document_id) if ID_FORM.fullmatch(document_id) else None
    if document is None or not _may_see(document, caller):
        raise NotFound("没有这份文件；请核对编号，它也可能已被删除。", code="document_not_found")
    return document


def _may_see(document: Document, caller: Caller) -> bool:
    """An anonymous caller's document is open to who knows its id; a key's to that key, clerks and admins."""
    return not document.owned or document.owner == caller.id or caller.role in (Role.CLERK, Role.ADMIN)
