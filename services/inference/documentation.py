"""How a hand-read route describes itself in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.inference.answers import TIMING_HEADERS

_CAUSES = {
    400: "请求体读不懂",
    401: "没有密钥，或密钥无效",
    403: "密钥的角色不能使用此接口",
    404: "没有这个模型或版本",
    413: "条目太多、文字太长或请求体太大",
    415: "Content-Type 或编码不被接受",
    422: "某个字段的值不对",
    429: "超出限额或排队已满；见 Retry-After",
    500: "模型出错",
    503: "模型没有装载或服务正在启动",
}


def errors(shape: type[BaseModel], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of these statuses, each with the family's error shape."""
    return {status: {"model": shape, "description": _CAUSES[status]} for status in statuses}


def answer(shape: type[BaseModel], description: str, *, timed: bool = False) -> dict[int | str, dict[str, Any]]:
    """The `responses` of success; `timed` adds the timing headers."""
    headers = {
        name: {"description": said, "schema": {"type": "string"}} for name, said in TIMING_HEADERS.items() if timed
    }
    return {200: {"model": shape, "description": description, **({"headers": headers} if timed else {})}}


def json_body(shape: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """`openapi_extra` for a body that the route reads itself. References are spelt out: FastAPI collects only its own."""
    schema = shape.model_json_schema()
    definitions = schema.pop("$defs", {})
    return {
        "requestBody": {
            "required": required,
            "content": {"application/json": {"schema": _spelt_out(schema, definitions)}},
        }
    }


def path_parameter(*names: str) -> dict[str, Any]:
    """`openapi_extra` for parameters of the path that the route reads itself."""
    return {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
            for name in names
        ]
    }


def _spelt_out(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_spelt_out(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _spelt_out(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _spelt_out(one, definitions) for name, one in schema.items()}
