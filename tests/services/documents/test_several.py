"""Several files at once, and papers of a submission."""

from __future__ import annotations

from typing import Any

import httpx

from services.access import Caller, Role
from services.documents.rights import any_clerk, may_see
from services.documents.tables import Document
from tests.services.documents.conftest import QuickHandle, Run, Running
from tests.services.documents.make import encoded, page, pdf_of

PAPER = encoded(page(), "PNG")


async def post(hub: Running, files: list[tuple[str, bytes]], wait: float = 20, **more: Any) -> httpx.Response:
    parts = [("file", one) for one in files]
    return await hub.client.post("/api/documents", params={"wait": wait}, files=parts, **more)


async def test_each_file_has_an_answer_in_its_place(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        answer = await post(hub, [("a.png", PAPER), ("b.txt", b"hello"), ("../c.pdf", pdf_of(2))])
        assert answer.status_code == 200
        first, second, third = answer.json()
        assert (first["status"], first["file_name"], len(first["pages"])) == ("done", "a.png", 1)
        assert (second["file_name"], second["error"]["code"]) == ("b.txt", "file_type_unsupported")
        assert "document_id" not in second
        assert (third["status"], third["file_name"], len(third["pages"])) == ("done", "c.pdf", 2)


async def test_without_waiting_each_has_an_id(run: Run) -> None:
    async with run(QuickHandle(seconds=60)) as hub:
        answer = await post(hub, [("a.png", PAPER)] * 20, wait=0)
        assert answer.status_code == 202
        assert len({one["document_id"] for one in answer.json()}) == 20
        assert {one["status"] for one in answer.json()} <= {"queued", "reading"}


async def test_one_file_is_answered_as_ever(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        answer = await post(hub, [("a.png", PAPER)])
        assert answer.json()["status"] == "done"
        assert answer.headers["location"].endswith(answer.json()["document_id"])


async def test_if_none_can_be_read_that_is_the_answer(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        answer = await post(hub, [("a.txt", b"x"), ("b.png", b"")])
        assert (answer.status_code, answer.json()["code"]) == (422, "no_file_accepted")
        assert [one["error"]["code"] for one in answer.json()["files"]] == ["file_type_unsupported", "file_empty"]


async def test_a_queue_that_fills_up_refuses_the_rest(run: Run) -> None:
    async with run(QuickHandle(seconds=60), document_queue=2) as hub:
        answer = await post(hub, [("a.png", PAPER)] * 3, wait=0)
        assert answer.status_code == 202
        assert answer.json()[2]["error"]["code"] == "document_queue_full"


async def test_only_clerks_hand_in_for_a_submission(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        for role, submission, status, code in (
            (Role.DEPARTMENT, "S1", 403, "submission_not_allowed"),
            (None, "S1", 403, "submission_not_allowed"),
            (Role.CLERK, "../S1", 422, "submission_id_invalid"),
            (Role.CLERK, "x" * 65, 422, "submission_id_invalid"),
        ):
            headers = hub.key(role) if role else {}
            answer = await post(hub, [("a.png", PAPER)], headers=headers, data={"submission_id": submission})
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert list((hub.settings.var_dir / "documents").iterdir()) == []
        clerk = hub.key(Role.CLERK)
        answer = await post(hub, [("a.png", PAPER)] * 2, headers=clerk, data={"submission_id": "S.1-a_b"})
        assert [one["submission_id"] for one in answer.json()] == ["S.1-a_b"] * 2
        assert (await post(hub, [("a.png", PAPER)], data={"submission_id": ""})).json()["submission_id"] is None


def test_rights_by_owner_role_and_submission() -> None:
    def caller(key: str | None, role: Role) -> Caller:
        return Caller(key or "anonymous:1", role, "某", key)

    def document(owner: str, submission: str | None = None) -> Document:
        return Document(owner=owner, owned=not owner.startswith("anonymous"), submission_id=submission)

    key, clerk = caller("key_1", Role.DEPARTMENT), caller("key_2", Role.CLERK)
    admin, anyone = caller("key_3", Role.ADMIN), caller(None, Role.CITIZEN)
    expected = {
        (document("key_1"), "own"): (key, admin),
        (document("key_9"), "another's"): (admin,),
        (document("anonymous:7"), "anonymous"): (key, clerk, admin, anyone),
        (document("key_9", "S1"), "of a submission"): (clerk, admin),
        (document("key_2", "S2"), "the clerk's own"): (clerk, admin),
        (document("anonymous:7", "S1"), "an anonymous applicant's own submission"): (key, clerk, admin, anyone),
    }
    for (one, name), who in expected.items():
        assert [may_see(one, each, any_clerk) for each in (key, clerk, admin, anyone)] == [
            each in who for each in (key, clerk, admin, anyone)
        ], name
    assert not may_see(document("key_9", "S1"), clerk, lambda _, submission: submission == "S2")
    # A department's key is let into no submission, whoever says so.
    assert not may_see(document("key_9", "S1"), key, lambda *_: True)
