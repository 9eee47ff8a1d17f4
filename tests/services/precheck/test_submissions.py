"""Submissions from draft to decision through the interface, and what is refused on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from knowledge_base.library import Library
from knowledge_base.life.lifecycle import Actor
from knowledge_base.store import LibraryStore
from services.access import Role
from services.precheck.policy import load_policy
from tests.services.precheck.conftest import Hub, Run, item


@pytest_asyncio.fixture
async def hub(run: Run) -> AsyncIterator[Hub]:
    async with run() as hub:
        yield hub


async def test_from_a_draft_to_its_end(hub: Hub) -> None:
    citizen, anna = hub.person("市民", Role.CITIZEN), hub.person("安娜", Role.CLERK)
    made = await citizen(
        "POST", "", {"item_id": "made-up-licence", "answers": {"agent": True}, "form": {"name": "张三", "kind": "餐饮"}}
    )
    assert citizen.status == 201
    assert (made["state"], made["allowed"], made["item_version"]) == ("draft", ["submit"], 1)
    one = made["id"]
    taken = await citizen.hand_in(one, "identity", 10)
    assert citizen.status == 202
    assert taken["refused"] == []
    checked = await hub.settled(one, citizen)
    (finding,) = checked["report"]["findings"]
    assert (finding["rule"], finding["material"], finding["clerk"]) == ("generic/present", "lease", "没有交租赁合同")

    await citizen.hand_in(one, "lease", 11)
    checked = await hub.settled(one, citizen)
    assert checked["report"]["verdict"] == "pass"
    handed_in = await citizen("POST", f"/{one}/steps", {"step": "submit", "revision": checked["revision"]})
    assert (handed_in["state"], handed_in["applied_on"]) == ("received", "2026-11-23")
    assert handed_in["timers"][0] == {
        "name": "notice",
        "title": "一次告知",
        "due_on": "2026-11-30",
        "working_days_left": 5,
        "stopped": False,
        "overdue": False,
    }

    await hub.settled(one, anna)
    claimed = await anna("POST", f"/{one}/claim")
    assert claimed["claimed_by_me"]
    accepted = await anna("POST", f"/{one}/steps", {"step": "accept", "revision": claimed["revision"]})
    assert anna.status == 200, accepted
    assert [(timer["name"], timer["due_on"]) for timer in accepted["timers"]] == [
        ("promised", "2026-12-03"),
        ("statutory", "2026-12-21"),
    ]
    done = await anna("POST", f"/{one}/steps", {"step": "complete", "revision": accepted["revision"]})
    assert (done["state"], done["decided_by"], done["allowed"]) == ("done", "person", [])

    lines = await anna("GET", f"/{one}/history")
    what = [line["what"] for line in lines]
    assert [one for one in what if one != "checked"] == [
        "opened", "paper_added", "paper_added", "submit", "claimed", "accept", "complete"
    ]  # fmt: skip
    assert {line["who"] for line in lines} == {"市民", "安娜", "系统"}
    assert "安娜" not in {line["who"] for line in await citizen("GET", f"/{one}/history")}


async def test_only_those_whose_it_is_see_it(hub: Hub) -> None:
    citizen, other = hub.person("甲", Role.CITIZEN), hub.person("乙", Role.CITIZEN)
    anna, editor, nobody = hub.person("安娜", Role.CLERK), hub.person("编辑", Role.EDITOR), hub.nobody
    made = await citizen("POST", "", {"item_id": "made-up-licence"})
    for stranger in (other, anna, editor, nobody):  # a draft is nobody's business, not even the clerk's
        assert (await stranger("GET", f"/{made['id']}"))["code"] == "submission_not_found"
    anonymous = await nobody("POST", "", {"item_id": "made-up-licence"})
    assert (await other("GET", f"/{anonymous['id']}"))["id"] == anonymous["id"]  # who knows the id
    for bad in ("x", "0" * 32, "%00", "..", "a" * 500):
        assert (await citizen("GET", f"/{bad}"))["code"] in ("submission_not_found", "route_not_found")
    assert [one["id"] for one in await citizen("GET", "")] == [made["id"]]
    assert await anna("GET", "") == []
    assert await nobody("GET", "") == []  # whoever shares an address would see each other's


async def test_what_only_staff_may_do(hub: Hub) -> None:
    citizen = hub.person("市民", Role.CITIZEN)
    assert (await citizen("POST", "", {"item_id": "made-up-licence", "draft": False}))["code"] == "step_not_allowed"
    made = await hub.received(citizen, "identity", "lease")
    path, revision = f"/{made['id']}", made["revision"]
    for step in ("accept", "correct", "refuse", "return"):
        assert (await citizen("POST", path + "/steps", {"step": step, "revision": revision}))[
            "code"
        ] == "step_not_allowed"
        assert citizen.status == 403
    ruling = {"ruling": "overruled", "reason": "不对", "revision": revision}
    assert (await citizen("PUT", path + "/findings/x", ruling))["code"] == "ruling_not_allowed"
    own = {"applicant": "错", "mend": "改", "revision": revision}
    assert (await citizen("POST", path + "/findings", own))["code"] == "ruling_not_allowed"
    assert (await citizen("POST", path + "/claim"))["code"] == "claim_not_allowed"
    assert (await citizen("PATCH", path, {"revision": revision, "form": {}}))["code"] == "submission_handed_in"
    assert (await citizen.hand_in(made["id"]))["code"] == "submission_handed_in"
    document = made["documents"][0]["id"]
    assert (await citizen("DELETE", f"{path}/papers/{document}"))["code"] == "submission_handed_in"
    assert (await citizen.client.delete(f"/api/documents/{document}", headers=citizen.headers)).json()["code"] == (
        "document_in_submission"
    )


async def test_two_clerks_at_once(hub: Hub) -> None:
    citizen = hub.person("市民", Role.CITIZEN)
    anna, bert = hub.person("安娜", Role.CLERK), hub.person("贝特", Role.CLERK)
    made = await hub.received(citizen, "identity", "lease")
    path = f"/{made['id']}"
    step = {"step": "accept", "revision": made["revision"]}
    assert (await anna("POST", path + "/steps", step))["code"] == "not_claimed"
    await asyncio.gather(anna("POST", path + "/claim"), bert("POST", path + "/claim"))
    assert sorted((anna.status, bert.status)) == [200, 409]
    first, second = (anna, bert) if anna.status == 200 else (bert, anna)
    told = await second("POST", path + "/steps", step)
    assert (second.status, told["code"]) == (409, "claimed_by_other")
    assert told["claimed_by"] in ("安娜", "贝特")
    answers = await asyncio.gather(*(first("POST", path + "/steps", step) for _ in range(4)))
    assert sorted("code" in one for one in answers) == [False, True, True, True]
    assert {one["code"] for one in answers if "code" in one} <= {"step_not_possible", "revision_changed"}
    lines = await first("GET", path + "/history")
    assert [line["what"] for line in lines].count("accept") == 1

    hub.time.pass_(minutes=load_policy().claim_minutes + 1)
    assert (await second("POST", path + "/claim"))["claimed_by_me"]  # the first has been away too long
    assert (await first("POST", path + "/release"))["code"] == "claimed_by_other"
    assert (await second("POST", path + "/release"))["claimed_by"] is None


async def test_a_decision_that_was_prepared_on_an_older_state_is_refused(hub: Hub) -> None:
    citizen, anna = hub.person("市民", Role.CITIZEN), hub.person("安娜", Role.CLERK)
    made = await hub.received(citizen, "identity")
    path = f"/{made['id']}"
    await anna("POST", path + "/claim")
    await anna("POST", path + "/findings", {"applicant": "错", "mend": "改", "revision": made["revision"]})
    late = await anna("POST", path + "/steps", {"step": "accept", "revision": made["revision"], "reason": "好"})
    assert (anna.status, late["code"]) == (409, "revision_changed")


async def test_the_answer_to_a_request_that_comes_again_is_the_same(hub: Hub) -> None:
    citizen = hub.person("市民", Role.CITIZEN)
    body = {"item_id": "made-up-licence", "form": {"name": "张三"}}
    first, again = [await citizen("POST", "", body, Idempotency_Key="abc") for _ in range(2)]
    assert first == again
    assert len(await citizen("GET", "")) == 1
    other = await citizen("POST", "", {"item_id": "made-up-licence"}, Idempotency_Key="abc")
    assert (citizen.status, other["code"]) == (409, "idempotency_key_reused")
    assert (await hub.person("乙", Role.CITIZEN)("POST", "", body, Idempotency_Key="abc"))["id"] != first["id"]
    assert (await citizen("POST", "", body, Idempotency_Key="a b"))["code"] == "idempotency_key_invalid"
    assert (await hub.nobody("POST", "", body, Idempotency_Key="short"))["code"] == "idempotency_key_invalid"
    assert (await hub.nobody("POST", "", body, Idempotency_Key="a-key-of-some-length"))["state"] == "draft"
    many = await asyncio.gather(*(citizen("POST", "", body, Idempotency_Key="xyz") for _ in range(6)))
    assert len({one["id"] for one in many}) == 1

    for _ in range(2):
        taken = await citizen.hand_in(first["id"], "identity", 5, Idempotency_Key="up")
    assert len(taken["submission"]["documents"]) == 1
    assert (await citizen.hand_in(first["id"], "identity", 6, Idempotency_Key="up"))["code"] == "idempotency_key_reused"


async def test_an_item_that_is_edited_or_withdrawn_leaves_the_case_as_it_was(hub: Hub) -> None:
    store = LibraryStore(hub.database)
    author = Actor("key_a", "甲")
    await store.put([item()], author)
    citizen, anna = hub.person("市民", Role.CITIZEN), hub.person("安娜", Role.CLERK)
    made = await hub.received(citizen, "identity", "lease")
    hub.shelf.library = Library([item(2, materials=[])])
    hub.service.office.items._read.clear()
    seen = await anna("GET", f"/{made['id']}")
    assert (seen["item_version"], len(seen["report"]["materials"])) == (1, 2)
    assert not seen["item_withdrawn"]
    hub.shelf.library = Library([])
    seen = await anna("GET", f"/{made['id']}")
    assert seen["item_withdrawn"]
    await anna("POST", f"/{made['id']}/claim")
    accepted = await anna("POST", f"/{made['id']}/steps", {"step": "accept", "revision": seen["revision"]})
    assert accepted["state"] == "accepted"
    assert (await citizen("POST", "", {"item_id": "made-up-licence"}))["code"] == "item_not_found"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"item_id": "nothing"}, "item_not_found"),
        ({"item_id": "made-up-licence", "answers": {"agent": "x"}}, "answer_invalid"),
        ({"item_id": "made-up-licence", "answers": {"other": True}}, "answer_invalid"),
        ({"item_id": "made-up-licence", "form": {"other": "1"}}, "form_field_unknown"),
        ({"item_id": "made-up-licence", "form": {"kind": "别的"}}, "form_value_invalid"),
        ({"item_id": "made-up-licence", "form": {"name": "长" * 501}}, "form_value_too_long"),
        ({"item_id": "made-up-licence", "form": {"name": "a\0b"}}, "form_value_too_long"),
    ],
)
async def test_what_does_not_fit_the_item_is_refused(hub: Hub, body: dict[str, object], code: str) -> None:
    answer = await hub.nobody("POST", "", body)
    assert answer["code"] == code


async def test_an_empty_form_is_taken_and_nothing_at_all_is_not_handed_in(hub: Hub) -> None:
    citizen = hub.nobody
    made = await citizen("POST", "", {"item_id": "made-up-licence", "form": {"name": "  ", "kind": None}})
    assert made["form"] == {"name": None, "kind": None}
    step = {"step": "submit", "revision": made["revision"]}
    assert (await citizen("POST", f"/{made['id']}/steps", step))["code"] == "papers_missing"


async def test_eighty_papers_and_no_more(run: Run) -> None:
    policy = load_policy().model_copy(update={"most_papers": 3})
    assert load_policy().most_papers == 80
    async with run(policy=policy) as hub:
        citizen = hub.nobody
        made = await citizen("POST", "", {"item_id": "made-up-licence"})
        answers = await asyncio.gather(*(citizen.hand_in(made["id"], None, shade) for shade in range(6)))
        assert sorted(one.get("code", "") for one in answers) == ["", "", ""] + ["papers_too_many"] * 3
        seen = await citizen("GET", f"/{made['id']}")
        assert len(seen["documents"]) == 3
        with hub.database.session() as session:  # what was refused left nothing behind
            from services.documents.tables import Document

            assert session.query(Document).count() == 3


async def test_the_same_paper_twice_is_taken_and_told(hub: Hub) -> None:
    citizen = hub.nobody
    made = await citizen("POST", "", {"item_id": "made-up-licence"})
    for _ in range(2):
        await citizen.hand_in(made["id"], "identity", 7)
    seen = await hub.settled(made["id"], citizen)
    assert "generic/duplicate" in [one["rule"] for one in seen["report"]["findings"]]
    first, second = (one["id"] for one in seen["documents"])
    left = await citizen("DELETE", f"/{made['id']}/papers/{first}")
    assert [one["id"] for one in left["documents"]] == [second]
    seen = await hub.settled(made["id"], citizen)
    assert "generic/duplicate" not in [one["rule"] for one in seen["report"]["findings"]]
    assert (await citizen("DELETE", f"/{made['id']}/papers/{first}"))["code"] == "document_not_found"


async def test_several_files_of_which_one_can_not_be_read(hub: Hub) -> None:
    from tests.services.precheck.conftest import png

    made = await hub.nobody("POST", "", {"item_id": "made-up-licence"})
    files = [("file", ("一.png", png(1))), ("file", ("二.txt", b"hello")), ("file", ("三.png", png(3)))]
    answer = (await hub.client.post(f"/api/submissions/{made['id']}/papers", files=files)).json()
    assert len(answer["submission"]["documents"]) == 2
    assert [one["file_name"] for one in answer["refused"]] == ["二.txt"]


async def test_naming_a_material(hub: Hub) -> None:
    citizen = hub.nobody
    made = await citizen("POST", "", {"item_id": "made-up-licence"})
    assert (await citizen.hand_in(made["id"], "nothing"))["code"] == "material_unknown"
    taken = await citizen.hand_in(made["id"])
    document = taken["submission"]["documents"][0]["id"]
    path = f"/{made['id']}/papers/{document}"
    assert (await citizen("PUT", path, {"material": "nothing"}))["code"] == "material_unknown"
    named = await citizen("PUT", path, {"material": "lease"})
    assert named["documents"][0]["material"] == "lease"
    seen = await hub.settled(made["id"], citizen)
    assert [one["material"] for one in seen["report"]["findings"]] == ["identity"]


async def test_the_applicants_own_pages_can_be_seen_by_those_who_may(hub: Hub) -> None:
    citizen, anna = hub.person("市民", Role.CITIZEN), hub.person("安娜", Role.CLERK)
    made = await hub.received(citizen, "identity", "lease")
    page = f"/api/documents/{made['documents'][0]['id']}/pages/1.png"
    assert (await hub.client.get(page, headers=citizen.headers)).status_code == 200
    assert (await hub.client.get(page, headers=anna.headers)).status_code == 200
    views = await hub.client.get(f"{page.removesuffix('/pages/1.png')}/views", headers=citizen.headers)
    assert {one["role"] for one in views.json()["views"] if one["what"] == "result"} == {"citizen"}
    await anna("POST", f"/{made['id']}/claim")
    views = await hub.client.get(f"{page.removesuffix('/pages/1.png')}/views", headers=citizen.headers)
    assert {one["role"] for one in views.json()["views"] if one["what"] == "result"} == {"citizen", "clerk"}
    other = hub.person("乙", Role.CITIZEN)
    assert (await hub.client.get(page, headers=other.headers)).status_code == 404


async def test_whatever_a_caller_sends_is_told_in_words(hub: Hub) -> None:
    body = '{"item_id": "nothing", "answers": {"a": 123456789012345678901234567890, "\\ud800": ["\\udfff"]}}'
    headers = {"Idempotency-Key": "0123456789abcdef0123456789abcdef", "Content-Type": "application/json"}
    answer = await hub.client.post("/api/submissions", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"]
