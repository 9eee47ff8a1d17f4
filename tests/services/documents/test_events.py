"""How a document is being read, told as it happens."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from services.access import Caller, Role
from services.documents.events import document_stream
from services.documents.progress import MOST_FOLLOWERS
from tests.services.documents.conftest import QuickHandle, Run, Running
from tests.services.documents.make import encoded, page, pdf_of

Event = tuple[str, dict[str, Any], int | None]


async def listen(hub: Running, document_id: str, **headers: str) -> tuple[int, list[Event]]:
    """Status and events, until the stream ends."""
    answer = await hub.client.get(f"/api/documents/{document_id}/events", headers=headers, timeout=30)
    events = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            events.append(
                (fields["event"], orjson.loads(fields["data"]), int(fields["id"]) if "id" in fields else None)
            )
    return answer.status_code, events


async def test_each_page_is_told_and_then_the_end(run: Run) -> None:
    async with run(QuickHandle(seconds=0.15)) as hub:
        document_id = (await hub.hand_in("a.pdf", pdf_of(4), wait=0)).json()["document_id"]
        status, events = await listen(hub, document_id)
        assert status == 200
        assert [name for name, _, _ in events] == ["progress"] * (len(events) - 1) + ["done"]
        read = [data["pages_read"] for _, data, _ in events]
        assert read == sorted(read)
        assert set(read) >= {1, 2, 3, 4}
        assert events[-1][2] == 5
        assert all(data["page_count"] == 4 for _, data, _ in events)
        assert "一行字" not in str(events)


async def test_who_comes_late_hears_where_it_is(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        document_id = (await hub.hand_in("a.pdf", pdf_of(2))).json()["document_id"]
        _, events = await listen(hub, document_id)
        assert [(name, data["status"], place) for name, data, place in events] == [("done", "done", 3)]
        # A page that lost the connection before the end hears of it; one that heard it is told to stop.
        assert (await listen(hub, document_id, **{"Last-Event-ID": "2"}))[1] == events
        assert await listen(hub, document_id, **{"Last-Event-ID": "3"}) == (204, [])
        assert (await listen(hub, document_id, **{"Last-Event-ID": "nonsense"}))[1] == events


async def test_a_failure_and_a_removal_end_the_stream(run: Run) -> None:
    async with run(QuickHandle(seconds=0.5)) as hub:
        document_id = (await hub.hand_in("a.pdf", pdf_of(9), wait=0)).json()["document_id"]
        listening = asyncio.create_task(listen(hub, document_id))
        await asyncio.sleep(0.2)
        await hub.client.delete(f"/api/documents/{document_id}")
        assert (await listening)[1][-1] == ("removed", {}, None)
        assert (await hub.client.get(f"/api/documents/{document_id}/events")).status_code == 404

    class Fails(QuickHandle):
        async def call(self, inputs: Any) -> Any:
            raise RuntimeError("张三")

    async with run(Fails()) as hub:
        document_id = (await hub.hand_in("a.png", encoded(page(), "PNG"), wait=5)).json()["document_id"]
        _, events = await listen(hub, document_id)
        assert [(name, data["error"]["code"], place) for name, data, place in events] == [
            ("failed", "document_failed", 2)
        ]


async def test_streams_end_when_the_server_stops_and_are_limited(run: Run) -> None:
    async with run(QuickHandle(seconds=60)) as hub:
        document_id = (await hub.hand_in("a.png", encoded(page(), "PNG"), wait=0)).json()["document_id"]
        listening = [asyncio.create_task(listen(hub, document_id)) for _ in range(MOST_FOLLOWERS)]
        await asyncio.sleep(0.5)
        refusal = await hub.client.get(f"/api/documents/{document_id}/events")
        assert (refusal.status_code, refusal.json()["code"]) == (429, "too_many_streams")
        hub.service.end_streams()
        for status, events in await asyncio.wait_for(asyncio.gather(*listening), 5):
            assert status == 200
            assert {name for name, _, _ in events} == {"progress"}


async def test_only_who_may_see_it_may_follow_it(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        document_id = (await hub.hand_in("a.png", encoded(page(), "PNG"), headers=hub.key(Role.CLERK))).json()[
            "document_id"
        ]
        assert (await hub.client.get(f"/api/documents/{document_id}/events")).status_code == 404
        admin = Caller("key_x", Role.ADMIN, "某", "key_x")
        assert (await document_stream(hub.service, document_id, admin, None)).status_code == 200
