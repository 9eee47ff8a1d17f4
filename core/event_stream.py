"""Streams of server-sent events (WHATWG HTML, 9.2): how one event is written, and a response that holds something open."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import orjson
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
MEDIA_TYPE = "text/event-stream"
HEARTBEAT = b": still here\n\n"
"""A comment: keeps proxies from closing a stream in which nothing happens."""
SCHEMA = {"type": "object", "properties": {name: {"type": "string"} for name in ("event", "id", "data")}}
"""One event of a stream, as OpenAPI has it."""
_ID = re.compile(r"[0-9]{1,9}")


def written(event: str, data: dict[str, Any], event_id: int | None = None) -> bytes:
    """One event as it goes over the wire."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {event}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"


def retry_after(milliseconds: int) -> bytes:
    """When a page that lost the connection is to ask again."""
    return f"retry: {milliseconds}\n\n".encode()


def last_event_id(header: str | None) -> int | None:
    """The id in a Last-Event-ID header; None if there is none that is a number of ours."""
    return int(header) if header is not None and _ID.fullmatch(header) else None


class EventStream(StreamingResponse):
    """Sends `events`, and lets go of `held` when it ends, however it ends: a client that leaves is noticed at once."""

    def __init__(self, events: AsyncIterator[bytes], held: ExitStack) -> None:
        super().__init__(events, media_type=MEDIA_TYPE, headers=HEADERS)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until one side ends it."""
        with self._held:
            await super().__call__(scope, receive, send)
