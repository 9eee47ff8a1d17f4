from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response

from core.database import Database
from core.errors import HubError, render
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.reading import parse_entry
from knowledge_base.terms import EntryKind
from services.access import Access, Role
from services.access.keys import create_key
from services.library.lint_routes import add_lint_routes

Send = Callable[..., Awaitable[httpx.Response]]


def item(item_id: str, department: str, **more: Any) -> Any:
    return parse_entry(
        EntryKind.ITEM,
        {
            "id": item_id,
            "name": more.pop("name", item_id + "登记"),
            "item_type": "行政许可",
            "level": "县（区）",
            "department": department,
            "authority": department,
            "applicant_kinds": ["自然人"],
            "handling_kind": "承诺件",
            "summary": "饲养犬只应当办理登记",
            "legal_basis": [{"law": "上海市养犬管理条例"}],
            **more,
        },
    )


@dataclass
class Shelf:
    library: Library


@pytest.fixture
def shelf() -> Shelf:
    directory = parse_entry(
        EntryKind.DIRECTORY, {"id": "directory-1", "name": "烟草专卖零售许可证新办", "department": "区烟草专卖局"}
    )
    return Shelf(
        Library(
            [
                item("dog", "公安分局", conditions=[{"text": "每户限养一条，以及法律、法规规定的其他条件"}]),
                item(
                    "tobacco",
                    "区烟草专卖局",
                    name="烟草专卖零售许可新办",
                    supervise_phone={"name": "监督", "number": "5678901"},
                ),
                directory,
            ]
        )
    )


@pytest.fixture
def send(tmp_path: Path, shelf: Shelf) -> Send:
    database = Database(f"sqlite:///{tmp_path / 'hub.sqlite3'}")
    database.upgrade()
    access = Access(database, Settings(var_dir=tmp_path))
    with database.session() as session:
        tokens = {role: create_key(session, name="测试", role=role)[1] for role in (Role.EDITOR, Role.DEPARTMENT)}
    application = FastAPI()
    router = APIRouter(prefix="/api/library")
    add_lint_routes(router, access, shelf)
    application.include_router(router)

    async def hub_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HubError)
        status, headers, body = render(request.url.path, error)
        return Response(body, status, headers)

    application.add_exception_handler(HubError, hub_error)

    async def call(method: str, path: str, role: Role | None = Role.EDITOR, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {tokens[role]}"} if role else {}
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            return await client.request(method, "/api/library" + path, headers=headers, **more)

    return call


async def test_an_unfinished_draft_is_checked_and_words_can_be_marked(send: Send) -> None:
    text = "营业执照、身份证等材料"
    document = {"materials": [{"name": "申请表"}, {"name": text}]}
    response = await send("POST", "/lint", json={"kind": "item", "document": document})
    assert response.status_code == 200
    (finding,) = [one for one in response.json()["findings"] if one["rule"] == "open_enumeration"]
    assert finding["place"] == ["materials", 1, "name"]
    assert text[finding["start"] : finding["end"]] == finding["words"] == "等"
    assert finding["severity"] == "error"
    assert response.json()["counts"]["error"] >= 1


async def test_a_draft_is_held_against_the_library(send: Send) -> None:
    faq = {"id": "faq-1", "item": "nothing-there", "answer": "可以"}
    response = await send("POST", "/lint", json={"kind": "faq", "document": faq})
    assert [one["rule"] for one in response.json()["findings"]] == ["faq_item_missing"]


@pytest.mark.parametrize(("role", "status"), [(None, 401), (Role.DEPARTMENT, 403), (Role.EDITOR, 200)])
async def test_only_content_staff(send: Send, role: Role | None, status: int) -> None:
    assert (await send("GET", "/lint", role)).status_code == status
    draft = {"kind": "item", "document": {}}
    assert (await send("POST", "/lint", role, json=draft)).status_code == status


async def test_the_whole_library_worst_first(send: Send) -> None:
    report = (await send("GET", "/lint")).json()
    assert report["checked"] == 3
    assert {entry["entry_id"] for entry in report["entries"]} == {"dog", "tobacco"}
    assert report["counts"]["error"] == 2
    errors = [entry["counts"]["error"] for entry in report["entries"]]
    assert errors == sorted(errors, reverse=True)
    assert sum(rule["count"] for rule in report["rules"]) == sum(report["counts"].values())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("severity=error", {("dog", "catch_all"), ("tobacco", "phone_form")}),
        ("severity=error&department=公安分局", {("dog", "catch_all")}),
        ("rule=phone_form", {("tobacco", "phone_form")}),
        ("rule=phone_form&rule=catch_all", {("dog", "catch_all"), ("tobacco", "phone_form")}),
        ("rule=name_off_catalogue", set()),
        ("rule=name_off_catalogue&catalogue=true", {("tobacco", "name_off_catalogue")}),
    ],
)
async def test_filters(send: Send, query: str, found: set[tuple[str, str]]) -> None:
    report = (await send("GET", "/lint?" + query)).json()
    assert {(entry["entry_id"], one["rule"]) for entry in report["entries"] for one in entry["findings"]} == found


async def test_an_unknown_rule_is_refused(send: Send) -> None:
    response = await send("GET", "/lint?rule=no_such_rule")
    assert (response.status_code, response.json()["code"]) == (422, "lint_rule_unknown")


async def test_a_new_library_is_checked_anew(send: Send, shelf: Shelf) -> None:
    assert (await send("GET", "/lint?rule=catch_all")).json()["counts"]["error"] == 1
    shelf.library = Library([item("dog", "公安分局", conditions=[{"text": "每户限养一条"}])])
    assert (await send("GET", "/lint?rule=catch_all")).json()["counts"]["error"] == 0


async def test_hostile_drafts_are_answered(send: Send) -> None:
    nested: Any = "等"
    for _ in range(200):
        nested = [nested]
    document = {
        "materials": [{"name": "、等" * 50_000, "copies": 10**40, "kind": []}],
        "statutory_limit": {"unit": "工作日", "number": 10**400},
        "promised_limit": {"unit": [], "number": True},
        "situations": nested,
        "effective_date": "0000-00-00",
        "fee": [],
    }
    response = await send("POST", "/lint", json={"kind": "item", "document": document})
    assert response.status_code == 200
