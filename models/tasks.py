"""What goes in and what comes out of one kind of model, and how that looks as tensors.

A task is a contract between callers and backends: frozen types inside the process, and named tensors for the Open
Inference Protocol (/v2). A new algorithm of a known task needs no new Python: an entry in registry.yaml and an artifact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid

Role = Literal["query", "passage", "none"]
ROLES: tuple[Role, ...] = ("query", "passage", "none")


@dataclass(frozen=True, slots=True)
class EmbeddingInput:
    """A text to turn into a vector. `role` picks the prefix that retrieval models are trained with (E5: "query: ",
    "passage: "); use "query" on both sides for symmetric similarity, "none" to give the text as it stands."""

    text: str
    role: Role = "query"


@dataclass(frozen=True, slots=True)
class EmbeddingOutput:
    """`vector`: float32, shape (dimension,), L2 norm 1. `tokens`: tokens read, special ones and prefix included.
    `truncated`: the text was longer than the model reads, and its end was left out."""

    vector: NDArray[np.float32]
    tokens: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class RerankInput:
    """A query and one document whose relevance to it is asked."""

    query: str
    document: str


@dataclass(frozen=True, slots=True)
class RerankOutput:
    """`score`: 0 (nothing to do with it) to 1; comparable within one query only. `tokens`: tokens read."""

    score: float
    tokens: int


@dataclass(frozen=True, slots=True)
class VectorInput:
    """A vector that an embedder made: float32, shape (dimension,), L2 norm 1."""

    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelsOutput:
    """`probabilities`: float32, shape (labels,), sum 1, in the order of `labels`. `embedder`: "model/version" whose vectors
    the head was trained on; of another's vectors the probabilities mean nothing. Empty where no vectors went in."""

    labels: tuple[str, ...]
    probabilities: NDArray[np.float32]
    embedder: str


@dataclass(frozen=True, slots=True)
class OcrInput:
    """One page. `image`: uint8, shape (height, width, 3), RGB, as the page was sent (not turned upright)."""

    image: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class OcrLine:
    """One line. `box`: four corners (x, y) clockwise from the text's top left, each 0..1 of the page's width and
    height *as it was sent*. `confidence`: 0..1."""

    text: str
    confidence: float
    box: tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class OcrOutput:
    """`width`, `height` in pixels as sent. `rotation`: degrees (0, 90, 180, 270) that the page has to be turned
    counter-clockwise to stand upright. `lines` in reading order."""

    width: int
    height: int
    rotation: int
    lines: tuple[OcrLine, ...]


@dataclass(frozen=True, slots=True)
class PageTextInput:
    """A page as it was read, to be told what kind of paper it is."""

    page: OcrOutput


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A named tensor of the Open Inference Protocol; -1 in `shape` is any length."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    optional: bool = False


