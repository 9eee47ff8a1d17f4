"""The dashboard's numbers over HTTP, each with the conversations behind it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from core.database import Database, now
from knowledge_base.search import SectionSearch
from services.consult.desk.tables import DeskHandover
from tests.services.consult.voice.conftest import ITEM, Office, Talk

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVENT = "event-start-company"
DAYS = "from=2026-11-01&to=2026-11-02"
# 17:00 in London is 01:00 of the next day in Shanghai.
FIRST, SECOND = datetime(2026, 11, 1, 2, 0, tzinfo=UTC), datetime(2026, 11, 1, 17, 0, tzinfo=UTC)


async def numbers(office: Office, query: str) -> dict[str, Any]:
    found = await office.department("GET", f"/numbers?{query}")
    assert office.department.status == 200, found
    return dict(found)


async def test_by_day_with_their_conversations(office: Office, talk: Talk) -> None:
    talk("一", "二", at=FIRST)
    lost = talk("三", at=SECOND, status="not_found", unanswered=True, item_id=None, words_only=True, dropped=2)
    talk("不在这几天里", at=datetime(2026, 11, 5, tzinfo=UTC))
    found = await numbers(office, f"{DAYS}&by=day")
    assert [(row["key"], row["questions"], row["conversations"]) for row in found["rows"]] == [
        ("2026-11-01", 2, 1),
        ("2026-11-02", 1, 1),
    ]
    total = found["total"]
    assert (total["questions"], total["answered"], total["not_found"], total["conversations"]) == (3, 2, 1, 2)
    assert (total["words_only"], total["dropped"], total["unanswered"]) == (1, 1, 1)
    assert (total["seconds_p50"], total["seconds_p95"]) == (0.01, 0.02)
    for measure in ("not_found", "words_only", "dropped", "unanswered"):
        listed = await office.clerk("GET", f"/conversations?{DAYS}&measure={measure}")
        assert [(one["session_id"], one["question"]) for one in listed["conversations"]] == [(lost, "三")]
    opened = await office.clerk("GET", f"/conversations/{lost}")
    assert [(line["author"], line["text"]) for line in opened["lines"]] == [("citizen", "三"), ("bot", "答：三")]


async def test_resolved_in_one_consultation(office: Office, talk: Talk, database: Database) -> None:
    talk("一次就好", "再问一句", at=FIRST)
    back = talk("第一次", "一小时后又来", at=FIRST, every=3600)
    low = talk("评了低分", at=FIRST)
    await office.citizen("POST", "/ratings", {"session_id": low, "number": 1, "grade": 1, "reasons": ["看不懂"]})
    clerk = talk("转了人工", at=FIRST)
    talk("没有答复不算一件", at=FIRST, status="clarify")
    with database.session() as session:
        session.add(
            DeskHandover(
                session_id=clerk,
                reason="asked",
                state="closed",
                revision=1,
                requested_at=now(),
                seen_at=now(),
                updated_at=now(),
            )
        )
    total = (await numbers(office, DAYS))["total"]
    assert (total["issues"], total["resolved"], total["share_resolved"]) == (4, 1, 0.25)
    assert (total["rated"], total["rated_low"], total["mean_grade"], total["with_clerk"]) == (1, 1, 1.0, 1)
    listed = await office.editor("GET", f"/conversations?{DAYS}&measure=unresolved")
    assert {one["session_id"] for one in listed["conversations"]} == {back, low, clerk}
    assert (await office.editor("GET", f"/conversations?{DAYS}&measure=rated_low"))["total"] == 1


async def test_by_item_department_and_channel(office: Office, talk: Talk, search: SectionSearch) -> None:
    talk("一", "二", at=FIRST, channel="kiosk")
    talk("三", at=FIRST, item_id=None)
    item = search.library.items[ITEM]
    for by, keys in (
        ("item", [(ITEM, item.name, 2), ("", "没有认定事项", 1)]),
        ("department", [(item.department, item.department, 2), ("", "没有认定事项", 1)]),
        ("channel", [("kiosk", "自助机", 2), ("pc", "网页", 1)]),
    ):
        rows = (await numbers(office, f"{DAYS}&by={by}"))["rows"]
        assert [(row["key"], row["title"], row["questions"]) for row in rows] == keys
        assert rows[0]["issues"] == rows[0]["resolved"] == 1
        name = "item_id" if by == "item" else by
        for key, _, count in keys:
            narrowed = await numbers(office, f"{DAYS}&{name}={key}")
            assert narrowed["total"]["questions"] == count


async def test_a_life_event_is_counted_as_one(office: Office, talk: Talk, search: SectionSearch) -> None:
    talk("一", at=FIRST)
    whole = talk("生孩子要办哪些事", at=FIRST, item_id=EVENT, element="items")
    whole_event = search.library.entries[EVENT]
    for by, key, title in (
        ("item", EVENT, whole_event.name),
        ("department", whole_event.department, whole_event.department),
    ):
        rows = {row["key"]: row for row in (await numbers(office, f"{DAYS}&by={by}"))["rows"]}
        assert (rows[key]["title"], rows[key]["questions"], rows[key]["issues"]) == (title, 1, 1)
        name = "item_id" if by == "item" else by
        assert (await numbers(office, f"{DAYS}&{name}={key}"))["total"]["questions"] == 1
    assert (await numbers(office, f"{DAYS}&department="))["total"]["questions"] == 0
    opened = await office.clerk("GET", f"/conversations/{whole}")
    assert opened["lines"][1]["item"] == {"id": EVENT, "name": whole_event.name}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_fault_while_rows_are_read_is_the_databases_own_error(
    office: Office, talk: Talk, database: Database
) -> None:
    talk(*("问" for _ in range(1500)), at=FIRST, every=1)
    assert (await numbers(office, DAYS))["total"]["questions"] == 1500
    interrupted: list[Any] = []

    def interrupt(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        # The statement gives its first rows, then the driver fails in the middle of the rest.
        if "consult_messages.seconds" in statement:
            driver = connection.connection.driver_connection
            driver.set_progress_handler(lambda: 1, 3000)
            interrupted.append(driver)

    event.listen(database.engine, "before_cursor_execute", interrupt)
    try:
        for address in (f"/numbers?{DAYS}", f"/conversations?{DAYS}&measure=unresolved"):
            found = await office.clerk("GET", address)
            assert (office.clerk.status, found["code"]) == (503, "database_unavailable"), found
    finally:
        event.remove(database.engine, "before_cursor_execute", interrupt)
        for driver in interrupted:
            driver.set_progress_handler(None, 0)
    assert len(interrupted) == 2
    assert (await numbers(office, DAYS))["total"]["questions"] == 1500


async def test_nothing_and_what_is_refused(office: Office) -> None:
    found = await numbers(office, DAYS)
    assert (found["rows"], found["total"]["questions"], found["total"]["share_resolved"]) == ([], 0, None)
    refused = await office.clerk("GET", "/numbers?from=2026-11-02&to=2026-11-01")
    assert (office.clerk.status, refused["code"]) == (422, "period_invalid")
    await office.clerk("GET", "/conversations/unknown")
    assert office.clerk.status == 404
    await office.citizen("GET", "/numbers")
    assert office.citizen.status == 401
