"""/v1: OpenAI's embeddings and models, and the rerank that Cohere and Jina share (also at /v2/rerank)."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.access.access import Access
from services.inference import documentation, embeddings, rerank, schemas
from services.inference.answers import CALLERS, answer, quiet_when_gone
from services.inference.request_body import parse_object, read_body, require_json, while_connected
from services.inference.service import InferenceService

JSON = "application/json"
CALL_ERRORS = (400, 401, 403, 404, 413, 415, 422, 429, 500, 503)


def add_openai_routes(router: APIRouter, service: InferenceService, access: Access) -> None:
    """Put the routes on `router`."""

    @quiet_when_gone
    async def create_embeddings(request: Request) -> Response:
        await access.check(request, *CALLERS)
        require_json(request)
        wanted = embeddings.parse(parse_object(await read_body(request)), service.limits)
        result = await while_connected(request, service.embed(wanted))
        return answer(embeddings.dump(wanted, result), result)

    @quiet_when_gone
    async def rerank_documents(request: Request) -> Response:
        await access.check(request, *CALLERS)
        require_json(request)
        wanted = rerank.parse(parse_object(await read_body(request)), service.limits)
        result = await while_connected(request, service.rerank(wanted))
        return answer(rerank.dump(wanted, result), result)

    async def list_models(request: Request) -> Response:
        await access.check(request)
        return Response(orjson.dumps({"object": "list", "data": service.catalogue.models()}), media_type=JSON)

    async def retrieve_model(request: Request) -> Response:
        await access.check(request)
        return Response(orjson.dumps(service.catalogue.model(request.path_params["model"])), media_type=JSON)

    router.add_api_route(
        "/v1/embeddings",
        create_embeddings,
        methods=["POST"],
        summary="文字变成向量(OpenAI 形式)",
        responses={
            **documentation.answer(schemas.EmbeddingOut, "每段文字一个向量", timed=True),
            **documentation.errors(schemas.OpenAIError, *CALL_ERRORS),
        },
        openapi_extra=documentation.json_body(schemas.EmbeddingIn),
    )
    for path, error in (("/v1/rerank", schemas.OpenAIError), ("/v2/rerank", schemas.ProtocolError)):
        router.add_api_route(
            path,
            rerank_documents,
            methods=["POST"],
            summary="按相关性排序(Cohere、Jina 形式)",
            responses={
                **documentation.answer(schemas.RerankOut, "按相关性从高到低", timed=True),
                **documentation.errors(error, *CALL_ERRORS),
            },
            openapi_extra=documentation.json_body(schemas.RerankIn),
        )
    router.add_api_route(
        "/v1/models",
        list_models,
        methods=["GET"],
        summary="可调用的模型(OpenAI 形式)",
        responses={
            **documentation.answer(schemas.OpenAIModels, "名称、别名与已装载的版本"),
            **documentation.errors(schemas.OpenAIError, 401, 403, 429, 503),
        },
    )
    router.add_api_route(
        # OpenAI's client sends name/version as one percent-encoded segment, which arrives decoded.
        "/v1/models/{model:path}",
        retrieve_model,
        methods=["GET"],
        summary="一个模型(OpenAI 形式)",
        responses={
            **documentation.answer(schemas.OpenAIModel, "模型"),
            **documentation.errors(schemas.OpenAIError, 401, 403, 404, 429, 503),
        },
        openapi_extra=documentation.path_parameter("model"),
    )
