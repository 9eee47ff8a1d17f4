"""Files in and out over HTTP, on a real database; and the print view with its headers."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from openpyxl import load_workbook

from core.database import Database
from core.errors import HubError, render
from core.settings import Settings
from knowledge_base.exchange.workbook_writing import write_workbook
from knowledge_base.library import Library
from knowledge_base.life.lifecycle import Actor
from knowledge_base.reading import Fault, load_yaml, parse_entry
from knowledge_base.schema import Entry
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind
from services.access import Access, Role
from services.access.keys import create_key
from services.library.exchange_routes import add_exchange_routes
from tests.knowledge_base.conftest import SMALL_ITEM

ITEM = parse_entry(EntryKind.ITEM, load_yaml(SMALL_ITEM, source="small"))
CHECKED = parse_entry(
    EntryKind.ITEM,
    {
        **ITEM.model_dump(mode="json", exclude_defaults=True),
        "id": "dog-transfer",
        "name": "养犬转让",
        "form": [{"id": "breed", "name": "犬种"}],
        "checks": [
            {
                "id": "sealed",
                "aspect": "sealed",
                "of": ["vaccination"],
                "rule": "vaccination.seal_count > 0",
                "clerk": "免疫证明没有盖章。",
                "applicant": "免疫证明没有盖章。",
                "mend": "请补盖章。",
            }
        ],
    },
)


def objects(entry: Entry) -> list[Fault]:
    """To one department's texts."""
    return [Fault(("form", 0, "from"), "没有这个字段")] if entry.department == "不存在的部门" else []


Client = Callable[[Role | None], httpx.AsyncClient]


@dataclass
class Shelf:
    library: Library


