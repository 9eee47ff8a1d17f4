"""The desk on both databases: real service, real library, real keys; the hours of the test's own making."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import update

from core.database import Database, now
from core.settings import Settings
from knowledge_base.life.lifecycle import Actor
from knowledge_base.search import SectionSearch
from knowledge_base.store import LibraryStore
from services.access import Access, Role
from services.access.keys import create_key
from services.consult.desk.counter import Counter
from services.consult.desk.desk import Desk
from services.consult.desk.hours import HoursFile, ServiceHours
from services.consult.desk.router import build_router
from services.consult.desk.tables import DeskHandover
from services.consult.service import ConsultService
from services.consult.tables import ConsultMessage, ConsultSession
from services.operations.errors import install_error_handlers

ANNA, BERT = Actor("key_anna", "安娜"), Actor("key_bert", "贝特")
ITEM = "public-venue-hygiene-cancel"


def hours_of(*, always: bool, arranged_until: str = "9999-12-31") -> ServiceHours:
    """Open round the clock, or never."""
    return ServiceHours(
        HoursFile.model_validate(
            {
                "zone": "Asia/Shanghai",
                "days": [1, 2, 3, 4, 5, 6, 7],
                "hours": [{"from": "00:00", "until": "23:59:59.999999" if always else "00:00:00.000001"}],
                "arranged_until": arranged_until,
                "callback": {"working_days": 1, "by": "17:00"},
            }
        )
    )


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path / "desk.key", hours=hours_of(always=True))


@pytest.fixture
def counter(desk: Desk, database: Database, search: SectionSearch) -> Counter:
    return Counter(desk, LibraryStore(database), lambda: search.library)


@pytest.fixture
def talk(database: Database) -> Callable[..., str]:
    """`talk("要多少钱")`: a conversation in which this was asked and answered; its id."""

    def make(*questions: str, item_id: str | None = ITEM) -> str:
        session_id = secrets.token_hex(16)
        moment = now() - timedelta(seconds=30)
        with database.session() as session:
            session.add(
                ConsultSession(
                    id=session_id,
                    channel="pc",
                    item_id=item_id,
                    element="fee",
                    messages=len(questions),
                    created_at=moment,
                    updated_at=moment,
                )
            )
            session.flush()
            for number, question in enumerate(questions, 1):
                session.add(
                    ConsultMessage(
                        session_id=session_id,
                        number=number,
                        channel="pc",
                        question=question,
                        route="guide",
                        status="answered",
                        answer=f"答：{question}",
                        item_id=item_id,
                        element="fee",
                        citations=[f"{ITEM}/fee@1"],
                        masked={},
                        dropped=0,
                        unanswered=False,
                        words_only=False,
                        library="1",
                        seconds=0.01,
                        created_at=moment + timedelta(seconds=number),
                    )
                )
        return session_id

    return make


@pytest.fixture
def age(database: Database) -> Callable[..., None]:
    """Put columns of a handover into the past: `age(1, seen_at=3600)`."""

    def make(handover_id: int, **seconds: float) -> None:
        values = {name: now() - timedelta(seconds=by) for name, by in seconds.items()}
        with database.session() as session:
            session.execute(update(DeskHandover).where(DeskHandover.id == handover_id).values(**values))

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
    def __init__(self, client: httpx.AsyncClient, database: Database) -> None:
        def key(name: str, role: Role) -> str:
            with database.session() as session:
                return create_key(session, name=name, role=role)[1]

        self.client = client
        self.anna = Person(client, key("安娜", Role.CLERK))
        self.bert = Person(client, key("贝特", Role.CLERK))
        self.editor = Person(client, key("编辑", Role.EDITOR))
        self.citizen = Person(client, None)


@pytest_asyncio.fixture(loop_scope="session")
async def office(desk: Desk, database: Database, search: SectionSearch, tmp_path: Path) -> AsyncIterator[Office]:
    settings = Settings(var_dir=tmp_path, anonymous_limit="100000/minute")
    service = ConsultService(search, database, settings, desk=desk)
    app = FastAPI()
    store = LibraryStore(database)
    app.include_router(build_router(desk, service, store, lambda: search.library, Access(database, settings)))
    install_error_handlers(app, settings.portal_dir)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:
        yield Office(client, database)
