"""The load generator: a process of its own that costs little, the same for every system.

    python load.py < specification.json > result.json

It needs nothing but Python. Requests are written out before the clock starts; answers are read by raw asyncio protocols that
look at the status, the length and, if asked to, one or two headers. `closed` keeps a number of connections busy until every
request was answered once; `open` starts requests at a rate, whatever comes back, each on a connection that is free.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import time
from collections import deque
from typing import Any

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def _length(answer: bytes | bytearray) -> int:
    """Bytes of a whole answer, head included; -1 as long as the head is not whole."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return -1
    found = LENGTH.search(answer, 0, end + 2)
    return end + 4 + (int(found[1]) if found else 0)


class Connection(asyncio.Protocol):
    """One keep-alive connection that carries one request at a time."""

    def __init__(self, owner: Load) -> None:
        self.owner = owner
        self.buffer = bytearray()
        self.expected = -1
        self.index = -1
        self.sent = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self, index: int) -> None:
        """Start a request."""
        assert self.transport is not None
        self.index = index
        self.sent = time.perf_counter()
        self.transport.write(self.owner.requests[index % len(self.owner.requests)])

    def data_received(self, data: bytes) -> None:
        """Gather an answer until it is whole."""
        self.buffer += data
        if self.expected < 0:
            self.expected = _length(self.buffer)
        if self.expected < 0 or len(self.buffer) < self.expected:
            return
        seconds = time.perf_counter() - self.sent
        answer = bytes(self.buffer[: self.expected])
        self.buffer.clear()
        self.expected = -1
        index, self.index = self.index, -1
        self.owner.answered(self, index, int(answer[9:12]), seconds, answer)

    def connection_lost(self, error: Exception | None) -> None:
        """The server hung up."""
        self.owner.lost(self)


class Load:
    """One run. The specification's fields stand in `closed` and `open`."""

    def __init__(self, specification: dict[str, Any]) -> None:
        self.host, self.port = specification["host"], specification["port"]
        self.requests = [self._written(specification, body) for body in specification["bodies"]]
        self.headers = [
            re.compile(rb"\r\n" + name.encode() + rb": *([0-9.]+)", re.IGNORECASE)
            for name in specification.get("header_names", [])
        ]
        self.warm = specification.get("warm", 0)
        self.results: list[tuple[int, int, float, list[float]]] = []
        self.broken = 0
        self.connections: list[Connection] = []
        self.idle: deque[Connection] = deque()
        self.next = 0
        self.last = 0
        self.closed_loop = True
        self.finished = asyncio.Event()

    def _written(self, specification: dict[str, Any], body: str) -> bytes:
        raw = body.encode()
        lines = [f"POST {specification['path']} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in specification.get("headers", {}).items()]
        lines += ["Content-Type: application/json", f"Content-Length: {len(raw)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + raw

    async def connect(self) -> Connection:
        """One more connection."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(self), self.host, self.port)
        self.connections.append(connection)
        return connection

    def answered(self, connection: Connection, index: int, status: int, seconds: float, answer: bytes) -> None:
        """Note an answer; the connection is free again."""
        self._note(index, status, seconds, answer)
        if self.closed_loop:
            self.take(connection)
        else:
            self.idle.append(connection)
            self._check()

    def _note(self, index: int, status: int, seconds: float, answer: bytes) -> None:
        found = [pattern.search(answer) for pattern in self.headers]
        self.results.append((index, status, seconds, [float(one[1]) if one else -1.0 for one in found]))

    def lost(self, connection: Connection) -> None:
        """A connection broke; its request, if it had one, counts as broken."""
        if connection.index >= 0:
            self.broken += 1
            self._check()
        if connection in self.idle:
            self.idle.remove(connection)

    def take(self, connection: Connection) -> None:
        """Give the connection the next request, if one is left."""
        if self.next < self.last:
            self.next += 1
            connection.send(self.next - 1)
        else:
            self._check()

    def _check(self) -> None:
        if self.next >= self.last and len(self.results) + self.broken >= self.last:
            self.finished.set()

    async def _closed(self, clients: list[Connection], count: int) -> float:
        self.results, self.next, self.last = [], 0, count
        self.finished = asyncio.Event()
        started = time.perf_counter()
        for connection in clients:
            self.take(connection)
        await self.finished.wait()
        return time.perf_counter() - started

    async def run_closed(self, clients: int, count: int) -> dict[str, Any]:
        """`clients` connections, each with one request under way, until `count` requests were answered."""
        connections = [await self.connect() for _ in range(clients)]
        if self.warm:
            await self._closed(connections, self.warm)
        used = time.process_time()
        seconds = await self._closed(connections, count)
        return self._result(seconds, time.process_time() - used)

    def run_alone(self, count: int) -> dict[str, Any]:
        """One client on a plain blocking socket: nothing of what it measures is the generator's own event loop."""
        connection = socket.create_connection((self.host, self.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        used = started = 0.0
        for number in range(self.warm + count):
            if number == self.warm:
                self.results, used, started = [], time.process_time(), time.perf_counter()
            index = (number - self.warm) % len(self.requests)
            sent = time.perf_counter()
            connection.sendall(self.requests[index])
            answer = connection.recv(65536)
            while (expected := _length(answer)) < 0 or len(answer) < expected:
                piece = connection.recv(65536)
                if not piece:
                    raise ConnectionError("the server hung up")
                answer += piece
            self._note(index, int(answer[9:12]), time.perf_counter() - sent, answer)
        return self._result(time.perf_counter() - started, time.process_time() - used)

    async def run_open(self, rate: float, duration: float, connections: int) -> dict[str, Any]:
        """`rate` requests a second for `duration` seconds; then waits for what is still under way."""
        self.closed_loop = False
        self.last = int(rate * duration)
        loop = asyncio.get_running_loop()
        # Connections are made before the clock starts, as many as may be under way at once.
        for _ in range(connections):
            self.idle.append(await self.connect())
        used = time.process_time()
        started = loop.time()
        while self.next < self.last:
            due = min(self.last, int((loop.time() - started) * rate) + 1)
            while self.next < due:
                connection = self.idle.popleft() if self.idle else await self.connect()
                self.next += 1
                connection.send(self.next - 1)
            await asyncio.sleep(0.002)
        seconds = loop.time() - started
        within = list(self.results)
        await asyncio.wait_for(self.finished.wait(), 60)
        result = self._result(seconds, time.process_time() - used)
        # What was answered while the load lasted; the rest, once it was over, is easy.
        result["answered_within"] = sum(status == 200 for _, status, _, _ in within)
        return result

    def _result(self, seconds: float, used: float) -> dict[str, Any]:
        return {
            "seconds": seconds,
            "generator_seconds": used,
            "broken": self.broken,
            "results": [(index, status, latency, headers) for index, status, latency, headers in self.results],
        }


async def main() -> None:
    """Read a specification, run, write the result."""
    specification = json.load(sys.stdin)
    load = Load(specification)
    if specification["mode"] == "closed" and specification["clients"] == 1:
        result = load.run_alone(specification["count"])
    elif specification["mode"] == "closed":
        result = await load.run_closed(specification["clients"], specification["count"])
    else:
        result = await load.run_open(
            specification["rate"], specification["duration"], specification.get("connections", 1000)
        )
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