@pytest.fixture
async def client(database: Database, tmp_path: Path) -> AsyncIterator[Client]:
    store = LibraryStore(database, extra_faults=objects)
    await store.put([ITEM, CHECKED], Actor("tester", "测试"))
    app, router = FastAPI(), APIRouter(prefix="/api/library")
    settings = Settings(var_dir=tmp_path)
    add_exchange_routes(router, Access(database, settings), store, Shelf(await store.library()))
    app.include_router(router)

    @app.exception_handler(HubError)
    async def shown(request: Request, error: HubError) -> Response:
        status, headers, body = render(request.url.path, error)
        return Response(body, status, headers)

    tokens: dict[Role, str] = {}
    with database.session() as session:
        for role in (Role.EDITOR, Role.CITIZEN):
            tokens[role] = create_key(session, name="测试", role=role)[1]
    opened: list[httpx.AsyncClient] = []

    def make(role: Role | None) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {tokens[role]}"} if role else {}
        opened.append(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub", headers=headers))
        return opened[-1]

    make.store = store  # type: ignore[attr-defined]
    yield make
    for one in opened:
        await one.aclose()


async def test_files_are_for_content_staff_and_the_print_view_for_everybody(client: Client) -> None:
    assert (await client(None).get("/api/library/template.xlsx")).status_code == 401
    assert (await client(Role.CITIZEN).get("/api/library/exports/entries.json")).status_code == 403
    answer = await client(None).get("/api/library/print/dog-licence?large=1")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "养犬登记" in answer.text
    assert (await client(None).get("/api/library/print/nothing")).status_code == 404
    assert (await client(None).get("/api/library/print/dog-licence?no=1")).status_code == 422


async def test_exports_and_the_template_are_workbooks(client: Client) -> None:
    answer = await client(Role.EDITOR).get("/api/library/exports/entries.xlsx?kind=item")
    assert load_workbook(io.BytesIO(answer.content))["事项"].max_row == 3
    assert (await client(Role.EDITOR).get("/api/library/template.xlsx")).content[:2] == b"PK"
    answer = await client(Role.EDITOR).get("/api/library/exports/entries.json?department=没有")
    assert answer.json()["entries"] == []


async def test_an_import_is_checked_then_stored_as_drafts(client: Client) -> None:
    changed = ITEM.model_copy(update={"name": "养犬登记新名"})
    files = {"file": ("a.xlsx", write_workbook([changed]))}
    answer = (await client(Role.EDITOR).post("/api/library/imports", files=files)).json()
    assert (answer["stored"], answer["changed"]) == (False, ["dog-licence"])
    answer = (await client(Role.EDITOR).post("/api/library/imports", files=files, data={"dry_run": "false"})).json()
    assert (answer["stored"], answer["changed"]) == (True, ["dog-licence"])
    store: LibraryStore = client.store  # type: ignore[attr-defined]
    view = await store.entry("dog-licence")
    assert view.open is not None
    assert view.open.name == "养犬登记新名"
    assert view.published is not None
    assert view.published.name == "养犬登记"


async def test_what_is_wrong_comes_with_its_cell_and_nothing_is_stored(client: Client) -> None:
    book = load_workbook(io.BytesIO(write_workbook([ITEM])))
    book["材料"]["G2"].value = "一份"
    stream = io.BytesIO()
    book.save(stream)
    files = {"file": ("a.xlsx", stream.getvalue())}
    answer = (await client(Role.EDITOR).post("/api/library/imports", files=files, data={"dry_run": "false"})).json()
    assert not answer["stored"]
    assert answer["faults"][0]["place"] == "材料!G2"


async def test_a_page_gives_a_preview(client: Client) -> None:
    page = "<html><body><h1>养犬登记</h1><p>早点来</p></body></html>".encode()
    answer = (await client(Role.EDITOR).post("/api/library/imports", files={"file": ("a.html", page)})).json()
    assert answer["preview"]["document"]["name"] == "养犬登记"
    assert answer["preview"]["not_understood"] == 1


async def test_a_workbook_leaves_form_and_checks_alone(client: Client) -> None:
    content = write_workbook([CHECKED.model_copy(update={"summary": "改过的概述"})])
    files = {"file": ("a.xlsx", content)}
    answer = (await client(Role.EDITOR).post("/api/library/imports", files=files)).json()
    assert (answer["sound"], answer["changed"]) == (True, ["dog-transfer"])
    same = {"file": ("a.xlsx", write_workbook([CHECKED]))}
    answer = (await client(Role.EDITOR).post("/api/library/imports", files=same, data={"dry_run": "false"})).json()
    assert (answer["stored"], answer["unchanged"]) == (True, ["dog-transfer"])


async def test_what_others_object_to_is_told_before_anything_is_stored(client: Client) -> None:
    files = {"file": ("a.xlsx", write_workbook([CHECKED.model_copy(update={"department": "不存在的部门"})]))}
    answer = (await client(Role.EDITOR).post("/api/library/imports", files=files)).json()
    assert (answer["sound"], answer["stored"]) == (False, False)
    assert "form.0.from：没有这个字段" in answer["faults"][0]["message"]
    refused = await client(Role.EDITOR).post("/api/library/imports", files=files, data={"dry_run": "false"})
    assert (refused.status_code, refused.json()["code"]) == (422, "content_invalid")


async def test_json_has_form_and_checks(client: Client) -> None:
    data = (await client(Role.EDITOR).get("/api/library/exports/entries.json", params={"id": "dog-transfer"})).json()
    (entry,) = data["entries"]
    assert [one["id"] for one in entry["document"]["checks"]] == ["sealed"]
    assert [one["id"] for one in entry["document"]["form"]] == ["breed"]


async def test_a_page_of_a_known_item_goes_on_from_its_checks(client: Client) -> None:
    page = "<html><body><h1>养犬转让</h1><h2>申请材料</h2><p>免疫证明</p></body></html>".encode()
    answer = (await client(Role.EDITOR).post("/api/library/imports", files={"file": ("a.html", page)})).json()
    document = answer["preview"]["document"]
    assert document["materials"][0]["id"] == document["checks"][0]["of"][0] == "vaccination"
    assert "审查规则 1 条" in answer["preview"]["notices"][-1]
