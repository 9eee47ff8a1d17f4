"""What is done to kept papers beside everything else: sealing what is not sealed right, removing what is over its term."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import select

from core.database import Database, now
from core.errors import HubError, Unavailable
from core.repeating import Repeating
from services.documents.files import DocumentFiles
from services.documents.removing import purge, set_missing_terms
from services.documents.retention import Retention
from services.documents.tables import Document

T = TypeVar("T")

SWEEP_SECONDS = 3600.0

log = structlog.get_logger("documents")


class Upkeep:
    """Looks after `files` and their rows, from `start` to `close`."""

    def __init__(
        self, database: Database, files: DocumentFiles, retention: Retention, threads: ThreadPoolExecutor
    ) -> None:
        self._database = database
        self._files = files
        self._retention = retention
        self._threads = threads
        self._sealing: asyncio.Task[None] | None = None
        self._repeating = Repeating(self.sweep, seconds=SWEEP_SECONDS, failure="documents_not_purged")

    async def start(self) -> None:
        """Make the folder ready, then seal and sweep in the background."""
        await self._database.run(lambda session: set_missing_terms(session, self._retention, now()))
        try:
            await self._blocking(self._files.prepare)
        except Unavailable as error:
            # The hub is more than its papers: it starts, and says so at every upload until this is mended.
            log.error("documents_not_ready", code=error.code, reason=error.message)
        self._sealing = asyncio.create_task(self._seal_all())
        await self._repeating.start()

    async def close(self) -> None:
        """Stop."""
        await self._repeating.close()
        if self._sealing is not None:
            self._sealing.cancel()
            await asyncio.gather(self._sealing, return_exceptions=True)

    async def sealed(self) -> None:
        """Return when all that was there at the start has been looked at."""
        if self._sealing is not None:
            await asyncio.shield(self._sealing)

    async def sweep(self) -> None:
        """Remove what is over its term, and files that no row knows. Raises Unavailable."""
        count = await self._blocking(lambda: purge(self._database, self._files, now()))
        if count:
            log.info("documents_purged", count=count)
        known = await self._sums()
        await self._blocking(lambda: self._files.clear(known))

    async def _seal_all(self) -> None:
        """Originals from before they were sealed, and those of an older key; one after the other."""
        count = 0
        for document_id, sha256 in (await self._sums()).items():
            try:
                count += await self._blocking(partial(self._files.reseal, document_id, sha256))
            except HubError as error:
                log.error("original_not_sealed", document=document_id, code=error.code)
        if count:
            log.info("originals_sealed", count=count)

    async def _sums(self) -> dict[str, str]:
        return await self._database.run(
            lambda session: {row.id: row.sha256 for row in session.execute(select(Document.id, Document.sha256))},
            read_only=True,
        )

    async def _blocking(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
