"""Structured logs: one JSON object (or one coloured line) per event on standard error.

Personal data must not reach a log, so an exception is written as its type and the places it passed through, never with
its message: messages of libraries quote what they were given. Messages of our own `HubError` are made for logs and kept.
Logs of the libraries (uvicorn, alembic) go the same way.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from contextvars import ContextVar
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from core.errors import HubError

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Id of the request that is being served; every log line within it carries it."""

MAX_FRAMES = 30

_FRAME = re.compile(r'\s+File "(.+)", line (\d+), in (.+)')
_ERROR = re.compile(r"([A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|[A-Z]\w+))(?::|$)")


def describe_exception(error: BaseException) -> dict[str, Any]:
    """Plain data about an exception without any value from it: types along the chain of causes, and frames.

    A frame is `path:line function`, innermost last.
    """
    chain: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    innermost = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        innermost = current
        name = f"{type(current).__module__}.{type(current).__qualname__}".removeprefix("builtins.")
        chain.append(f"{name}({current.code}): {current.message}" if isinstance(current, HubError) else name)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(innermost.__traceback__)[-MAX_FRAMES:]
    ]
    if innermost is not error:
        outer = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
        frames = [*outer[-MAX_FRAMES:], "caused by", *frames]
    return {"error": chain[0], "causes": chain[1:], "frames": frames}


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    current = request_id.get()
    if current is not None:
        event.setdefault("request_id", current)
    return event


def _exception_without_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    information = event.pop("exc_info", None)
    if information is True:
        information = sys.exc_info()
    error = information[1] if isinstance(information, tuple) else information
    if isinstance(error, BaseException):
        event.update(describe_exception(error))
    event.pop("stack_info", None)
    return event


def _traceback_without_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The same for a traceback that a library wrote as text (uvicorn does, when the application can't start)."""
    message = event.get("event")
    if not isinstance(message, str) or not message.startswith("Traceback (most recent call last)"):
        return event
    frames, errors = [], []
    for line in message.splitlines():
        if match := _FRAME.match(line):
            frames.append(f"{match[1]}:{match[2]} {match[3]}")
        elif match := _ERROR.match(line):
            # Ours are made for logs; of others only the type is kept.
            errors.append(line if match[1].startswith("core.errors.") else match[1])
    event.update(event="exception", error=errors[-1] if errors else "unknown", causes=errors[-2::-1])
    event["frames"] = frames[-MAX_FRAMES:]
    return event


def _to_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def configure(*, level: str = "info", form: str = "json", stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's logging for this process; may be called again.

    Args:
        level: debug, info, warning or error.
        form: json or console.
        stream: where to; standard error by default.
    """
    stream = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        _exception_without_values,
        _traceback_without_values,
    ]
    render: Processor = _to_json if form == "json" else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        # Loggers are made at import, before this runs, and a test may configure twice: no caching of what they found.
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    # Here too: some libraries set the level of their own loggers to debug.
    handler.setLevel(number)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        # Only our own of an earlier call; a test runner's stay.
        if isinstance(old.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(max(number, logging.INFO))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # Its lines carry raw paths and addresses; core.telemetry writes ours instead.
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False
    # These tell of every statement or connection.
    for name in ("alembic", "faiss.loader", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
