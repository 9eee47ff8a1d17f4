"""The way from a request to bytes and JSON, lean enough for the hot path, with a clear error for each kind of bad body.

Handlers read the body themselves because tritonclient names no Content-Type and binary tensors follow the JSON in one body.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import orjson
from starlette.requests import ClientDisconnect, Request

from core.errors import BadRequest, UnsupportedMedia, shown

T = TypeVar("T")

WATCHED_AFTER = 0.02
"""Seconds after which a caller's connection is watched: about what a lone short question takes."""


def require_json(request: Request) -> None:
    """Refuse a Content-Type other than JSON in UTF-8 (415). None at all passes: the parser decides."""
    given = request.headers.get("content-type")
    if given is None or given == "application/json":
        return
    kind, _, parameters = given.partition(";")
    kind = kind.strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMedia(
            f"Content-Type 是 {shown(kind) or '空的'}；请用 application/json。", code="content_type_unsupported"
        )
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in ("utf-8", "utf8", "us-ascii"):
            raise UnsupportedMedia(f"不支持字符集 {shown(charset)}；请用 UTF-8。", code="charset_unsupported")


def refuse_compressed(request: Request) -> None:
    """Refuse a compressed body (415): the size limit must hold for what is read, not for what was sent."""
    given = request.headers.get("content-encoding")
    if given is not None and given.strip().lower() not in ("", "identity"):
        raise UnsupportedMedia(
            f"不支持压缩的请求体(Content-Encoding: {shown(given)})；请不压缩发送。", code="content_encoding_unsupported"
        )


async def read_body(request: Request) -> bytes:
    """The whole body; how large it may be is the matter of `core.limits.BodyLimit`.

    Raises:
        UnsupportedMedia: it is compressed.
        ClientDisconnect: the caller has gone.
    """
    refuse_compressed(request)
    pieces: list[bytes] = []
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def parse_object(data: bytes | memoryview) -> dict[str, Any]:
    """The JSON object in `data`. NaN, invalid UTF-8, lone surrogates and nesting beyond 1024 are not JSON here.

    Raises:
        BadRequest: not JSON (code `json_invalid`) or not an object (code `json_not_object`).
    """
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadRequest(
            f"请求体不是正确的 JSON(第 {error.lineno} 行第 {error.colno} 列附近)；请检查引号、逗号与编码(UTF-8)。",
            code="json_invalid",
        ) from None
    if not isinstance(document, dict):
        raise BadRequest("请求体应为 JSON 对象，即 {…}。", code="json_not_object")
    return document


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Await `work`, but cancel it once the caller has gone, so that a queue does no work for nobody.

    The body must have been read to its end. Looks for the caller only after `WATCHED_AFTER`: what is done by then could not
    have been saved. Raises ClientDisconnect if the caller has gone, else what `work` raises.
    """
    current = asyncio.current_task()
    assert current is not None
    loop = asyncio.get_running_loop()
    watcher: asyncio.Task[None] | None = None
    gone = False

    async def watch() -> None:
        nonlocal gone
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone = True
        current.cancel()

    def start() -> None:
        nonlocal watcher
        watcher = loop.create_task(watch())

    timer = loop.call_later(WATCHED_AFTER, start)
    try:
        return await work
    except asyncio.CancelledError:
        if gone:
            current.uncancel()
            raise ClientDisconnect from None
        raise
    finally:
        timer.cancel()
        if watcher is not None:
            watcher.cancel()
