"""The routes over real models: who may, what comes back, and that one caller's trouble stays its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from httpx import Response

import models.host
from models.backends import backend_class
from models.model import Model, Prepared
from models.tasks import EmbeddingInput, EmbeddingOutput
from services.access.callers import Role
from services.inference import schemas
from tests.services.inference.conftest import Start

MODEL = "e5-small-zh"
RERANKER = "rerank-zh"
INFER = {"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["居住证怎么办理"]}]}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


class Stubborn(Model[EmbeddingInput, EmbeddingOutput]):
    """Raises on a text that says so, takes its time over each batch, and otherwise gives a unit vector."""

    seconds = 0.1

    def load(self) -> None: ...

    def prepare(self, inputs: Sequence[EmbeddingInput]) -> list[Prepared]:
        return [Prepared(one.text, len(one.text)) for one in inputs]

    def infer(self, batch: Sequence[Prepared]) -> list[EmbeddingOutput]:
        time.sleep(self.seconds)
        if any(one.payload == "坏" for one in batch):
            raise ValueError("secret of the caller")
        return [EmbeddingOutput(np.array([1.0], dtype=np.float32), one.size, False) for one in batch]


@pytest.fixture
def stubborn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedder's backend replaced: no real model raises or is slow when it is told to."""
    monkeypatch.setattr(
        models.host, "backend_class", lambda name: Stubborn if name == "onnx-embedding" else backend_class(name)
    )


def problem(answer: Response, status: int, code: str) -> str:
    """The message of an error in its family's shape, Chinese and with this status and code."""
    assert answer.status_code == status, answer.text
    document = answer.json()
    if answer.url.path.startswith("/v1"):
        schemas.OpenAIError.model_validate(document, strict=True)
        message, found = document["error"]["message"], document["error"]["code"]
    else:
        schemas.ProtocolError.model_validate(document, strict=True)
        message, found = document["error"], document["code"]
    assert found == code, message
    assert any("一" <= character <= "鿿" for character in message)
    assert len(message) < 400
    return str(message)


async def test_who_may_call(start: Start) -> None:
    async with start(MODEL) as running:
        for role, key in running.keys.items():
            for path, body in (
                ("/v1/embeddings", {"model": MODEL, "input": "甲"}),
                (f"/v2/models/{MODEL}/infer", INFER),
            ):
                answer = await running.client.post(path, json=body, headers=bearer(key))
                if role in (Role.DEPARTMENT, Role.SCIENTIST, Role.ADMIN):
                    assert answer.status_code == 200
                else:
                    problem(answer, 403, "role_not_allowed")
            answer = await running.client.get("/v1/models", headers=bearer(key))
            assert answer.status_code == 200
        running.client.headers.pop("Authorization")
        for method, path in (
            ("POST", "/v1/embeddings"),
            ("POST", "/v1/rerank"),
            ("POST", "/v2/rerank"),
            ("GET", "/v1/models"),
            ("GET", "/v2"),
            ("GET", f"/v2/models/{MODEL}"),
            ("GET", "/v2/models/stats"),
            ("POST", "/v2/repository/index"),
            ("POST", f"/v2/models/{MODEL}/infer"),
        ):
            problem(await running.client.request(method, path), 401, "key_missing")
        for path in ("/v2/health/live", "/v2/health/ready", f"/v2/models/{MODEL}/ready"):
            assert (await running.client.get(path)).status_code == 200


async def test_every_answer_says_where_the_time_went(start: Start) -> None:
    async with start(MODEL, RERANKER) as running:
        for path, body in (
            ("/v1/embeddings", {"model": MODEL, "input": ["居住证怎么办理", "社保卡"]}),
            ("/v1/rerank", {"model": RERANKER, "query": "居住证", "documents": ["居住证办理", "食品经营许可"]}),
            (f"/v2/models/{MODEL}/infer", INFER),
        ):
            answer = await running.client.post(path, json=body)
            assert answer.status_code == 200, answer.text
            assert answer.headers["X-Model-Version"] == "2"
            assert float(answer.headers["X-Inference-Time-Ms"]) > 0
            assert float(answer.headers["X-Prepare-Time-Ms"]) > 0
            assert float(answer.headers["X-Queue-Time-Ms"]) >= 0
            assert f"infer;dur={answer.headers['X-Inference-Time-Ms']}" in answer.headers["Server-Timing"]


