"""The load generator must count right, or every figure is wrong: it is held against a server that counts too."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from benchmarks.serving.systems import run_load
from benchmarks.serving.texts import MIX, mixed_texts
from core.settings import Settings


class Counting(BaseHTTPRequestHandler):
    """Answers each body with itself; refuses the body "no"; counts."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[Counter[str]] = Counter()
    lock = threading.Lock()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            self.seen[body.decode()] += 1
        self.send_response(429 if body == b"no" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Prepare-Time-Ms", "1.5")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    Counting.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def specification(port: int, **how: object) -> dict[str, object]:
    bodies = ["一", "二" * 3000, "no"]
    return {"host": "127.0.0.1", "port": port, "path": "/", "headers": {}, "bodies": bodies, **how}


def statuses(result: dict[str, Any]) -> Counter[int]:
    return Counter(status for _, status, _, _ in result["results"])


@pytest.mark.parametrize("clients", [1, 5])
def test_every_request_is_sent_and_answered_once(port: int, clients: int) -> None:
    result = run_load(
        specification(port, mode="closed", clients=clients, count=30, warm=6, header_names=["x-prepare-time-ms"])
    )
    assert statuses(result) == {200: 20, 429: 10}
    assert sum(Counting.seen.values()) == 36
    assert {headers[0] for *_, headers in result["results"]} == {1.5}
    assert all(0 < seconds <= result["seconds"] for _, _, seconds, _ in result["results"])
    assert result["broken"] == 0


def test_an_open_loop_keeps_its_rate(port: int) -> None:
    result = run_load(specification(port, mode="open", rate=60, duration=1.0, connections=20))
    assert statuses(result) == {200: 40, 429: 20}
    assert 0.95 <= result["seconds"] < 1.5
    assert sum(Counting.seen.values()) == 60


def test_texts_are_the_same_each_time_and_mixed() -> None:
    content = Settings().content_dir
    texts = mixed_texts(content, 200, 1)
    assert texts == mixed_texts(content, 200, 1)
    assert len(set(texts)) == 200
    for share, shortest, longest in MIX:
        found = sum(shortest <= len(text) <= longest for text in texts) / 200
        assert found == pytest.approx(share, abs=0.12)
