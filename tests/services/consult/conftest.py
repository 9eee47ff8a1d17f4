"""The consult bot as it is served: the real library, the real embedder through the host, a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, Request, Response

from core.database import Database
from core.errors import HubError, render
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.search import SectionSearch
from models.artifacts import ArtifactStore
from models.host import Host
from models.registry import Registry
from services.access import Access
from services.consult.heads import ELEMENT, ROUTE, TrainedHeads
from services.consult.router import build_router
from services.consult.service import ConsultService

EMBEDDER = "e5-small-zh"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def host() -> AsyncIterator[Host]:
    settings = Settings()
    host = Host(
        Registry(settings.registry_file),
        ArtifactStore(settings.artifacts),
        threads=settings.threads,
        queue_items=settings.queue_items,
    )
    await host.start([EMBEDDER, ROUTE, ELEMENT])
    yield host
    await host.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def search(library: Library, host: Host) -> SectionSearch:
    search = SectionSearch(library, host.handle(EMBEDDER), cache=Settings().var_dir / "index")
    await search.build()
    return search


@pytest.fixture(scope="session")
def heads(host: Host) -> TrainedHeads:
    return TrainedHeads(host.handle(ROUTE), host.handle(ELEMENT))


@pytest.fixture
def database(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'hub.sqlite3'}")
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var_dir=tmp_path, anonymous_limit="100000/minute")


@pytest.fixture
def service(search: SectionSearch, heads: TrainedHeads, database: Database, settings: Settings) -> ConsultService:
    return ConsultService(search, database, settings, heads=heads)


@pytest.fixture
def application(service: ConsultService, database: Database, settings: Settings) -> FastAPI:
    application = FastAPI()
    application.include_router(build_router(service, Access(database, settings)))

    @application.exception_handler(HubError)
    async def _shown(request: Request, error: HubError) -> Response:
        status, headers, body = render(request.url.path, error)
        return Response(body, status, headers)

    return application


@pytest_asyncio.fixture(loop_scope="session")
async def client(application: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        yield client


class Conversation:
    """One citizen's side of a conversation."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.session_id: str | None = None

    async def ask(self, text: str, *, through: bool = True) -> dict:
        """Ask; `through`: a question of the questionnaire is passed over by its button, so that the answer comes."""
        answer = await self._send({"text": text})
        asking = answer["asking"]
        if through and asking is not None and asking["kind"] == "situation":
            return await self.press(asking["question_id"], action="skip")
        return answer

    async def press(self, question: str, value: object = None, *, action: str = "answer") -> dict:
        """Press a button of the question that was asked back."""
        return await self._send(
            {"text": str(value or action), "choice": {"question_id": question, "value": value, "action": action}}
        )

    async def _send(self, body: dict) -> dict:
        response = await self._client.post(
            "/api/consult/messages", json={"session_id": self.session_id, "channel": "pc", **body}
        )
        assert response.status_code == 200, response.text
        answer = response.json()
        self.session_id = answer["session_id"]
        return answer


@pytest.fixture
def conversation(client: httpx.AsyncClient) -> Conversation:
    return Conversation(client)
