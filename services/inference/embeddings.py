"""`POST /v1/embeddings`: the request read into inputs of the task, the outputs written in OpenAI's shape.

https://platform.openai.com/docs/api-reference/embeddings, with one field of our own: `input_type`, because retrieval models
read a question and a passage differently. Vectors go out as JSON floats, or as base64 of little-endian float32, which is what
OpenAI's Python client asks for.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from core.errors import Invalid
from models.handle import CallResult
from models.tasks import EmbeddingInput, EmbeddingOutput, Role
from services.inference import fields
from services.inference.limits import Limits

TASK = "text-embedding"

INPUT_TYPES: dict[str, Role] = {
    "query": "query",
    "passage": "passage",
    "none": "none",
    "document": "passage",
    "search_query": "query",
    "search_document": "passage",
    "classification": "query",
    "clustering": "query",
}
"""Words of this API, of Jina and of Cohere, and the role each means. E5 wants "query" for symmetric comparison too."""

_FORMATS = {"float": False, "base64": True}


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """One call. `as_base64`: how the vectors are to be written. `dimensions`: what the caller expects, if it said so."""

    model: str
    inputs: list[EmbeddingInput]
    as_base64: bool
    dimensions: int | None


def parse(document: Mapping[str, Any], limits: Limits) -> EmbeddingRequest:
    """Check and read the request's object. Raises Invalid or TooLarge with the field at fault."""
    model = fields.text(document, "model")
    role: Role = fields.choice(document, "input_type", INPUT_TYPES, "query")
    texts = _texts(document, limits)
    return EmbeddingRequest(
        model=model,
        inputs=[EmbeddingInput(text, role) for text in texts],
        as_base64=fields.choice(document, "encoding_format", _FORMATS, "float"),
        dimensions=fields.positive(document, "dimensions"),
    )


def _texts(document: Mapping[str, Any], limits: Limits) -> list[str]:
    given = document.get("input")
    if isinstance(given, str):
        limits.check_text(given, "input")
        return [given]
    if not isinstance(given, list):
        if "input" not in document:
            raise Invalid("缺少 input；应为字符串或字符串数组。", code="field_missing", param="input")
        raise Invalid(
            f"input 应为字符串或字符串数组，收到的是{fields.kind_of(given)}。", code="field_invalid", param="input"
        )
    if given and _is_tokens(given[0]):
        raise Invalid(
            "不接受词元编号(token)输入，各模型的词表不同；请直接发送文字。",
            code="token_input_unsupported",
            param="input",
        )
    limits.check_count(len(given), "input")
    for index, text in enumerate(given):
        if not isinstance(text, str):
            raise Invalid(
                f"input[{index}] 应为字符串，收到的是{fields.kind_of(text)}。",
                code="field_invalid",
                param=f"input[{index}]",
            )
        limits.check_text(text, f"input[{index}]")
    return given


def _is_tokens(first: object) -> bool:
    if type(first) is int:
        return True
    return isinstance(first, list) and bool(first) and type(first[0]) is int


def dump(request: EmbeddingRequest, result: CallResult) -> bytes:
    """The response's body. `usage` counts the tokens that the model read, prefix and special ones included."""
    outputs: Sequence[EmbeddingOutput] = result.outputs
    tokens = sum(output.tokens for output in outputs)
    data: list[dict[str, Any]] = []
    for index, output in enumerate(outputs):
        vector = np.ascontiguousarray(output.vector, dtype="<f4")
        embedding = base64.b64encode(vector.tobytes()).decode("ascii") if request.as_base64 else vector
        data.append({"object": "embedding", "index": index, "embedding": embedding})
    return orjson.dumps(
        {
            "object": "list",
            "data": data,
            "model": request.model,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        },
        option=orjson.OPT_SERIALIZE_NUMPY,
    )
