"""The short way to the busiest routes.

A call of /v1/embeddings costs a tenth of a millisecond of work that is its own, and as much again on its way through the
framework's middlewares and tables of routes, twice that when the processor's caches are full of a model's weights. So these
calls are answered in front of the framework, by the very endpoints that are registered with it; it still documents them, and
answers every other method and path.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import HubError, render
from core.telemetry import log_failure
from services.inference.answers import RawRoute


class Express:
    """ASGI middleware: `app.add_middleware(Express, routes=router.routes)`, before every other one is added.

    Args:
        routes: of these, POST routes whose path has no parameters are answered here.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app = app
        self.routes = {
            route.path: route
            for route in routes
            if isinstance(route, RawRoute) and route.methods == {"POST"} and "{" not in route.path
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        route = self.routes.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if route is None:
            await self.app(scope, receive, send)
            return
        scope["route"] = route  # telemetry names it
        response: Response
        try:
            response = await route.endpoint(Request(scope, receive, send))
        except HubError as error:
            if error.status >= 500:
                log_failure(error, route=route.path, code=error.code)
            status, headers, body = render(scope["path"], error)
            response = Response(body, status_code=status, headers=headers)
        await response(scope, receive, send)