Tensors = Mapping[str, NDArray[Any]]
"""Tensors by name. BYTES tensors are object arrays of `bytes`."""


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of model: its types inside, its tensors outside, and the way between the two.

    `from_tensors(tensors)` gives the list of inputs, raising `Invalid`; shapes and datatypes against `inputs` have been
    checked before. `to_tensors(outputs)` gives one array per name in `outputs`.
    """

    name: str
    title: str
    input_type: type[Any]
    output_type: type[Any]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    from_tensors: Callable[[Tensors], list[Any]]
    to_tensors: Callable[[Sequence[Any]], dict[str, NDArray[Any]]]


def _text(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        raise Invalid(f"张量 {name} 应为字符串。", code="tensor_value_invalid", param=name)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"张量 {name} 里有不是 UTF-8 的内容。", code="tensor_value_invalid", param=name) from None


def _texts(tensors: Tensors, name: str) -> list[str]:
    return [_text(value, name) for value in tensors[name].reshape(-1)]


def _embedding_inputs(tensors: Tensors) -> list[EmbeddingInput]:
    texts = _texts(tensors, "text")
    if "role" not in tensors:
        return [EmbeddingInput(text) for text in texts]
    roles = _texts(tensors, "role")
    if len(roles) == 1:
        roles = roles * len(texts)
    if len(roles) != len(texts):
        raise Invalid("张量 role 应只有 1 个值，或与 text 一样多。", code="tensor_shape_invalid", param="role")
    inputs = []
    for text, role in zip(texts, roles, strict=True):
        if role not in ROLES:
            raise Invalid("张量 role 只能取 query、passage、none。", code="tensor_value_invalid", param="role")
        inputs.append(EmbeddingInput(text, role))
    return inputs


def _embedding_tensors(outputs: Sequence[EmbeddingOutput]) -> dict[str, NDArray[Any]]:
    return {
        "embedding": np.stack([output.vector for output in outputs]),
        "tokens": np.array([output.tokens for output in outputs], dtype=np.int32),
    }


def _rerank_inputs(tensors: Tensors) -> list[RerankInput]:
    (query,) = _texts(tensors, "query")
    return [RerankInput(query, document) for document in _texts(tensors, "documents")]


def _rerank_tensors(outputs: Sequence[RerankOutput]) -> dict[str, NDArray[Any]]:
    return {
        "score": np.array([output.score for output in outputs], dtype=np.float32),
        "tokens": np.array([output.tokens for output in outputs], dtype=np.int32),
    }


def _vector_inputs(tensors: Tensors) -> list[VectorInput]:
    return [VectorInput(np.asarray(row, dtype=np.float32)) for row in np.atleast_2d(tensors["vector"])]


def _labels_tensors(outputs: Sequence[LabelsOutput]) -> dict[str, NDArray[Any]]:
    return {
        "probability": np.stack([output.probabilities for output in outputs]),
        "label": np.array([label.encode() for label in outputs[0].labels], dtype=object),
    }


def _page_inputs(tensors: Tensors) -> list[PageTextInput]:
    texts = _texts(tensors, "text")
    boxes = np.asarray(tensors["box"], dtype=np.float64).reshape(-1, 4, 2)
    width, height, rotation = (int(one) for one in tensors["page"].reshape(-1))
    if len(boxes) != len(texts):
        raise Invalid("张量 box 应与 text 一样多。", code="tensor_shape_invalid", param="box")
    if width < 1 or height < 1 or rotation not in (0, 90, 180, 270):
        raise Invalid(
            "张量 page 应为宽、高(像素，大于 0)和转角(0、90、180、270)。", code="tensor_value_invalid", param="page"
        )
    lines = []
    for text, box in zip(texts, boxes.tolist(), strict=True):
        first, second, third, fourth = ((x, y) for x, y in box)
        lines.append(OcrLine(text, 1.0, (first, second, third, fourth)))
    return [PageTextInput(OcrOutput(width, height, rotation, tuple(lines)))]


def _ocr_inputs(tensors: Tensors) -> list[OcrInput]:
    return [OcrInput(np.ascontiguousarray(tensors["image"], dtype=np.uint8))]


def _ocr_tensors(outputs: Sequence[OcrOutput]) -> dict[str, NDArray[Any]]:
    (page,) = outputs
    return {
        "text": np.array([line.text.encode() for line in page.lines], dtype=object),
        "confidence": np.array([line.confidence for line in page.lines], dtype=np.float32),
        "box": np.array([line.box for line in page.lines], dtype=np.float32).reshape(-1, 4, 2),
        "rotation": np.array([page.rotation], dtype=np.int32),
    }


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(
            name="text-embedding",
            title="句向量",
            input_type=EmbeddingInput,
            output_type=EmbeddingOutput,
            inputs=(TensorSpec("text", "BYTES", (-1,)), TensorSpec("role", "BYTES", (-1,), optional=True)),
            outputs=(TensorSpec("embedding", "FP32", (-1, -1)), TensorSpec("tokens", "INT32", (-1,))),
            from_tensors=_embedding_inputs,
            to_tensors=_embedding_tensors,
        ),
        Task(
            name="text-rerank",
            title="相关性排序",
            input_type=RerankInput,
            output_type=RerankOutput,
            inputs=(TensorSpec("query", "BYTES", (1,)), TensorSpec("documents", "BYTES", (-1,))),
            outputs=(TensorSpec("score", "FP32", (-1,)), TensorSpec("tokens", "INT32", (-1,))),
            from_tensors=_rerank_inputs,
            to_tensors=_rerank_tensors,
        ),
        Task(
            name="vector-classification",
            title="句向量归类",
            input_type=VectorInput,
            output_type=LabelsOutput,
            inputs=(TensorSpec("vector", "FP32", (-1, -1)),),
            outputs=(TensorSpec("probability", "FP32", (-1, -1)), TensorSpec("label", "BYTES", (-1,))),
            from_tensors=_vector_inputs,
            to_tensors=_labels_tensors,
        ),
        Task(
            name="page-classification",
            title="材料种类识别",
            input_type=PageTextInput,
            output_type=LabelsOutput,
            inputs=(
                TensorSpec("text", "BYTES", (-1,)),
                TensorSpec("box", "FP32", (-1, 4, 2)),
                TensorSpec("page", "INT32", (3,)),
            ),
            outputs=(TensorSpec("probability", "FP32", (-1, -1)), TensorSpec("label", "BYTES", (-1,))),
            from_tensors=_page_inputs,
            to_tensors=_labels_tensors,
        ),
        Task(
            name="ocr",
            title="文字识别",
            input_type=OcrInput,
            output_type=OcrOutput,
            inputs=(TensorSpec("image", "UINT8", (-1, -1, 3)),),
            outputs=(
                TensorSpec("text", "BYTES", (-1,)),
                TensorSpec("confidence", "FP32", (-1,)),
                TensorSpec("box", "FP32", (-1, 4, 2)),
                TensorSpec("rotation", "INT32", (1,)),
            ),
            from_tensors=_ocr_inputs,
            to_tensors=_ocr_tensors,
        ),
    )
}
