"""A registry of one's own over the built artifacts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.settings import ROOT, Settings
from models.artifacts import ArtifactStore
from models.host import Host
from models.registry import Registry


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(Path(shutil.copy(ROOT / "registry.yaml", tmp_path / "registry.yaml")))


@pytest.fixture
def host(registry: Registry) -> Host:
    return Host(registry, ArtifactStore(Settings().artifacts), threads=1, queue_items=512)
