"""The shapes of the inference API for its OpenAPI document.

The hot path reads and writes JSON by hand (`embeddings.py`, `rerank.py`, `open_inference.py`); a test holds what those give
against these models.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class EmbeddingIn(_Shape):
    """An embedding request; OpenAI's fields and `input_type`."""

    model: Annotated[
        str, Field(min_length=1, description="模型：name、name@alias 或 name/version", examples=["e5-small-zh"])
    ]
    input: Annotated[
        Text | Annotated[list[Text], Field(min_length=1)],
        Field(description="一段或多段文字；不接受词元编号", examples=["居住证怎么办理"]),
    ]
    encoding_format: Annotated[Literal["float", "base64"] | None, Field(description="向量的写法")] = None
    input_type: Annotated[
        Literal[
            "query",
            "passage",
            "none",
            "document",
            "search_query",
            "search_document",
            "classification",
            "clustering",
        ]
        | None,
        Field(description="问题(query，默认)还是被检索的段落(passage)"),
    ] = None
    dimensions: Annotated[int | None, Field(ge=1, description="只能等于模型的维数")] = None
    user: Annotated[str | None, Field(description="忽略")] = None


class Usage(BaseModel):
    """Tokens that the model read."""

    prompt_tokens: int
    total_tokens: int


class Embedding(BaseModel):
    """One vector: floats, or base64 of little-endian float32."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingOut(BaseModel):
    """An embedding response."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: Usage


class DocumentText(_Shape):
    """A document as an object."""

    text: Text


class RerankIn(_Shape):
    """A rerank request; the fields that Cohere and Jina share."""

    model: Annotated[str, Field(min_length=1, examples=["rerank-zh"])]
    query: Annotated[Text, Field(examples=["公共场所卫生许可证注销要什么材料"])]
    documents: Annotated[list[Text | DocumentText], Field(min_length=1)]
    top_n: Annotated[int | None, Field(ge=1, description="最多返回几条；默认全部")] = None
    return_documents: Annotated[bool | None, Field(description="结果里是否带上原文")] = None


class RerankResult(BaseModel):
    """One document's relevance, 0 to 1; `index` is its place in the request."""

    index: int
    relevance_score: float
    document: DocumentText | None = None


class RerankOut(BaseModel):
    """A rerank response, by falling relevance."""

    id: str
    model: str
    results: list[RerankResult]
    usage: Usage
    meta: dict[str, Any]


class OpenAIModel(BaseModel):
    """One way to name a model that can be called."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    task: str
    title: str
    version: str
    state: str


class OpenAIModels(BaseModel):
    """Every way to name a model that can be called."""

    object: Literal["list"]
    data: list[OpenAIModel]


class OpenAIProblem(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str


class OpenAIError(BaseModel):
    """OpenAI's error envelope."""

    error: OpenAIProblem


class ProtocolError(BaseModel):
    """The Open Inference Protocol's error, with a stable code."""

    error: str
    code: str
    message: str


class InputTensor(_Shape):
    """A tensor sent: `data` in JSON, or `parameters.binary_data_size` bytes after the JSON."""

    name: Annotated[str, Field(examples=["text"])]
    shape: Annotated[list[Annotated[int, Field(ge=0)]], Field(examples=[[1]])]
    datatype: Annotated[str, Field(examples=["BYTES"])]
    parameters: dict[str, Any] | None = None
    data: Annotated[list[Any] | None, Field(examples=[["居住证怎么办理"]])] = None


class RequestedOutput(_Shape):
    """An output asked for."""

    name: str
    parameters: dict[str, Any] | None = None


class InferIn(_Shape):
    """An inference request."""

    id: str | None = None
    parameters: dict[str, Any] | None = None
    inputs: list[InputTensor]
    outputs: list[RequestedOutput] | None = None


class OutputTensor(_Shape):
    """A tensor given: `data` in JSON, or `parameters.binary_data_size` bytes after the JSON."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, Any] | None = None
    data: list[Any] | None = None


class InferOut(BaseModel):
    """An inference response."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[OutputTensor]


class TensorMetadata(BaseModel):
    """A tensor that a model takes or gives; -1 is any length."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """A model's metadata."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]
    parameters: dict[str, Any]


class ServerMetadata(BaseModel):
    """The server's metadata."""

    name: str
    version: str
    extensions: list[str]


class Live(BaseModel):
    """The process answers."""

    live: bool


class Ready(BaseModel):
    """Every model asked for at start is loaded."""

    ready: bool


class ModelReady(BaseModel):
    """Whether a model can be called."""

    name: str
    ready: bool


class ModelConfigOut(_Shape):
    """Triton's model configuration, in part."""

    name: str
    platform: str
    backend: str
    max_batch_size: int
    input: list[dict[str, Any]]
    output: list[dict[str, Any]]


class ModelStatistics(BaseModel):
    """Triton's statistics of models."""

    model_stats: list[dict[str, Any]]


class IndexIn(_Shape):
    """What to list."""

    ready: bool | None = None


class IndexRow(BaseModel):
    """One version and its state."""

    name: str
    version: str
    state: Literal["READY", "LOADING", "UNLOADING", "UNAVAILABLE"]
    reason: str | None = None
