"""/v2: the Open Inference Protocol over HTTP, with Triton's configuration, statistics and repository index.

A model's name in the path is a name or `name@alias`; a version stands in the path of its own. Bodies are read raw: tritonclient
names no Content-Type.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from core.errors import BadRequest
from services.access.access import Access
from services.inference import documentation, open_inference, schemas
from services.inference.answers import CALLERS, Endpoint, answer, quiet_when_gone
from services.inference.catalogue import version_reference
from services.inference.open_inference import HEADER_LENGTH
from services.inference.request_body import parse_object, read_body, while_connected
from services.inference.service import InferenceService

JSON = "application/json"
SERVER = {
    "name": "kaopu-hub",
    "version": version("kaopu-hub"),
    "extensions": ["binary_tensor_data", "model_configuration", "model_repository", "statistics"],
}
CALL_ERRORS = (400, 401, 403, 404, 413, 415, 422, 429, 500, 503)
READ_ERRORS = (401, 403, 404, 429, 503)


def _json(document: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status_code=status, media_type=JSON)


def _reference(request: Request) -> str:
    model: str = request.path_params["model"]
    version: str | None = request.path_params.get("version")
    return model if version is None else version_reference(model, version)


def add_open_inference_routes(router: APIRouter, service: InferenceService, access: Access) -> None:
    """Put the routes on `router`."""
    catalogue = service.catalogue

    async def server_metadata(request: Request) -> Response:
        await access.check(request)
        return _json(SERVER)

    async def live(request: Request) -> Response:
        return _json({"live": True})

    async def ready(request: Request) -> Response:
        return _json({"ready": service.host.ready}, 200 if service.host.ready else 503)

    async def model_ready(request: Request) -> Response:
        reference = _reference(request)
        is_ready = catalogue.is_ready(reference)
        return _json({"name": request.path_params["model"], "ready": is_ready}, 200 if is_ready else 503)

    async def all_statistics(request: Request) -> Response:
        await access.check(request)
        return _json({"model_stats": catalogue.statistics()})

    async def index(request: Request) -> Response:
        await access.check(request)
        body = await read_body(request)
        only_ready = parse_object(body).get("ready") if body else None
        if only_ready is not None and not isinstance(only_ready, bool):
            raise BadRequest("ready 应为 true 或 false。", code="field_invalid", param="ready")
        return _json(catalogue.index(only_ready=bool(only_ready)))

    def about(read: Callable[[str], Any]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            await access.check(request)
            return _json(read(_reference(request)))

        return endpoint

    @quiet_when_gone
    async def infer(request: Request) -> Response:
        await access.check(request, *CALLERS)
        reference = _reference(request)
        task = service.task_of(reference)
        body = await read_body(request)
        document, raw = open_inference.split(body, request.headers.get(HEADER_LENGTH))
        wanted = open_inference.parse(task, document, raw, service.limits)
        result = await while_connected(request, service.infer(reference, wanted))
        content, header_length = open_inference.dump(task, wanted, result)
        return answer(content, result, header_length=header_length)

    def get(
        path: str, endpoint: Endpoint, shape: type[BaseModel], summary: str, errors: tuple[int, ...], *names: str
    ) -> None:
        router.add_api_route(
            path,
            endpoint,
            methods=["GET"],
            summary=summary,
            name=path,
            responses={
                **documentation.answer(shape, summary),
                **documentation.errors(schemas.ProtocolError, *errors),
            },
            openapi_extra=documentation.path_parameter(*names) if names else None,
        )

    prefixes = (
        ("/v2/models/{model}", ("model",)),
        ("/v2/models/{model}/versions/{version}", ("model", "version")),
    )
    # First, because routes are tried in their order and these are the ones in a hurry.
    for prefix, names in prefixes:
        router.add_api_route(
            prefix + "/infer",
            infer,
            methods=["POST"],
            summary="推理(开放推理协议 v2)",
            name=prefix + "/infer",
            responses={
                **documentation.answer(schemas.InferOut, "输出张量；要求二进制时为 JSON 加原始字节", timed=True),
                **documentation.errors(schemas.ProtocolError, *CALL_ERRORS),
            },
            openapi_extra={
                **documentation.json_body(schemas.InferIn),
                **documentation.path_parameter(*names),
            },
        )

    get("/v2", server_metadata, schemas.ServerMetadata, "服务的元数据", (401, 403, 429, 503))
    get("/v2/health/live", live, schemas.Live, "进程在运行", ())
    router.add_api_route(
        "/v2/health/ready",
        ready,
        methods=["GET"],
        summary="模型已就绪",
        responses={
            **documentation.answer(schemas.Ready, "已就绪"),
            503: {"model": schemas.Ready, "description": "未就绪"},
        },
    )
    get("/v2/models/stats", all_statistics, schemas.ModelStatistics, "全部模型的统计", (401, 403, 429, 503))
    router.add_api_route(
        "/v2/repository/index",
        index,
        methods=["POST"],
        summary="全部模型与版本的状态",
        responses={
            200: {"model": list[schemas.IndexRow], "description": "每个版本一行"},
            **documentation.errors(schemas.ProtocolError, 400, 401, 403, 415, 429, 503),
        },
        openapi_extra=documentation.json_body(schemas.IndexIn, required=False),
    )
    for prefix, names in prefixes:
        one_version = len(names) == 2

        def statistics(reference: str, every: bool = not one_version) -> dict[str, Any]:
            return {"model_stats": catalogue.statistics(reference, every_version=every)}

        get(prefix, about(catalogue.metadata), schemas.ModelMetadata, "模型的元数据", READ_ERRORS, *names)
        get(prefix + "/config", about(catalogue.config), schemas.ModelConfigOut, "模型的配置", READ_ERRORS, *names)
        get(prefix + "/stats", about(statistics), schemas.ModelStatistics, "模型的统计", READ_ERRORS, *names)
        router.add_api_route(
            prefix + "/ready",
            model_ready,
            methods=["GET"],
            summary="模型可调用",
            name=prefix + "/ready",
            responses={
                **documentation.answer(schemas.ModelReady, "可调用"),
                503: {"model": schemas.ModelReady, "description": "未装载"},
                **documentation.errors(schemas.ProtocolError, 404),
            },
            openapi_extra=documentation.path_parameter(*names),
        )
