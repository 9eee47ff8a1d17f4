"""Questions without an answer, grouped by the real embedder, and what staff make of a group."""

from __future__ import annotations

import pytest

from core.database import Database
from knowledge_base.samples import Consent, SampleKind, Samples
from knowledge_base.store import LibraryStore
from knowledge_base.tables import SampleOrigin
from knowledge_base.terms import TextState
from services.consult.personal_data import mask
from services.consult.voice.groups import Groups
from services.consult.voice.tables import VoiceGroup
from tests.services.consult.voice.conftest import ITEM, Office, Talk

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNANSWERED = {"status": "not_found", "unanswered": True, "item_id": None, "element": None}


async def test_same_meaning_one_group_and_only_what_is_new(groups: Groups, office: Office, talk: Talk) -> None:
    talk("电动车上牌照要带什么材料", **UNANSWERED)
    talk("电动车上牌照需要带什么材料", **UNANSWERED)
    talk("小孩打疫苗在哪里预约", **UNANSWERED)
    talk("答上了的不算")
    assert await groups.group() == 3
    assert await groups.group() == 0
    listed = await office.editor("GET", "/groups?state=open")
    assert [one["questions"] for one in listed["groups"]] == [2, 1]
    assert {one["question"] for one in listed["groups"][0]["examples"]} == {
        "电动车上牌照要带什么材料",
        "电动车上牌照需要带什么材料",
    }
    group_id = listed["groups"][0]["id"]
    read = await office.clerk("GET", f"/groups/{group_id}/questions?page=2&page_size=1")
    assert (read["total"], [one["question"] for one in read["questions"]]) == (2, ["电动车上牌照要带什么材料"])
    await office.clerk("GET", "/groups/999/questions")
    assert office.clerk.status == 404
    # What comes later joins the group that is there.
    talk("电动车上牌照要带什么材料呢", **UNANSWERED)
    await office.clerk("POST", "/groups/refresh")
    assert office.clerk.status == 204
    assert (await office.editor("GET", "/groups"))["groups"][0]["questions"] == 3


async def test_a_badly_rated_answer_is_grouped(groups: Groups, office: Office, talk: Talk) -> None:
    session_id = talk("注销要多少钱")
    assert await groups.group() == 0
    low = {"session_id": session_id, "number": 1, "grade": 2, "reasons": ["说得不全"]}
    await office.citizen("POST", "/ratings", low)
    assert await groups.group() == 1
    group = (await office.editor("GET", "/groups"))["groups"][0]
    assert (group["item"]["id"], group["element"], group["examples"][0]["why"]) == (ITEM, "fee", "rated")


async def test_an_answer_by_a_whole_life_event_proposes_no_item(groups: Groups, office: Office, talk: Talk) -> None:
    session_id = talk("开公司一共要办哪些事", item_id="event-start-company", element="items")
    low = {"session_id": session_id, "number": 1, "grade": 1, "reasons": ["说得不全"]}
    await office.citizen("POST", "/ratings", low)
    await groups.group()
    (group,) = (await office.editor("GET", "/groups"))["groups"]
    assert (group["item"], group["element"]) == (None, None)


async def test_a_new_version_of_the_embedder(groups: Groups, database: Database, talk: Talk) -> None:
    talk("电动车上牌照要带什么材料", **UNANSWERED)
    await groups.group()
    with database.session() as session:
        row = session.get_one(VoiceGroup, 1)
        row.version, row.vector = "older/1", b"\x00" * 8
    talk("电动车上牌照要带什么材料", **UNANSWERED)
    assert await groups.group() == 1
    assert [one.questions for one in (await groups.groups(None, page=1, page_size=9)).groups] == [2]


async def test_a_group_becomes_a_draft_of_a_faq(
    groups: Groups, office: Office, talk: Talk, store: LibraryStore, database: Database
) -> None:
    talk("注销许可证收不收费呀", **UNANSWERED)
    await groups.group()
    wanted = {"item_id": ITEM, "element": "fee", "question": "注销许可证收费吗", "answer": "不收费。"}
    await office.editor("POST", "/groups/1/faq", wanted | {"item_id": "nothing"})
    assert office.editor.status == 422
    made = await office.editor("POST", "/groups/1/faq", wanted)
    assert office.editor.status == 201, made
    draft = await store.version(made["entry_id"], made["number"])
    assert (draft.state, draft.name, draft.document["item"]) == (TextState.DRAFT, "注销许可证收费吗", ITEM)
    again = await office.editor("POST", "/groups/1/faq", wanted)
    assert (office.editor.status, again["code"]) == (409, "group_done")
    kept = [one async for one in Samples(database, mask).read()]
    assert [(one.kind, one.input) for one in kept] == [(SampleKind.DECISION, "注销许可证收费吗")]
    with database.session(read_only=True) as session:
        assert session.get_one(SampleOrigin, (kept[0].id, "voice-group:1")).consent == Consent.STAFF


async def test_a_group_becomes_an_alias(groups: Groups, office: Office, talk: Talk, store: LibraryStore) -> None:
    talk("卫生证退掉要啥", **UNANSWERED)
    await groups.group()
    made = await office.clerk("POST", "/groups/1/alias", {"item_id": ITEM, "alias": "退卫生证"})
    assert office.clerk.status == 201, made
    draft = await store.version(ITEM, made["number"])
    assert draft.state is TextState.DRAFT
    assert "退卫生证" in draft.document["aliases"]
    assert (await office.clerk("GET", "/groups?state=alias"))["groups"][0]["actor"] == "安娜"


async def test_dismissed_with_a_reason_and_by_staff_only(groups: Groups, office: Office, talk: Talk) -> None:
    talk("今天星期几", **UNANSWERED)
    await groups.group()
    for person, status in ((office.citizen, 401), (office.department, 403)):
        await person("GET", "/groups")
        assert person.status == status
        await person("POST", "/groups/1/dismiss", {"reason": "不归我们"})
        assert person.status == status
    await office.editor("POST", "/groups/1/dismiss", {"reason": ""})
    assert office.editor.status == 422
    await office.editor("POST", "/groups/1/dismiss", {"reason": "与办事无关"})
    assert office.editor.status == 204
    assert (await office.editor("GET", "/groups?state=dismissed"))["groups"][0]["note"] == "与办事无关"
    await office.editor("POST", "/groups/9/dismiss", {"reason": "没有"})
    assert office.editor.status == 404
