from __future__ import annotations

import asyncio
import io
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from benchmarks.ocr.scoring import score
from services.access import Role
from tests.services.documents.conftest import PAPERS, Run, Running, truth
from tests.services.documents.make import encoded, page, pdf_of

MOST_ERRORS = 0.02
"""Character error rate that our own clean papers must stay below."""


def texts(read: dict[str, Any]) -> list[str]:
    return [line["text"] for line in read["lines"]]


def middle(line: dict[str, Any]) -> tuple[float, float]:
    return sum(x for x, _ in line["box"]) / 4, sum(y for _, y in line["box"]) / 4


def line_with(read: dict[str, Any], text: str) -> dict[str, Any]:
    (found,) = [line for line in read["lines"] if text in line["text"]]
    return found  # type: ignore[no-any-return]


async def test_an_image_is_read_within_the_wait(run: Run) -> None:
    async with run() as hub:
        answer = await hub.hand_in("卫生许可证.jpg", (PAPERS / "hygiene-licence.jpg").read_bytes())
        assert answer.status_code == 200, answer.text
        document = answer.json()
        assert document["status"] == "done"
        assert document["media_type"] == "image/jpeg"
        assert document["file_name"] == "卫生许可证.jpg"
        (read,) = document["pages"]
        assert (read["width"], read["height"], read["rotation"]) == (868, 1228, 0)
        (lines,) = truth("hygiene-licence")
        assert score(lines, texts(read)).character_error_rate < MOST_ERRORS
        assert all(0 <= x <= 1 and 0 <= y <= 1 for line in read["lines"] for x, y in line["box"])
        x, y = middle(line_with(read, "公共场所卫生许可证"))
        assert x == pytest.approx(0.5, abs=0.02)
        assert y == pytest.approx(0.13, abs=0.03)
        assert answer.headers["location"] == f"/api/documents/{document['document_id']}"
        again = await hub.client.get(answer.headers["location"])
        assert again.json() == document
        assert again.headers["cache-control"] == "no-store"


async def test_boxes_of_a_turned_page_lie_on_the_page_as_sent(run: Run) -> None:
    async with run() as hub:
        document = (await hub.hand_in("a.jpg", (PAPERS / "business-licence-turned.jpg").read_bytes())).json()
        (read,) = document["pages"]
        assert (read["width"], read["height"]) == (1228, 868)
        # It was turned 90 degrees counter-clockwise, so 270 more make it upright.
        assert read["rotation"] == 270
        (lines,) = truth("business-licence-turned")
        assert score(lines, texts(read)).character_error_rate < MOST_ERRORS
        # The title stands at the top of the upright page: at the left edge of the page as sent, reading upwards.
        title = line_with(read, "营业执照")
        x, y = middle(title)
        assert x == pytest.approx(0.14, abs=0.03)
        assert y == pytest.approx(0.5, abs=0.03)
        assert title["box"][0][1] > title["box"][1][1]
        assert texts(read).index("营业执照") < texts(read).index("名称")


async def test_a_pdf_is_read_page_by_page(run: Run) -> None:
    async with run() as hub:
        accepted = await hub.hand_in("合同.pdf", (PAPERS / "lease.pdf").read_bytes(), wait=0)
        assert accepted.status_code == 202
        body = accepted.json()
        assert set(body) == {"document_id", "status"}
        assert body["status"] in ("queued", "reading")
        await hub.service.wait(body["document_id"], 60)
        document = (await hub.client.get(f"/api/documents/{body['document_id']}")).json()
        assert document["status"] == "done"
        assert [one["number"] for one in document["pages"]] == [1, 2]
        for one, lines in zip(document["pages"], truth("lease"), strict=True):
            assert score(lines, texts(one)).character_error_rate < MOST_ERRORS


async def test_a_page_is_given_out_as_an_image(run: Run) -> None:
    async with run() as hub:
        document = (await hub.hand_in("a.pdf", pdf_of(1))).json()
        assert document["pages"][0]["lines"] == []
        for ending, image_format in (("jpg", "JPEG"), ("png", "PNG")):
            answer = await hub.client.get(f"/api/documents/{document['document_id']}/pages/1.{ending}")
            assert answer.status_code == 200
            image = Image.open(io.BytesIO(answer.content))
            assert image.format == image_format
            assert image.size == (document["pages"][0]["width"], document["pages"][0]["height"])
        missing = await hub.client.get(f"/api/documents/{document['document_id']}/pages/2.jpg")
        assert (missing.status_code, missing.json()["code"]) == (404, "page_not_found")


