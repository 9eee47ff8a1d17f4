from __future__ import annotations

import asyncio
import io
import re
import time
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount

from core import logs
from core.errors import HubError, Unavailable
from core.telemetry import Message, Observe, Scope, Telemetry, log_failure, set_caller

SECRET = "310107199001010012"
"""A made-up ID number that must never come out."""


@pytest.fixture
def log() -> io.StringIO:
    stream = io.StringIO()
    logs.configure(stream=stream)
    return stream


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in log.getvalue().splitlines()]


def build(telemetry: Telemetry) -> FastAPI:
    app = FastAPI()
    inner = APIRouter(prefix="/people")

    @inner.get("/{number}")
    async def person(number: str, request: Request) -> dict[str, bool]:
        set_caller(request.scope, "key_1")
        return {"ok": True}

    @inner.post("/{number}")
    async def broken(number: str, request: Request) -> None:
        body = await request.body()
        try:
            int(body.decode())
        except ValueError as error:
            raise RuntimeError(f"cannot read {body!r}") from error

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"begun"
            raise RuntimeError(SECRET)

        return StreamingResponse(pieces())

    @app.get("/healthz")
    async def health() -> dict[str, bool]:
        return {"ok": True}

    app.include_router(inner, prefix="/api")
    app.router.routes.append(Mount("/files", PlainTextResponse("file")))
    app.add_middleware(Observe, telemetry=telemetry)
    return app


async def send(app: FastAPI, method: str, path: str, **more: object) -> httpx.Response:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        return await client.request(method, path, **more)  # type: ignore[arg-type]


async def test_a_line_has_the_template_and_nothing_of_the_person(log: io.StringIO) -> None:
    telemetry = Telemetry()
    app = build(telemetry)
    answer = await send(app, "GET", f"/api/people/{SECRET}?phone={SECRET}", headers={"User-Agent": SECRET})
    assert answer.status_code == 200
    await send(app, "POST", f"/api/people/{SECRET}", content=SECRET[:-1] + "X")
    await send(app, "GET", f"/{SECRET}")
    await send(app, "GET", f"/files/{SECRET}")
    await send(app, SECRET, "/stream")
    assert SECRET[:-1] not in log.getvalue()
    assert SECRET[:-1].encode() not in telemetry.metrics_text()
    requests = [line for line in lines(log) if line["event"] == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in requests] == [
        ("GET", "/api/people/{number}", 200),
        ("POST", "/api/people/{number}", 500),
        ("GET", "unmatched", 404),
        ("GET", "/files/*", 200),
        ("OTHER", "/stream", 405),
    ]
    first = requests[0]
    assert first["caller"] == "key_1"
    assert first["request_id"] == answer.headers["X-Request-Id"]
    assert isinstance(first["milliseconds"], float)
    assert set(first) == {
        "event", "level", "timestamp", "method", "route", "status", "milliseconds", "caller", "request_id"
    }  # fmt: skip


async def test_an_exception_is_told_by_type_and_place_and_answered(log: io.StringIO) -> None:
    answer = await send(build(Telemetry()), "POST", "/api/people/1", content=SECRET + "!")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert answer.headers["Content-Type"] == "application/problem+json"
    failure = next(line for line in lines(log) if line["event"] == "request_failed")
    assert failure["error"] == "RuntimeError"
    assert failure["causes"] == ["ValueError"]
    assert any("test_telemetry.py" in str(frame) and "broken" in str(frame) for frame in failure["frames"])  # type: ignore[attr-defined]
    assert failure["request_id"] == answer.headers["X-Request-Id"]
    assert SECRET not in log.getvalue()
    assert SECRET not in answer.text


async def test_a_stream_that_breaks_is_logged_and_not_answered_twice(log: io.StringIO) -> None:
    telemetry = Telemetry()
    messages: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()  # a client that stays
        raise AssertionError

    async def keep(message: Message) -> None:
        messages.append(message)

    scope = {"type": "http", "method": "GET", "path": "/stream", "headers": [], "query_string": b"", "asgi": {}}
    await build(telemetry)(scope, receive, keep)
    assert [message["type"] for message in messages].count("http.response.start") == 1
    assert messages[-1].get("more_body") is True  # the server closes the connection
    assert any(line["event"] == "request_failed" for line in lines(log))
    assert SECRET not in log.getvalue()


async def test_a_client_that_left_is_counted_as_such(log: io.StringIO) -> None:
    async def silent(scope: Scope, receive: object, send: object) -> None:
        return None

    telemetry = Telemetry()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    await Observe(silent, telemetry)(scope, None, None)  # type: ignore[arg-type]
    assert lines(log)[0]["status"] == 499


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0123456789abcdef0123456789abcdef", True),
        ("3f1c2b4a-9d8e-4f7a-b6c5-d4e3f2a1b0c9", True),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", True),
        (SECRET, False),
        ("13800138000", False),
        ("a b\nc", False),
        ("", False),
        ("x" * 10_000, False),
        ("../../etc/passwd", False),
    ],
)
async def test_a_request_id_is_kept_only_if_it_looks_like_one(log: io.StringIO, given: str, kept: bool) -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"x-request-id", given.encode())]}
    started: list[Message] = []

    async def answer(scope: Scope, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]

    async def keep(message: Message) -> None:
        started.append(message)

    await Observe(answer, Telemetry())(scope, None, keep)  # type: ignore[arg-type]
    [(name, value)] = started[0]["headers"]
    assert name == b"x-request-id"
    assert (value.decode() == given) is kept
    assert re.fullmatch(rb"[0-9A-Za-z-]{26,36}", value)


async def test_metrics_count_by_template_and_class_and_applications_keep_apart(log: io.StringIO) -> None:
    first, second = Telemetry(), Telemetry()
    for number in range(3):
        await send(build(first), "GET", f"/api/people/{number}")
    text = first.metrics_text().decode()
    assert 'kaopu_http_requests_total{method="GET",route="/api/people/{number}",status="2xx"} 3.0' in text
    assert 'kaopu_http_request_seconds_count{method="GET",route="/api/people/{number}"} 3.0' in text
    assert 'le="0.005"' in text
    assert "process_resident_memory_bytes" in text
    assert "/api/people" not in second.metrics_text().decode()


async def test_what_machines_ask_all_the_time_is_not_logged_but_counted(log: io.StringIO) -> None:
    telemetry = Telemetry()
    await send(build(telemetry), "GET", "/healthz")
    assert log.getvalue() == ""
    assert 'route="/healthz"' in telemetry.metrics_text().decode()


def test_our_own_errors_keep_their_message(log: io.StringIO) -> None:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise Unavailable("模型忙", code="busy") from error
    except HubError as error:
        log_failure(error, route="/v1/embeddings")
    line = lines(log)[0]
    assert line["error"] == "core.errors.Unavailable(busy): 模型忙"
    assert line["causes"] == ["ValueError"]
    assert line["route"] == "/v1/embeddings"
    assert SECRET not in log.getvalue()


async def test_observing_costs_little(log: io.StringIO) -> None:
    async def answer(scope: Scope, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]

    async def nowhere(message: Message) -> None:
        return None

    observe, times = Observe(answer, Telemetry()), []
    for _ in range(2000):
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        started = time.thread_time()  # what it costs, not what else the machine does
        await observe(scope, None, nowhere)  # type: ignore[arg-type]
        times.append(time.thread_time() - started)
    assert sorted(times)[1000] < 0.0002  # 20 µs on a quiet machine
