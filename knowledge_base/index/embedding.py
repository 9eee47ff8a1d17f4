"""Vectors of many texts through a handle, remembered on disk.

Comes in: texts and a handle of a text-embedding model. Goes out: one matrix, all rows made by the same version. Vectors
are kept per version and text (`knowledge_base.index.vector_cache`), so that a start with unchanged content embeds one or two
texts only.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import TooManyRequests, Unavailable
from knowledge_base.index.vector_cache import VectorCache
from models.handle import CallResult, Handle
from models.tasks import EmbeddingInput, Role

__all__ = ["Embedded", "VectorCache", "embed_texts", "key_of"]

BATCH = 4
"""Texts per call: few, so that a citizen's question does not wait behind a long build. A batch saves nothing on one
processor."""
ATTEMPTS = 3
SAME_MODEL_COSINE = 0.999
"""Below this, a vector on disk was made by other weights under the same version's name."""

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Embedded:
    """`vectors`: float32 (texts, dimension), L2 norm 1, in the order of the texts. `version`: "model/version"."""

    vectors: Vector
    version: str


async def embed_texts(
    handle: Handle,
    texts: Sequence[str],
    *,
    role: Role = "passage",
    cache: VectorCache | None = None,
    progress: Callable[[int, int], None] | None = None,
    known_keys: Sequence[str] = (),
) -> Embedded:
    """Embed `texts`, which must not be empty. `progress(done, all)` is called after each batch. `known_keys`: `key_of` the
    first texts, if the caller has them.

    Raises what the handle raises, but waits out a full queue; Unavailable if the model is swapped again and again.
    """
    all_keys = [*known_keys, *(key_of(text, role) for text in texts[len(known_keys) :])]
    by_key = dict(zip(all_keys, texts, strict=True))
    keys = list(by_key)
    place = {key: number for number, key in enumerate(keys)}
    rows = [place[key] for key in all_keys] if len(keys) < len(texts) else None
    shortest = min(range(len(keys)), key=lambda number: len(by_key[keys[number]]))
    for _ in range(ATTEMPTS):
        probe = await _call(handle, [EmbeddingInput(by_key[keys[shortest]], role)])
        version = f"{probe.model}/{probe.version}"
        vectors, found = await _remembered(handle, cache, version, by_key, role, len(probe.outputs[0].vector))
        remembered = found.copy()
        vectors[shortest] = probe.outputs[0].vector
        found[shortest] = True
        missing = sorted(np.flatnonzero(~found).tolist(), key=lambda number: len(by_key[keys[number]]))
        complete = True
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            result = await _call(handle, [EmbeddingInput(by_key[keys[number]], role) for number in batch])
            if f"{result.model}/{result.version}" != version:
                complete = False  # swapped meanwhile: vectors of two models can't stand in one index
                break
            for number, output in zip(batch, result.outputs, strict=True):
                vectors[number] = output.vector
            if progress:
                progress(len(keys) - len(missing) + start + len(batch), len(keys))
        if complete:
            new = np.flatnonzero(~remembered)
            if cache and new.size:
                await asyncio.to_thread(cache.write, version, [keys[number] for number in new], vectors[new])
            return Embedded(vectors if rows is None else vectors[rows], version)
    raise Unavailable("向量模型正在反复切换，索引暂时建不成。请稍后再试。", code="index_unavailable", retry_after=5)


async def _remembered(
    handle: Handle, cache: VectorCache | None, version: str, by_key: dict[str, str], role: Role, dimension: int
) -> tuple[Vector, NDArray[np.bool_]]:
    """Vectors of the texts and which of them are known; none, if one made anew differs from what is on disk."""
    keys = list(by_key)
    nothing = np.zeros((len(keys), dimension), dtype=np.float32), np.zeros(len(keys), dtype=np.bool_)
    if cache is None:
        return nothing
    vectors, found = await asyncio.to_thread(cache.read, version, keys, dimension)
    if found.any():
        checked = min(np.flatnonzero(found).tolist(), key=lambda number: len(by_key[keys[number]]))
        now = (await _call(handle, [EmbeddingInput(by_key[keys[checked]], role)])).outputs[0].vector
        if float(vectors[checked] @ now) < SAME_MODEL_COSINE:
            await asyncio.to_thread(cache.forget, version)
            return nothing
    return vectors, found


async def _call(handle: Handle, inputs: Sequence[EmbeddingInput]) -> CallResult:
    while True:
        try:
            return await handle.call(inputs)
        except TooManyRequests as error:
            await asyncio.sleep(error.retry_after or 1.0)


def key_of(text: str, role: Role = "passage") -> str:
    """What a text's vector is remembered under: 32 hexadecimal digits."""
    return hashlib.sha256(f"{role}\0{text}".encode()).hexdigest()[:32]
