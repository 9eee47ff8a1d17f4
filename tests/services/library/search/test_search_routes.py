"""The search routes with the real embedder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response

from core.database import Database
from core.errors import HubError, render
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.search import SectionSearch
from models.artifacts import ArtifactStore
from models.host import Host
from models.registry import Registry
from services.access import Access, Role
from services.access.keys import create_key
from services.library.search_routes import add_search_routes

EMBEDDER = "e5-small-zh"


@pytest.fixture
async def client(database: Database, library: Library) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings()
    few = Library([library.item("senior-card-apply"), library.item("residence-permit-apply")])
    host = Host(
        Registry(settings.registry_file), ArtifactStore(settings.artifacts), threads=settings.threads, queue_items=64
    )
    await host.start([EMBEDDER])
    search = SectionSearch(few, host.handle(EMBEDDER), cache=settings.var_dir / "index")
    await search.build()
    router = APIRouter(prefix="/api/library")
    add_search_routes(router, Access(database, settings), search)
    application = FastAPI()
    application.include_router(router)

    @application.exception_handler(HubError)
    async def _shown(request: Request, error: HubError) -> Response:
        status, headers, body = render(request.url.path, error)
        return Response(body, status, headers)

    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub/api/library") as client:
        yield client
    await search.settle()
    await host.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_everybody_may_search_and_content_staff_may_ask_why(
    client: httpx.AsyncClient, database: Database
) -> None:
    found = (await client.get("/search", params={"q": "敬老卡要带什么材料", "k": 3})).json()
    assert found["entries"][0]["id"] == "senior-card-apply"
    assert found["sections"][0]["item"] == "senior-card-apply"
    assert len(found["sections"]) == 3
    none = (await client.get("/search", params={"q": "敬老卡", "kind": ["faq", "policy"]})).json()
    assert none["entries"] == [] == none["sections"]
    blank = await client.get("/search", params={"q": "  "})
    assert (blank.status_code, blank.json()["code"]) == (422, "text_empty")
    assert (await client.get("/search", params={"q": "x", "kind": "nothing"})).status_code == 422

    asked = {"text": "敬老卡要带什么材料", "k": 2}
    assert (await client.post("/search/explain", json=asked)).status_code == 401
    with database.session() as session:
        citizen = create_key(session, name="市民", role=Role.CITIZEN)[1]
        editor = create_key(session, name="内容", role=Role.EDITOR)[1]
    refused = await client.post("/search/explain", json=asked, headers={"X-API-Key": citizen})
    assert refused.status_code == 403
    answer = (await client.post("/search/explain", json=asked, headers={"X-API-Key": editor})).json()
    assert answer["entries"][0]["id"] == "senior-card-apply"
    assert answer["entries"][0]["how_shown"]
    assert answer["sections"][0]["terms"]
    assert answer["embedder"].startswith(EMBEDDER)
    misspelt = await client.post(
        "/search/explain", json={"text": "juzhuzheng shenling", "k": 1}, headers={"X-API-Key": editor}
    )
    (entry,) = misspelt.json()["entries"]
    assert (entry["id"], entry["how"], entry["how_shown"]) == ("residence-permit-apply", "pinyin", "问题里是拼音")
