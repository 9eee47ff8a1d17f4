"""The citizen's stream of events, on both databases: nothing is lost, nothing told twice, and it ends when there is no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from fastapi.responses import StreamingResponse

from core.database import Database
from core.errors import NotFound, TooManyRequests
from services.consult.desk.counter import Counter
from services.consult.desk.desk import Desk
from services.consult.desk.streams import citizen_stream, clerk_stream
from tests.services.consult.desk.conftest import ANNA, BERT

pytestmark = pytest.mark.asyncio(loop_scope="session")

Talk = Callable[..., str]


class Page:
    """One connection of a citizen's page, driven the way the server drives it; `last` is what an EventSource remembers."""

    def __init__(self, desk: Desk, session_id: str, last: str | None = None) -> None:
        self.desk, self.session_id, self.last = desk, session_id, last
        self.gone = asyncio.Event()
        self.events: asyncio.Queue[tuple[str, Any] | None] = asyncio.Queue()
        self.serving: asyncio.Task[None] | None = None

    async def open(self) -> int:
        response = await citizen_stream(self.desk, self.session_id, self.last)
        if isinstance(response, StreamingResponse):
            scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
            self.serving = asyncio.create_task(response(scope, self._receive, self._send))
        return response.status_code

    async def _receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        for block in message.get("body", b"").decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n") if line)
            if "id" in fields:
                self.last = fields["id"]
            if "event" in fields:
                await self.events.put((fields["event"], orjson.loads(fields["data"])))
            elif "" in fields:
                await self.events.put(("heartbeat", None))
        if message["type"] == "http.response.body" and not message.get("more_body"):
            await self.events.put(None)

    async def next(self) -> tuple[str, Any] | None:
        return await asyncio.wait_for(self.events.get(), 10)

    async def text(self) -> str:
        event = await self.next()
        assert event is not None
        assert event[0] == "message", event
        return str(event[1]["text"])

    async def state(self) -> str:
        event = await self.next()
        assert event is not None
        assert event[0] == "handover", event
        return f"{event[1]['state']} {event[1]['place'] or ''}".strip()

    async def leave(self) -> None:
        self.gone.set()
        assert self.serving is not None
        await asyncio.wait_for(self.serving, 5)


@pytest_asyncio.fixture(loop_scope="session")
async def pages() -> AsyncIterator[list[Page]]:
    opened: list[Page] = []
    yield opened
    for page in opened:
        page.gone.set()
        if page.serving is not None:
            await asyncio.gather(page.serving, return_exceptions=True)


async def queued(desk: Desk, counter: Counter, session_id: str) -> int:
    await counter.duty(ANNA, come=True)
    await desk.request(session_id, reason="asked")
    return (await counter.queue(ANNA)).waiting[-1].id


async def test_all_of_it_live(desk: Desk, counter: Counter, talk: Talk) -> None:
    other, mine = talk("先"), talk("后")
    first, second = await queued(desk, counter, other), await queued(desk, counter, mine)
    page = Page(desk, mine)
    assert await page.open() == 200
    assert await page.state() == "waiting 2"
    await counter.take(first, ANNA)
    assert await page.state() == "waiting 1"
    await counter.take(second, ANNA)
    assert "安娜" in await page.text()
    assert await page.state() == "attended"
    await counter.say(second, "您好", ANNA)
    assert await page.text() == "您好"
    await desk.citizen_said(mine, "自己的话不回送")
    await counter.say(second, "再见", ANNA)
    assert await page.text() == "再见"
    await counter.give_back(second, ANNA)
    assert "交还" in await page.text()
    assert await page.state() == "closed"
    assert await page.next() is None
    # An EventSource asks again, and is told to stop.
    again = Page(desk, mine, page.last)
    assert await again.open() == 204
    assert desk.following.count(mine) == 0


async def test_a_broken_connection_loses_nothing(desk: Desk, counter: Counter, talk: Talk) -> None:
    session_id = talk("问")
    handover = await queued(desk, counter, session_id)
    page = Page(desk, session_id)
    await page.open()
    assert await page.state() == "waiting 1"
    await counter.take(handover, ANNA)
    await page.text()
    assert await page.state() == "attended"
    await page.leave()
    assert desk.following.count(session_id) == 0, "who left is noticed at once"
    for text in ("一", "二", "三"):
        await counter.say(handover, text, ANNA)
    back = Page(desk, session_id, page.last)
    await back.open()
    assert [await back.text() for _ in range(3)] == ["一", "二", "三"]
    assert await back.state() == "attended"
    await back.leave()
    # Away while it ended: the end is told all the same.
    await counter.say(handover, "四", ANNA)
    await counter.close(handover, ANNA)
    late = Page(desk, session_id, back.last)
    assert await late.open() == 200
    assert await late.text() == "四"
    assert "结束" in await late.text()
    assert await late.state() == "closed"
    assert await late.next() is None


