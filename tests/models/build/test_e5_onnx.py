"""The graph writer against the encoder written out in numpy, on a small encoder with random weights."""

import math

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from models.build.e5_onnx import PRECISIONS, encoder
from models.build.e5_weights import E5Weights, Pieces, Quantised, Shape

HIDDEN, LAYERS, HEADS, FEED_FORWARD, VOCABULARY, POSITIONS = 64, 2, 2, 128, 50, 16


def small_encoder() -> E5Weights:
    rng = np.random.default_rng(11)

    def matrix(rows: int, columns: int) -> Quantised:
        codes = rng.integers(0, 16, (rows, columns // 32, 32), dtype=np.uint8)
        return Quantised(codes, (rng.random((rows, columns // 32)) * 0.04).astype(np.float16))

    def vector(size: int, middle: float = 0.0) -> NDArray[np.float32]:
        return (middle + rng.standard_normal(size) * 0.1).astype(np.float32)

    matrices = {"emb.word": matrix(VOCABULARY, HIDDEN)}
    floats = {
        "emb.pos": vector(POSITIONS * HIDDEN).reshape(POSITIONS, HIDDEN),
        "emb.type": vector(2 * HIDDEN).reshape(2, HIDDEN),
        "emb.ln.w": vector(HIDDEN, 1.0),
        "emb.ln.b": vector(HIDDEN),
    }
    for layer in range(LAYERS):
        for key, rows, columns in (
            *((key, HIDDEN, HIDDEN) for key in ("q", "k", "v", "ao")),
            ("fi", FEED_FORWARD, HIDDEN),
            ("fo", HIDDEN, FEED_FORWARD),
        ):
            matrices[f"l{layer}.{key}.w"] = matrix(rows, columns)
            floats[f"l{layer}.{key}.b"] = vector(rows)
        for key in ("aln", "oln"):
            floats[f"l{layer}.{key}.w"] = vector(HIDDEN, 1.0)
            floats[f"l{layer}.{key}.b"] = vector(HIDDEN)
    shape = Shape(HIDDEN, LAYERS, HEADS, FEED_FORWARD, VOCABULARY, POSITIONS, 2, 1e-12)
    return E5Weights(shape, Pieces([], np.zeros(0, np.float32), 0, 2, 1, 3, {}), matrices, floats)


def by_hand(weights: E5Weights, ids: list[int]) -> NDArray[np.float64]:
    """One text through the encoder in float64, as Devlin et al. 2018 have it."""
    floats = weights.floats
    gelu = np.vectorize(lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))))

    def norm(x: NDArray[np.float64], key: str) -> NDArray[np.float64]:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return centred / spread * floats[f"{key}.w"] + floats[f"{key}.b"]

    def linear(x: NDArray[np.float64], key: str) -> NDArray[np.float64]:
        return x @ weights.matrices[f"{key}.w"].dequantised().T.astype(np.float64) + floats[f"{key}.b"]

    x = weights.matrices["emb.word"].dequantised()[ids].astype(np.float64)
    x = norm(x + floats["emb.pos"][: len(ids)] + floats["emb.type"][0], "emb.ln")
    for layer in range(LAYERS):
        key = f"l{layer}"
        query, keys, value = (
            linear(x, f"{key}.{part}").reshape(len(ids), HEADS, -1).transpose(1, 0, 2) for part in ("q", "k", "v")
        )
        weight = np.exp(query @ keys.transpose(0, 2, 1) / math.sqrt(HIDDEN / HEADS))
        weight /= weight.sum(axis=-1, keepdims=True)
        x = norm(x + linear((weight @ value).transpose(1, 0, 2).reshape(len(ids), -1), f"{key}.ao"), f"{key}.aln")
        x = norm(x + linear(gelu(linear(x, f"{key}.fi")), f"{key}.fo"), f"{key}.oln")
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


@pytest.mark.parametrize(("version", "closeness"), [("1-fp32", 1e-6), ("1-q4", 1e-3)])
def test_graph_computes_the_encoder_whatever_the_padding(version: str, closeness: float) -> None:
    weights = small_encoder()
    content = encoder(weights, weights.matrices["emb.word"], PRECISIONS[version])
    assert content == encoder(weights, weights.matrices["emb.word"], PRECISIONS[version])
    onnx.checker.check_model(onnx.load_from_string(content))
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    texts = [[0, 7, 9, 2], [0, 49, 31, 30, 8, 8, 17, 2], list(range(POSITIONS))]
    ids = np.zeros((3, POSITIONS), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, : len(text)], mask[row, : len(text)] = text, 1
    (found,) = session.run(["embedding"], {"input_ids": ids, "attention_mask": mask})
    expected = np.stack([by_hand(weights, text) for text in texts])
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert 1 - (found * expected).sum(axis=1) == pytest.approx(0.0, abs=closeness)
    # The texts differ from each other by far more than the tolerance.
    assert (expected @ expected.T)[0, 1] < 0.9
