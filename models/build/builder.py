"""Build what is missing of the artifacts in registry.yaml, and nothing else.

A recipe writes into a temporary folder beside the store. Only folders whose every file agrees with the sums in
registry.yaml are moved into place, by rename: at any moment a version's folder is the old one or the new one, and what
differs from the registry never gets there. One build at a time; a second waits, then finds nothing left to do.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import ArtifactMismatch, ArtifactMissing, HubError, Unavailable
from models.artifacts import ArtifactStore, sha256_of
from models.build import Progress, Recipe, recipe
from models.registry import Registry, VersionEntry

LOCK = ".build.lock"
TEMPORARY = ".building-"


@dataclass(frozen=True, slots=True)
class Target:
    """A version whose files are wanted."""

    name: str
    version: str
    entry: VersionEntry

    @property
    def reference(self) -> str:
        """`name/version`."""
        return f"{self.name}/{self.version}"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """References of what was built and of what was there already."""

    built: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)


def targets(registry: Registry, names: Sequence[str] = ()) -> list[Target]:
    """The versions meant by `names` (`name`: all of its versions; `name/version`); all of the registry if empty.

    Raises:
        NotFound: no such model or version.
    """
    found: dict[tuple[str, str], Target] = {}
    for word in names or registry.models:
        name, slash, version = word.partition("/")
        entries = {version: registry.version(name, version)} if slash else registry.model(name).versions
        for key, entry in entries.items():
            found[name, key] = Target(name, key, entry)
    return list(found.values())


def unfit(store: ArtifactStore, wanted: Sequence[Target]) -> list[Target]:
    """Those whose files are missing or differ. Versions that share folder and sums are read once."""
    verdicts: dict[tuple[str, tuple[tuple[str, str], ...]], bool] = {}
    found = []
    for target in wanted:
        key = (target.entry.folder, tuple(sorted(target.entry.files.items())))
        if key not in verdicts:
            try:
                store.verify(target.name, target.version, target.entry)
                verdicts[key] = True
            except (ArtifactMissing, ArtifactMismatch):
                verdicts[key] = False
        if not verdicts[key]:
            found.append(target)
    return found


def build(
    registry: Registry,
    store: ArtifactStore,
    work: Path,
    progress: Progress,
    names: Sequence[str] = (),
    *,
    force: bool = False,
    recipes: Callable[[str], Recipe] = recipe,
) -> BuildReport:
    """Make every wanted version that is missing or differs (with `force`: every wanted version).

    Args:
        work: keeps downloads between builds.
        recipes: finds a recipe by its name in registry.yaml.

    Raises:
        NotFound: no such model or version.
        ArtifactMismatch: a recipe's files differ from registry.yaml; they are named, and nothing was replaced.
        Unavailable: the folder can't be written (`artifacts_not_writable`), or a recipe failed (`build_failed` or the
            recipe's own code).
    """
    wanted = targets(registry, names)
    if not force and not unfit(store, wanted):
        return BuildReport(present=[target.reference for target in wanted])
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        work.mkdir(parents=True, exist_ok=True)
        with _alone(store.folder / LOCK, progress):
            _sweep(store.folder)
            # Looked at again: whoever held the lock may have built it.
            needed = wanted if force else unfit(store, wanted)
            for name in dict.fromkeys(target.entry.recipe for target in needed):
                _run(recipes(name), name, [one for one in needed if one.entry.recipe == name], store, work, progress)
    except OSError as error:
        raise Unavailable(
            f"模型文件目录 {store.folder} 不能写入：{error.strerror or type(error).__name__}。请检查磁盘空间与权限。",
            code="artifacts_not_writable",
        ) from error
    built = {target.reference for target in needed}
    return BuildReport(
        built=sorted(built), present=[target.reference for target in wanted if target.reference not in built]
    )


class _alone:  # noqa: N801 - used as a statement
    """The build lock; says so if it has to wait."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._lock = FileLock(path)
        self._progress = progress

    def __enter__(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self._progress.step("等待另一个构建结束", 0, 1)
            self._lock.acquire()
            self._progress.step("等待另一个构建结束", 1, 1)

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _sweep(folder: Path) -> None:
    """Throw away what a build that was killed left behind."""
    for left in folder.glob(TEMPORARY + "*"):
        shutil.rmtree(left, ignore_errors=True)


def _run(
    make: Recipe, name: str, needed: Sequence[Target], store: ArtifactStore, work: Path, progress: Progress
) -> None:
    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=store.folder) as temporary:
        out = Path(temporary) / "new"
        out.mkdir()
        try:
            make(work, out, progress)
        except (HubError, OSError):
            raise
        except Exception as error:
            raise Unavailable(f"构建配方 {name} 出错({type(error).__name__}:{error})。", code="build_failed") from error
        progress.step("核对校验和", 0, 1)
        _check(out, needed)
        progress.step("核对校验和", 1, 1)
        for folder in dict.fromkeys(target.entry.folder for target in needed):
            _replace(out / folder, store.folder / folder, Path(temporary) / "old")


def _check(out: Path, needed: Sequence[Target]) -> None:
    """Hold what was built against the registry; every difference is named."""
    problems: list[str] = []
    for target in needed:
        folder = out / target.entry.folder
        made = {
            path.relative_to(folder).as_posix(): sha256_of(path) for path in sorted(folder.rglob("*")) if path.is_file()
        }
        for file in sorted(made.keys() | target.entry.files.keys()):
            expected, found = target.entry.files.get(file), made.get(file)
            if found is None:
                problems.append(f"{target.reference} 的 {file} 没有生成")
            elif expected is None:
                problems.append(f"{target.reference} 的 {file} 没有在 registry.yaml 登记(sha256 {found})")
            elif found != expected:
                problems.append(f"{target.reference} 的 {file} 校验和不符(登记 {expected}，生成 {found})")
    if problems:
        raise ArtifactMismatch("生成的文件与 registry.yaml 不一致，未予采用：" + "；".join(problems) + "。")


def _replace(new: Path, place: Path, old: Path) -> None:
    """Put a folder in its place. A hub that runs keeps what it has open."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
    new.rename(place)