async def test_usage_counts_the_tokens_that_were_read(start: Start) -> None:
    async with start(MODEL) as running:
        encoder = running.host.find(MODEL).model
        expected = sum(one.size for one in encoder.prepare([EmbeddingInput("居住证"), EmbeddingInput("社会保障卡")]))
        answer = await running.client.post("/v1/embeddings", json={"model": MODEL, "input": ["居住证", "社会保障卡"]})
        assert answer.json()["usage"] == {"prompt_tokens": expected, "total_tokens": expected}


async def test_the_protocol_and_openai_give_the_same_vectors(start: Start) -> None:
    async with start(MODEL) as running:
        openai = await running.client.post(
            "/v1/embeddings", json={"model": MODEL, "input": "居住证怎么办理", "input_type": "passage"}
        )
        roles = {"name": "role", "shape": [1], "datatype": "BYTES", "data": ["passage"]}
        protocol = await running.client.post(
            f"/v2/models/{MODEL}/infer", json={"inputs": [*INFER["inputs"], roles], "outputs": [{"name": "embedding"}]}
        )
        (output,) = protocol.json()["outputs"]
        assert output["shape"] == [1, 384]
        assert np.allclose(output["data"], openai.json()["data"][0]["embedding"], atol=1e-6)


async def test_rerank_puts_the_answer_first(start: Start) -> None:
    documents = ["食品经营许可证的有效期为五年。", "申领居住证需要身份证和居住证明。", "敬老卡每季度发放。"]
    async with start(RERANKER) as running:
        for path in ("/v1/rerank", "/v2/rerank"):
            answer = await running.client.post(
                path, json={"model": RERANKER, "query": "办居住证要什么材料", "documents": documents, "top_n": 2}
            )
            schemas.RerankOut.model_validate(answer.json(), strict=True)
            results = answer.json()["results"]
            assert results[0]["index"] == 1
            assert len(results) == 2


async def test_models_are_listed_by_name_alias_and_version(start: Start) -> None:
    async with start(MODEL) as running:
        answer = await running.client.get("/v1/models")
        schemas.OpenAIModels.model_validate(answer.json(), strict=True)
        assert [one["id"] for one in answer.json()["data"]] == [MODEL, f"{MODEL}@champion", f"{MODEL}/2"]
        for reference in (MODEL, f"{MODEL}@champion", f"{MODEL}/2", f"{MODEL}%2F2"):
            one = await running.client.get(f"/v1/models/{reference}")
            schemas.OpenAIModel.model_validate(one.json(), strict=True)
            assert (one.json()["version"], one.json()["state"]) == ("2", "ready")
        assert (await running.client.get(f"/v1/models/{MODEL}/2-fp32")).json()["state"] == "not_loaded"
        for reference in ("gpt-4o", f"{MODEL}/9", f"{MODEL}@best", f"{MODEL}/2/x"):
            assert (await running.client.get(f"/v1/models/{reference}")).status_code == 404


async def test_the_protocol_describes_models(start: Start) -> None:
    async with start(MODEL) as running:
        get = running.client.get
        for prefix in (f"/v2/models/{MODEL}", f"/v2/models/{MODEL}/versions/2", f"/v2/models/{MODEL}@champion"):
            metadata = (await get(prefix)).json()
            schemas.ModelMetadata.model_validate(metadata, strict=True)
            assert metadata["versions"] == ["2"]
            assert metadata["parameters"]["dimension"] == 384
            assert (await get(prefix + "/ready")).json()["ready"] is True
            schemas.ModelConfigOut.model_validate((await get(prefix + "/config")).json(), strict=True)
        assert (await get(f"/v2/models/{MODEL}/versions/2-fp32/ready")).status_code == 503
        problem(await get("/v2/models/none"), 404, "model_not_found")
        problem(await get(f"/v2/models/{MODEL}/versions/9"), 404, "version_not_found")
        problem(await get(f"/v2/models/{MODEL}@champion/versions/2"), 404, "model_not_found")
        problem(await get("/v2/nothing"), 404, "route_not_found")
        index = (await running.client.post("/v2/repository/index")).json()
        assert {"name": MODEL, "version": "2", "state": "READY"} in index
        assert {"name": MODEL, "version": "2-fp32", "state": "UNAVAILABLE", "reason": "未装载"} in index
        ready = (await running.client.post("/v2/repository/index", json={"ready": True})).json()
        assert ready == [{"name": MODEL, "version": "2", "state": "READY"}]


