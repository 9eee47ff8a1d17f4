"""What FastAPI can't know for the OpenAPI document: the key, and the errors of /api in one shape, as `errors.py` renders it.

FastAPI documents its own answer to faulty fields, which the hub never gives.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """A problem document (RFC 9457) with a stable code."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    param: str | None = None


def document_errors(app: FastAPI) -> None:
    """Let the document of `app` say what every route under /api answers to a mistake (4XX) and in trouble (5XX)."""
    plain = app.openapi

    def documented() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = plain()
            _put_problems(schema)
            _put_key(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = documented  # type: ignore[method-assign]


def _put_problems(schema: dict[str, Any]) -> None:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            responses = operation["responses"]
            if _is_frameworks_own(responses.get("422")):
                del responses["422"]
            if path.startswith("/api/"):
                responses["4XX"] = {"description": "请求有误；code 是稳定的错误代码", "content": content}
                responses["5XX"] = {"description": "暂时不能服务；code 是稳定的错误代码", "content": content}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def _put_key(schema: dict[str, Any]) -> None:
    """A key may be sent everywhere; where nobody needs one, none is asked for."""
    schema["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "密钥，形如 kp_…；匿名只能使用市民的服务。"}
    }
    schema["security"] = [{}, {"key": []}]


def _is_frameworks_own(response: dict[str, Any] | None) -> bool:
    return response is not None and "HTTPValidationError" in str(response.get("content"))
