"""Documents: take a file, have it read in the background, give out what was read, and forget it in time.

Everything that is given out is written down first (`views.py`), after the caller's right to it has been checked
(`rights.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import BinaryIO, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.settings import Settings
from knowledge_base.samples import Samples
from models.handle import Handle, JobHandle
from models.tasks import OcrInput, OcrOutput
from services.access import Caller, Role
from services.documents.acceptance import Acceptance
from services.documents.files import ID_FORM, DocumentFiles
from services.documents.key_ring import KeyRing
from services.documents.page_care.pieces import Region, cut_out, read_upright
from services.documents.papers.corrections import Corrections
from services.documents.papers.reading import PaperReader
from services.documents.papers.storing import PaperState, page_as_read, papers_of
from services.documents.progress import Following
from services.documents.reading import DocumentReader
from services.documents.removing import keep, remove
from services.documents.retention import read_retention
from services.documents.rights import SubmissionRight, any_clerk, check_submission, may_see, may_see_views
from services.documents.search import MOST_HITS, Hit, find, folded
from services.documents.sight import Sights
from services.documents.tables import Document, DocumentPage, DocumentViewing
from services.documents.upkeep import Upkeep
from services.documents.views import Views, views_of

T = TypeVar("T")

THREADS = 3
SHOWN_LONGEST_SIDE = 2000
"""Pixels of a page's image as given out; boxes are relative, so it may be smaller than what was read."""

LONGEST_SEARCH = 100

ImageFormat = Literal["png", "jpg"]


@dataclass(frozen=True, slots=True)
class DocumentState:
    """A document and the pages that are read so far, in order."""

    document: Document
    pages: list[DocumentPage]
    papers: list[PaperState]


