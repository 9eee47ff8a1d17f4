"""Checklists on both databases, through the routes as they are served."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from core.database import Database
from core.settings import Settings
from knowledge_base.library import Library
from services.access import Access
from services.consult.checklists.router import build_router
from services.consult.checklists.service import Checklists
from services.operations.errors import install_error_handlers

DAYS = 180


class Shelf:
    """The library in force; a test puts another there."""

    def __init__(self, library: Library) -> None:
        self.library = library


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def shelf(library: Library) -> Shelf:
    return Shelf(library)


@pytest.fixture
def checklists(database: Database, shelf: Shelf) -> Checklists:
    return Checklists(database, lambda: shelf.library, days=DAYS)


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(checklists: Checklists, database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(var_dir=tmp_path, anonymous_limit="100000/minute")
    app = FastAPI()
    app.include_router(build_router(checklists, Access(database, settings)))
    install_error_handlers(app, settings.portal_dir)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:
        yield client


@pytest.fixture
def changed(shelf: Shelf) -> Callable[..., None]:
    """`changed(item_id, version=2, ...)`: the item is published with other fields; None takes it out of the library."""

    def change(item_id: str, **fields: object) -> None:
        others = [entry for entry in shelf.library.entries.values() if entry.id != item_id]
        if fields:
            others.append(shelf.library.item(item_id).model_copy(update=fields))
        shelf.library = Library(others)

    return change
