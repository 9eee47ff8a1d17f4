from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from core.database import Database
from core.errors import HubError, render
from core.settings import Settings
from services.access import Access, Caller, Role
from services.access.keys import create_key
from services.access.router import build_router

Client = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var_dir=tmp_path, anonymous_limit="5/minute", key_limit="100/minute", trusted_proxies="10.0.0.0/8")


@pytest.fixture
def access(database: Database, settings: Settings) -> Access:
    return Access(database, settings)


@pytest.fixture
def new_key(database: Database) -> Callable[..., str]:
    """Make a key, give its token."""

    def make(role: Role = Role.DEPARTMENT, **more: Any) -> str:
        with database.session() as session:
            return create_key(session, name="测试", role=role, **more)[1]

    return make


@pytest.fixture
def call(access: Access) -> Client:
    """Send a request to an application with one open, one guarded and the keys' routes: `await call(path, token)`."""
    application = FastAPI()
    application.include_router(build_router(access))
    open_gate, department_gate = access.guard(Role.CITIZEN, anonymous=True), access.guard(Role.DEPARTMENT)

    async def hub_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HubError)
        status, headers, body = render(request.url.path, error)
        return Response(body, status, headers)

    application.add_exception_handler(HubError, hub_error)

    def told(caller: Caller) -> dict[str, object]:
        return {"id": caller.id, "role": caller.role, "anonymous": caller.anonymous}

    @application.get("/open")
    async def everyone(request: Request) -> dict[str, object]:
        return told(await open_gate(request))

    @application.get("/department")
    async def department(request: Request) -> dict[str, object]:
        return told(await department_gate(request))

    @application.get("/base")
    async def base(request: Request) -> str:
        return access.base_url(request)

    async def send(
        path: str, token: str | None = None, *, method: str = "GET", peer: str = "203.0.113.7", **more: Any
    ) -> httpx.Response:
        headers = more.pop("headers", {})
        if token is not None:
            headers = {**headers, "Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(app=application, client=(peer, 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            return await client.request(method, path, headers=headers, **more)

    return send
