"""One message answered as a stream of server-sent events (WHATWG HTML, 9.2).

    status   {"state": "searching"}            at once
    part     Part                              each paragraph, in its order, once it has been verified
    answer   MessageAnswer                     the whole answer, the same as without a stream
    error    problem+json body (RFC 9457)      instead of part and answer
    done     {}                                always the last

Nothing is sent before it is verified: a paragraph that has been read can't be taken back. A client that leaves cancels
the message; a lone comment every few seconds keeps proxies from closing a slow answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

import orjson
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from core.errors import HubError, render
from core.telemetry import log_failure
from services.consult.schemas import MessageAnswer

EVENT_STREAM = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
HEARTBEAT = b": still here\n\n"
HEARTBEAT_SECONDS = 10.0
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "回答；Accept 为 text/event-stream 时依次为事件 status、part、answer(或 error)、done",
        "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
    }
}


def wants_stream(accept: str | None) -> bool:
    """Whether an Accept header (RFC 9110, 12.5.1) prefers events to JSON; at equal weight the first named wins."""
    best = 0.0
    stream = False
    for entry in (accept or "").split(","):
        kind, *parameters = (part.strip().lower() for part in entry.split(";"))
        weight = _weight(parameters)
        if kind in (EVENT_STREAM, "application/json", "application/*", "*/*") and weight > best:
            best, stream = weight, kind == EVENT_STREAM
    return stream


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def event(name: str, data: BaseModel | dict[str, Any] | bytes) -> bytes:
    """One event as it goes over the wire; `data` as bytes is JSON already."""
    if isinstance(data, BaseModel):
        data = orjson.dumps(data.model_dump(mode="json"))
    elif isinstance(data, dict):
        data = orjson.dumps(data)
    return f"event: {name}\ndata: ".encode() + data + b"\n\n"


def stream_answer(reply: Coroutine[Any, Any, MessageAnswer], path: str) -> StreamingResponse:
    """The response that runs `reply` and tells how it goes. `path`: of the request, named in an error's `instance`."""
    return StreamingResponse(events(reply, path), media_type=EVENT_STREAM, headers=HEADERS)


async def events(
    reply: Coroutine[Any, Any, MessageAnswer], path: str, heartbeat: float = HEARTBEAT_SECONDS
) -> AsyncIterator[bytes]:
    """The events of one message. Closed early (the client has gone) it cancels `reply`."""
    working = asyncio.ensure_future(reply)
    try:
        yield event("status", {"state": "searching"})
        while not (await asyncio.wait({working}, timeout=heartbeat))[0]:
            yield HEARTBEAT
        try:
            answer = working.result()
        except Exception as error:
            yield event("error", _problem(error, path))
        else:
            for part in answer.parts:
                yield event("part", part)
            yield event("answer", answer)
        yield event("done", {})
    finally:
        if not working.done():
            working.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await working


def _problem(error: Exception, path: str) -> bytes:
    known = error if isinstance(error, HubError) else HubError("服务内部出错，已记录；请稍后再试。")
    if known.status >= 500:
        log_failure(error, route=path, code=known.code)
    return render(path, known)[2]
