"""The files of a model version on disk, held against the sums in registry.yaml.

An artifact is a folder below the store. Its files and their sha256 stand in registry.yaml and are never asked of the artifact
itself. Only formats that hold no code are taken: ONNX, safetensors, JSON, YAML.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.errors import ArtifactMismatch, ArtifactMissing
from models.registry import VersionEntry


def sha256_of(path: Path) -> str:
    """The file's sha256 in hex, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


class ArtifactStore:
    """Built artifacts below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def folder_of(self, version: VersionEntry) -> Path:
        """Where the version's files are, or would be."""
        return self.folder / version.folder

    def verify(self, name: str, version_name: str, version: VersionEntry) -> Path:
        """The version's folder, after every file was found and its sum agreed.

        Raises:
            ArtifactMissing: a file is not there; the message names the command that builds it.
            ArtifactMismatch: a file's sum differs from registry.yaml; the message names the file.
        """
        folder = self.folder_of(version)
        if not version.files:
            raise ArtifactMissing(f"registry.yaml 没有登记 {name}/{version_name} 的文件；请补全 files 与 sha256。")
        for relative, expected in version.files.items():
            path = folder / relative
            if not path.is_file():
                raise ArtifactMissing(
                    f"缺少模型 {name}/{version_name} 的文件 {relative}；请运行 kaopu models build {name}。",
                    detail={"model": name, "version": version_name, "file": relative},
                )
            found = sha256_of(path)
            if found != expected:
                raise ArtifactMismatch(
                    f"模型 {name}/{version_name} 的文件 {relative} 与 registry.yaml 登记的 sha256 不符"
                    f"(登记 {expected[:12]}…，实际 {found[:12]}…)，已拒绝装载；"
                    f"请运行 kaopu models build {name} --force 重建。",
                    detail={"model": name, "version": version_name, "file": relative},
                )
        return folder
