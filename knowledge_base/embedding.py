"""Vectors of many texts through a handle, remembered on disk.

Comes in: texts and a handle of a text-embedding model. Goes out: one matrix, all rows made by the same version. Vectors
are kept per version and text, so that a start with unchanged content embeds one or two texts only.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import TooManyRequests, Unavailable
from models.handle import CallResult, Handle
from models.tasks import EmbeddingInput, Role

BATCH = 16
"""Texts per call: small, so that a citizen's question does not wait behind a long build."""
ATTEMPTS = 3
SAME_MODEL_COSINE = 0.999
"""Below this, a vector on disk was made by other weights under the same version's name."""

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Embedded:
    """`vectors`: float32 (texts, dimension), L2 norm 1, in the order of the texts. `version`: "model/version"."""

    vectors: Vector
    version: str


class VectorCache:
    """Vectors on disk: one .npz per model version in `folder`, arrays only (no pickle)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, version: str) -> dict[str, Vector]:
        """Vectors by key; empty if there is no readable file."""
        try:
            with np.load(self._path(version), allow_pickle=False) as stored:
                return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return {}  # a cache: what can't be read is made again

    def write(self, version: str, vectors: Mapping[str, Vector]) -> None:
        """Replace the version's file in one step. A full disk costs the cache, not the service."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    np.savez(file, keys=np.array(list(vectors)), vectors=np.stack(list(vectors.values())))
                Path(name).replace(self._path(version))
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError:
            return

    def _path(self, version: str) -> Path:
        return self._folder / (version.replace("/", "@") + ".npz")


async def embed_texts(
    handle: Handle,
    texts: Sequence[str],
    *,
    role: Role = "passage",
    cache: VectorCache | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Embedded:
    """Embed `texts`, which must not be empty. `progress(done, all)` is called after each batch.

    Raises what the handle raises, but waits out a full queue; Unavailable if the model is swapped again and again.
    """
    keys = [_key(role, text) for text in texts]
    by_key = dict(zip(keys, texts, strict=True))
    shortest = min(by_key, key=lambda key: len(by_key[key]))
    for _ in range(ATTEMPTS):
        probe = await _call(handle, [EmbeddingInput(by_key[shortest], role)])
        version = f"{probe.model}/{probe.version}"
        known = await asyncio.to_thread(cache.read, version) if cache else {}
        known = await _trusted(handle, known, by_key, role)
        known[shortest] = probe.outputs[0].vector
        missing = sorted((key for key in by_key if key not in known), key=lambda key: len(by_key[key]))
        complete = True
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            result = await _call(handle, [EmbeddingInput(by_key[key], role) for key in batch])
            if f"{result.model}/{result.version}" != version:
                complete = False  # swapped meanwhile: vectors of two models can't stand in one index
                break
            known.update((key, output.vector) for key, output in zip(batch, result.outputs, strict=True))
            if progress:
                progress(len(by_key) - len(missing) + start + len(batch), len(by_key))
        if complete:
            if cache and missing:
                await asyncio.to_thread(cache.write, version, known)
            return Embedded(np.stack([known[key] for key in keys]).astype(np.float32), version)
    raise Unavailable("向量模型正在反复切换，索引暂时建不成。请稍后再试。", code="index_unavailable", retry_after=5)


async def _trusted(
    handle: Handle, known: dict[str, Vector], by_key: Mapping[str, str], role: Role
) -> dict[str, Vector]:
    """`known`, if its vector of the shortest text that is asked for is what the model makes of it now; else nothing."""
    usable = [key for key in by_key if key in known]
    if not usable:
        return known
    key = min(usable, key=lambda key: len(by_key[key]))
    now = (await _call(handle, [EmbeddingInput(by_key[key], role)])).outputs[0].vector
    return known if _same(known[key], now) else {}


async def _call(handle: Handle, inputs: Sequence[EmbeddingInput]) -> CallResult:
    while True:
        try:
            return await handle.call(inputs)
        except TooManyRequests as error:
            await asyncio.sleep(error.retry_after or 1.0)


def _key(role: Role, text: str) -> str:
    return hashlib.sha256(f"{role}\0{text}".encode()).hexdigest()[:32]


def _same(one: Vector, other: Vector) -> bool:
    return one.shape == other.shape and float(one @ other) >= SAME_MODEL_COSINE
