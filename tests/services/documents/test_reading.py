"""The queue: nothing accepted is lost, nobody waits behind fifty pages, one bad document is one bad document."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import ModelFailed, TooManyRequests
from models.handle import CallResult
from services.documents.tables import Document
from tests.postgres import new_database
from tests.services.documents.conftest import PAPERS, OcrHandle, Run, Running
from tests.services.documents.make import encoded, page, pdf_of

PDF = pdf_of(2)


class Troubled:
    """The real model behind trouble: raises what `trouble(call number)` says first."""

    task = "ocr"

    def __init__(self, handle: OcrHandle, trouble: Any) -> None:
        self.handle = handle
        self.trouble = trouble
        self.calls = 0

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        self.calls += 1
        error = self.trouble(self.calls)
        if error is not None:
            raise error
        return await self.handle.call(inputs)


class Stuck:
    """A model that never answers."""

    task = "ocr"

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        await asyncio.Event().wait()
        raise AssertionError


async def state(hub: Running, document_id: str) -> dict[str, Any]:
    answer = await hub.client.get(f"/api/documents/{document_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_photo_does_not_wait_behind_a_long_pdf(run: Run) -> None:
    async with run() as hub:
        long = (await hub.hand_in("a.pdf", pdf_of(30), wait=0)).json()["document_id"]
        photo = await hub.hand_in("a.png", encoded(page(), "PNG"))
        assert photo.json()["status"] == "done"
        meanwhile = await state(hub, long)
        assert meanwhile["status"] == "reading"
        assert len(meanwhile["pages"]) < 15
        assert (await hub.client.delete(f"/api/documents/{long}")).status_code == 204
        # Deleted while it was being read: the reader drops it and goes on.
        await asyncio.wait_for(empty(hub), 30)
        assert (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()["status"] == "done"


async def empty(hub: Running) -> None:
    while hub.service.pending:  # noqa: ASYNC110 - nothing to wait on: it was deleted
        await asyncio.sleep(0.05)


async def test_documents_left_over_are_taken_up_by_the_next_start(run: Run) -> None:
    async with run(Stuck()) as hub:
        answers = [await hub.hand_in("a.pdf", PDF, wait=0) for _ in range(4)]
        ids = [answer.json()["document_id"] for answer in answers]
        await asyncio.sleep(0.3)
        assert {(await state(hub, one))["status"] for one in ids} == {"queued", "reading"}
    async with run() as hub:
        for one in ids:
            await hub.service.wait(one, 120)
            document = await state(hub, one)
            assert document["status"] == "done"
            assert len(document["pages"]) == 2


async def test_reading_goes_on_at_the_page_where_it_stopped(run: Run, handle: OcrHandle) -> None:
    stop = asyncio.Event()

    class StopsAfterOne(Stuck):
        async def call(self, inputs: Sequence[Any]) -> CallResult:
            if stop.is_set():
                return await super().call(inputs)
            stop.set()
            return await handle.call(inputs)

    async with run(StopsAfterOne()) as hub:
        document_id = (await hub.hand_in("a.pdf", PDF, wait=2)).json()["document_id"]
        while len((await state(hub, document_id))["pages"]) < 1:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    before = handle.calls
    async with run() as hub:
        await hub.service.wait(document_id, 60)
        assert (await state(hub, document_id))["status"] == "done"
    assert handle.calls == before + 1


async def test_a_document_that_seems_to_bring_the_hub_down_is_given_up(run: Run) -> None:
    async with run(Stuck()) as hub:
        document_id = (await hub.hand_in("a.pdf", PDF, wait=0)).json()["document_id"]
        await asyncio.sleep(0.3)
    for _ in range(3):
        async with run(Stuck()) as hub:
            await asyncio.sleep(0.1)
            assert (await state(hub, document_id))["status"] == "reading"
    async with run() as hub:
        document = await state(hub, document_id)
        assert (document["status"], document["error"]["code"]) == ("failed", "document_interrupted")


async def test_a_model_that_raises_fails_that_document_only(run: Run, handle: OcrHandle) -> None:
    troubled = Troubled(handle, lambda call: ModelFailed("模型处理这次请求时出错。") if call == 1 else None)
    async with run(troubled) as hub:
        bad = (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()
        assert (bad["status"], bad["error"]["code"]) == ("failed", "model_failed")
        assert (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()["status"] == "done"


async def test_an_exception_of_any_kind_tells_nobody_what_was_on_the_page(run: Run, handle: OcrHandle) -> None:
    troubled = Troubled(handle, lambda call: RuntimeError("张三 310107199001010002") if call == 1 else None)
    async with run(troubled) as hub:
        bad = (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()
        assert bad["error"]["code"] == "document_failed"
        assert "张三" not in str(bad)
        assert (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()["status"] == "done"


async def test_a_busy_model_is_asked_again(run: Run, handle: OcrHandle) -> None:
    troubled = Troubled(handle, lambda call: TooManyRequests("排队已满。") if call < 3 else None)
    async with run(troubled) as hub:
        assert (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()["status"] == "done"
        assert troubled.calls == 3


async def test_a_file_that_is_gone_fails_its_document(run: Run) -> None:
    async with run(Stuck()) as hub:
        stuck = [(await hub.hand_in("a.pdf", PDF, wait=0)).json()["document_id"] for _ in range(3)]
        (hub.settings.var_dir / "documents" / stuck[0]).unlink()
    async with run() as hub:
        for one in stuck:
            await hub.service.wait(one, 60)
        document = await state(hub, stuck[0])
        assert (document["status"], document["error"]["code"]) == ("failed", "file_gone")
        # The others are of the same file, and have their own.
        assert [(await state(hub, one))["status"] for one in stuck[1:]] == ["done", "done"]


async def test_files_without_a_row_are_cleared_away_once_they_are_old(run: Run) -> None:
    async with run() as hub:
        folder = hub.settings.var_dir / "documents"
        kept = (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()["document_id"]
    for name, age in (("old", 7200), ("young", 10), ("half.incoming", 7200)):
        path = folder / name
        path.write_bytes(b"x")
        moment = datetime.now(UTC).timestamp() - age
        os.utime(path, (moment, moment))
    os.utime(folder / kept, (0, 0))
    async with run() as hub:
        await hub.service.upkeep.sweep()
        assert {path.name for path in folder.iterdir()} == {kept, "young"}
        with hub.database.session(read_only=True) as session:
            assert session.get(Document, kept) is not None


class TestOnPostgresql:
    """The same tables and the same queries on the production database."""

    @pytest.fixture
    def database_url(self) -> str:
        return new_database()

    async def test_a_document_from_the_queue_to_its_deletion(self, run: Run) -> None:
        async with run(Stuck()) as hub:
            path = (await hub.hand_in("a.pdf", PDF, wait=0)).headers["location"]
            await asyncio.sleep(0.3)
        async with run() as hub:
            await hub.service.wait(path.rsplit("/", 1)[1], 60)
            document = (await hub.client.get(path)).json()
            assert document["status"] == "done"
            assert [page["number"] for page in document["pages"]] == [1, 2]
            read = (await hub.hand_in("form.png", (PAPERS / "form.png").read_bytes())).json()
            assert "公共场所卫生许可证申请表" in [line["text"] for line in read["pages"][0]["lines"]]
            assert (await hub.client.delete(path)).status_code == 204
            assert (await hub.client.get(path)).status_code == 404
            for unknown in ("%00", "a%00b", "x" * 5000, "%F0%9F"):
                answer = await hub.client.get(f"/api/documents/{unknown}")
                assert (answer.status_code, answer.json()["code"]) == (404, "document_not_found")
