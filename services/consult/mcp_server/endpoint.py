"""/mcp: the tools for whoever's agent speaks the Model Context Protocol, over streamable HTTP, stateless, answers as JSON.

Comes in: POST with one JSON-RPC message, with or without a key. The hub's own gate stands first (names, limits, headers,
size) and refuses with a problem document, as everywhere; what passes is the package's business. The log line of a request is
that of any other: no body, no argument.
Source: Model Context Protocol 2025-11-25 and before (`initialize`), 2026-07-28 (every request for itself).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http import check_accept_headers
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core.errors import HubError, UnsupportedMedia
from core.limits import BodyLimit
from core.settings import Settings
from services.access import Access, Role
from services.consult.mcp_server.hosts import read_hosts
from services.consult.mcp_server.tools import ROUTE, ConsultTools

MAX_BYTES = 1024 * 1024
"""Of one message: far more than the longest question or all answers to a questionnaire."""
INSTRUCTIONS = (
    "本区一网通办的办事咨询。回答只引用现行办事指南的原文，并给出出处；转述时请保留出处，不要改动数字、电话和地址。"
    "不知道是哪个事项时先用 find_item；问具体问题用 ask，追问时带上 session_id；要完整的材料清单和步骤用 checklist。"
    "请不要发送姓名、身份证号、手机号等个人信息。"
)


class NotAcceptable(HubError):
    """The caller takes no form that the hub has (406)."""

    status = 406
    code = "not_acceptable"
    openai_type = "invalid_request_error"


class MCPEndpoint:
    """The ASGI endpoint; put `route` among the routes and enter `run` for as long as it serves.

    Raises:
        Invalid: the setting `mcp_hosts` (code `mcp_hosts_invalid`).
    """

    def __init__(self, tools: ConsultTools, access: Access, settings: Settings, *, version: str) -> None:
        self._tools = tools
        self._access = access
        self._hosts = read_hosts(settings.mcp_hosts, settings.host, settings.public_url)
        # Below this it notes what the hub's own log says already, in another form.
        logging.getLogger("mcp").setLevel(logging.WARNING)
        server: Server[Any] = Server(
            "kaopu-hub",
            version=version,
            title="靠普智枢",
            instructions=INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
        )
        max_bytes = min(MAX_BYTES, settings.max_body_bytes)
        self._manager = StreamableHTTPSessionManager(
            server,
            json_response=True,
            stateless=True,
            # Checked below, by the same rule: the package's own check answers in plain English text.
            security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
            max_request_body_size=max_bytes,
        )
        # Every method comes here: without sessions there is nothing to listen to with GET, nothing to end with DELETE.
        self.route = Route(ROUTE, endpoint=BodyLimit(self, max_bytes), include_in_schema=False)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Serve; once."""
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One message.

        Raises:
            HTTPException: 405, not POST.
            Forbidden: `host_not_allowed`, `origin_not_allowed`.
            UnsupportedMedia, NotAcceptable: not JSON.
            HubError: what `Access.check` raises.
        """
        scope.setdefault("route", self.route)
        request = Request(scope, receive)
        if request.method != "POST":
            raise HTTPException(405, headers={"Allow": "POST"})
        self._hosts.check(request.headers.get("host"), request.headers.get("origin"))
        await self._access.check(request, *Role, anonymous=True)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise UnsupportedMedia("请以 Content-Type: application/json 发送 JSON-RPC 消息。")
        if not check_accept_headers(request)[0]:
            raise NotAcceptable("回答是 JSON。请在请求头写 Accept: application/json, text/event-stream。")
        await self._manager.handle_request(scope, receive, send)

    async def _list_tools(
        self, _: ServerRequestContext[Any, Request], __: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=self._tools.shown)

    async def _call_tool(
        self, context: ServerRequestContext[Any, Request], params: CallToolRequestParams
    ) -> CallToolResult:
        base = self._access.base_url(context.request) if context.request is not None else "/"
        return await self._tools.call(params.name, params.arguments or {}, base)
