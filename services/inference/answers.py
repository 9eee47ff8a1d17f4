"""What every inference answer has in common: who may ask, where the time went, and silence when the caller has gone."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from models.handle import CallResult
from services.access.callers import Role

Endpoint = Callable[[Request], Awaitable[Response]]

CALLERS = (Role.DEPARTMENT, Role.SCIENTIST)
"""Who may call models (an admin always may)."""

CLIENT_CLOSED_REQUEST = 499
"""nginx's status for a caller who hung up; nobody reads it but the metrics."""

TIMING_HEADERS = {
    "X-Queue-Time-Ms": "排队等待的毫秒数",
    "X-Prepare-Time-Ms": "分词、解码等准备的毫秒数",
    "X-Inference-Time-Ms": "模型推理的毫秒数",
    "X-Model-Version": "作答的模型版本",
}
"""Headers of every inference answer and what they say."""


class Answer(Response):
    """A response whose headers are written out already: half the cost of Starlette's own, which copies a mapping."""

    def __init__(self, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        self.status_code = 200
        self.background = None
        self.body = body
        self.raw_headers = headers


def answer(body: bytes, result: CallResult, *, header_length: int | None = None) -> Answer:
    """The response of a call that went well.

    Carries the version that answered and the milliseconds of each stage, these also as Server-Timing (W3C). `header_length`:
    bytes of JSON before raw tensors, if there are any.
    """
    timing = result.timing
    queue, prepare, infer = (
        b"%.3f" % (timing.queue * 1000),
        b"%.3f" % (timing.prepare * 1000),
        b"%.3f" % (timing.infer * 1000),
    )
    headers = [
        (b"content-type", b"application/json" if header_length is None else b"application/octet-stream"),
        (b"content-length", b"%d" % len(body)),
        (b"x-model-version", result.version.encode()),
        (b"x-queue-time-ms", queue),
        (b"x-prepare-time-ms", prepare),
        (b"x-inference-time-ms", infer),
        (b"server-timing", b"prepare;dur=%b, queue;dur=%b, infer;dur=%b" % (prepare, queue, infer)),
    ]
    if header_length is not None:
        headers.append((b"inference-header-content-length", b"%d" % header_length))
    return Answer(body, headers)


class RawRoute(APIRoute):
    """A route whose endpoint takes the request and gives the response itself; FastAPI documents it and stands aside.

    Its reading of parameters and bodies, and its stacks for dependencies that clean up, cost more than all that the
    endpoints here do. Errors pass on to the application's own handlers.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the endpoint with the request and send what it gives."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)  # says which methods there are
            return
        response: Response = await self.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


def quiet_when_gone(endpoint: Endpoint) -> Endpoint:
    """Let a caller who hung up be no error of the server's."""

    @functools.wraps(endpoint)
    async def wrapped(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=CLIENT_CLOSED_REQUEST)

    return wrapped
