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


def timing_headers(result: CallResult) -> dict[str, str]:
    """The version that answered and the milliseconds of each stage, also as Server-Timing (W3C)."""
    timing = result.timing
    queue = f"{timing.queue * 1000:.3f}"
    prepare = f"{timing.prepare * 1000:.3f}"
    infer = f"{timing.infer * 1000:.3f}"
    return {
        "X-Queue-Time-Ms": queue,
        "X-Prepare-Time-Ms": prepare,
        "X-Inference-Time-Ms": infer,
        "X-Model-Version": result.version,
        "Server-Timing": f"prepare;dur={prepare}, queue;dur={queue}, infer;dur={infer}",
    }


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
