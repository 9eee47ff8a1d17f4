"""The inference routes in a small application: real access over a database of its own, real models."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from core.database import Database
from core.limits import BodyLimit
from core.settings import ROOT, Settings
from models.artifacts import ArtifactStore
from models.host import Host
from models.registry import Registry
from services.access.access import Access
from services.access.callers import Role
from services.access.keys import create_key
from services.inference.express import Express
from services.inference.limits import Limits
from services.inference.router import build_router
from services.inference.service import InferenceService
from services.operations.errors import install_error_handlers


@dataclass(frozen=True)
class Running:
    """An application, a client with a department's key, and a key of every role."""

    client: httpx.AsyncClient
    host: Host
    keys: dict[Role, str]
    app: FastAPI


Start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
def limits() -> Limits:
    return Limits(inputs=4, characters=100, pixels=10_000)


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """`async with start("e5-small-zh", queue_items=8) as running`: the routes with these models loaded."""

    @asynccontextmanager
    async def running(*models: str, express: bool = True, **changed: object) -> AsyncIterator[Running]:
        settings = Settings(var_dir=tmp_path, artifacts_dir=Settings().artifacts, **changed)  # type: ignore[arg-type]
        registry = Registry(Path(shutil.copy(ROOT / "registry.yaml", tmp_path / "registry.yaml")))
        host = Host(registry, ArtifactStore(settings.artifacts), threads=1, queue_items=settings.queue_items)
        database = Database(settings.database)
        database.upgrade()
        with database.session() as session:
            keys = {role: create_key(session, name=role.value, role=role)[1] for role in Role}
        app = FastAPI()
        router = build_router(InferenceService(host, settings), Access(database, settings))
        app.include_router(router)
        install_error_handlers(app, tmp_path)
        if express:
            app.add_middleware(Express, routes=router.routes)
        app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
        for report in await host.start(models) if models else []:
            assert report.error is None, report.error
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://hub",
            headers={"Authorization": f"Bearer {keys[Role.DEPARTMENT]}"},
        ) as client:
            yield Running(client, host, keys, app)
        await host.close()
        database.close()

    return running
