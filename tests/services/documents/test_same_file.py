"""The same file from the same caller is read once; everything else about the two documents is apart."""

from __future__ import annotations

import asyncio

from services.access import Role
from tests.services.documents.conftest import QuickHandle, Run
from tests.services.documents.make import encoded, page, pdf_of

PAPER = encoded(page(), "PNG")


async def test_a_second_time_nothing_is_read(run: Run) -> None:
    ocr = QuickHandle()
    async with run(ocr) as hub:
        key = hub.key(Role.DEPARTMENT)
        first = (await hub.hand_in("a.pdf", pdf_of(3), headers=key)).json()
        assert ocr.calls == 3
        second = (await hub.hand_in("b.pdf", pdf_of(3), headers=key)).json()
        assert ocr.calls == 3
        assert (first["reused"], second["reused"]) == (False, True)
        assert second["status"] == "done"
        assert second["document_id"] != first["document_id"]
        assert second["file_name"] == "b.pdf"
        without = [[{**one, "image": None} for one in document["pages"]] for document in (first, second)]
        assert without[0] == without[1]
        assert second["document_id"] in second["pages"][0]["image"]
        # Removing one leaves the other, with its own original.
        assert (await hub.client.delete(f"/api/documents/{first['document_id']}", headers=key)).status_code == 204
        path = f"/api/documents/{second['document_id']}"
        assert len((await hub.client.get(path, headers=key)).json()["pages"]) == 3
        assert (await hub.client.get(path + "/pages/3.png", headers=key)).status_code == 200


async def test_a_file_that_is_being_read_is_waited_for(run: Run) -> None:
    ocr = QuickHandle(seconds=0.1)
    async with run(ocr) as hub:
        answers = await asyncio.gather(*(hub.hand_in("a.pdf", pdf_of(3)) for _ in range(5)))
        assert [answer.json()["status"] for answer in answers] == ["done"] * 5
        assert [len(answer.json()["pages"]) for answer in answers] == [3] * 5
        assert ocr.calls == 3


async def test_another_callers_is_never_taken(run: Run) -> None:
    ocr = QuickHandle()
    async with run(ocr) as hub:
        for headers in (hub.key(Role.DEPARTMENT), hub.key(Role.DEPARTMENT), hub.key(Role.ADMIN), {}):
            answer = (await hub.hand_in("a.png", PAPER, headers=headers)).json()
            assert not answer["reused"]
        assert ocr.calls == 4
        # Whoever shares an address is spared the reading, and hears nothing of it.
        assert not (await hub.hand_in("a.png", PAPER)).json()["reused"]
        assert ocr.calls == 4


async def test_an_anonymous_caller_of_before_the_restart_is_another(run: Run) -> None:
    ocr = QuickHandle()
    for calls in (1, 2):
        async with run(ocr) as hub:
            await hub.hand_in("a.png", PAPER)
            assert ocr.calls == calls


async def test_what_waits_goes_on_when_the_first_is_removed_or_fails(run: Run) -> None:
    ocr = QuickHandle(seconds=0.2)
    async with run(ocr) as hub:
        first, second, third = [(await hub.hand_in("a.pdf", pdf_of(2), wait=0)).json()["document_id"] for _ in range(3)]
        assert (await hub.client.delete(f"/api/documents/{first}")).status_code == 204
        for one in (second, third):
            await hub.service.wait(one, 20)
            assert (await hub.client.get(f"/api/documents/{one}")).json()["status"] == "done"
        assert ocr.calls <= 4
    async with run(ocr) as hub:
        assert hub.service.pending == 0


async def test_after_a_restart_it_is_still_read_once(run: Run) -> None:
    async with run(QuickHandle(seconds=60)) as hub:
        ids = [(await hub.hand_in("a.pdf", pdf_of(2), wait=0)).json()["document_id"] for _ in range(3)]
        await asyncio.sleep(0.2)
    ocr = QuickHandle()
    async with run(ocr) as hub:
        for one in ids:
            await hub.service.wait(one, 20)
            assert (await hub.client.get(f"/api/documents/{one}")).json()["status"] == "done"
        assert ocr.calls == 2
