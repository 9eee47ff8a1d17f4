"""Every error that a route raises, in the form of its API family (`core.errors.render`).

What nobody foresaw is answered further out, by `core.telemetry.Observe`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from core.errors import BadRequest, HubError, Invalid, NotFound, TooLarge, UnsupportedMedia, render, shown
from core.telemetry import log_failure, route_of
from core.validation import in_words
from services.operations.portal import page, wants_page

MAX_SHOWN_PROBLEMS = 10


def _validation(problems: Sequence[Mapping[str, Any]]) -> HubError:
    """One error for all faulty fields; what the caller sent is not repeated."""
    fields = []
    for problem in problems[:MAX_SHOWN_PROBLEMS]:
        place = shown(".".join(str(part) for part in problem["loc"][1:]) or "请求体")
        fields.append({"field": place, "message": in_words(problem["type"]), "type": problem["type"]})
    message = "请求有误：" + "；".join(f"{field['field']} {field['message']}" for field in fields) + "。"
    if any(problem["type"] == "json_invalid" for problem in problems):
        return BadRequest("请求体不是正确的 JSON。", code="json_invalid")
    return Invalid(message, code="request_invalid", param=str(fields[0]["field"]), detail={"errors": fields})


class MethodNotAllowed(HubError):
    """The address exists, but not for this method (405)."""

    status = 405
    code = "method_not_allowed"
    openai_type = "invalid_request_error"


def _framework(error: HTTPException) -> HubError:
    if error.status_code == 404:
        return NotFound("没有这个地址，请核对路径。", code="route_not_found")
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return MethodNotAllowed(f"这个地址不接受该请求方法{',可用 ' + allowed if allowed else ''}。")
    if error.status_code == 413:
        return TooLarge("请求体太大。")
    if error.status_code == 415:
        return UnsupportedMedia("不支持这种 Content-Type。")
    return BadRequest("请求体读不懂：multipart 或 JSON 的格式不对。", code="body_unreadable")


def install_error_handlers(app: FastAPI, portal: Path) -> None:
    """Render every error of `app` in its family's form, an unknown page as the portal's own (built into `portal`)."""

    def answer(request: Request, error: HubError, headers: Mapping[str, str] | None = None) -> Response:
        status, own, body = render(request.url.path, error)
        return Response(body, status_code=status, headers={**(headers or {}), **own})

    async def hub_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HubError)
        if error.status >= 500:
            log_failure(error, route=route_of(request.scope), code=error.code)
        return answer(request, error)

    async def validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        content_type = request.headers.get("content-type", "")
        if any(
            problem["type"] == "model_attributes_type" and problem["loc"] == ("body",) for problem in error.errors()
        ) and (not content_type.startswith("application/json")):
            return answer(request, UnsupportedMedia("请以 Content-Type: application/json 发送 JSON。"))
        return answer(request, _validation(error.errors()))

    async def framework_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404 and wants_page(request):
            return page(portal, status=404)
        headers = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
        return answer(request, _framework(error), headers)

    app.add_exception_handler(HubError, hub_error)
    app.add_exception_handler(RequestValidationError, validation_error)
    app.add_exception_handler(HTTPException, framework_error)
