"""An agent with the protocol's own client asks the running server, over a real port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.end_to_end.server import CHAT, Hub, start, stop

CARD = "senior-card-apply"
NAME = "hub.example.gov.cn"
IDENTITY = "11010519491231002X"
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ANONYMOUS = 20


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A server of this module's own: a text is withdrawn from it, and strangers may ask it little."""
    running = start(
        tmp_path_factory.mktemp("office"),
        KAOPU_ANONYMOUS_LIMIT=f"{ANONYMOUS}/hour",
        KAOPU_MCP_HOSTS=NAME,
        KAOPU_PRELOAD=CHAT,
    )
    yield running
    stop(running)


@asynccontextmanager
async def agent(hub: Hub, mode: str = "auto") -> AsyncIterator[Client]:
    """The protocol's own client, with a key."""
    headers = {"Authorization": f"Bearer {hub.admin_key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{hub.url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


def person(hub: Hub) -> httpx.AsyncClient:
    """A client of the hub's other addresses, with the same key."""
    return httpx.AsyncClient(base_url=hub.url, headers={"Authorization": f"Bearer {hub.admin_key}"}, timeout=60)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_from_the_words_to_the_list_that_a_person_opens(office: Hub, mode: str) -> None:
    async with agent(office, mode) as client:
        assert "靠普智枢" in (client.session.server_info.title or "")
        found = await client.call_tool("find_item", {"query": "敬老卡怎么办"})
        assert found.structured_content["items"][0]["id"] == CARD
        asked = await client.call_tool("ask", {"text": "敬老卡要多少钱"})
        session = asked.structured_content["session_id"]
        again = await client.call_tool("ask", {"text": "在哪里办", "session_id": session})
        assert again.structured_content["item"]["id"] == CARD
        told = await client.call_tool("checklist", {"session_id": session})
    section = again.structured_content["citations"][0]["section_id"]
    kept = told.structured_content
    async with person(office) as browser:
        shown = (await browser.get(f"/api/consult/sections/{section}")).json()
        assert again.structured_content["citations"][0]["quote"].splitlines()[-1] in shown["text"]
        page = await browser.get(kept["page"], headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert (await browser.get(kept["pdf"])).content.startswith(b"%PDF")
        token = kept["checklist"]["token"]
        assert (await browser.get(f"/api/consult/checklists/{token}")).json()["item"]["id"] == CARD
        rows = (await browser.get("/api/consult/numbers", params={"by": "channel"})).json()["rows"]
        assert [(row["key"], row["title"]) for row in rows] == [("mcp", "智能体工具")]


async def test_many_agents_at_once(office: Hub) -> None:
    async def one(number: int) -> str:
        async with agent(office, ("auto", "legacy")[number % 2]) as client:
            asked = await client.call_tool("ask", {"text": "居住证在哪里办"})
            assert not asked.is_error
            return str(asked.structured_content["session_id"])

    sessions = await asyncio.gather(*(one(number) for number in range(20)))
    assert len(set(sessions)) == 20


async def test_a_text_that_is_withdrawn_is_not_told_any_more(office: Hub) -> None:
    async with agent(office) as client:
        before = await client.call_tool("ask", {"text": "敬老卡在哪里办"})
        session = before.structured_content["session_id"]
        assert before.structured_content["item"]["id"] == CARD
        async with person(office) as editor:
            withdrawn = await editor.post(f"/api/library/entries/{CARD}/withdraw", json={"note": "停办", "force": True})
        assert withdrawn.status_code == 200, withdrawn.text
        found = await client.call_tool("find_item", {"query": "敬老卡怎么办"})
        assert CARD not in {item["id"] for item in found.structured_content["items"]}
        after = await client.call_tool("ask", {"text": "要多少钱", "session_id": session})
        assert not after.is_error
        assert not any(cited["section_id"].startswith(CARD) for cited in after.structured_content["citations"])
        assert await _code(client, "checklist", item_id=CARD) == "item_not_found"
        assert await _code(client, "checklist", session_id=session) in ("item_not_found", "checklist_item_missing")


async def _code(client: Client, name: str, **arguments: Any) -> str:
    result = await client.call_tool(name, arguments)
    assert result.is_error
    return str(result.meta["kaopu/error"]["code"])


def test_names_keys_and_limits(office: Hub) -> None:
    with httpx.Client(base_url=office.url) as client:
        key = {"Authorization": f"Bearer {office.admin_key}"}
        assert client.post("/mcp", json=LIST, headers={**key, "Host": NAME}).status_code == 200
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            assert client.post("/mcp", json=LIST, headers={**key, **headers}).status_code == 403
        statuses = [client.post("/mcp", json=LIST).status_code for _ in range(ANONYMOUS + 1)]
        assert statuses == [200] * ANONYMOUS + [429]
        assert client.post("/api/consult/messages", json={"text": "你好"}).status_code == 429
        assert client.post("/mcp", json=LIST, headers=key).status_code == 200
        assert client.get("/mcp", headers={"Accept": "text/html"}).status_code == 405
        assert client.delete("/mcp").status_code == 405


async def test_nothing_personal_in_the_log(office: Hub) -> None:
    async with agent(office, "legacy") as client:
        await client.call_tool("ask", {"text": f"身份证{IDENTITY}，居住证在哪里办"})
        await client.call_tool("find_item", {"query": f"{IDENTITY}居住证"})
        await _code(client, "ask", text=[IDENTITY])
        await _code(client, "checklist", item_id=IDENTITY)
        with pytest.raises(Exception, match="没有名为"):
            await client.call_tool(IDENTITY, {})
    async with person(office) as plain:
        for body in ([IDENTITY], {"jsonrpc": "2.0", "id": IDENTITY, "method": IDENTITY, "params": {"a": IDENTITY}}):
            await plain.post("/mcp", json=body)
        await plain.post("/mcp", json=LIST, headers={"Host": IDENTITY, "Origin": f"http://{IDENTITY}"})
    log = office.log.read_text()
    assert '"route":"/mcp"' in log
    assert IDENTITY not in log
    assert "Traceback" not in log
