"""Messages between the hub and a worker's process: Python objects over a pipe, pictures without a copy.

Pickles are safe here as they aren't between the hub and what opens PDFs: both ends run our code, and what goes in is pixels that
were decoded already, which nothing in the worker interprets as code.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from typing import Any, BinaryIO

COUNT = struct.Struct(">Q")
MOST_PARTS = 1 << 16


def write_message(stream: BinaryIO, message: Any) -> None:
    """Send one message: how many parts, the length of each, the parts: the pickle, then arrays as they lie in memory.

    Raises:
        OSError: the other side is gone.
    """
    arrays: list[pickle.PickleBuffer] = []
    pickled = pickle.dumps(message, protocol=5, buffer_callback=arrays.append)
    parts: list[bytes | memoryview] = [pickled, *(array.raw() for array in arrays)]
    stream.write(COUNT.pack(len(parts)) + b"".join(COUNT.pack(len(part)) for part in parts))
    for part in parts:
        stream.write(part)
    stream.flush()


def read_message(stream: BinaryIO) -> Any:
    """One message.

    Raises:
        EOFError: the other side is gone, or said something that is no message.
    """
    take: Callable[[], int] = lambda: int(COUNT.unpack(_exactly(stream, COUNT.size))[0])  # noqa: E731
    count = take()
    if not 0 < count < MOST_PARTS:
        raise EOFError
    sizes = [take() for _ in range(count)]
    pickled, *arrays = (_exactly(stream, size) for size in sizes)
    return pickle.loads(pickled, buffers=arrays)  # noqa: S301 - from our own process


def _exactly(stream: BinaryIO, size: int) -> bytearray:
    found = bytearray(size)
    view = memoryview(found)
    done = 0
    while done < size:
        count = stream.readinto(view[done:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        done += count
    return found
