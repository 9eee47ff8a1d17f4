from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from core.errors import ArtifactMismatch, HubError, NotFound, Unavailable
from models.artifacts import ArtifactStore
from models.build import Progress, Recipe
from models.build.builder import LOCK, BuildReport, build
from models.registry import Registry

REGISTRY = """
format: 1
models:
  {first}:
    task: text-embedding
    title: 甲
    purpose: 试验
    owner: 试验
    licence: MIT
    versions:
      "1": {{backend: onnx-embedding, recipe: e5-small, folder: vectors/1, files: {one}}}
      "2": {{backend: onnx-embedding, recipe: e5-small, folder: vectors/2, files: {two}}}
    aliases: {{champion: "1"}}
  pages:
    task: ocr
    title: 乙
    purpose: 试验
    owner: 试验
    licence: MIT
    versions:
      "1": {{backend: paddle-ocr, recipe: paddle-ocr, folder: pages, files: {pages}}}
    aliases: {{champion: "1"}}
"""


def sums(files: dict[str, bytes]) -> str:
    return "{" + ", ".join(f"{name}: {hashlib.sha256(content).hexdigest()}" for name, content in files.items()) + "}"


class Steps:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, float, float]] = []

    def step(self, description: str, done: float, total: float) -> None:
        self.told.append((description, done, total))


class House:
    """A store, a registry, and recipes that write tiny files and count how often they ran."""

    def __init__(self, folder: Path) -> None:
        self.files = {
            "vectors/1": {"model.onnx": b"one", "deep/config.json": b"{}"},
            "vectors/2": {"model.onnx": b"two"},
            "pages": {"det.onnx": b"det"},
        }
        (folder / "registry.yaml").write_text(
            REGISTRY.format(
                first="vectors",
                one=sums(self.files["vectors/1"]),
                two=sums(self.files["vectors/2"]),
                pages=sums(self.files["pages"]),
            ),
            encoding="utf-8",
        )
        self.registry = Registry(folder / "registry.yaml")
        self.store = ArtifactStore(folder / "artifacts")
        self.work = folder / "work"
        self.ran: list[str] = []
        self.steps = Steps()
        self.before: Callable[[Path], None] = lambda out: None

    def recipe(self, name: str) -> Recipe:
        prefix = {"e5-small": "vectors", "paddle-ocr": "pages"}[name]

        def make(work: Path, out: Path, progress: Progress) -> None:
            assert work.is_dir()
            self.ran.append(name)
            self.before(out)
            for folder, files in self.files.items():
                if folder.startswith(prefix):
                    for file, content in files.items():
                        path = out / folder / file
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_bytes(content)
            progress.step(name, 1, 1)

        return make

    def build(self, *names: str, force: bool = False) -> BuildReport:
        return build(self.registry, self.store, self.work, self.steps, names, force=force, recipes=self.recipe)

    def on_disk(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.store.folder).as_posix(): path.read_bytes()
            for path in self.store.folder.rglob("*")
            if path.is_file() and path.name != LOCK
        }


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def everything(house: House) -> dict[str, bytes]:
    return {f"{folder}/{file}": content for folder, files in house.files.items() for file, content in files.items()}


def test_the_first_build_makes_everything_and_the_second_nothing(house: House) -> None:
    report = house.build()
    assert report.built == ["pages/1", "vectors/1", "vectors/2"]
    assert house.on_disk() == everything(house)
    assert house.ran == ["e5-small", "paddle-ocr"]
    assert ("核对校验和", 1, 1) in house.steps.told
    again = house.build()
    assert (again.built, again.present) == ([], ["vectors/1", "vectors/2", "pages/1"])
    assert house.ran == ["e5-small", "paddle-ocr"]


def test_only_what_was_asked_for(house: House) -> None:
    assert house.build("pages").built == ["pages/1"]
    assert house.build("vectors/2").built == ["vectors/2"]
    assert set(house.on_disk()) == {"pages/det.onnx", "vectors/2/model.onnx"}


