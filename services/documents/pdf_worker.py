"""The process that PDFs are opened in: `python -m services.documents.pdf_worker`, fed by `pdf_process.py`.

A PDF of two kilobytes can draw the same thing a thousand million times or swell to any size, and what parses it is written in C++.
So it has a process of its own, with a limit on memory and no right to write files; who started it ends it when it takes
too long.

In and out on the standard streams: 4 bytes of length, a JSON object, then as many bytes as its `size` says.
"""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import asdict
from io import BytesIO
from typing import Any, BinaryIO

import orjson

from core.errors import HubError
from services.documents.pdf import count_pages, draw_page, render_page

MEMORY_BYTES = 2 << 30
"""Address space, of which Python and its libraries take some 500 MB at the start."""
OPEN_FILES = 64


def read_message(stream: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """One message. Raises EOFError at the end."""
    length = int.from_bytes(_exactly(stream, 4), "big")
    head: dict[str, Any] = orjson.loads(_exactly(stream, length))
    return head, _exactly(stream, head["size"])


def write_message(stream: BinaryIO, head: dict[str, Any], body: bytes | memoryview = b"") -> None:
    """Send one message."""
    text = orjson.dumps({**head, "size": len(body)})
    stream.write(len(text).to_bytes(4, "big") + text)
    stream.write(body)
    stream.flush()


def _exactly(stream: BinaryIO, size: int) -> bytes:
    pieces = []
    while size:
        piece = stream.read(size)
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def answer(asked: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes | memoryview]:
    """What was asked of one PDF. Raises HubError."""
    source = BytesIO(content)
    if asked["do"] == "count":
        return {"pages": count_pages(source)}, b""
    if asked["do"] == "render":
        pixels = render_page(source, asked["number"])
        return {"shape": pixels.shape}, pixels.data.cast("B")
    page = draw_page(source, asked["number"])
    own = page.characters
    characters = {
        "characters": [asdict(one) for one in own.characters],
        "spaced": sorted(own.spaced),
        "images": own.images,
        "complete": own.complete,
    }
    return {"shape": page.pixels.shape, "own": characters}, page.pixels.data.cast("B")


def _limit() -> None:
    for which, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        resource.setrlimit(which, (most, most))
    # A crash is expected here; a core dump would hold the paper.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Answer until the other side closes."""
    # Whatever a library prints must not get between the messages.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _limit()
    while True:
        try:
            asked, content = read_message(sys.stdin.buffer)
        except EOFError:
            return
        body: bytes | memoryview = b""
        try:
            head, body = answer(asked, content)
        except HubError as error:
            head = {"code": error.code, "message": error.message}
        write_message(out, head, body)


if __name__ == "__main__":
    main()
