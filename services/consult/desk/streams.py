"""Streams of server-sent events (WHATWG HTML, 9.2): the citizen's side of a handover, and a bell for the clerks' pages.

A page that loses its connection asks again with Last-Event-ID and misses nothing. When there is nothing to follow any
more the stream ends, and the page's next attempt is answered 204, which tells an EventSource to stop.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack

import orjson
from fastapi import Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from core.errors import HubError
from services.consult.desk.desk import Desk
from services.consult.desk.live import QUEUE
from services.consult.schemas import HandoverView

EVENT = {"type": "object", "properties": {name: {"type": "string"} for name in ("event", "id", "data")}}
"""One event of a stream, as OpenAPI has it. Source: WHATWG HTML, server-sent events."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
RETRY_MILLISECONDS = 2000
HEARTBEAT = b": still here\n\n"
SEEN_SECONDS = 45.0
"""How often a page that listens is noted as being there."""
_ID = re.compile(r"[0-9]{1,10}")
HIGHEST_ID = 2**31 - 1


def written(event: str, data: BaseModel | dict[str, object], event_id: int | None = None) -> bytes:
    """One event as it goes over the wire."""
    payload = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {event}\ndata: ".encode() + orjson.dumps(payload) + b"\n\n"


def last_event_id(header: str | None) -> int | None:
    """The id in a Last-Event-ID header; None if there is none that is ours."""
    if header is None or not _ID.fullmatch(header) or int(header) > HIGHEST_ID:
        return None
    return int(header)


async def citizen_stream(desk: Desk, session_id: str, header: str | None) -> Response:
    """The answer to a citizen's page that wants to follow its conversation.

    Raises:
        NotFound: no such conversation (`session_not_found`).
        TooManyRequests: too many pages follow it (`too_many_streams`).
    """
    after = last_event_id(header)
    news = await desk.news(session_id, after)
    if news.view is None or (not news.live and after is not None and not news.messages):
        return Response(status_code=204, headers=HEADERS)
    held = ExitStack()
    # Taken now, so that a refusal is an answer of its own and not a broken stream.
    bell = held.enter_context(desk.following.follow(session_id))
    return _Held(_follow(desk, session_id, after, bell), held)


async def clerk_stream(desk: Desk) -> Response:
    """The answer to a clerk's page that wants to know when to look again. Raises TooManyRequests."""
    held = ExitStack()
    bell = held.enter_context(desk.following.follow(QUEUE))
    return _Held(_ring(desk, bell), held)


class _Held(StreamingResponse):
    """A stream that lets go of its place when it ends, however it ends: a client that leaves is noticed at once."""

    def __init__(self, events: AsyncIterator[bytes], held: ExitStack) -> None:
        super().__init__(events, media_type="text/event-stream", headers=HEADERS)
        self._held = held

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        """Send until one side ends it."""
        with self._held:
            await super().__call__(scope, receive, send)


async def _follow(desk: Desk, session_id: str, after: int | None, bell: asyncio.Event) -> AsyncIterator[bytes]:
    yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
    shown: HandoverView | None = None
    seen_at = time.monotonic() - 2 * SEEN_SECONDS
    while not desk.following.ended:
        bell.clear()
        try:
            news = await desk.news(session_id, after)
            if news.live and time.monotonic() - seen_at > SEEN_SECONDS:
                await desk.seen(session_id)
                seen_at = time.monotonic()
        except HubError:
            # The database is away for a moment: the page keeps its place and hears afterwards what it missed.
            await _rung(bell, desk.rules.file.live.heartbeat_seconds)
            yield HEARTBEAT
            continue
        for number, message in news.messages:
            yield written("message", message, number)
        after = news.position
        if news.view is not None and news.view != shown:
            shown = news.view
            # With the id of what came before it, so that a page that has this state alone knows where it was.
            yield written("handover", shown, after)
        if not news.live:
            return
        if not await _rung(bell, desk.rules.file.live.heartbeat_seconds):
            yield HEARTBEAT


async def _ring(desk: Desk, bell: asyncio.Event) -> AsyncIterator[bytes]:
    yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
    yield written("changed", {})
    while not desk.following.ended:
        if await _rung(bell, desk.rules.file.live.heartbeat_seconds):
            bell.clear()
            yield written("changed", {})
        else:
            yield HEARTBEAT


async def _rung(bell: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(bell.wait(), seconds)
    except TimeoutError:
        return False
    return True