@pytest.mark.parametrize("damage", [b"", b"onE", None])
def test_what_is_damaged_is_made_anew_and_what_is_sound_stays(house: House, damage: bytes | None) -> None:
    house.build()
    broken, sound = house.store.folder / "vectors/1/model.onnx", house.store.folder / "vectors/2/model.onnx"
    stamp = sound.stat()
    if damage is None:
        broken.unlink()
    else:
        broken.write_bytes(damage)
    assert house.build().built == ["vectors/1"]
    assert house.on_disk() == everything(house)
    assert (sound.stat().st_ino, sound.stat().st_mtime_ns) == (stamp.st_ino, stamp.st_mtime_ns)


def test_force_builds_again(house: House) -> None:
    house.build()
    assert house.build("pages", force=True).built == ["pages/1"]
    assert house.ran == ["e5-small", "paddle-ocr", "paddle-ocr"]


def test_files_that_differ_from_the_registry_are_named_and_replace_nothing(house: House) -> None:
    house.build()
    before = house.on_disk()
    house.files["vectors/2"]["model.onnx"] = b"surprise"
    with pytest.raises(ArtifactMismatch) as caught:
        house.build("vectors", force=True)
    assert "vectors/2" in caught.value.message
    assert "model.onnx" in caught.value.message
    assert hashlib.sha256(b"surprise").hexdigest() in caught.value.message
    assert house.on_disk() == before
    assert not list(house.store.folder.glob(".building-*"))


def test_a_file_too_many_and_a_file_too_few_are_named(house: House) -> None:
    house.files["pages"] = {"rec.onnx": b"rec"}
    with pytest.raises(ArtifactMismatch) as caught:
        house.build("pages")
    assert "det.onnx 没有生成" in caught.value.message
    assert "rec.onnx 没有在 registry.yaml 登记" in caught.value.message
    assert house.on_disk() == {}


def test_a_recipe_that_fails_leaves_all_as_it_was(house: House) -> None:
    def fail(out: Path) -> None:
        (out / "pages").mkdir()
        (out / "pages" / "det.onnx").write_bytes(b"half")
        raise ZeroDivisionError("why")

    house.before = fail
    with pytest.raises(Unavailable) as caught:
        house.build("pages")
    assert caught.value.code == "build_failed"
    assert "paddle-ocr" in caught.value.message
    assert house.on_disk() == {}


def test_a_recipes_own_error_comes_through(house: House) -> None:
    def fail(out: Path) -> None:
        raise Unavailable("取不到", code="wheel_unavailable")

    house.before = fail
    with pytest.raises(HubError) as caught:
        house.build()
    assert caught.value.code == "wheel_unavailable"


@pytest.mark.parametrize(
    ("name", "code"), [("nope", "model_not_found"), ("vectors/9", "version_not_found"), ("", "model_not_found")]
)
def test_a_name_that_is_not_there(house: House, name: str, code: str) -> None:
    with pytest.raises(NotFound) as caught:
        house.build(name)
    assert caught.value.code == code
    assert house.ran == []


def test_what_a_killed_build_left_is_swept(house: House) -> None:
    left = house.store.folder / ".building-old"
    left.mkdir(parents=True)
    (left / "half.onnx").write_bytes(b"half")
    house.build("pages")
    assert not left.exists()


def test_two_builds_at_once_build_once(house: House) -> None:
    going = threading.Event()
    house.before = lambda out: (going.set(), threading.Event().wait(0.3))[0]
    reports: list[BuildReport] = []
    threads = [threading.Thread(target=lambda: reports.append(house.build("pages"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert house.ran == ["paddle-ocr"]
    assert sorted(len(report.built) for report in reports) == [0, 0, 1]


def test_waiting_for_another_build_is_said(house: House) -> None:
    house.store.folder.mkdir()
    lock = FileLock(house.store.folder / LOCK)
    lock.acquire()
    thread = threading.Thread(target=house.build)
    thread.start()
    while not house.steps.told:
        assert thread.is_alive()
    assert house.steps.told[0] == ("等待另一个构建结束", 0, 1)
    lock.release()
    thread.join()
    assert house.on_disk() == everything(house)


def test_a_folder_that_cannot_be_written_is_named(house: House) -> None:
    house.store.folder.write_text("a file")
    with pytest.raises(Unavailable) as caught:
        house.build()
    assert caught.value.code == "artifacts_not_writable"
    assert str(house.store.folder) in caught.value.message
