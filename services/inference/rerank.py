"""`POST /v1/rerank` and `/v2/rerank`: the shape that Cohere's and Jina's clients share.

https://docs.cohere.com/reference/rerank and https://jina.ai/reranker. Results come sorted by relevance; `index` names the
document's place in the request. `usage` is Jina's way of counting tokens, `meta` Cohere's; both stand in the answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from core.errors import Invalid
from models.handle import CallResult
from models.tasks import RerankInput, RerankOutput
from services.inference import fields
from services.inference.limits import Limits

TASK = "text-rerank"


@dataclass(frozen=True, slots=True)
class RerankRequest:
    """One call. `top_n`: how many results to give at most (None: all)."""

    model: str
    query: str
    documents: list[str]
    top_n: int | None
    return_documents: bool

    @property
    def inputs(self) -> list[RerankInput]:
        """One input per document, in the order given."""
        return [RerankInput(self.query, document) for document in self.documents]


def parse(document: Mapping[str, Any], limits: Limits) -> RerankRequest:
    """Check and read the request's object. Raises Invalid or TooLarge with the field at fault."""
    model = fields.text(document, "model")
    query = fields.text(document, "query") if document.get("query") != "" else ""
    limits.check_text(query, "query")
    if document.get("rank_fields") is not None:
        raise Invalid(
            "不支持 rank_fields；请把要比较的内容合成一段 text。", code="field_unsupported", param="rank_fields"
        )
    return RerankRequest(
        model=model,
        query=query,
        documents=_documents(document, limits),
        top_n=fields.positive(document, "top_n"),
        return_documents=fields.flag(document, "return_documents", default=False),
    )


def _documents(document: Mapping[str, Any], limits: Limits) -> list[str]:
    given = document.get("documents")
    if not isinstance(given, list):
        if "documents" not in document:
            raise Invalid("缺少 documents；应为字符串数组。", code="field_missing", param="documents")
        raise Invalid(f"documents 应为数组，收到的是{fields.kind_of(given)}。", code="field_invalid", param="documents")
    limits.check_count(len(given), "documents")
    texts = []
    for index, one in enumerate(given):
        text = one.get("text") if isinstance(one, dict) else one
        name = f"documents[{index}]"
        if not isinstance(text, str):
            raise Invalid(f'{name} 应为字符串或 {{"text": "…"}}。', code="field_invalid", param=name)
        limits.check_text(text, name)
        texts.append(text)
    return texts


def dump(request: RerankRequest, result: CallResult) -> bytes:
    """The response's body: results by falling relevance, equal ones in the order given."""
    outputs: Sequence[RerankOutput] = result.outputs
    order = sorted(range(len(outputs)), key=lambda index: -outputs[index].score)[: request.top_n]
    results: list[dict[str, Any]] = []
    for index in order:
        one: dict[str, Any] = {"index": index, "relevance_score": float(outputs[index].score)}
        if request.return_documents:
            one["document"] = {"text": request.documents[index]}
        results.append(one)
    tokens = sum(output.tokens for output in outputs)
    return orjson.dumps(
        {
            "id": str(uuid.uuid4()),
            "model": request.model,
            "results": results,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            "meta": {"api_version": {"version": "2"}, "tokens": {"input_tokens": tokens}},
        }
    )
