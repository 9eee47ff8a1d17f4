from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from core.errors import BadRequest, UnsupportedMedia
from services.inference.request_body import parse_object, read_body, require_json, while_connected


def request(messages: Sequence[dict[str, Any]] = (), **headers: str) -> Request:
    """A request whose `receive` gives these messages and then waits for ever."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if left:
            return left.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw}, receive)


@pytest.mark.parametrize(
    "given",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/vnd.api+json",
        "application/json; profile=x",
    ],
)
def test_json_passes(given: str) -> None:
    require_json(request(content_type=given))


def test_no_content_type_passes() -> None:
    require_json(request())


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("text/plain", "content_type_unsupported"),
        ("application/x-www-form-urlencoded", "content_type_unsupported"),
        ("application/jsonp", "content_type_unsupported"),
        ("multipart/form-data; boundary=x", "content_type_unsupported"),
        ("", "content_type_unsupported"),
        ("application/json; charset=gbk", "charset_unsupported"),
    ],
)
def test_other_content_types_are_refused(given: str, code: str) -> None:
    with pytest.raises(UnsupportedMedia) as caught:
        require_json(request(content_type=given))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json_invalid"),
        (b"{", "json_invalid"),
        (b'{"a": NaN}', "json_invalid"),
        (b'{"a": Infinity}', "json_invalid"),
        (b'{"a": "\xff"}', "json_invalid"),
        (b'{"a": "\\ud800"}', "json_invalid"),
        (b"\xef\xbb\xbf{}", "json_invalid"),
        (b"[" * 100_000, "json_invalid"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "json_invalid"),
        (b"[" * 500 + b"]" * 500, "json_not_object"),
        (b"null", "json_not_object"),
        (b'"text"', "json_not_object"),
    ],
)
def test_what_is_no_json_object(body: bytes, code: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_object(body)
    assert caught.value.code == code


async def test_a_body_in_pieces() -> None:
    pieces = [
        {"type": "http.request", "body": b'{"a"', "more_body": True},
        {"type": "http.request", "more_body": True},
        {"type": "http.request", "body": b": 1}"},
    ]
    assert await read_body(request(pieces)) == b'{"a": 1}'


async def test_a_caller_who_leaves_while_sending() -> None:
    with pytest.raises(ClientDisconnect):
        await read_body(
            request([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
        )


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
async def test_a_compressed_body_is_refused(encoding: str) -> None:
    with pytest.raises(UnsupportedMedia):
        await read_body(request([{"type": "http.request", "body": b"\x1f\x8b"}], content_encoding=encoding))


async def test_work_is_cancelled_once_the_caller_has_gone() -> None:
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(ClientDisconnect):
        await while_connected(request([{"type": "http.disconnect"}]), work())
    assert cancelled.is_set()
    await asyncio.sleep(0)  # the handler's own task goes on


async def test_work_is_answered_while_the_caller_waits() -> None:
    async def work() -> int:
        await asyncio.sleep(0.01)
        return 7

    before = asyncio.all_tasks()
    assert await while_connected(request(), work()) == 7
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == before


async def test_a_cancellation_from_outside_stays_one() -> None:
    task = asyncio.create_task(while_connected(request(), asyncio.sleep(60)))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_work_passes() -> None:
    async def work() -> None:
        raise BadRequest("坏")

    with pytest.raises(BadRequest):
        await while_connected(request(), work())
