"""Documents read by workers, processes of their own, with the real model: the same answers, and no page lost or counted twice."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from core.errors import ModelFailed, Unavailable
from core.settings import ROOT, Settings
from core.telemetry import Telemetry
from models.artifacts import ArtifactStore
from models.handle import CallResult
from models.host import Host
from models.registry import Registry
from services.documents import reading
from services.operations.router import build_router as operations_routes
from tests.services.documents.conftest import PAPERS, QuickHandle, Run
from tests.services.documents.make import encoded, page, pdf_of
from tests.services.documents.waiting_job import JOB, marker

NAME = "business-licence-turned.jpg"


def read_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What was read, as far as two machines' last digits leave it the same."""
    return [
        {
            "lines": [(line["text"], [[round(x, 3), round(y, 3)] for x, y in line["box"]]) for line in one["lines"]],
            "rotation": one["rotation"],
            "seals": [seal["text"] for seal in one["seals"]],
            "signatures": [signature["label"] for signature in one["signatures"]],
            "faults": one["faults"],
        }
        for one in document["pages"]
    ]


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to pass")


async def test_two_files_at_once_and_a_worker_killed_in_the_middle_of_a_page(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, pdf = (PAPERS / NAME).read_bytes(), pdf_of(3)
    async with run() as hub:
        expected = [(await hub.hand_in(name, content)).json() for name, content in ((NAME, photo), ("a.pdf", pdf))]
        for document in expected:
            # Else it would be copied.
            await hub.client.delete(f"/api/documents/{document['document_id']}")
    monkeypatch.setattr(reading, "JOB", JOB)
    waits = marker(os.getpid())
    host = Host(
        Registry(ROOT / "registry.yaml"), ArtifactStore(Settings().artifacts), threads=2, queue_items=64, workers=2
    )
    await host.start(["ocr-zh"])
    (loaded,) = host.status()
    try:
        async with run(host.handle("ocr-zh"), document_workers=2) as hub:
            telemetry = Telemetry()
            application = FastAPI()
            application.include_router(operations_routes(host, hub.database, telemetry))
            ids = [
                (await hub.hand_in(name, content, wait=0)).json()["document_id"]
                for name, content in ((NAME, photo), ("a.pdf", pdf))
            ]
            await until(waits.exists)
            os.kill(int(waits.read_text()), signal.SIGKILL)
            for one, before in zip(ids, expected, strict=True):
                await hub.service.wait(one, 300)
                document = (await hub.client.get(f"/api/documents/{one}")).json()
                assert document["status"] == "done"
                assert read_of(document) == read_of(before)
            async with AsyncClient(transport=ASGITransport(application), base_url="http://hub") as client:
                told = (await client.get("/readyz")).json()["models"][0]["workers"]
                assert told == {"count": 2, "running": 2, "error": None}
                metrics = (await client.get("/metrics")).text
        assert 'kaopu_model_workers_running{model="ocr-zh",version="1"} 2.0' in metrics
        assert 'kaopu_model_workers_replaced_total{model="ocr-zh",reason="lost",version="1"} 1.0' in metrics
        assert 'kaopu_model_worker_memory_bytes{model="ocr-zh",version="1",worker="1"}' in metrics
        assert loaded.stats.inputs == 4, "the page that was begun twice is counted once"
    finally:
        await host.close()
        waits.unlink(missing_ok=True)
        waits.with_suffix(".new").unlink(missing_ok=True)


class Trouble(QuickHandle):
    """Raises at the calls that it is told to."""

    def __init__(self, error: Exception, calls: Sequence[int]) -> None:
        super().__init__()
        self.error = error
        self.at = calls

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        result = await super().call(inputs)
        if self.calls in self.at:
            raise self.error
        return result


@pytest.mark.parametrize("code", ["model_too_slow", "model_worker_lost"])
async def test_a_page_that_no_worker_gets_through_with_is_told_and_the_others_are_read(run: Run, code: str) -> None:
    async with run(Trouble(ModelFailed("不行。", code=code), [2])) as hub:
        document = (await hub.hand_in("a.pdf", pdf_of(3))).json()
        assert document["status"] == "done"
        assert [len(one["lines"]) for one in document["pages"]] == [1, 0, 1]
        first, second, third = [[fault["code"] for fault in one["faults"]] for one in document["pages"]]
        assert second == ["page_not_read"]
        assert "page_not_read" not in first + third
        assert document["pages"][1]["faults"][0]["message"].startswith("第 2 页处理不了")


async def test_without_a_worker_papers_wait_and_a_question_is_answered_503(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MODEL_ATTEMPTS", 1)
    monkeypatch.setattr(reading, "LONGEST_PAUSE", 0.05)
    down = Unavailable("模型 ocr-zh 的工作进程启动不了；请稍后再试。", code="model_worker_not_started", retry_after=10)
    async with run(Trouble(down, [1, 2, 4])) as hub:
        document = (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()
        assert document["status"] == "done"
        assert len(document["pages"]) == 1
        region = {"left": 0.1, "top": 0.1, "right": 0.9, "bottom": 0.4}
        answer = await hub.client.post(f"/api/documents/{document['document_id']}/pages/1/regions", json=region)
        assert (answer.status_code, answer.json()["code"]) == (503, "model_worker_not_started")
        assert "启动不了" in answer.json()["detail"]
        assert answer.headers["retry-after"] == "10"
