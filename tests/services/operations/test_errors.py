"""Each API family gets its own form of an error; nothing that the caller sent comes back or is guessed at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from fastapi import FastAPI, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field

from core.errors import NotFound, TooManyRequests, Unauthenticated
from services.operations.errors import install_error_handlers


class Message(BaseModel):
    text: Annotated[str, Field(max_length=5)]


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    app = FastAPI()
    install_error_handlers(app, tmp_path)

    @app.get("/{family}/busy")
    async def busy(family: str) -> None:
        raise TooManyRequests("当前排队已满，请稍后再试。", code="queue_full", retry_after=0.2)

    @app.get("/{family}/gone")
    async def gone(family: str) -> None:
        raise NotFound("没有名为 x 的模型。", code="model_not_found", param="model")

    @app.get("/api/key")
    async def key() -> None:
        raise Unauthenticated("缺少密钥。", code="key_missing")

    @app.post("/api/messages")
    async def messages(message: Message, wait: Annotated[int, Query(ge=0)] = 0) -> Message:
        return message

    return TestClient(app)


def test_api_answers_with_a_problem_document(client: TestClient) -> None:
    answer = client.get("/api/busy")
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "1"
    assert answer.json() == {
        "type": "urn:kaopu:error:queue_full",
        "title": "当前排队已满，请稍后再试。",
        "status": 429,
        "detail": "当前排队已满，请稍后再试。",
        "instance": "/api/busy",
        "code": "queue_full",
    }


def test_v1_answers_as_openai_does(client: TestClient) -> None:
    assert client.get("/v1/gone").json() == {
        "error": {
            "message": "没有名为 x 的模型。",
            "type": "not_found_error",
            "param": "model",
            "code": "model_not_found",
        }
    }


def test_v2_answers_as_the_open_inference_protocol_does(client: TestClient) -> None:
    answer = client.get("/v2/gone")
    assert answer.status_code == 404
    assert answer.json()["error"] == "没有名为 x 的模型。"
    assert answer.json()["code"] == "model_not_found"


def test_a_missing_key_says_which_scheme(client: TestClient) -> None:
    assert client.get("/api/key").headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b'{"text": "secret-310107"}', "application/json", 422, "request_invalid"),
        (b"{}", "application/json", 422, "request_invalid"),
        (b"[1]", "application/json", 422, "request_invalid"),
        (b"{", "application/json", 400, "json_invalid"),
        (b'{"text": "a"}', "text/plain", 415, "unsupported_media_type"),
    ],
)
def test_bad_bodies(client: TestClient, body: bytes, content_type: str, status: int, code: str) -> None:
    answer = client.post("/api/messages", content=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text


def test_a_bad_query_names_the_field(client: TestClient) -> None:
    answer = client.post("/api/messages?wait=-1", json={"text": "a"})
    assert answer.json()["errors"] == [{"field": "wait", "message": "太小", "type": "greater_than_equal"}]


def test_unknown_addresses_and_methods(client: TestClient) -> None:
    answer = client.get("/api/nothing/here")
    assert (answer.status_code, answer.json()["code"]) == (404, "route_not_found")
    answer = client.delete("/api/messages")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"
