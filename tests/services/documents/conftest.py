from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from core.database import Database
from core.errors import HubError, render
from core.settings import Settings
from knowledge_base.samples import Samples
from models.backends.paddle_ocr import PaddleOcr
from models.backends.page_text import PageTextClassifier
from models.handle import CallResult, Timing
from models.jobs import job_named
from models.model import ModelConfig
from models.tasks import OcrLine, OcrOutput
from services.access import Access, Role
from services.access.keys import create_key
from services.consult.personal_data import mask
from services.documents.papers.router import build_router as paper_routes
from services.documents.router import build_router
from services.documents.service import DocumentService

PAPERS = Path(__file__).parents[2] / "data" / "papers"


class Here:
    """Has jobs done around a handle here, as a host without workers does."""

    task = "ocr"

    def __init__(self, handle: Any) -> None:
        self.call = handle.call

    async def run(self, job: str, inputs: Sequence[Any]) -> CallResult:
        result: CallResult | None = None

        async def read(one: Any) -> Any:
            nonlocal result
            result = await self.call([one])
            return result.outputs[0]

        outputs = [await job_named(job)(read, one) for one in inputs]
        assert result is not None
        return replace(result, outputs=outputs)


def with_jobs(handle: Any) -> Any:
    """A handle that can have jobs done: the one that is given, or what stands before it."""
    return handle if hasattr(handle, "run") else Here(handle)


class OcrHandle:
    """The real model on a thread of its own, for whichever event loop a test runs on."""

    task = "ocr"

    def __init__(self) -> None:
        self.model = PaddleOcr(
            ModelConfig("ocr-zh", "1", "ocr", Settings().artifacts / "ocr-zh/1", threads=Settings().threads)
        )
        self.thread = ThreadPoolExecutor(1)
        self.calls = 0
        self.thread.submit(self.model.load).result()

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        self.calls += 1
        prepared = self.model.prepare(inputs)
        outputs = await asyncio.get_running_loop().run_in_executor(self.thread, self.model.infer, prepared)
        return CallResult(list(outputs), "ocr-zh", "1", Timing(0.0, 0.0, 0.0))


class QuickHandle:
    """Stands in for the model where what is read doesn't matter: one line a page, `seconds` after it was asked."""

    task = "ocr"

    def __init__(self, text: str = "一行字", seconds: float = 0.0) -> None:
        self.text = text
        self.seconds = seconds
        self.calls = 0

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        self.calls += 1
        await asyncio.sleep(self.seconds)
        height, width = inputs[0].image.shape[:2]
        line = OcrLine(self.text, 0.9, ((0.1, 0.1), (0.5, 0.1), (0.5, 0.2), (0.1, 0.2)))
        return CallResult([OcrOutput(width, height, 0, (line,))], "quick", "1", Timing(0.0, 0.0, 0.0))


class KindsHandle:
    """The real model that tells kinds of paper; it answers in a millisecond or two, so it needs no thread here."""

    task = "page-classification"

    def __init__(self) -> None:
        folder = Settings().artifacts / "paper-kind/1"
        self.model = PageTextClassifier(ModelConfig("paper-kind", "1", self.task, folder))
        self.model.load()

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        outputs = self.model.infer(self.model.prepare(inputs))
        return CallResult(list(outputs), "paper-kind", "1", Timing(0.0, 0.0, 0.0))


@pytest.fixture(scope="session")
def kinds() -> KindsHandle:
    return KindsHandle()


@pytest.fixture(scope="session")
def handle() -> Iterator[OcrHandle]:
    one = OcrHandle()
    yield one
    one.thread.submit(one.model.close).result()
    one.thread.shutdown()


@dataclass
class Running:
    """The routes over a running service."""

    client: httpx.AsyncClient
    service: DocumentService
    database: Database
    settings: Settings
    samples: Samples

    async def hand_in(self, name: str, content: bytes, wait: float = 60, **more: Any) -> httpx.Response:
        return await self.client.post(
            "/api/documents", params={"wait": wait}, files={"file": (name, content)}, timeout=90, **more
        )

    def key(self, role: Role) -> dict[str, str]:
        with self.database.session() as session:
            _, token = create_key(session, name="测试", role=role)
        return {"X-API-Key": token}


Run = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
def database_url() -> str | None:
    """None: SQLite in the test's folder. A test may ask for another by parametrising this fixture."""
    return None


@pytest.fixture
def run(tmp_path: Path, handle: OcrHandle, kinds: KindsHandle, database_url: str | None) -> Run:
    """Start the service and its routes; more than once over the same data, if asked."""

    @asynccontextmanager
    async def start(ocr: Any = handle, told_by: Any = None, **changes: Any) -> AsyncIterator[Running]:
        settings = Settings(
            var_dir=tmp_path / "var", database_url=database_url, anonymous_limit="100000/minute", **changes
        )
        database = Database(settings.database)
        database.upgrade()
        samples = Samples(database, mask)
        service = DocumentService(database, with_jobs(ocr), told_by or kinds, settings, samples=samples)
        await service.start()
        application = FastAPI()
        access = Access(database, settings)
        application.include_router(paper_routes(service, access))
        application.include_router(build_router(service, access))

        @application.exception_handler(HubError)
        async def shown(request: Request, error: HubError) -> Response:
            status, headers, body = render(request.url.path, error)
            return Response(body, status, headers)

        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            yield Running(client, service, database, settings, samples)
        await service.close()
        database.close()

    return start


def truth(name: str) -> list[list[str]]:
    """The lines of each page of a paper."""
    text = (PAPERS / f"{name}.txt").read_text(encoding="utf-8")
    return [page.splitlines() for page in text.strip().split("\n\n")]
