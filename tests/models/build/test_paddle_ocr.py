"""The recipe from the real wheels (kept in var/build between runs)."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from core.settings import ROOT, Settings
from models.artifacts import ArtifactStore, sha256_of
from models.build import recipe
from models.build.paddle_ocr import DYNAMIC_WIDTH, STOCK_WIDTH, paddlex_config
from models.registry import Registry


class Steps:
    def __init__(self) -> None:
        self.steps: list[tuple[str, float, float]] = []

    def step(self, description: str, done: float, total: float) -> None:
        self.steps.append((description, done, total))


def test_the_recipe_gives_the_registered_bytes(tmp_path: Path) -> None:
    steps = Steps()
    recipe("paddle-ocr")(Settings().var_dir / "build", tmp_path, steps)
    entry = Registry(ROOT / "registry.yaml").version("ocr-zh", "1")
    folder = ArtifactStore(tmp_path).verify("ocr-zh", "1", entry)
    # Nothing beside what is registered.
    written = {path.relative_to(folder).as_posix(): sha256_of(path) for path in folder.rglob("*") if path.is_file()}
    assert written == dict(entry.files)
    assert steps.steps[-1][1] == steps.steps[-1][2]
    for part in ("det", "rec", "orientation"):
        onnx.checker.check_model(str(folder / part / "inference.onnx"))


def test_only_the_recogniser_gets_another_width() -> None:
    assert paddlex_config("rec", "a\r\n" + STOCK_WIDTH.replace("\n", "\r\n")) == "a\n" + DYNAMIC_WIDTH
    assert paddlex_config("det", STOCK_WIDTH) == STOCK_WIDTH


def test_a_recogniser_of_another_make_is_refused() -> None:
    with pytest.raises(ValueError, match="image_shape"):
        paddlex_config("rec", "PreProcess: {}\n")
