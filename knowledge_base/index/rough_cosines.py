"""Cosines of one question and tens of thousands of vectors in 8 bits: what takes 3 ms in float32 takes half of one.

In float32 the scan waits for memory: 61 MB for 40,000 vectors of 384. In 8 bits, with a scale for each block of a row, it
is a quarter of that, and onnxruntime has the product for it (`MatMulNBits`, the operator that the embedder itself runs on).
A cosine is off by 0.0003 (deviation; 0.002 at most), where those of one question differ by 0.03.
docs/decisions/0006-fused-search.md has what that does to the order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 128
"""Numbers with a scale of their own."""
LEVELS = 127
_INT8_ACTIVATIONS = 4


class RoughCosines:
    """Inner products with fixed vectors. Safe for concurrent callers.

    Args:
        vectors: float32 (rows, dimension), L2 norm 1; `dimension` a multiple of `BLOCK`.
    """

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        # Late: a small library needs neither, and a large one starts without.
        import onnxruntime
        from onnx import TensorProto, helper

        rows, dimension = vectors.shape
        numbers, scales = _in_8_bits(vectors)
        product = helper.make_node(
            "MatMulNBits",
            ["question", "numbers", "scales"],
            ["cosines"],
            domain="com.microsoft",
            K=dimension,
            N=rows,
            bits=8,
            block_size=BLOCK,
            accuracy_level=_INT8_ACTIVATIONS,
        )
        graph = helper.make_graph(
            [product],
            "cosines",
            [helper.make_tensor_value_info("question", TensorProto.FLOAT, [1, dimension])],
            [helper.make_tensor_value_info("cosines", TensorProto.FLOAT, [1, rows])],
            [
                helper.make_tensor("numbers", TensorProto.UINT8, numbers.shape, numbers.tobytes(), raw=True),
                helper.make_tensor("scales", TensorProto.FLOAT, scales.shape, scales.tobytes(), raw=True),
            ],
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)], ir_version=10
        )
        options = onnxruntime.SessionOptions()
        # Half a millisecond of work: a team of threads would take longer to come together.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def of(self, question: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (rows,): with each vector. `question`: float32 (dimension,), L2 norm 1."""
        found: NDArray[np.float32] = self._session.run(None, {"question": question[None]})[0][0]
        return found


def _in_8_bits(vectors: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """uint8 (rows, blocks, BLOCK) about 128, and float32 (rows * blocks,), what one step of each block is."""
    blocks = vectors.reshape(len(vectors), -1, BLOCK)
    scales = np.maximum(np.maximum(blocks.max(axis=2), -blocks.min(axis=2)) / LEVELS, np.float32(1e-12))
    steps = blocks / scales[:, :, None]
    steps += np.float32(128.5)  # positive, so that cutting off rounds
    return steps.astype(np.uint8), scales.astype(np.float32).reshape(-1)
