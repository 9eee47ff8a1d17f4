"""An artifact whose hash differs is refused by name; a missing one names the command that builds it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from core.errors import ArtifactMismatch, ArtifactMissing
from models.artifacts import ArtifactStore
from models.registry import VersionEntry


def entry(files: dict[str, str]) -> VersionEntry:
    return VersionEntry(backend="onnx-embedding", recipe="e5-small", folder="made-up/1", files=files)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    (tmp_path / "made-up" / "1").mkdir(parents=True)
    (tmp_path / "made-up" / "1" / "model.onnx").write_bytes(b"weights")
    return ArtifactStore(tmp_path)


def test_what_agrees_is_let_in(store: ArtifactStore, tmp_path: Path) -> None:
    version = entry({"model.onnx": hashlib.sha256(b"weights").hexdigest()})
    assert store.verify("made-up", "1", version) == tmp_path / "made-up" / "1"


def test_one_changed_byte_is_refused_by_name(store: ArtifactStore, tmp_path: Path) -> None:
    version = entry({"model.onnx": hashlib.sha256(b"weights").hexdigest()})
    (tmp_path / "made-up" / "1" / "model.onnx").write_bytes(b"weighty")
    with pytest.raises(ArtifactMismatch, match=r"made-up/1 的文件 model\.onnx .*kaopu models build made-up --force"):
        store.verify("made-up", "1", version)


def test_a_missing_file_names_the_command(store: ArtifactStore) -> None:
    version = entry({"tokenizer.json": "0" * 64})
    with pytest.raises(ArtifactMissing, match=r"tokenizer\.json；请运行 kaopu models build made-up"):
        store.verify("made-up", "1", version)


def test_files_without_sums_are_not_trusted(store: ArtifactStore) -> None:
    with pytest.raises(ArtifactMissing, match="sha256"):
        store.verify("made-up", "1", entry({}))
