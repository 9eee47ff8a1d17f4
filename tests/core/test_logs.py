from __future__ import annotations

import io
import logging
import traceback

import orjson
import pytest
import structlog

from core import logs
from core.errors import Unavailable

SECRET = "13800138000"


def test_structlog_and_the_standard_library_write_the_same_kind_of_line() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    token = logs.request_id.set("r1")
    structlog.get_logger("a").info("hello", 数=1)
    logging.getLogger("uvicorn.error").warning("started %s", "x")
    logs.request_id.reset(token)
    first, second = (orjson.loads(line) for line in stream.getvalue().splitlines())
    assert (first["event"], first["数"], first["level"], first["request_id"]) == ("hello", 1, "info", "r1")
    assert (second["event"], second["logger"], second["level"]) == ("started x", "uvicorn.error", "warning")
    assert second["request_id"] == "r1"


def test_exceptions_of_libraries_lose_their_message() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
        structlog.get_logger().error("ours", exc_info=True)
    for line in map(orjson.loads, stream.getvalue().splitlines()):
        assert line["error"] == "ValueError"
        assert "test_logs.py" in line["frames"][-1]
    assert SECRET not in stream.getvalue()


@pytest.mark.parametrize(("level", "expected"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_levels(level: str, expected: int) -> None:
    stream = io.StringIO()
    logs.configure(level=level, stream=stream)
    logger = structlog.get_logger()
    for name in ("debug", "info", "warning", "error"):
        getattr(logger, name)("line")
    assert len(stream.getvalue().splitlines()) == expected


def test_uvicorns_own_access_lines_are_silent() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    logging.getLogger("uvicorn.access").info('1.2.3.4 - "GET /people/%s"', SECRET)
    assert stream.getvalue() == ""


def test_console_form_is_for_people_and_configuring_twice_writes_once() -> None:
    stream = io.StringIO()
    logs.configure(stream=io.StringIO())
    logs.configure(form="console", stream=stream)
    structlog.get_logger().info("hello")
    logging.getLogger("any").warning("once")
    assert "hello" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    assert stream.getvalue().count("once") == 1


def test_what_cannot_be_json_does_not_lose_the_line() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    structlog.get_logger().info("odd", value=object(), key={1: 2})
    assert orjson.loads(stream.getvalue())["event"] == "odd"


def test_a_traceback_written_as_text_loses_its_values_but_not_our_own_message() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    try:
        try:
            int(SECRET + "x")
        except ValueError as error:
            raise Unavailable("连不上数据库") from error
    except Unavailable:
        logging.getLogger("uvicorn.error").error(traceback.format_exc())
    line = orjson.loads(stream.getvalue())
    assert line["error"] == "core.errors.Unavailable: 连不上数据库"
    assert line["causes"] == ["ValueError"]
    assert "test_logs.py" in line["frames"][-1]
    assert SECRET not in stream.getvalue()
