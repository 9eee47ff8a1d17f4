"""What a clerk says of findings, what may be decided on them, and the one notice that tells everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO

import pypdfium2
import pytest_asyncio
from sqlalchemy import update

from services.access import Role
from services.documents.tables import Document
from services.precheck.facts import Case
from services.precheck.findings import Report
from tests.services.precheck.conftest import Hub, Person, Run, small_check


@pytest_asyncio.fixture
async def hub(run: Run) -> AsyncIterator[Hub]:
    async with run() as hub:
        yield hub


async def claimed(hub: Hub, *materials: str, clerk: str = "安娜") -> tuple[Person, str, dict[str, object]]:
    """A case that a clerk has, with its newest view."""
    made = await hub.received(hub.nobody, *materials)
    anna = hub.person(clerk, Role.CLERK)
    return anna, f"/{made['id']}", await anna("POST", f"/{made['id']}/claim")


async def test_everything_is_told_at_once(hub: Hub) -> None:
    anna, path, seen = await claimed(hub, "identity")
    own = {"material": "identity", "applicant": "身份证缺角", "mend": "请重新拍摄", "revision": seen["revision"]}
    seen = await anna("POST", path + "/findings", own)
    assert anna.status == 201
    assert [(one["by"], one["ruling"]) for one in seen["report"]["findings"]] == [
        ("machine", None),
        ("person", "confirmed"),
    ]
    assert (await anna("GET", path + "/notice"))["code"] == "notice_not_found"
    told = await anna("POST", path + "/steps", {"step": "correct", "revision": seen["revision"]})
    assert told["state"] == "correction"
    notice = await hub.nobody("GET", path + "/notice")
    assert [point["material"] for point in notice["points"]] == ["身份证", "租赁合同"]
    assert notice["points"][0]["mend"] == "请重新拍摄"
    assert notice["number"].startswith("补正〔2026〕")
    content = await hub.nobody("GET", path + "/notice.pdf")
    text = pypdfium2.PdfDocument(BytesIO(content))[0].get_textpage().get_text_range()
    for words in ("一次性补正告知书", "身份证缺角", "没有交租赁合同", "021-12345678"):
        assert words in text

    # what the office says among itself the applicant doesn't see
    view = await hub.nobody("GET", path)
    assert [one["by"] for one in view["report"]["findings"]] == ["machine"]


async def test_what_was_overruled_is_not_told(hub: Hub) -> None:
    anna, path, seen = await claimed(hub, "identity")
    (finding,) = seen["report"]["findings"]  # type: ignore[index]
    place = f"{path}/findings/{finding['key']}"
    body = {"ruling": "overruled", "revision": seen["revision"]}
    assert (await anna("PUT", place, body))["code"] == "reason_needed"
    ruled = await anna("PUT", place, {**body, "reason": "窗口已核原件"})
    assert (ruled["report"]["findings"][0]["ruling"], ruled["report"]["findings"][0]["ruled_by"]) == (
        "overruled",
        "安娜",
    )
    nothing = await anna("POST", path + "/steps", {"step": "correct", "revision": ruled["revision"]})
    assert nothing["code"] == "nothing_to_correct"
    accepted = await anna("POST", path + "/steps", {"step": "accept", "revision": ruled["revision"]})
    assert accepted["state"] == "accepted"
    lines = await anna("GET", path + "/history")
    assert [line["detail"]["words"] for line in lines if line["what"] == "ruled"] == ["窗口已核原件"]


async def test_a_decision_against_what_was_found_says_why(hub: Hub) -> None:
    anna, path, seen = await claimed(hub, "identity")
    accept = {"step": "accept", "revision": seen["revision"]}
    assert (await anna("POST", path + "/steps", accept))["code"] == "reason_needed"
    assert (await anna("POST", path + "/steps", {**accept, "reason": "  "}))["code"] == "reason_needed"
    assert (await anna("POST", path + "/steps", {"step": "refuse", "revision": seen["revision"]}))[
        "code"
    ] == "reason_needed"
    assert (await anna("POST", path + "/steps", {**accept, "reason": "容缺受理"}))["state"] == "accepted"


async def test_a_ruling_can_be_taken_back_and_unknown_findings_are_refused(hub: Hub) -> None:
    anna, path, seen = await claimed(hub, "identity")
    (finding,) = seen["report"]["findings"]  # type: ignore[index]
    place = f"{path}/findings/{finding['key']}"
    ruled = await anna("PUT", place, {"ruling": "confirmed", "revision": seen["revision"]})
    back = await anna("PUT", place, {"ruling": None, "revision": ruled["revision"]})
    assert back["report"]["findings"][0]["ruling"] is None
    for key in ("nothing", "own/1", "own/x", "own/999999999999", "a" * 500):
        answer = await anna("PUT", f"{path}/findings/{key}", {"ruling": "confirmed", "revision": back["revision"]})
        assert answer["code"] == "finding_not_found"


async def test_a_ruling_is_not_carried_over_to_other_evidence(hub: Hub) -> None:
    def unread(case: Case) -> Report:
        return small_check(case)

    hub.service.checks._check = unread
    anna, path, seen = await claimed(hub, "identity", "lease")
    document = seen["documents"][0]["id"]  # type: ignore[index]
    with hub.database.session() as session:
        session.execute(update(Document).where(Document.id == document).values(status="failed", error_code="page_dark"))
    await anna("POST", path + "/check")
    seen = await hub.settled(path[1:], anna)
    (finding,) = seen["report"]["findings"]
    assert (finding["severity"], finding["reason"]) == ("undetermined", "page_dark")
    correct = {"step": "correct", "revision": seen["revision"]}
    open_one = await anna("POST", path + "/steps", correct)
    assert (open_one["code"], open_one["open"]) == ("findings_open", [finding["key"]])
    place = f"{path}/findings/{finding['key']}"
    seen = await anna("PUT", place, {"ruling": "overruled", "reason": "看得清", "revision": seen["revision"]})
    with hub.database.session() as session:
        session.execute(update(Document).where(Document.id == document).values(error_code="page_cut"))
    await anna("POST", path + "/check")
    seen = await hub.settled(path[1:], anna)
    (finding,) = seen["report"]["findings"]
    assert (finding["reason"], finding["ruling"]) == ("page_cut", None)


async def test_after_a_supplement_the_clerks_own_findings_are_looked_at_again(hub: Hub) -> None:
    anna, path, seen = await claimed(hub, "identity")
    own = {"material": "identity", "applicant": "缺角", "mend": "重拍", "revision": seen["revision"]}
    seen = await anna("POST", path + "/findings", own)
    await anna("POST", path + "/steps", {"step": "correct", "revision": seen["revision"]})
    await hub.nobody.hand_in(path[1:], "lease", 77)
    seen = await hub.nobody("GET", path)
    await hub.nobody("POST", path + "/steps", {"step": "supplement", "revision": seen["revision"]})
    await hub.settled(path[1:], anna)
    seen = await anna("POST", path + "/claim")
    assert [(one["by"], one["ruling"]) for one in seen["report"]["findings"]] == [("person", None)]
    answer = await anna("POST", path + "/steps", {"step": "accept", "revision": seen["revision"]})
    assert answer["code"] == "reason_needed"
    key = seen["report"]["findings"][0]["key"]
    seen = await anna(
        "PUT", f"{path}/findings/{key}", {"ruling": "overruled", "reason": "已补", "revision": seen["revision"]}
    )
    accepted = await anna("POST", path + "/steps", {"step": "accept", "revision": seen["revision"]})
    assert accepted["state"] == "accepted"


async def test_a_field_that_is_put_right_is_checked_again(hub: Hub) -> None:
    anna, path, seen = await claimed(hub, "identity", "lease")
    number = seen["report"]["number"]  # type: ignore[index]
    document = seen["documents"][0]["id"]  # type: ignore[index]
    answer = await hub.client.put(
        f"/api/documents/{document}/papers/1/kind", json={"kind": "business-licence"}, headers=anna.headers
    )
    assert answer.status_code == 200, answer.text
    seen = await hub.settled(path[1:], anna)
    assert seen["report"]["number"] == number + 1
    assert seen["documents"][0]["papers"][0]["kind"] == "business-licence"


async def test_without_the_machine_people_go_on(run: Run) -> None:
    def broken(case: Case) -> Report:
        raise RuntimeError("out of order")

    async with run(check=broken) as hub:
        citizen, anna = hub.nobody, hub.person("安娜", Role.CLERK)
        made = await citizen("POST", "", {"item_id": "made-up-licence"})
        taken = await citizen.hand_in(made["id"], "identity", 3)
        path = f"/{made['id']}"
        await citizen("POST", path + "/steps", {"step": "submit", "revision": taken["submission"]["revision"]})
        what: list[str] = []
        for _ in range(200):
            await hub.service.checks.run_once()
            what = [line["what"] for line in await anna("GET", path + "/history")]
            if "check_failed" in what:
                break
            await asyncio.sleep(0.02)
        assert "check_failed" in what
        seen = await anna("POST", path + "/claim")
        assert seen["report"] is None
        step = {"step": "accept", "revision": seen["revision"]}
        assert (await anna("POST", path + "/steps", step))["code"] == "reason_needed"
        assert (await anna("POST", path + "/steps", {**step, "reason": "人工审查合格"}))["state"] == "accepted"


async def test_prefill_shows_what_is_known(hub: Hub) -> None:
    made = await hub.received(hub.nobody, "identity")
    assert await hub.nobody("GET", f"/{made['id']}/prefill") == []  # nothing was read on a grey page


async def test_the_stream_tells_of_changes_and_ends(hub: Hub) -> None:
    anna, path, seen = await claimed(hub, "identity", "lease")
    accepted = await anna("POST", path + "/steps", {"step": "accept", "revision": seen["revision"]})
    await anna("POST", path + "/steps", {"step": "complete", "revision": accepted["revision"]})
    response = await hub.client.get(f"/api/submissions{path}/events", headers=anna.headers)
    assert "event: ended" in response.text
    last = response.text.split("id: ")[1].split("\n")[0]
    again = await hub.client.get(f"/api/submissions{path}/events", headers={**anna.headers, "Last-Event-ID": last})
    assert again.status_code == 204
    assert (await hub.client.get(f"/api/submissions/{'0' * 32}/events", headers=anna.headers)).status_code == 404