async def test_statistics_count_what_was_done(start: Start) -> None:
    async with start(MODEL) as running:

        async def stats(path: str) -> dict[str, Any]:
            document = (await running.client.get(path)).json()
            schemas.ModelStatistics.model_validate(document, strict=True)
            (one,) = document["model_stats"]
            return dict(one)

        before = await stats("/v2/models/stats")
        await running.client.post("/v1/embeddings", json={"model": MODEL, "input": ["甲", "乙", "丙"]})
        for path in ("/v2/models/stats", f"/v2/models/{MODEL}/stats", f"/v2/models/{MODEL}/versions/2/stats"):
            after = await stats(path)
            assert after["inference_count"] == before["inference_count"] + 3
            assert after["execution_count"] == before["execution_count"] + 1
            success = after["inference_stats"]["success"]
            assert success["count"] == before["inference_stats"]["success"]["count"] + 1
            assert success["ns"] > before["inference_stats"]["success"]["ns"]
        assert (await running.client.get(f"/v2/models/{MODEL}/versions/2-fp32/stats")).json() == {"model_stats": []}


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        ("gpt-4o", 404, "model_not_found"),
        (f"{MODEL}/9", 404, "version_not_found"),
        (f"{MODEL}@best", 404, "version_not_found"),
        (RERANKER, 422, "model_task_mismatch"),
        (f"{MODEL}/2-fp32", 503, "model_not_loaded"),
    ],
)
async def test_models_that_do_not_answer(start: Start, model: str, status: int, code: str) -> None:
    async with start(MODEL) as running:
        answer = await running.client.post("/v1/embeddings", json={"model": model, "input": "甲"})
        assert MODEL in problem(answer, status, code)


async def test_dimensions_must_be_the_models_own(start: Start) -> None:
    async with start(MODEL) as running:
        body = {"model": MODEL, "input": "甲", "dimensions": 384}
        assert (await running.client.post("/v1/embeddings", json=body)).status_code == 200
        answer = await running.client.post("/v1/embeddings", json={**body, "dimensions": 256})
        assert "384" in problem(answer, 422, "dimensions_unsupported")


async def test_before_a_model_is_there(start: Start) -> None:
    async with start() as running:
        running.host._required.append((MODEL, "2"))  # as if loading were under way
        assert (await running.client.get("/v2/health/live")).status_code == 200
        assert (await running.client.get("/v2/health/ready")).json() == {"ready": False}
        answer = await running.client.post("/v1/embeddings", json={"model": MODEL, "input": "甲"})
        problem(answer, 503, "model_not_loaded")
        assert (await running.client.get("/v1/models")).json()["data"] == []


@pytest.mark.usefixtures("stubborn")
async def test_a_model_that_raises_fails_only_its_own_requests(start: Start) -> None:
    async with start(MODEL) as running:
        texts = ["好", "坏", "好", "也好", "坏", "好"]
        answers = await asyncio.gather(
            *(running.client.post("/v1/embeddings", json={"model": MODEL, "input": text}) for text in texts)
        )
        for text, answer in zip(texts, answers, strict=True):
            if text == "坏":
                assert "secret" not in problem(answer, 500, "model_failed")
            else:
                assert answer.status_code == 200
        problem(
            await running.client.post(
                f"/v2/models/{MODEL}/infer", json={"inputs": [{**INFER["inputs"][0], "data": ["坏"]}]}
            ),
            500,
            "model_failed",
        )
        assert (await running.client.post("/v1/embeddings", json={"model": MODEL, "input": "好"})).status_code == 200


@pytest.mark.usefixtures("stubborn")
async def test_a_full_queue_refuses_at_once(start: Start) -> None:
    async with start(MODEL, queue_items=2) as running:
        calls = [
            asyncio.create_task(running.client.post("/v1/embeddings", json={"model": MODEL, "input": "好"}))
            for _ in range(12)
        ]
        answers = await asyncio.gather(*calls)
        refused = [answer for answer in answers if answer.status_code != 200]
        assert 0 < len(refused) < 12
        for answer in refused:
            problem(answer, 429, "queue_full")
            assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.usefixtures("stubborn")
