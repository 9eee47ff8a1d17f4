"""How a document is being read, as a stream of server-sent events.

    progress   ProgressView   at once, and whenever another page is read
    done       ProgressView   the last one
    failed     ProgressView   the last one, with the reason
    removed    {}             the last one: the document was deleted meanwhile

An event's id says how far the document was: pages read, or one more than it has pages at the end. A page that asks again
with Last-Event-ID hears at once where the document is now; if it has heard the end already it is answered 204, which tells
an EventSource to stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

from fastapi import Response

from core.errors import HubError, NotFound
from core.event_stream import HEADERS, HEARTBEAT, EventStream, last_event_id, retry_after, written
from services.access import Caller
from services.documents.schemas import ProgressView, progress_view
from services.documents.service import DocumentService

RETRY_MILLISECONDS = 2000
LOOK_SECONDS = 5.0
"""How often the database is asked when nothing rings: another process may be reading the document."""


async def document_stream(service: DocumentService, document_id: str, caller: Caller, header: str | None) -> Response:
    """The answer to a page that wants to follow a document.

    Raises:
        NotFound: `document_not_found`.
        TooManyRequests: `too_many_streams`.
        Unavailable: the database is away.
    """
    heard = last_event_id(header)
    progress = progress_view(*await service.progress(document_id, caller))
    if _finished(progress) and heard is not None and heard >= _position(progress):
        return Response(status_code=204, headers=HEADERS)
    held = ExitStack()
    # Taken now, so that a refusal is an answer of its own and not a broken stream.
    bell = held.enter_context(await service.follow(document_id, caller))
    return EventStream(_follow(service, document_id, caller, bell), held)


async def _follow(
    service: DocumentService, document_id: str, caller: Caller, bell: asyncio.Event
) -> AsyncIterator[bytes]:
    yield retry_after(RETRY_MILLISECONDS)
    progress: ProgressView | None
    shown: ProgressView | None = None
    while not service.ended:
        bell.clear()
        try:
            progress = progress_view(*await service.progress(document_id, caller))
        except NotFound:
            yield written("removed", {})
            return
        except HubError:
            # The database is away for a moment: the page keeps its place.
            progress = shown
        if progress is None or progress == shown:
            yield HEARTBEAT
        else:
            name = progress.status if _finished(progress) else "progress"
            yield written(name, progress.model_dump(mode="json"), _position(progress))
            if _finished(progress):
                return
            shown = progress
        try:
            await asyncio.wait_for(bell.wait(), LOOK_SECONDS)
        except TimeoutError:
            continue


def _finished(progress: ProgressView) -> bool:
    return progress.status in ("done", "failed")


def _position(progress: ProgressView) -> int:
    return progress.page_count + 1 if _finished(progress) else progress.pages_read