async def test_who_may_see_a_document(run: Run) -> None:
    async with run() as hub:
        paper = encoded(page(), "PNG")
        owner = hub.key(Role.DEPARTMENT)
        owned = (await hub.hand_in("a.png", paper, headers=owner)).headers["location"]
        open_to_all = (await hub.hand_in("a.png", paper)).headers["location"]

        async def status(path: str, headers: dict[str, str]) -> int:
            return (await hub.client.get(path, headers=headers)).status_code

        assert await status(owned, owner) == 200
        # It belongs to no submission, so it is no clerk's business.
        assert await status(owned, hub.key(Role.CLERK)) == 404
        assert await status(owned, hub.key(Role.ADMIN)) == 200
        assert await status(owned, {}) == 404
        assert await status(owned, hub.key(Role.DEPARTMENT)) == 404
        assert await status(owned + "/pages/1.jpg", {}) == 404
        assert (await hub.client.delete(owned)).status_code == 404
        assert await status(open_to_all, {}) == 200
        unknown = await hub.client.get("/api/documents/AAAAAAAAAAAAAAAAAAAAAA")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "document_not_found")


async def test_a_deleted_document_leaves_nothing(run: Run) -> None:
    async with run() as hub:
        path = (await hub.hand_in("a.png", encoded(page(), "PNG"))).headers["location"]
        assert (await hub.client.delete(path)).status_code == 204
        assert (await hub.client.get(path)).status_code == 404
        assert list((hub.settings.var_dir / "documents").iterdir()) == []


async def test_originals_are_readable_by_their_owner_only(run: Run) -> None:
    async with run() as hub:
        document = (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()
        original = hub.settings.var_dir / "documents" / document["document_id"]
        assert original.stat().st_mode & 0o777 == 0o600
        assert original.parent.stat().st_mode & 0o777 == 0o700


async def refused(hub: Running, **request: Any) -> tuple[int, str]:
    answer = await hub.client.post("/api/documents", **request)
    return answer.status_code, answer.json()["code"]


async def test_malformed_uploads(run: Run) -> None:
    async with run(max_body_bytes=200_000) as hub:
        assert await refused(hub, json={"file": "x"}) == (415, "content_type_unsupported")
        assert await refused(hub) == (415, "content_type_unsupported")
        boundary = {"Content-Type": "multipart/form-data; boundary=x"}
        assert await refused(hub, content=b"", headers=boundary) == (422, "file_missing")
        assert await refused(hub, content=b"--x\r\nContent-Dis", headers=boundary) in (
            (400, "multipart_invalid"),
            (422, "file_missing"),
        )
        assert await refused(hub, content=b"garbage", headers=boundary) == (400, "multipart_invalid")
        assert await refused(hub, content=b"x", headers={"Content-Type": "multipart/form-data"}) == (
            400,
            "multipart_invalid",
        )
        assert await refused(hub, files={"paper": b"x"}) == (422, "file_missing")
        # A multipart field without a file name is text.
        assert await refused(hub, files={"file": (None, "text")}) == (422, "file_not_a_file")
        assert await refused(hub, files=[("file", b"a")] * 21) == (422, "too_many_files")
        assert await refused(hub, files=[("file", b"a")] * 22) == (422, "too_many_files")
        assert await refused(hub, files=[("file", b"a"), ("file", (None, "b"))]) == (422, "file_not_a_file")
        assert await refused(hub, files={"file": bytes(250_000)}) == (413, "file_too_large")
        for wait in (-1, 61, "nan", "inf"):
            code = await refused(hub, params={"wait": wait}, files={"file": b"x"})
            assert code == (422, "wait_out_of_range")


async def test_an_upload_without_a_length_stops_at_the_limit(run: Run) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        for _ in range(10_000):
            sent += 10_000
            yield bytes(10_000)

    async with run(max_body_bytes=200_000) as hub:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        assert await refused(hub, content=endless(), headers=headers) == (413, "file_too_large")
        assert sent < 300_000


async def test_a_full_queue_refuses_at_once(run: Run) -> None:
    async with run(document_queue=3) as hub:
        paper = encoded(page(), "JPEG")
        answers = await asyncio.gather(*(hub.hand_in("a.jpg", paper, wait=0) for _ in range(8)))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [202] * 3 + [429] * 5
        refusal = next(answer for answer in answers if answer.status_code == 429)
        assert refusal.json()["code"] == "document_queue_full"
        assert int(refusal.headers["retry-after"]) >= 1
        for answer in answers:
            if answer.status_code == 202:
                await hub.service.wait(answer.json()["document_id"], 60)
        assert (await hub.hand_in("a.jpg", paper)).status_code == 200


async def test_reading_order_follows_the_form(run: Run) -> None:
    async with run() as hub:
        document = (await hub.hand_in("form.png", (PAPERS / "form.png").read_bytes())).json()
        (read,) = document["pages"]
        (lines,) = truth("form")
        assert score(lines, texts(read)).character_error_rate < MOST_ERRORS
        places = [texts(read).index(line) for line in lines if line in texts(read)]
        assert len(places) > 20
        assert all(first < second for first, second in pairwise(places))