async def test_whoever_hangs_up_is_not_computed(start: Start) -> None:
    async with start(MODEL) as running:

        async def ask(left: asyncio.Event) -> int:
            """One raw ASGI call whose client goes once `left` is set; returns the status."""
            sent = False
            status = 0

            async def receive() -> dict[str, Any]:
                nonlocal sent
                if not sent:
                    sent = True
                    return {"type": "http.request", "body": b'{"model": "e5-small-zh", "input": "x"}'}
                await left.wait()
                return {"type": "http.disconnect"}

            async def send(message: dict[str, Any]) -> None:
                nonlocal status
                status = message.get("status", status)

            headers = [(b"authorization", f"Bearer {running.keys[Role.ADMIN]}".encode())]
            scope = {
                "type": "http",
                "method": "POST",
                "path": "/v1/embeddings",
                "raw_path": b"/v1/embeddings",
                "query_string": b"",
                "headers": headers,
                "client": ("127.0.0.1", 1),
            }
            await running.app(scope, receive, send)  # type: ignore[arg-type]
            return status

        gone = asyncio.Event()
        stays = asyncio.Event()
        model = running.host.find(MODEL)
        calls = [asyncio.create_task(ask(stays))]
        while not (model.in_flight and not model.batcher.waiting):  # noqa: ASYNC110
            await asyncio.sleep(0.001)  # until the first is with the model; the others then wait for it
        calls += [asyncio.create_task(ask(gone)) for _ in range(5)] + [asyncio.create_task(ask(stays))]
        while model.batcher.waiting < 6:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        gone.set()
        assert await asyncio.gather(*calls) == [200, 499, 499, 499, 499, 499, 200]
        assert model.stats.cancelled_requests == 5
        assert model.stats.inputs == 2


async def test_bodies_that_can_not_be_read(start: Start) -> None:
    async with start(MODEL, max_body_bytes=100_000) as running:
        post = running.client.post
        json_type = {"Content-Type": "application/json"}
        problem(await post("/v1/embeddings", content=b"{", headers=json_type), 400, "json_invalid")
        problem(await post("/v1/embeddings", content=b"[]", headers=json_type), 400, "json_not_object")
        problem(await post("/v1/embeddings", data={"input": "x"}), 415, "content_type_unsupported")
        problem(await post("/v1/embeddings", content=b" " * 200_000, headers=json_type), 413, "body_too_large")
        problem(await post(f"/v2/models/{MODEL}/infer", content=b""), 400, "json_invalid")
        problem(
            await post(
                f"/v2/models/{MODEL}/infer",
                content=b"{}",
                headers={"Inference-Header-Content-Length": "400"},
            ),
            400,
            "binary_header_invalid",
        )
        assert (await post("/v1/embeddings", json={"model": MODEL, "input": "甲"})).status_code == 200


async def test_the_fields_of_the_document_are_those_of_the_routes(start: Start) -> None:
    async with start() as running:
        document = running.app.openapi()
        for path, known in (
            ("/v1/embeddings", {"model", "input", "encoding_format", "input_type", "dimensions", "user"}),
            ("/v1/rerank", {"model", "query", "documents", "top_n", "return_documents"}),
            ("/v2/rerank", {"model", "query", "documents", "top_n", "return_documents"}),
            ("/v2/models/{model}/infer", {"id", "parameters", "inputs", "outputs"}),
        ):
            operation = document["paths"][path]["post"]
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert set(schema["properties"]) == known
            assert "X-Queue-Time-Ms" in operation["responses"]["200"]["headers"]
            assert {"400", "401", "404", "413", "422", "429"} <= set(operation["responses"])


@pytest.mark.parametrize("express", [True, False])
async def test_the_short_way_answers_as_the_long_one_does(start: Start, express: bool) -> None:
    async with start(MODEL, RERANKER, express=express) as running:
        post = running.client.post
        assert (await post("/v1/embeddings", json={"model": MODEL, "input": "甲"})).status_code == 200
        problem(await post("/v1/embeddings", json={"model": "none", "input": "甲"}), 404, "model_not_found")
        problem(await post("/v2/rerank", json={"model": "none"}), 422, "field_missing")
        problem(await post("/v1/embeddings", headers=bearer("kp_wrong")), 401, "key_malformed")
        problem(await running.client.get("/v1/embeddings"), 405, "method_not_allowed")
        problem(await running.client.put("/v2/models/stats"), 405, "method_not_allowed")
        assert (await post("/v1/embeddings/")).status_code == 307  # to the address without the slash
