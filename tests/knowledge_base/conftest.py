"""The real embedder, and a small item to break."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from models.artifacts import ArtifactStore
from models.handle import Handle
from models.host import Host
from models.registry import Registry

EMBEDDER = "e5-small-zh"

SMALL_ITEM = """\
id: dog-licence
version: 3
name: 养犬登记
aliases: [狗证]
item_type: 行政许可
level: 县（区）
department: 公安分局
authority: 公安分局
applicant_kinds: [自然人]
handling_kind: 承诺件
summary: 饲养犬只应当办理登记
materials:
  - id: vaccination
    name: 免疫证明
    necessity: 必要
    kind: 原件
    copies: 1
    source: 其他
    acceptance_standard: 在有效期内
statutory_limit:
  number: 5
  unit: 工作日
legal_basis:
  - law: 示例条例
"""


@pytest.fixture(scope="session")
def vector_folder() -> Path:
    """Where the hub remembers vectors too; what is there is checked against the model before it is used."""
    return Settings().var_dir / "index"


@pytest.fixture
def own_cache(vector_folder: Path, tmp_path: Path) -> Path:
    """A cache folder of the test's own, which knows the vectors of the shipped texts already."""
    folder = tmp_path / "index"
    folder.mkdir()
    for file in vector_folder.glob("*.npz"):
        shutil.copy(file, folder)
    return folder


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    settings = Settings()
    host = Host(
        Registry(settings.registry_file), ArtifactStore(settings.artifacts), threads=settings.threads, queue_items=512
    )
    (report,) = await host.start([EMBEDDER])
    assert report.error is None, report.error
    yield host
    await host.close()


@pytest.fixture
def embedder(host: Host) -> Handle:
    return host.handle(EMBEDDER)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A content folder with one good item, items/dog-licence.yaml."""
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "dog-licence.yaml").write_text(SMALL_ITEM, encoding="utf-8")
    return tmp_path


def changed(content: Path, old: str, new: str) -> Path:
    """Replace `old` in the item's file, which must hold it."""
    path = content / "items" / "dog-licence.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.fixture
def change(content: Path) -> Any:
    return lambda old, new: changed(content, old, new)
