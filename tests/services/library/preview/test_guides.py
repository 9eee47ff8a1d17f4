"""What is in force for every channel, a person's situation applied, and drafts as they would be shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from core.database import Database
from core.errors import HubError, render
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.publication import Publisher
from knowledge_base.reading import parse_entry
from knowledge_base.search import SectionSearch
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind
from services.access import Access, Role
from services.access.keys import create_key
from services.library.router import build_router

DOCUMENT: dict[str, Any] = {
    "id": "dog-registration",
    "name": "养犬登记",
    "aliases": ["狗证"],
    "department": "公安分局",
    "authority": "公安分局",
    "item_type": "行政许可",
    "level": "县（区）",
    "applicant_kinds": ["自然人"],
    "handling_kind": "承诺件",
    "summary": "饲养犬只应当办理登记",
    "situations": [
        {"id": "agent", "question": "您自己来办吗？", "kind": "yes_no"},
        {"id": "dogs", "question": "养几只？", "kind": "number", "unit": "只", "minimum": 1, "rule": "!agent"},
    ],
    "conditions": [{"text": "有固定住所"}, {"text": "每户一只", "when": "居民", "rule": "dogs > 1.0"}],
    "materials": [
        {
            "id": "power_of_attorney",
            "name": "委托书",
            "necessity": "必要",
            "kind": "原件",
            "copies": 1,
            "source": "申请人自备",
            "acceptance_standard": "委托人签字",
            "when": "委托他人代办",
            "rule": "agent",
        }
    ],
    "legal_basis": [{"law": "示例条例"}],
}


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    library = Library([parse_entry(EntryKind.ITEM, DOCUMENT)])
    search = cast(SectionSearch, SimpleNamespace(library=library))
    application = FastAPI()
    application.include_router(
        build_router(search, Publisher(LibraryStore(database), search), Access(database, Settings()))
    )

    @application.exception_handler(HubError)
    async def _shown(request: Request, error: HubError) -> Response:
        status, headers, body = render(request.url.path, error)
        return Response(body, status, headers)

    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub/api/library") as client:
        yield client


async def test_what_is_in_force_can_be_listed_and_opened(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/guides", params={"q": "狗"})).json()
    assert [entry["id"] for entry in listed["entries"]] == ["dog-registration"]
    assert (await client.get("/guides", params={"q": "猫"})).json()["total"] == 0
    guide = (await client.get("/guides/dog-registration")).json()
    assert guide["document"]["name"] == "养犬登记"
    assert guide["shown"]["sections"][0]["id"] == "dog-registration/overview@1"
    missing = await client.get("/guides/cat-registration")
    assert (missing.status_code, missing.json()["code"]) == (404, "entry_not_found")


async def test_answers_decide_what_applies_and_what_is_asked_next(client: httpx.AsyncClient) -> None:
    async def ask(answers: dict[str, Any]) -> tuple[str | None, dict[str, bool | None]]:
        shown = (await client.post("/guides/dog-registration/situation", json={"answers": answers})).json()
        question = shown["next_question"]
        return question["id"] if question else None, {part["place"]: part["applies"] for part in shown["parts"]}

    assert await ask({}) == ("agent", {"conditions.1": None, "materials.0": None})
    assert await ask({"agent": True}) == (None, {"conditions.1": None, "materials.0": True})
    assert await ask({"agent": False}) == ("dogs", {"conditions.1": None, "materials.0": False})
    assert await ask({"agent": False, "dogs": 2}) == (None, {"conditions.1": True, "materials.0": False})
    refused = await client.post("/guides/dog-registration/situation", json={"answers": {"dogs": 2, "agent": "no"}})
    assert (refused.status_code, refused.json()["code"], refused.json()["param"]) == (422, "answer_invalid", "agent")


async def test_a_draft_is_shown_to_content_staff_only(client: httpx.AsyncClient, database: Database) -> None:
    body = {"kind": "item", "document": {**DOCUMENT, "summary": "新的概述"}, "answers": {"agent": True}}
    assert (await client.post("/preview", json=body)).status_code == 401
    with database.session() as session:
        token = create_key(session, name="编辑", role=Role.EDITOR)[1]
    headers = {"X-API-Key": token}
    shown = (await client.post("/preview", json=body, headers=headers)).json()
    assert shown["sections"][0]["text"].startswith("新的概述。")
    assert shown["state"] == "complete"
    broken = {**body, "document": {**DOCUMENT, "materials": [{"name": "x"}]}}
    refused = await client.post("/preview", json=broken, headers=headers)
    assert refused.json()["code"] == "content_invalid"
    assert refused.json()["errors"][0]["field"] == "materials.0.id"
