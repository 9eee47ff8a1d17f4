"""The index of words on disk, so that a start counts only what has changed since.

Segments of postings are written once each; a publication adds a small one, the list of what lives, and a new manifest. The
manifest names every file with its sha256 and is replaced last, in one step: a stop at any point leaves the old manifest
with all its files, or the new one with all of them. What is damaged is not used. Vectors are kept beside it
(`knowledge_base.index.vector_cache`), because they belong to a version of the embedder and words do not.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index.durable import write_whole
from knowledge_base.index.word_segments import LivingSegment, WordSegment
from knowledge_base.index.words import WordIndex

FORMAT = 1
"""Counts changes of how terms are coded or texts put together; another format is not read."""
MANIFEST = "manifest.json"
ARRAYS = ("codes", "starts", "rows", "counts", "lengths")


@dataclass(frozen=True, slots=True)
class KeptWords:
    """What was kept. `keys`: of the texts, in the order of `words`. `generation`: of the library that it was made from.
    `version`: of the embedder at that time."""

    words: WordIndex
    keys: list[str]
    generation: str
    version: str


class KeptIndex:
    """The kept index in `folder`. Not for concurrent use by one process; several processes harm nothing but each other's
    savings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # What is on disk already, by the identity of the segment, which is held here so that it stays one.
        self._written: dict[int, tuple[WordSegment, str, str]] = {}

    def read(self) -> KeptWords | None:
        """What is there; None if nothing is, or any of it is damaged or of another format."""
        try:
            manifest = json.loads((self._folder / MANIFEST).read_bytes())
            body = manifest["body"]
            if manifest["sha256"] != _digest(_encoded(body)) or body["format"] != FORMAT:
                return None
            state = self._arrays(body["state"])
            parts = []
            written = {}
            for number, file in enumerate(body["segments"]):
                stored = self._arrays(file)
                segment = WordSegment(*(stored[name] for name in ARRAYS))
                parts.append(LivingSegment.of(segment, state[f"alive{number}"].astype(np.bool_)))
                written[id(segment)] = (segment, file["name"], file["sha256"])
            words = WordIndex(parts)
            keys = [key.decode() for key in state["keys"].tolist()]
            if len(keys) != len(words):
                return None
        except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile):
            return None
        self._written = written
        return KeptWords(words, keys, body["generation"], body["version"])

    def write(self, words: WordIndex, keys: Sequence[str], generation: str, version: str) -> None:
        """Keep `words` and the `keys` of its texts. Raises OSError; what was kept before is then still whole."""
        written = {}
        segments = []
        for part in words.segments:
            segment = part.segment
            known = self._written.get(id(segment))
            if known is None or not (self._folder / known[1]).is_file():
                file = self._put("words", {name: getattr(segment, name) for name in ARRAYS})
                known = (segment, file["name"], file["sha256"])
            written[id(segment)] = known
            segments.append({"name": known[1], "sha256": known[2]})
        alive = {
            f"alive{number}": np.ones(len(part.segment.lengths), dtype=np.bool_) if part.alive is None else part.alive
            for number, part in enumerate(words.segments)
        }
        state = self._put("state", {"keys": np.array(keys, dtype="S32"), **alive})
        body = {
            "format": FORMAT,
            "generation": generation,
            "version": version,
            "state": state,
            "segments": segments,
        }
        manifest = json.dumps({"sha256": _digest(_encoded(body)), "body": body}, indent=1).encode()
        write_whole(self._folder / MANIFEST, lambda file: file.write(manifest))
        self._written = written
        named = {MANIFEST, state["name"], *(segment["name"] for segment in segments)}
        for path in self._folder.iterdir():
            if path.name not in named and path.suffix in (".npz", ".tmp"):
                path.unlink(missing_ok=True)

    def _put(self, kind: str, arrays: dict[str, NDArray[np.generic]]) -> dict[str, str]:
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]  # the stubs mistake the names for allow_pickle
        data = buffer.getbuffer()
        digest = _digest(data)
        name = f"{kind}.{digest[:16]}.npz"
        write_whole(self._folder / name, lambda file: file.write(data))
        return {"name": name, "sha256": digest}

    def _arrays(self, file: dict[str, str]) -> dict[str, NDArray[Any]]:
        """Raises ValueError if the file is not the one that the manifest means."""
        data = (self._folder / Path(file["name"]).name).read_bytes()
        if _digest(data) != file["sha256"]:
            raise ValueError(file["name"])
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}


def _encoded(body: dict[str, object]) -> bytes:
    return json.dumps(body, sort_keys=True).encode()


def _digest(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()
