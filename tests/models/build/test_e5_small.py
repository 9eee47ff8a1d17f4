"""The whole recipe, from the pinned wheel to the sums in registry.yaml."""

from pathlib import Path

from core.settings import ROOT, Settings
from models.build.e5_small import build
from models.build.wheels import file_sha256
from models.registry import Registry


class Steps:
    def __init__(self) -> None:
        self.seen: list[tuple[str, float, float]] = []

    def step(self, description: str, done: float, total: float) -> None:
        self.seen.append((description, done, total))


def test_the_recipe_gives_the_bytes_that_the_registry_names(tmp_path: Path) -> None:
    """The wheel is taken from the build folder if it's there, as it is after `make serve` or `make test`."""
    steps = Steps()
    build(Settings().var_dir / "build", tmp_path, steps)
    versions = {
        version.folder: version.files
        for entry in Registry(ROOT / "registry.yaml").models.values()
        for version in entry.versions.values()
        if version.recipe == "e5-small"
    }
    assert set(versions) >= {"e5-small-zh/1-q4", "e5-small-zh/1-fp32"}
    for folder, files in versions.items():
        assert {name: file_sha256(tmp_path / folder / name) for name in files} == files
        assert {path.name for path in (tmp_path / folder).iterdir()} == set(files)
    assert steps.seen[-1] == ("写出句向量模型", 2, 2)
