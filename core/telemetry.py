"""What operators see of the hub: one log line and two metrics per request, and the metrics page.

`Observe` is the outermost ASGI middleware. It gives the request an id, counts and times it, writes its line, and turns
an exception that nobody handled into a 500 of the path's API family. A line holds the route's template, never the path
that was asked for, nor a query, a body or an address: those may be about a person.

Metrics live in a `Telemetry` object's own registry, so that several applications fit into one process (tests). Other
parts put theirs into `telemetry.registry` as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from core.errors import HubError, render
from core.logs import describe_exception, request_id

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SCOPE_KEY = "kaopu.request"
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: logged at level debug."""

CLIENT_GONE = 499
"""Logged when the client left before an answer began (nginx's number for it)."""

# What gateways make: 32 hexadecimal digits, a UUID or a ULID. Nothing that a citizen's or a phone's number fits.
_REQUEST_ID = re.compile(
    rb"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9A-HJKMNP-TV-Z]{26}"
)

# A second line for every counter, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]

_logger = structlog.get_logger("http")


class RequestRecord:
    """What is known of the request that is being served; found in its scope under `SCOPE_KEY`."""

    __slots__ = ("caller", "id")

    def __init__(self, identifier: str) -> None:
        self.id = identifier
        self.caller: str | None = None


def set_caller(scope: Scope, caller_id: str) -> None:
    """Tell the request's log line who called: a key's id or a hash, never a name or an address."""
    record = scope.get(SCOPE_KEY)
    if record is not None:
        record.caller = caller_id


def route_of(scope: Scope) -> str:
    """The template of the route that served the request: `/api/documents/{id}`; `unmatched` if there was none."""
    # FastAPI keeps the template of an included router, prefix and all, beside the bare route.
    context = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(context, "path", None) or getattr(scope.get("route"), "path", None)
    if path:
        return str(path)
    root = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
    if root:
        return f"{root}/*"
    return "mounted" if "endpoint" in scope else "unmatched"


class Telemetry:
    """Metrics of one application.

    `registry` takes further collectors: `Gauge("kaopu_model_queue", "...", ["model"], registry=telemetry.registry)`, or
    an object with `collect()` through `telemetry.registry.register(...)` for numbers that are read only when asked for.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "kaopu_http_requests", "Requests served", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "kaopu_http_request_seconds",
            "Seconds from a request's head to the last byte of its answer",
            ["method", "route"],
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._histograms: dict[tuple[str, str], Histogram] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note one finished request."""
        method = method if method in METHODS else "OTHER"
        kind = status // 100
        counter = self._counters.get((method, route, kind))
        if counter is None:
            counter = self._counters[method, route, kind] = self.requests.labels(method, route, f"{kind}xx")
        counter.inc()
        histogram = self._histograms.get((method, route))
        if histogram is None:
            histogram = self._histograms[method, route] = self.seconds.labels(method, route)
        histogram.observe(seconds)

    def metrics_text(self) -> bytes:
        """All metrics in the Prometheus text format; send it as `METRICS_CONTENT_TYPE`."""
        return generate_latest(self.registry)


def log_failure(error: BaseException, **facts: Any) -> None:
    """Write an error that is ours to mend (5xx) with its type and places, without values."""
    _logger.error("request_failed", **describe_exception(error), **facts)


class Observe:
    """The outermost middleware; see the module. Usage: `app.add_middleware(Observe, telemetry=telemetry)`, last."""

    def __init__(self, app: Application, telemetry: Telemetry) -> None:
        self.app = app
        self.telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of scope pass through untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        record = RequestRecord(_request_id(scope))
        scope[SCOPE_KEY] = record
        token = request_id.set(record.id)
        header = (b"x-request-id", record.id.encode())
        status = 0

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        try:
            await self.app(scope, receive, observed)
        except Exception as error:
            log_failure(error, route=route_of(scope))
            if status == 0:
                await _send_error(scope, observed)
            # A body that broke off can't be mended: returning without its end makes the server close the connection.
        finally:
            seconds = perf_counter() - started
            route = route_of(scope)
            self.telemetry.count(scope["method"], route, status or CLIENT_GONE, seconds)
            log = _logger.debug if route in QUIET_ROUTES else _logger.info
            log(
                "request",
                method=scope["method"] if scope["method"] in METHODS else "OTHER",
                route=route,
                status=status or CLIENT_GONE,
                milliseconds=round(seconds * 1000, 2),
                caller=record.caller,
            )
            request_id.reset(token)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            if _REQUEST_ID.fullmatch(value):
                return str(value.decode())
            break
    return os.urandom(16).hex()


async def _send_error(scope: Scope, send: Send) -> None:
    error = HubError("服务内部出错，已记录；请稍后再试，或把响应头 X-Request-Id 告诉管理员。")
    status, headers, body = render(scope["path"], error)
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
