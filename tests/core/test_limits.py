from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from core.errors import HubError, render
from core.limits import BodyLimit
from core.telemetry import Message

MAX = 10_000


class Body(BaseModel):
    text: str


def build() -> FastAPI:
    app = FastAPI()

    @app.post("/v1/embeddings")
    async def parsed(body: Body) -> dict[str, int]:
        return {"length": len(body.text)}

    @app.post("/v2/models/m/infer")
    async def raw(request: Request) -> dict[str, int]:
        return {"length": len(await request.body())}

    @app.post("/api/ignored")
    async def ignored() -> dict[str, bool]:
        return {"ok": True}

    @app.exception_handler(HubError)
    async def hub_error(request: Request, error: HubError) -> Response:
        status, headers, body = render(request.url.path, error)
        return Response(body, status, headers)

    app.add_middleware(BodyLimit, max_bytes=MAX)
    return app


@pytest.fixture(scope="module", params=["httptools", "h11"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A real server: how it treats a body that nobody reads to its end is part of what is tested."""
    config = uvicorn.Config(build(), port=0, log_config=None, http=request.param)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        assert thread.is_alive()
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join()


async def chunks(count: int, size: int = 1000) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size
        await asyncio.sleep(0)


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v2/models/m/infer", "/api/ignored"])
@pytest.mark.parametrize("size", [MAX + 1, 40 * MAX])
async def test_too_much_is_refused_in_the_family_of_the_path(server: str, path: str, size: int) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(server + path, content=b"x" * size)
        assert answer.status_code == 413
        found = answer.json()
        code = found["error"]["code"] if path.startswith("/v1/") else found["code"]
        assert code == "body_too_large"
        assert (await client.post(server + path, json={"text": "a"})).status_code == 200  # and it goes on


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v2/models/m/infer"])
async def test_a_chunked_body_is_counted(server: str, path: str) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        headers = {"Content-Type": "application/json"}
        answer = await client.post(server + path, content=chunks(200), headers=headers)
        assert answer.status_code == 413
        assert "body_too_large" in answer.text
        assert (await client.post(server + path, json={"text": "a"})).status_code == 200


async def test_exactly_the_maximum_is_taken(server: str) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(server + "/v2/models/m/infer", content=b"x" * MAX)
        assert answer.json() == {"length": MAX}
        answer = await client.post(server + "/v2/models/m/infer", content=chunks(10))
        assert answer.json() == {"length": MAX}


async def test_a_lie_about_the_length_does_not_get_past() -> None:
    """Servers check this too; the limit does not rely on it."""
    sent: list[Message] = []
    pieces = iter([{"type": "http.request", "body": b"x" * 6000, "more_body": True}] * 3)

    async def receive() -> Message:
        return next(pieces)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v2/models/m/infer", "query_string": b"", "asgi": {},
        "headers": [(b"content-length", b"5")],
    }  # fmt: skip
    await build()(scope, receive, send)
    assert sent[0]["status"] == 413
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert next(pieces)  # the third piece was not read


async def test_an_answer_that_has_begun_is_left_alone() -> None:
    async def early(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        while True:
            await receive()  # type: ignore[operator]

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 6000, "more_body": True}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await BodyLimit(early, MAX)({"type": "http", "path": "/", "headers": []}, receive, send)  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["http.response.start"]
