"""Who saw what is written down, before it is shown, and can't be changed afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.errors import Unavailable
from services.access import Role
from tests.postgres import new_database
from tests.services.documents.conftest import QuickHandle, Run, Running
from tests.services.documents.make import encoded, page

PAPER = encoded(page(), "PNG")


async def seen(hub: Running, document_id: str, headers: dict[str, str]) -> list[tuple[Any, ...]]:
    """Oldest first: viewer, role, what, page."""
    answer = await hub.client.get(f"/api/documents/{document_id}/views", headers=headers)
    assert answer.status_code == 200, answer.text
    views = answer.json()["views"]
    assert all(set(view) == {"viewer", "role", "what", "page", "at"} for view in views)
    return [(view["viewer"], view["role"], view["what"], view["page"]) for view in reversed(views)]


async def test_every_view_of_a_document_is_recorded(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        clerk, admin = hub.key(Role.CLERK), hub.key(Role.ADMIN)
        made = (await hub.hand_in("张三.png", PAPER, headers=clerk, data={"submission_id": "S1"})).json()
        path = f"/api/documents/{made['document_id']}"
        other = hub.key(Role.CLERK)
        await hub.client.get(path, headers=other)
        await hub.client.get(path + "/pages/1.jpg", headers=admin)
        assert (await hub.client.get(path + "/pages/2.jpg", headers=admin)).status_code == 404
        assert (await hub.client.get(path)).status_code == 404
        views = await seen(hub, made["document_id"], clerk)
        assert [view[1:] for view in views] == [
            ("clerk", "result", None),
            ("clerk", "result", None),
            ("admin", "page", 1),
        ]
        assert len({view[0] for view in views}) == 3
        assert all(view[0].startswith("key_") for view in views)
        assert "张三" not in str(views)
        # Who looked at it is for its owner and for admins.
        refusal = await hub.client.get(path + "/views", headers=other)
        assert (refusal.status_code, refusal.json()["code"]) == (403, "views_not_allowed")
        assert (await hub.client.get(path + "/views")).status_code == 404
        # The record outlives the document, for admins.
        assert (await hub.client.delete(path, headers=clerk)).status_code == 204
        assert await seen(hub, made["document_id"], admin) == views
        assert (await hub.client.get(path + "/views", headers=clerk)).status_code == 404


async def test_an_anonymous_viewer_is_anonymous(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        made = (await hub.hand_in("a.png", PAPER)).json()
        assert await seen(hub, made["document_id"], {}) == [("anonymous", "citizen", "result", None)]


async def test_asking_how_far_it_is_is_recorded_once(run: Run) -> None:
    async with run(QuickHandle(seconds=60)) as hub:
        document_id = (await hub.hand_in("a.png", PAPER, wait=0)).json()["document_id"]
        for _ in range(5):
            assert (await hub.client.get(f"/api/documents/{document_id}")).json()["pages"] == []
        assert await seen(hub, document_id, {}) == [("anonymous", "citizen", "document", None)]


async def test_what_can_not_be_recorded_is_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async with run(QuickHandle()) as hub:
        document_id = (await hub.hand_in("a.png", PAPER)).json()["document_id"]

        async def away(*_: object) -> None:
            raise Unavailable("数据库暂时不可用。", code="database_unavailable")

        monkeypatch.setattr(hub.service._views, "record", away)
        for path in ("", "/pages/1.png"):
            answer = await hub.client.get(f"/api/documents/{document_id}{path}")
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
            assert "一行字" not in answer.text


class OnlyAdded:
    async def test_the_database_refuses_to_change_or_remove_a_view(self, run: Run) -> None:
        async with run(QuickHandle()) as hub:
            made = (await hub.hand_in("a.png", PAPER)).json()
            for change in ("UPDATE document_views SET viewer = 'x'", "DELETE FROM document_views"):
                with pytest.raises(DBAPIError, match="can only be added to"), hub.database.session() as session:
                    session.execute(text(change))
            assert len(await seen(hub, made["document_id"], {})) == 1


class TestOnSqlite(OnlyAdded):
    pass


class TestOnPostgresql(OnlyAdded):
    @pytest.fixture
    def database_url(self) -> str:
        return new_database()