class DocumentService:
    """One per process.

    Args:
        database: upgraded to the newest revision.
        handle: of a model of task `ocr`.
        kinds: of a model of task `page-classification`.
        settings: `var_dir`, `document_key`, `max_body_bytes`, `max_image_pixels`, `max_pdf_pages`, `document_queue`,
            `document_workers`.
        handles: whether a clerk may see a submission's papers.
        held: whether a document belongs to a submission that is kept, so that it is removed through that alone.
        samples: where corrections are kept to learn from.

    Raises:
        Invalid: the setting `document_key` is no key, or `retention.yaml` can't be read.
    """

    def __init__(
        self,
        database: Database,
        handle: JobHandle,
        kinds: Handle,
        settings: Settings,
        *,
        handles: SubmissionRight = any_clerk,
        held: Callable[[Session, Document], bool] = lambda session, document: False,
        samples: Samples | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._handles = handles
        self._held = held
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="documents")
        self._files = DocumentFiles(
            settings.var_dir / "documents", KeyRing(settings.document_key, settings.document_key_file)
        )
        retention = read_retention()
        self._sights = Sights(self._files, max_pixels=settings.max_image_pixels)
        self._following = Following()
        self._reader = DocumentReader(
            database,
            handle,
            PaperReader(kinds),
            self._sights.look,
            self._threads,
            self._following,
            readers=max(1, settings.document_workers) + 1,
        )
        self._acceptance = Acceptance(
            database, settings, self._files, self._sights.pdfs, retention, self._reader, self._threads
        )
        self._views = Views(database)
        self.corrections = Corrections(database, self._find, self._views, samples)
        self.upkeep = Upkeep(database, self._files, retention, self._threads)

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
        await self.upkeep.start()
        await self._reader.start()

    def end_streams(self) -> None:
        """The server stops: whoever follows a document is let go."""
        self._following.end()

    async def close(self) -> None:
        """Stop reading; what is not done is taken up by the next start."""
        self.end_streams()
        await self._reader.close()
        await self.upkeep.close()
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._sights.pdfs.close)

    def check_room(self) -> None:
        """Raises TooManyRequests (`document_queue_full`) if no further document is taken now."""
        self._acceptance.check_room()

    def check_submission(self, caller: Caller, submission_id: str | None) -> None:
        """Raises Forbidden (`submission_not_allowed`) or Invalid (`submission_id_invalid`)."""
        check_submission(caller, submission_id, self._handles)

    async def accept(
        self, caller: Caller, file_name: str | None, source: BinaryIO, submission_id: str | None = None
    ) -> str:
        """Check a file, keep it, queue it; the id of its document. Raises as `Acceptance.accept` and `check_submission`."""
        self.check_submission(caller, submission_id)
        return await self._acceptance.accept(caller, file_name, source, submission_id)

    async def accept_for(
        self,
        caller: Caller,
        file_name: str | None,
        source: BinaryIO,
        submission_id: str,
        also: Callable[[Session, Document], None],
    ) -> str:
        """As `accept`, for a submission whose keeper has the say: `also` runs in the transaction that writes the document's row and
        refuses it by raising, so that there is never a paper without its submission nor the other way round."""
        return await self._acceptance.accept(caller, file_name, source, submission_id, also)

    async def dropped(self, document_id: str) -> None:
        """The row of a document was removed by the keeper of its submission: reading stops and the original goes, here or, if the
        process ends before that, with the next sweep."""
        await self._blocking(lambda: self._files.delete(document_id))
        self._following.wake(document_id)

    async def wait(self, document_id: str, seconds: float) -> None:
        """Return when the document is done or failed, or after `seconds`."""
        await self._reader.wait(document_id, seconds)

    async def get(self, document_id: str, caller: Caller) -> DocumentState:
        """A document and what was read so far.

        Raises:
            NotFound: `document_not_found`: there is none, or it isn't the caller's. The two look the same on purpose.
            Unavailable: that it was seen can't be written down.
        """
        state = await self._read(document_id, caller)
        await self._views.record(caller, document_id, "result" if state.pages else "document")
        return state

    async def search(self, document_id: str, wanted: str, caller: Caller) -> tuple[list[Hit], bool]:
        """Where a text stands in what is read so far; True if there are more places than are told.

        Raises:
            NotFound, Unavailable: as `get`.
            Invalid: `search_text_invalid`: nothing but spaces, or longer than a line of text.
        """
        if not folded(wanted) or len(wanted) > LONGEST_SEARCH:
            raise Invalid(f"请在 q 里写要找的文字，1 到 {LONGEST_SEARCH} 个字。", code="search_text_invalid", param="q")
        state = await self._read(document_id, caller)
        await self._views.record(caller, document_id, "search")
        pages = [(page.number, page_as_read(page)) for page in state.pages]
        hits = list(islice(find(pages, wanted), MOST_HITS + 1))
        return hits[:MOST_HITS], len(hits) > MOST_HITS

    async def progress(self, document_id: str, caller: Caller) -> tuple[Document, int]:
        """A document and how many of its pages are read. Raises NotFound (`document_not_found`)."""

        def read(session: Session) -> tuple[Document, int]:
            document = self._find(session, document_id, caller)
            pages = select(func.count()).select_from(DocumentPage).where(DocumentPage.document_id == document_id)
            return document, session.scalar(pages) or 0

        return await self._database.run(read, read_only=True)

    async def follow(self, document_id: str, caller: Caller) -> AbstractContextManager[asyncio.Event]:
        """Be woken when something happens to a document (`Following.follow`). Raises NotFound, Unavailable."""
        await self.progress(document_id, caller)
        await self._views.record(caller, document_id, "document")
        return self._following.follow(document_id)

    @property
    def ended(self) -> bool:
        """Whether streams are to end."""
        return self._following.ended

    async def views(self, document_id: str, caller: Caller) -> list[DocumentViewing]:
        """Who saw what of a document, newest first. An admin may ask for one that is gone.

        Raises:
            NotFound: `document_not_found`.
            Forbidden: `views_not_allowed`: the caller may see the document, but not who else did.
        """

        def read(session: Session) -> list[DocumentViewing]:
            found = views_of(session, document_id) if ID_FORM.fullmatch(document_id) else []
            if found and caller.role is Role.ADMIN:
                return found
            if not may_see_views(self._find(session, document_id, caller), caller):
                raise Forbidden("只有上传者和管理员可以查看谁看过这份文件。", code="views_not_allowed")
            return found

        return await self._database.run(read, read_only=True)

    async def delete(self, document_id: str, caller: Caller) -> None:
        """Remove a document, what was read and the original; reading stops after the page at hand.

        Raises:
            NotFound: as `get`.
            Conflict: `document_in_submission`: it belongs to a submission.
        """

        def work(session: Session) -> None:
            document = self._find(session, document_id, caller)
            if self._held(session, document):
                raise Conflict("这份文件属于办件；请在办件里撤下。", code="document_in_submission")
            remove(session, [document.id])

        await self._database.run(work)
        await self._blocking(lambda: self._files.delete(document_id))
        self._following.wake(document_id)

    async def keep_submission(self, submission_id: str, until: datetime) -> int:
        """Keep the papers of a submission until then, whatever their term was; how many there are."""
        return await self._database.run(lambda session: keep(session, submission_id, until))

    async def read_region(self, document_id: str, number: int, region: Region, caller: Caller) -> OcrOutput:
        """What stands in a part of a page, read anew.

        Raises:
            NotFound: as `get`; `page_not_found`, also of a page that isn't read yet.
            Invalid: `region_invalid`; as `page_image`.
            TooManyRequests, Unavailable: the model has no room, or isn't there.
        """

        def find_page(session: Session) -> tuple[Document, int]:
            document = self._find(session, document_id, caller)
            page = session.get(DocumentPage, (document_id, number))
            if page is None:
                raise NotFound(f"这份文件没有第 {number} 页，或者还没有读到。", code="page_not_found")
            return document, page.rotation

        document, rotation = await self._database.run(find_page, read_only=True)
        await self._views.record(caller, document_id, "page", number)

        def cut() -> NDArray[np.uint8]:
            original = self._files.read(document.id, document.sha256)
            return cut_out(self._sights.pixels(original, document.media_type, number), rotation, region)

        async def ask(piece: NDArray[np.uint8]) -> OcrOutput:
            output = (await self._reader.ask(OcrInput(piece))).outputs[0]
            assert isinstance(output, OcrOutput)
            return output

        return await read_upright(await self._blocking(cut), ask)

    async def page_image(self, document_id: str, number: int, image_format: ImageFormat, caller: Caller) -> bytes:
        """The page's image as the boxes refer to it, encoded.

        Raises:
            NotFound: as `get`; `page_not_found`.
            Invalid, HubError, Unavailable: as `DocumentFiles.read`.
        """
        document = await self._database.run(lambda session: self._find(session, document_id, caller), read_only=True)
        if not 1 <= number <= document.page_count:
            raise NotFound(f"这份文件没有第 {number} 页，共 {document.page_count} 页。", code="page_not_found")
        image = await self._blocking(lambda: self._draw(document, number, image_format))
        await self._views.record(caller, document_id, "page", number)
        return image

    def _draw(self, document: Document, number: int, image_format: ImageFormat) -> bytes:
        original = self._files.read(document.id, document.sha256)
        image = Image.fromarray(self._sights.pixels(original, document.media_type, number))
        image.thumbnail((SHOWN_LONGEST_SIDE, SHOWN_LONGEST_SIDE))
        encoded = BytesIO()
        if image_format == "png":
            image.save(encoded, "PNG", compress_level=3)
        else:
            image.save(encoded, "JPEG", quality=85)
        return encoded.getvalue()

    async def _read(self, document_id: str, caller: Caller) -> DocumentState:
        def read(session: Session) -> DocumentState:
            document = self._find(session, document_id, caller)
            pages = session.scalars(
                select(DocumentPage).where(DocumentPage.document_id == document_id).order_by(DocumentPage.number)
            )
            return DocumentState(document, list(pages), papers_of(session, document_id))

        return await self._database.run(read, read_only=True)

    def _find(self, session: Session, document_id: str, caller: Caller) -> Document:
        # Only ids that we could have made are asked for: PostgreSQL refuses others (NUL) with an error of its own.
        document = session.get(Document, document_id) if ID_FORM.fullmatch(document_id) else None
        if document is None or not may_see(document, caller, self._handles):
            raise NotFound("没有这份文件；请核对编号，它也可能已被删除。", code="document_not_found")
        return document

    async def _blocking(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
