"""Vectors on disk: which are found, and what is read for them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from knowledge_base.index import vector_cache
from knowledge_base.index.vector_cache import VectorCache

VERSION = "model/1"


def key(number: int) -> str:
    return f"{number:032x}"


def vectors(*numbers: float) -> np.ndarray:
    return np.array([[number, -number] for number in numbers], dtype=np.float32)


def test_found_in_any_order_repeated_and_across_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "BLOCK", 2)
    cache = VectorCache(tmp_path)
    cache.write(VERSION, [key(n) for n in (1, 2, 3, 4, 5)], vectors(1, 2, 3, 4, 5))
    cache.write(VERSION, [key(6)], vectors(6))
    read, found = cache.read(VERSION, [key(n) for n in (6, 3, 9, 1, 3, 5)], 2)
    assert found.tolist() == [True, True, False, True, True, True]
    assert read.tolist() == vectors(6, 3, 0, 1, 3, 5).tolist()


def test_a_later_part_wins(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.write(VERSION, [key(1), key(2)], vectors(1, 2))
    cache.write(VERSION, [key(2)], vectors(7))
    assert cache.read(VERSION, [key(1), key(2)], 2)[0].tolist() == vectors(1, 7).tolist()


def test_vectors_of_another_dimension_are_not_found(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.write(VERSION, [key(1)], vectors(1))
    assert not cache.read(VERSION, [key(1)], 3)[1].any()


def damage_vectors(path: Path, of: np.ndarray) -> None:
    data = bytearray(path.read_bytes())
    place = data.find(of.tobytes())
    assert place > 0
    data[place] ^= 0xFF
    path.write_bytes(data)


def test_damaged_vectors_are_not_found_and_those_of_other_parts_are(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.write(VERSION, [key(1)], vectors(1))
    damage_vectors(next(tmp_path.glob("*.npz")), vectors(1))
    cache.write(VERSION, [key(2)], vectors(2))
    assert cache.read(VERSION, [key(1), key(2)], 2)[1].tolist() == [False, True]


def test_a_damaged_later_part_takes_back_what_it_wrote(tmp_path: Path) -> None:
    def wide(*numbers: float) -> np.ndarray:  # longer than what is read of an archive at once
        return np.tile(vectors(*numbers), 3000)

    cache = VectorCache(tmp_path)
    cache.write(VERSION, [key(1), key(2)], wide(1, 2))
    cache.write(VERSION, [key(2), key(3)], wide(7, 8))
    damage_vectors(sorted(tmp_path.glob("*.npz"))[-1], wide(7, 8))
    read, found = cache.read(VERSION, [key(1), key(2), key(3)], 6000)
    assert found.tolist() == [True, False, False]
    assert read.tolist() == wide(1, 0, 0).tolist()


def test_a_part_without_wanted_keys_has_its_vectors_left_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = VectorCache(tmp_path)
    cache.write(VERSION, [key(1)], vectors(1))
    cache.write(VERSION, [key(2)], vectors(2))
    opened: list[str] = []
    real = zipfile.ZipFile.open

    def watched(archive: zipfile.ZipFile, name: str, *arguments: Any, **named: Any) -> IO[bytes]:
        opened.append(name)
        return real(archive, name, *arguments, **named)

    monkeypatch.setattr(zipfile.ZipFile, "open", watched)
    assert cache.read(VERSION, [key(2)], 2)[1].all()
    assert opened == ["keys.npy", "keys.npy", "vectors.npy"]


def test_gathered_parts_keep_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "SMALL_PARTS", 3)
    cache = VectorCache(tmp_path)
    for number in range(8):
        cache.write(VERSION, [key(number), key(100)], vectors(number, number))
    assert len(list(tmp_path.glob("*.npz"))) <= 4
    read, found = cache.read(VERSION, [*(key(n) for n in range(8)), key(100)], 2)
    assert found.all()
    assert read.tolist() == vectors(*range(8), 7).tolist()
