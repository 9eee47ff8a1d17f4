"""Ratings, groups and numbers on both databases: real library, real embedder, real keys."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from core.database import Database, now
from core.settings import Settings
from knowledge_base.life.lifecycle import SYSTEM_IMPORT
from knowledge_base.search import SectionSearch
from knowledge_base.store import LibraryStore
from services.access import Access, Role
from services.access.keys import create_key
from services.consult.naming import item_names
from services.consult.tables import ConsultMessage, ConsultSession
from services.consult.voice.groups import Groups
from services.consult.voice.numbers import NumbersReader
from services.consult.voice.ratings import Ratings
from services.consult.voice.router import build_router
from services.operations.errors import install_error_handlers

ITEM = "public-venue-hygiene-cancel"
Talk = Callable[..., str]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def ratings(database: Database, search: SectionSearch) -> Ratings:
    return Ratings(database, item_names(lambda: search.library))


@pytest.fixture
def store(database: Database, search: SectionSearch) -> LibraryStore:
    """With one item of the real library in force."""
    store = LibraryStore(database)
    with database.session() as session:
        store.put_in(session, [search.library.items[ITEM]], by=SYSTEM_IMPORT)
    return store


@pytest.fixture
def groups(database: Database, search: SectionSearch, store: LibraryStore) -> Groups:
    return Groups(database, search, store)


@pytest.fixture
def talk(database: Database) -> Talk:
    """`talk("要多少钱", status="not_found")`: a conversation in which this was asked; its id. `at`: when it began."""

    def make(
        *questions: str, at: datetime | None = None, every: float = 10, channel: str = "pc", **columns: Any
    ) -> str:
        session_id = secrets.token_hex(16)
        began = at or now() - timedelta(seconds=60)
        with database.session() as session:
            session.add(
                ConsultSession(
                    id=session_id, channel=channel, messages=len(questions), created_at=began, updated_at=began
                )
            )
            session.flush()
            for number, question in enumerate(questions, 1):
                values = {
                    "route": "guide",
                    "status": "answered",
                    "item_id": ITEM,
                    "element": "fee",
                    "unanswered": False,
                    "words_only": False,
                    "dropped": 0,
                    "seconds": 0.01 * number,
                } | columns
                session.add(
                    ConsultMessage(
                        session_id=session_id,
                        number=number,
                        channel=channel,
                        question=question,
                        answer=f"答：{question}",
                        citations=[],
                        masked={},
                        library="1",
                        created_at=began + timedelta(seconds=every * (number - 1)),
                        **values,
                    )
                )
        return session_id

    return make


class Person:
    """One caller of the interface, with their key or without."""

    def __init__(self, client: httpx.AsyncClient, key: str | None) -> None:
        self._client = client
        self._headers = {"X-API-Key": key} if key else {}
        self.status = 0

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        response = await self._client.request(method, f"/api/consult{path}", json=body, headers=self._headers)
        self.status = response.status_code
        return response.json() if response.content else None


class Office:
    """Who calls: a citizen without a key, and staff."""

    def __init__(self, client: httpx.AsyncClient, database: Database) -> None:
        def key(name: str, role: Role) -> str:
            with database.session() as session:
                return create_key(session, name=name, role=role)[1]

        self.citizen = Person(client, None)
        self.clerk = Person(client, key("安娜", Role.CLERK))
        self.editor = Person(client, key("编辑", Role.EDITOR))
        self.department = Person(client, key("部门", Role.DEPARTMENT))


@pytest_asyncio.fixture(loop_scope="session")
async def office(
    ratings: Ratings, groups: Groups, search: SectionSearch, database: Database, tmp_path: Path
) -> AsyncIterator[Office]:
    settings = Settings(var_dir=tmp_path, anonymous_limit="100000/minute")
    app = FastAPI()
    app.include_router(
        build_router(ratings, groups, NumbersReader(database, lambda: search.library), Access(database, settings))
    )
    install_error_handlers(app, settings.portal_dir)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:
        yield Office(client, database)