async def test_a_new_page_hears_this_handover_from_its_beginning(desk: Desk, counter: Counter, talk: Talk) -> None:
    session_id = talk("问")
    first = await queued(desk, counter, session_id)
    await counter.take(first, ANNA)
    await counter.close(first, ANNA)
    second = await queued(desk, counter, session_id)
    await counter.take(second, ANNA)
    await counter.say(second, "第二次", ANNA)
    page = Page(desk, session_id)
    await page.open()
    assert "安娜" in await page.text()
    assert await page.text() == "第二次"
    assert await page.state() == "attended"
    await page.leave()


async def test_a_promise_is_told_and_the_stream_ends(desk: Desk, counter: Counter, talk: Talk) -> None:
    session_id = talk("问")
    handover = await queued(desk, counter, session_id)
    await counter.take(handover, ANNA)
    await counter.close(handover, ANNA)
    await counter.go(ANNA)
    await desk.request(session_id, reason="asked")
    page = Page(desk, session_id)
    assert await page.open() == 200
    assert await page.state() == "callback"
    assert await page.next() is None
    # Nothing of the first handover is told again.
    assert await Page(desk, session_id, page.last).open() == 204


async def test_what_there_is_to_follow(desk: Desk, counter: Counter, talk: Talk) -> None:
    assert await Page(desk, talk("问")).open() == 204
    with pytest.raises(NotFound) as caught:
        await Page(desk, "f" * 32).open()
    assert caught.value.code == "session_not_found"


async def test_ids_that_are_not_ours(desk: Desk, counter: Counter, talk: Talk, pages: list[Page]) -> None:
    session_id = talk("问")
    await queued(desk, counter, session_id)
    for last in ("", "-1", "1; DROP TABLE", "9" * 19, "9999999999", "０"):
        page = Page(desk, session_id, last)
        pages.append(page)
        assert await page.open() == 200
        assert await page.state() == "waiting 1"
        await page.leave()


async def test_too_many_pages(desk: Desk, counter: Counter, talk: Talk, pages: list[Page]) -> None:
    session_id = talk("问")
    await queued(desk, counter, session_id)
    for _ in range(desk.rules.file.live.per_session):
        pages.append(Page(desk, session_id))
        assert await pages[-1].open() == 200
    with pytest.raises(TooManyRequests) as caught:
        await Page(desk, session_id).open()
    assert caught.value.code == "too_many_streams"
    await pages[0].leave()
    pages.append(Page(desk, session_id))
    assert await pages[-1].open() == 200


async def test_a_quiet_stream_is_kept_open(desk: Desk, counter: Counter, talk: Talk) -> None:
    live = desk.rules.file.live.model_copy(update={"heartbeat_seconds": 0.05})
    desk.rules = type(desk.rules).of(desk.rules.file.model_copy(update={"live": live}))
    session_id = talk("问")
    await queued(desk, counter, session_id)
    page = Page(desk, session_id)
    await page.open()
    assert await page.state() == "waiting 1"
    assert await page.next() == ("heartbeat", None)
    await page.leave()


async def test_what_another_process_does_is_told(
    desk: Desk, counter: Counter, talk: Talk, database_url: str, tmp_path: Path
) -> None:
    session_id = talk("问")
    handover = await queued(desk, counter, session_id)
    other_database = Database(database_url)
    other_desk = Desk(other_database, tmp_path / "desk.key", hours=desk.hours)
    other = Counter(other_desk, counter._store, counter._library)
    await desk.start()
    try:
        page = Page(desk, session_id)
        await page.open()
        assert await page.state() == "waiting 1"
        await other.duty(BERT, come=True)
        await other.take(handover, BERT)
        assert "贝特" in await page.text()
        assert await page.state() == "attended"
        await other.say(handover, "从别的进程来", BERT)
        assert await page.text() == "从别的进程来"
        await page.leave()
    finally:
        await desk.close()
        other_database.close()


async def test_the_clerks_bell(desk: Desk, counter: Counter, talk: Talk) -> None:
    response = await clerk_stream(desk)
    assert isinstance(response, StreamingResponse)
    events = response.body_iterator
    assert b"retry" in await anext(events)
    assert b"event: changed" in await anext(events)
    ring = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    await desk.request(talk("问"), reason="asked")
    assert b"event: changed" in await asyncio.wait_for(ring, 10)
