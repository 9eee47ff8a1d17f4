"""The one family of errors, and how each API family shows them.

Anything that a caller did wrong, or that the hub cannot do now, is raised as a `HubError` with a stable code. What goes
out is decided by the path of the request alone:

* `/v1/...`  the OpenAI envelope  `{"error": {"message", "type", "param", "code"}}`
* `/v2/...`  the Open Inference Protocol's `{"error": "..."}`, with `code` beside it and `message` for Cohere clients
* the rest   `application/problem+json` (RFC 9457) with `code`

Messages are Chinese, say what was wrong and what to do, and never carry what the caller sent beyond a short name: a
message ends up in logs.
"""

from __future__ import annotations

from typing import Any, ClassVar

import orjson

SHOWN_NAME_LENGTH = 80


def shown(name: object) -> str:
    """A caller's word cut to what a message may carry: printable, at most 80 characters."""
    text = "".join(character if character.isprintable() else "?" for character in str(name))
    return text if len(text) <= SHOWN_NAME_LENGTH else text[: SHOWN_NAME_LENGTH - 1] + "…"


class HubError(Exception):
    """An error that may be shown to the caller.

    Args:
        message: Chinese; what was wrong and what to do.
        code: stable, lower_snake_case; defaults to the class's own.
        param: the field at fault, if there is one.
        retry_after: seconds until it makes sense to try again (429 and 503 only).
        detail: further plain data for the problem document (for instance one entry per faulty field).
    """

    status: ClassVar[int] = 500
    code: str = "internal_error"
    openai_type: ClassVar[str] = "server_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.param = param
        self.retry_after = retry_after
        self.detail = detail or {}


class BadRequest(HubError):
    """The request can't be understood, whatever the state of the hub (400)."""

    status = 400
    code = "bad_request"
    openai_type = "invalid_request_error"


class Unauthenticated(HubError):
    """No key, or a key that is not known, expired or revoked (401)."""

    status = 401
    code = "unauthenticated"
    openai_type = "authentication_error"


class Forbidden(HubError):
    """A known caller without the right (403)."""

    status = 403
    code = "forbidden"
    openai_type = "permission_error"


class NotFound(HubError):
    """What the request names does not exist (404)."""

    status = 404
    code = "not_found"
    openai_type = "not_found_error"


class Conflict(HubError):
    """It exists, but its state does not allow this now (409)."""

    status = 409
    code = "conflict"
    openai_type = "invalid_request_error"


class TooLarge(HubError):
    """More than is taken in one go (413)."""

    status = 413
    code = "too_large"
    openai_type = "invalid_request_error"


class UnsupportedMedia(HubError):
    """A kind of content that is not taken here (415)."""

    status = 415
    code = "unsupported_media_type"
    openai_type = "invalid_request_error"


class Invalid(HubError):
    """Well-formed, but a value breaks a rule (422)."""

    status = 422
    code = "invalid"
    openai_type = "invalid_request_error"


class TooManyRequests(HubError):
    """A limit or a full queue; always says when to come back (429)."""

    status = 429
    code = "too_many_requests"
    openai_type = "rate_limit_error"

    def __init__(self, message: str, *, retry_after: float = 1.0, **more: Any) -> None:
        super().__init__(message, retry_after=retry_after, **more)


class Unavailable(HubError):
    """The hub can't do it now, through no fault of the caller (503)."""

    status = 503
    code = "unavailable"


class ArtifactMissing(Unavailable):
    """A model's files are not on disk; the message names the command that builds them."""

    code = "artifact_missing"


class ArtifactMismatch(Unavailable):
    """A model's file differs from the sha256 in registry.yaml; the message names the file."""

    code = "artifact_mismatch"


class RegistryInvalid(HubError):
    """registry.yaml can't be read; the message names the line and what was expected."""

    code = "registry_invalid"


class ModelFailed(HubError):
    """A model raised while it worked on this request."""

    code = "model_failed"


PROBLEM_TYPE = "urn:kaopu:error:"


def _headers(error: HubError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        # RFC 9110 takes whole seconds; never 0, or clients hammer.
        headers["Retry-After"] = str(max(1, int(-(-error.retry_after // 1))))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def render(path: str, error: HubError) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of `error` for a request to `path`, in that path's API family."""
    headers = _headers(error)
    body: dict[str, Any]
    if path.startswith("/v1/"):
        headers["Content-Type"] = "application/json"
        body = {
            "error": {
                "message": error.message,
                "type": error.openai_type,
                "param": error.param,
                "code": error.code,
            }
        }
    elif path.startswith("/v2/") or path == "/v2":
        headers["Content-Type"] = "application/json"
        body = {"error": error.message, "code": error.code, "message": error.message}
    else:
        headers["Content-Type"] = "application/problem+json"
        body = {
            "type": PROBLEM_TYPE + error.code,
            "title": error.message,
            "status": error.status,
            "detail": error.message,
            "instance": path,
            "code": error.code,
        }
        if error.param is not None:
            body["param"] = error.param
        body.update(error.detail)
    return error.status, headers, orjson.dumps(body)
