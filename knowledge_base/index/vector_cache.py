"""Vectors on disk, by model version and text: what was embedded once is not embedded again.

A version's vectors stand in parts (`<version>.npz`, `<version>.<number>.npz`): arrays only, no pickle. New vectors become
a new part, so that publishing one text writes a few kilobytes; many small parts are gathered into one. It is a cache: a
part that can't be read is made again, and a full disk costs the cache, not the service.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib.format import read_array, read_array_header_1_0, read_magic
from numpy.typing import NDArray

from knowledge_base.index.durable import write_whole

SMALL_PARTS = 16
"""More parts than this are gathered."""
BLOCK = 4096
"""Rows that are read at a time."""
DIGITS = "[0-9]" * 20
"""A part's number: the nanosecond of its writing."""

Vector = NDArray[np.float32]


class VectorCache:
    """Vectors in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, version: str, keys: Sequence[str], dimension: int) -> tuple[Vector, NDArray[np.bool_]]:
        """Vectors of `keys`, float32 (keys, dimension), and which were found, (keys,); the rest are 0."""
        place = {key.encode(): number for number, key in enumerate(keys)}
        if len(place) < len(keys):
            unique, known = self.read(version, [key.decode() for key in place], dimension)
            rows = {key: row for row, key in enumerate(place)}
            again = [rows[key.encode()] for key in keys]
            return unique[again], known[again]
        vectors = np.zeros((len(keys), dimension), dtype=np.float32)
        found = np.zeros(len(keys), dtype=np.bool_)
        for path in self._parts(version):  # a later part wins
            _read_into(path, place, vectors, found)
        return vectors, found

    def write(self, version: str, keys: Sequence[str], vectors: Vector) -> None:
        """Remember `vectors`, float32 (keys, dimension), of `keys`."""
        try:
            self._add(version, np.array(keys, dtype="S32"), vectors)
            self._gather(version)
        except OSError:
            return

    def forget(self, version: str) -> None:
        """Drop what is known of a version."""
        for path in self._parts(version):
            path.unlink(missing_ok=True)

    def _add(self, version: str, keys: NDArray[np.bytes_], vectors: Vector) -> None:
        path = self._folder / f"{_stem(version)}.{time.time_ns():020d}.npz"
        write_whole(path, lambda file: np.savez(file, keys=keys, vectors=vectors))

    def _gather(self, version: str) -> None:
        """Make one part of the many small ones; the largest is left alone."""
        paths = self._parts(version)
        if len(paths) <= SMALL_PARTS:
            return
        largest = max(paths, key=lambda path: path.stat().st_size)
        small = paths[paths.index(largest) + 1 :]
        loaded = [part for path in small if (part := _load(path)) is not None]
        if len(loaded) < 2:
            loaded, small = [part for path in paths if (part := _load(path)) is not None], paths
        keys = np.concatenate([part[0] for part in loaded])[::-1]
        vectors = np.concatenate([part[1] for part in loaded])[::-1]
        unique, firsts = np.unique(keys, return_index=True)  # the first from behind: the newest
        self._add(version, unique.astype("S32"), vectors[firsts])
        for path in small:
            path.unlink(missing_ok=True)

    def _parts(self, version: str) -> list[Path]:
        stem = _stem(version)
        first = self._folder / f"{stem}.npz"
        return [*([first] if first.is_file() else []), *sorted(self._folder.glob(f"{stem}.{DIGITS}.npz"))]


def _stem(version: str) -> str:
    return version.replace("/", "@")


def _read_into(path: Path, place: Mapping[bytes, int], vectors: Vector, found: NDArray[np.bool_]) -> None:
    """Write a part's vectors to their places in `vectors`, a block at a time, since a hundred megabytes in memory twice take
    longer than the reading; mark them in `found`. What a damaged part wrote is taken back: the archive's checksum is known at
    its end."""
    own = np.zeros(0, dtype=np.intp)
    try:
        with zipfile.ZipFile(path) as archive:
            with archive.open("keys.npy") as stream:
                keys: NDArray[np.bytes_] = read_array(stream).astype("S32").ravel()  # type: ignore[no-untyped-call]
            wanted, rows = _places(keys, place)
            if not wanted.size:
                return
            with archive.open("vectors.npy") as stream:
                if not _of_shape(stream, (len(keys), vectors.shape[1])):
                    return
                own = wanted
                for start in range(0, len(keys), BLOCK):
                    count = min(BLOCK, len(keys) - start)
                    block = np.frombuffer(stream.read(count * vectors[0].nbytes), dtype=np.float32).reshape(count, -1)
                    first, last = np.searchsorted(rows, (start, start + count))
                    vectors[own[first:last]] = block[rows[first:last] - start]
        found[own] = True
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        vectors[own] = 0
        found[own] = False


def _of_shape(stream: IO[bytes], shape: tuple[int, int]) -> bool:
    """Whether an array in numpy's format begins here that is float32 of this shape, by rows; the stream then stands at its
    first number."""
    if read_magic(stream) != (1, 0):  # type: ignore[no-untyped-call]
        return False
    header: tuple[Any, ...] = read_array_header_1_0(stream)  # type: ignore[no-untyped-call]
    return header == (shape, False, np.dtype(np.float32))


def _load(path: Path) -> tuple[NDArray[np.bytes_], Vector] | None:
    """Keys and vectors of a part; None if it is damaged (the archive carries a checksum of each array) or gone."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            keys, vectors = stored["keys"].astype("S32"), stored["vectors"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    usable = keys.ndim == 1 and vectors.ndim == 2 and len(keys) == len(vectors) and vectors.dtype == np.float32
    return (keys, vectors) if usable else None


def _places(known: NDArray[np.bytes_], place: Mapping[bytes, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places that are wanted for keys that are `known`, and their rows among `known`."""
    rows = [row for row, key in enumerate(known.tolist()) if key in place]
    return np.array([place[key] for key in known[rows].tolist()], dtype=np.intp), np.array(rows, dtype=np.intp)
