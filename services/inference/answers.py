"""What every inference answer has in common: who may ask, where the time went, and silence when the caller has gone."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

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

    Its reading of parameters and bodies costs as much as all that the endpoints here do.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint as it is."""
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return endpoint


def quiet_when_gone(endpoint: Endpoint) -> Endpoint:
    """Let a caller who hung up be no error of the server's."""

    @functools.wraps(endpoint)
    async def wrapped(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=CLIENT_CLOSED_REQUEST)

    return wrapped
