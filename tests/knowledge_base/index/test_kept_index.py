"""The kept index is whole or not used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.index import kept_index
from knowledge_base.index.kept_index import MANIFEST, KeptIndex
from knowledge_base.index.words import WordIndex

TEXTS = ["食品经营许可", "居住证办理", "卫生许可证延续", "养犬登记"]
MORE = [*TEXTS[1:], "结婚登记"]


def kept(folder: Path) -> tuple[WordIndex, WordIndex]:
    """Two states, one written after the other."""
    first = WordIndex.of(TEXTS)
    second = first.extended(np.array([0], dtype=np.intp), MORE[-1:])
    writer = KeptIndex(folder)
    writer.write(first, TEXTS_KEYS, "1", "m/1")
    writer.write(second, [*TEXTS_KEYS[1:], "e"], "2", "m/1")
    return first, second


TEXTS_KEYS = ["a", "b", "c", "d"]


def test_what_was_kept_scores_the_same(tmp_path: Path) -> None:
    _, second = kept(tmp_path)
    read = KeptIndex(tmp_path).read()
    assert read is not None
    assert (read.keys, read.generation, read.version) == (["b", "c", "d", "e"], "2", "m/1")
    assert np.array_equal(read.words.scores("卫生许可证登记"), second.scores("卫生许可证登记"))


def test_a_publication_writes_only_its_own_segment(tmp_path: Path) -> None:
    writer = KeptIndex(tmp_path)
    first = WordIndex.of(TEXTS)
    writer.write(first, TEXTS_KEYS, "1", "m/1")
    (segment,) = tmp_path.glob("words.*.npz")
    written = segment.stat().st_mtime_ns
    writer.write(first.extended(np.array([0], dtype=np.intp), MORE[-1:]), [*TEXTS_KEYS[1:], "e"], "2", "m/1")
    assert segment.stat().st_mtime_ns == written
    assert len(list(tmp_path.glob("words.*.npz"))) == 2
    assert len(list(tmp_path.glob("state.*.npz"))) == 1


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_file_is_not_used(tmp_path: Path, damage: str) -> None:
    kept(tmp_path)
    names = [path.name for path in tmp_path.iterdir()]
    assert len(names) == 4
    for name in names:
        path = tmp_path / name
        whole = path.read_bytes()
        if damage == "gone":
            path.unlink()
        elif damage == "cut":
            path.write_bytes(whole[: len(whole) // 2])
        else:
            middle = len(whole) // 2
            path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        assert KeptIndex(tmp_path).read() is None, name
        path.write_bytes(whole)
    assert KeptIndex(tmp_path).read() is not None


@pytest.mark.parametrize("stop_after", [0, 1, 2])
def test_a_stop_between_two_files_leaves_the_old_state(
    tmp_path: Path, stop_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = WordIndex.of(TEXTS)
    writer = KeptIndex(tmp_path)
    writer.write(first, TEXTS_KEYS, "1", "m/1")
    real = kept_index.write_whole
    done = 0

    def stopping(path: Path, write: object) -> None:
        nonlocal done
        if done == stop_after:
            raise OSError
        done += 1
        real(path, write)  # type: ignore[arg-type]

    monkeypatch.setattr(kept_index, "write_whole", stopping)
    with pytest.raises(OSError):  # noqa: PT011  # any
        writer.write(first.extended(np.array([0], dtype=np.intp), MORE[-1:]), [*TEXTS_KEYS[1:], "e"], "2", "m/1")
    monkeypatch.undo()
    read = KeptIndex(tmp_path).read()
    assert read is not None
    assert read.generation == "1"
    assert (tmp_path / MANIFEST).is_file()
