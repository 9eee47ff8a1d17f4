"""The package's own client asks the real bot through the endpoint as it is served; a plain HTTP client gets clean answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import httpx2
import jsonschema
import pytest
from fastapi import FastAPI
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from sqlalchemy import select

from core.database import Database
from core.errors import TooManyRequests, Unavailable
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.search import SectionSearch
from knowledge_base.terms import ItemStatus
from services.access import Access
from services.consult.checklists.service import Checklists
from services.consult.checklists.tables import ConsultChecklist
from services.consult.mcp_server.endpoint import MAX_BYTES, MCPEndpoint
from services.consult.mcp_server.tools import ERROR_KEY, ConsultTools
from services.consult.service import ConsultService
from services.consult.tables import ConsultMessage
from services.operations.errors import install_error_handlers

pytestmark = pytest.mark.asyncio(loop_scope="session")

VENUE = "public-venue-hygiene-cancel"
EVENT = "event-newborn"
HUB = "http://localhost:8000"
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
JSON = {"Content-Type": "application/json"}
IDENTITY = "11010519491231002X"


@dataclass(frozen=True)
class Served:
    """The application that serves /mcp, and what a test looks at or changes."""

    app: FastAPI
    tools: ConsultTools

    @asynccontextmanager
    async def agent(self, mode: str = "auto", **headers: str) -> AsyncIterator[Client]:
        """The package's client, connected."""
        transport = httpx2.ASGITransport(app=self.app)
        async with (
            httpx2.AsyncClient(transport=transport, headers=headers) as http,
            Client(streamable_http_client(f"{HUB}/mcp", http_client=http), mode=mode) as client,
        ):
            yield client

    def plain(self) -> httpx.AsyncClient:
        """A client that knows nothing of the protocol."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=HUB)


Serve = Callable[..., AbstractAsyncContextManager[Served]]


@pytest.fixture
def serve(service: ConsultService, search: SectionSearch, database: Database, settings: Settings) -> Serve:
    """`async with serve(mcp_hosts="..."):` - a context, as its tasks must end where they began."""

    @asynccontextmanager
    async def serving(*, library: Library | None = None, **changed: object) -> AsyncIterator[Served]:
        known = settings.model_copy(update=changed)
        checklists = Checklists(database, lambda: library or search.library, days=180)
        tools = ConsultTools(search, service, checklists, longest=known.max_message_characters)
        endpoint = MCPEndpoint(tools, Access(database, known), known, version="1.2.3")
        app = FastAPI()
        app.router.routes.append(endpoint.route)
        install_error_handlers(app, known.portal_dir)
        async with endpoint.run():
            yield Served(app, tools)

    return serving


async def refused(client: Client, name: str, **arguments: Any) -> tuple[str, str]:
    """The code and the message of a call that the hub refuses."""
    result = await client.call_tool(name, arguments)
    assert result.is_error
    told = result.meta[ERROR_KEY]
    assert result.content[0].text == f"[{told['code']}] {told['message']}"
    assert any("一" <= letter <= "龥" for letter in told["message"])
    return told["code"], told["message"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_whole_conversation(serve: Serve, database: Database, mode: str) -> None:
    async with serve() as served, served.agent(mode) as client:
        found = await client.call_tool("find_item", {"query": "理发店不开了，卫生证怎么注销", "limit": 3})
        items = found.structured_content["items"]
        assert len(items) == 3
        assert (items[0]["id"], items[0]["department"]) == (VENUE, "区卫生健康委员会")
        assert "注销卫生许可证" in items[0]["summary"]
        assert f"（编号 {VENUE}；区卫生健康委员会）" in found.content[0].text

        asked = await client.call_tool("ask", {"text": "公共场所卫生许可证注销要什么材料"})
        session = asked.structured_content["session_id"]
        assert asked.structured_content["asking"]["question_id"] == "licence_form"
        assert "可以回答：有纸质正本、副本；只领取过电子证照；纸质证遗失" in asked.content[0].text
        assert f"session_id：{session}（这是反问" in asked.content[0].text
        answered = await client.call_tool("ask", {"text": "纸质证遗失", "session_id": session})
        assert answered.structured_content["session_id"] == session
        assert [one["value"] for one in answered.structured_content["known"]] == ["lost"]

        told = await client.call_tool("checklist", {"session_id": session})
        checklist = told.structured_content["checklist"]
        assert checklist["item"]["id"] == VENUE
        assert [one["label"] for one in checklist["known"]] == ["纸质证遗失"]
        assert "卫生许可证遗失情况说明" in told.content[0].text
        assert [one["question_id"] for one in told.structured_content["questions"]] == ["applicant"]
        assert told.structured_content["page"] == f"{HUB}/checklists/{checklist['token']}"
        assert told.structured_content["page"] in told.content[0].text
    with database.session() as session_:
        assert set(session_.scalars(select(ConsultMessage.channel))) == {"mcp"}
        assert set(session_.scalars(select(ConsultChecklist.channel))) == {"mcp"}


async def test_a_checklist_by_answers(serve: Serve) -> None:
    async with serve() as served, served.agent() as client:
        first = (await client.call_tool("checklist", {"item_id": VENUE})).structured_content
        answers = {
            one["question_id"]: True if one["answer_kind"] == "yes_no" else one["options"][0]["value"]
            for one in first["questions"]
        }
        assert set(answers) == {"licence_form", "applicant"}
        second = (await client.call_tool("checklist", {"item_id": VENUE, "answers": answers})).structured_content
        assert second["questions"] == []
        assert len(second["checklist"]["materials"]) < len(first["checklist"]["materials"])


async def test_a_life_event_is_one_list(serve: Serve) -> None:
    async with serve() as served, served.agent() as client:
        first = await client.call_tool("checklist", {"event_id": EVENT})
        told = first.structured_content
        assert not first.is_error, first.content
        assert (told["checklist"]["kind"], told["checklist"]["item"]["id"]) == ("event", EVENT)
        for part in told["checklist"]["parts"]:
            assert f"第 {part['number']} 件 {part['checklist']['item']['name']}" in first.content[0].text
        question = next(one for one in told["questions"] if one["options"])
        answers = {question["question_id"]: question["options"][0]["value"]}
        second = await client.call_tool("checklist", {"event_id": EVENT, "answers": answers})
        assert question["question_id"] not in {one["question_id"] for one in second.structured_content["questions"]}
        assert (await refused(client, "checklist", event_id="event-nothing"))[0] == "life_event_not_found"
        assert (await refused(client, "checklist", event_id=EVENT, item_id=VENUE))[0] == "checklist_twice_told"


async def test_a_conversation_that_came_to_a_life_event(serve: Serve) -> None:
    async with serve() as served, served.agent() as client:
        found = await client.call_tool("find_item", {"query": "生了孩子要办哪些手续", "limit": 5})
        kinds = {one["id"]: one["kind"] for one in found.structured_content["items"]}
        assert kinds[EVENT] == "event"
        assert set(kinds.values()) == {"item", "event"}
        event = next(one for one in found.structured_content["items"] if one["id"] == EVENT)
        assert f"{event['name']}（一件事，event_id {EVENT}；{event['department']}）" in found.content[0].text
        assert event["sections"]

        before = await client.call_tool("ask", {"text": "社保卡怎么申领"})
        session = before.structured_content["session_id"]
        asked = await client.call_tool("ask", {"text": "生了孩子要办哪些手续", "session_id": session})
        assert asked.structured_content["event"]["id"] == EVENT
        assert f"event_id {EVENT}" in asked.content[0].text
        told = await client.call_tool("checklist", {"session_id": session})
        assert not told.is_error, told.content
        checklist = told.structured_content["checklist"]
        assert (checklist["kind"], checklist["item"]["id"]) == ("event", EVENT)

        item = before.structured_content["item"]["id"]
        await client.call_tool("ask", {"text": "社保卡申领要什么材料", "session_id": session})
        after = await client.call_tool("checklist", {"session_id": session})
        assert (after.structured_content["checklist"]["kind"], after.structured_content["checklist"]["item"]["id"]) == (
            "item",
            item,
        )


async def test_how_the_tools_are_shown(serve: Serve) -> None:
    async with serve() as served, served.agent() as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == ["find_item", "ask", "checklist"]
        for tool in tools.values():
            assert tool.input_schema["additionalProperties"] is False
            for schema in (tool.input_schema, tool.output_schema):
                jsonschema.Draft202012Validator.check_schema(schema)
                assert schema["type"] == "object"
            told = [tool.title, tool.description, *_descriptions([tool.input_schema, tool.output_schema])]
            assert all(any("一" <= letter <= "龥" for letter in text) for text in told), told
        assert [tool.annotations.read_only_hint for tool in tools.values()] == [True, False, False]
        assert client.session.server_info.version == "1.2.3"


def _descriptions(schema: Any) -> list[str]:
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    own = [schema["description"]] if isinstance(schema, dict) and isinstance(schema.get("description"), str) else []
    return [*own, *(text for part in parts for text in _descriptions(part))]


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("ask", {"text": ""}, "text_empty"),
        ("ask", {"text": "\u200b\u202e😀"}, "text_empty"),
        ("ask", {"text": "问" * 2001}, "text_too_long"),
        ("ask", {"text": "你好", "session_id": "f" * 32}, "session_not_found"),
        ("ask", {"text": "你好", "session_id": "'; drop table--\x00"}, "session_not_found"),
        ("ask", {"text": "你好", "session_id": "f" * 65}, "request_invalid"),
        ("ask", {"text": 1}, "request_invalid"),
        ("ask", {"text": None}, "request_invalid"),
        ("ask", {}, "request_invalid"),
        ("ask", {"text": "你好", "channel": "window"}, "request_invalid"),
        ("find_item", {"query": " "}, "text_empty"),
        ("find_item", {"query": "办" * 2001}, "text_too_long"),
        ("find_item", {"query": "居住证", "limit": 0}, "request_invalid"),
        ("find_item", {"query": "居住证", "limit": 11}, "request_invalid"),
        ("find_item", {"query": "居住证", "limit": "5"}, "request_invalid"),
        ("find_item", {"query": "居住证", "limit": True}, "request_invalid"),
        ("checklist", {}, "checklist_item_missing"),
        ("checklist", {"item_id": "no-such-item"}, "item_not_found"),
        ("checklist", {"item_id": "x" * 81}, "request_invalid"),
        ("checklist", {"session_id": "f" * 32}, "session_not_found"),
        ("checklist", {"item_id": VENUE, "answers": {"licence_form": "burnt"}}, "answer_invalid"),
        ("checklist", {"item_id": VENUE, "answers": {"nothing": "lost"}}, "answer_invalid"),
        ("checklist", {"item_id": VENUE, "answers": ["lost"]}, "request_invalid"),
        ("checklist", {"item_id": VENUE, "answers": {"licence_form": {"a": 1}}}, "request_invalid"),
        ("checklist", {"item_id": VENUE, "answers": {str(n): "a" for n in range(61)}}, "request_invalid"),
        (
            "checklist",
            {"item_id": VENUE, "session_id": "f" * 32, "answers": {"licence_form": "lost"}},
            "checklist_twice_told",
        ),
    ],
)
async def test_what_a_tool_refuses(serve: Serve, tool: str, arguments: dict[str, Any], code: str) -> None:
    async with serve() as served, served.agent() as client:
        assert (await refused(client, tool, **arguments))[0] == code


async def test_faulty_arguments_are_named_and_not_repeated(serve: Serve) -> None:
    async with serve() as served, served.agent() as client:
        _, message = await refused(client, "ask", text=[IDENTITY], citizen=IDENTITY)
        assert message == "参数有误：text 应为文字；citizen 没有这一项。"


async def test_no_such_tool(serve: Serve) -> None:
    async with serve() as served, served.agent() as client:
        with pytest.raises(MCPError) as raised:
            await client.call_tool("drop_tables", {})
        assert raised.value.error.data == {"code": "tool_not_found"}
        assert "find_item、ask、checklist" in raised.value.message


async def test_personal_data_is_masked(serve: Serve, database: Database) -> None:
    async with serve() as served, served.agent() as client:
        asked = await client.call_tool("ask", {"text": f"我的身份证{IDENTITY}，居住证在哪里办"})
        assert asked.structured_content["masked"]
        assert IDENTITY not in str(asked)
        assert (await refused(client, "find_item", query=IDENTITY))[0] == "text_empty"
    with database.session() as session:
        assert all(IDENTITY not in text for text in session.scalars(select(ConsultMessage.question)))


async def test_an_item_that_is_not_offered_any_more(serve: Serve, library: Library) -> None:
    others = [entry for entry in library.entries.values() if entry.id != VENUE]
    paused = library.item(VENUE).model_copy(update={"status": ItemStatus.SUSPENDED})
    async with serve(library=Library([*others, paused])) as served, served.agent() as client:
        assert (await refused(client, "checklist", item_id=VENUE))[0] == "item_not_in_use"


async def test_without_the_model_items_are_found_by_their_words(
    serve: Serve, search: SectionSearch, monkeypatch
) -> None:
    async def full(*_: object) -> None:
        raise TooManyRequests("排队的请求太多，请稍后再试。", code="queue_full")

    monkeypatch.setattr(search, "embed", full)
    async with serve() as served, served.agent() as client:
        found = (await client.call_tool("find_item", {"query": "公共场所卫生许可证注销"})).structured_content
        assert (found["items"][0]["id"], found["words_only"]) == (VENUE, True)


async def test_links_begin_as_the_proxy_was_called(serve: Serve) -> None:
    forwarded = {"X-Forwarded-Proto": "https"}
    async with serve() as served, served.agent(**forwarded) as client:
        told = (await client.call_tool("checklist", {"item_id": VENUE})).structured_content
        assert told["page"].startswith("https://localhost:8000/checklists/")
        assert told["pdf"].startswith("https://localhost:8000/api/consult/checklists/")


async def test_what_nobody_foresaw_and_what_passes(serve: Serve, search: SectionSearch, monkeypatch) -> None:
    async with serve() as served, served.agent() as client:

        async def broken(*_: object, **__: object) -> None:
            raise RuntimeError(IDENTITY)

        monkeypatch.setattr(search, "items", broken)
        code, message = await refused(client, "find_item", query="居住证")
        assert (code, message) == ("internal_error", "服务内部出错，已记录；请稍后再试。")

        async def full(*_: object, **__: object) -> None:
            raise Unavailable("向量模型忙，请稍后再试。", code="queue_full", retry_after=2)

        monkeypatch.setattr(search, "items", full)
        result = await client.call_tool("find_item", {"query": "居住证"})
        assert result.meta[ERROR_KEY] == {"code": "queue_full", "message": "向量模型忙，请稍后再试。", "retry_after": 2}


async def test_a_foreign_page_or_name_is_refused(serve: Serve) -> None:
    async with serve() as served, served.plain() as client:
        for headers, code in (
            ({"Origin": "https://evil.example"}, "origin_not_allowed"),
            ({"Origin": "null"}, "origin_not_allowed"),
            ({"Host": "hub.example.gov.cn"}, "host_not_allowed"),
        ):
            response = await client.post("/mcp", json=LIST, headers=headers)
            assert (response.status_code, response.json()["code"]) == (403, code)
            assert response.headers["content-type"] == "application/problem+json"
        assert (await client.post("/mcp", json=LIST, headers={"Origin": HUB})).status_code == 200
    async with serve(mcp_hosts="hub.example.gov.cn") as served, served.plain() as client:
        headers = {"Host": "hub.example.gov.cn", "Origin": "https://hub.example.gov.cn"}
        assert (await client.post("/mcp", json=LIST, headers=headers)).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PUT", "OPTIONS"])
async def test_post_is_the_only_method(serve: Serve, method: str) -> None:
    async with serve() as served, served.plain() as client:
        response = await client.request(method, "/mcp", headers={"Accept": "text/html, text/event-stream"})
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        if method != "HEAD":
            assert response.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{}", {}, 415, "unsupported_media_type"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b"{}", {**JSON, "Accept": "text/html"}, 406, "not_acceptable"),
        (b"{}", {**JSON, "Accept": "text/event-stream"}, 406, "not_acceptable"),
        (b" " * (MAX_BYTES + 1), JSON, 413, "body_too_large"),
        (b"{}", {**JSON, "Authorization": "Bearer kp_short"}, 401, "key_malformed"),
        (b"{}", {**JSON, "Authorization": f"Bearer kp_{'a' * 43}"}, 401, "key_unknown"),
        (b"", JSON, 400, -32700),
        (b"{", JSON, 400, -32700),
        (b"\xff\xfe", JSON, 400, -32700),
        (b"[" * 100_000, JSON, 400, -32700),
        (b"[]", JSON, 400, -32602),
        (b"null", JSON, 400, -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "no/such"}', JSON, 200, -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 7}}', JSON, 200, -32602),
        (b"{}", {**JSON, "MCP-Protocol-Version": "1999-01-01"}, 400, None),
    ],
)
async def test_what_is_no_message(
    serve: Serve, content: bytes, headers: dict[str, str], status: int, code: str | int | None
) -> None:
    async with serve() as served, served.plain() as client:
        response = await client.post("/mcp", content=content, headers=headers)
        assert response.status_code == status
        body = response.json()
        if isinstance(code, str):
            assert (body["code"], response.headers["content-type"]) == (code, "application/problem+json")
        elif code is not None:
            assert body["error"]["code"] == code
        assert (await client.post("/mcp", json=LIST)).status_code == 200


async def test_limits_are_those_of_the_other_channels(serve: Serve) -> None:
    async with serve(anonymous_limit="2/minute") as served, served.plain() as client:
        assert [(await client.post("/mcp", json=LIST)).status_code for _ in range(3)] == [200, 200, 429]
        response = await client.post("/mcp", json=LIST)
        assert response.json()["code"] == "rate_limited"
        assert int(response.headers["retry-after"]) >= 1
