"""The desk over HTTP: roles, refusals, the bot's answer, the draft of a FAQ."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from core.database import Database
from knowledge_base.store import LibraryStore
from services.consult.tables import ConsultMessage
from tests.services.consult.desk.conftest import ITEM, Office

pytestmark = pytest.mark.asyncio(loop_scope="session")

Talk = Callable[..., str]


async def waiting(office: Office, session_id: str) -> int:
    await office.anna("POST", "/desk/duty")
    view = await office.citizen("POST", "/handovers", {"session_id": session_id})
    assert view["state"] == "waiting"
    return int((await office.anna("GET", "/desk/queue"))["waiting"][-1]["id"])


async def test_who_may_do_what(office: Office, talk: Talk) -> None:
    handover = await waiting(office, talk("要多少钱"))
    paths = [
        ("GET", "/desk/duty"),
        ("POST", "/desk/duty"),
        ("DELETE", "/desk/duty"),
        ("GET", "/desk/queue"),
        ("GET", "/desk/events"),
        ("GET", f"/desk/handovers/{handover}"),
        ("GET", f"/desk/handovers/{handover}/answer"),
        ("POST", f"/desk/handovers/{handover}/take"),
        ("POST", f"/desk/handovers/{handover}/messages"),
        ("POST", f"/desk/handovers/{handover}/give-back"),
        ("POST", f"/desk/handovers/{handover}/close"),
        ("POST", f"/desk/handovers/{handover}/faq"),
        ("POST", "/desk/callbacks/1/take"),
        ("POST", "/desk/callbacks/1/release"),
        ("POST", "/desk/callbacks/1/done"),
    ]
    for method, path in paths:
        for person, status in ((office.citizen, 401), (office.editor, 403)):
            await person(method, path)
            assert person.status == status, path


async def test_a_whole_conversation(office: Office, talk: Talk) -> None:
    session_id = talk("要多少钱")
    handover = await waiting(office, session_id)
    taken = await office.anna("POST", f"/desk/handovers/{handover}/take")
    assert taken["mine"]
    assert taken["clerk"] == "安娜"
    refused = await office.bert("POST", f"/desk/handovers/{handover}/take")
    assert (office.bert.status, refused["code"]) == (409, "not_on_duty")
    await office.bert("POST", "/desk/duty")
    refused = await office.bert("POST", f"/desk/handovers/{handover}/take")
    assert (office.bert.status, refused["code"]) == (409, "handover_taken")
    assert "安娜" in refused["detail"]
    said = await office.anna("POST", f"/desk/handovers/{handover}/messages", {"text": "请打 13800138000"})
    assert (office.anna.status, said["text"]) == (201, "请打 【手机号码】")
    detail = await office.bert("GET", f"/desk/handovers/{handover}")
    assert detail["transcript"][-1]["text"] == "请打 【手机号码】"
    assert not detail["summary"]["mine"]
    await office.anna("POST", f"/desk/handovers/{handover}/close")
    refused = await office.anna("POST", f"/desk/handovers/{handover}/messages", {"text": "还有"})
    assert (office.anna.status, refused["code"]) == (409, "handover_ended")
    queue = await office.anna("GET", "/desk/queue")
    assert (queue["waiting"], queue["attended"], [one["id"] for one in queue["ended"]]) == ([], [], [handover])
    assert not (await office.anna("DELETE", "/desk/duty"))["on_duty"]


async def test_a_citizens_mistakes(office: Office, talk: Talk) -> None:
    session_id = talk("要多少钱")
    forged = "0" * 32
    for method, path, body, status, code in (
        ("POST", "/handovers", {"session_id": forged}, 404, "session_not_found"),
        ("POST", "/handovers", {"session_id": "x" * 65}, 422, None),
        ("POST", "/handovers", {}, 422, None),
        ("GET", f"/sessions/{forged}/events", None, 404, "session_not_found"),
        ("DELETE", f"/sessions/{forged}/handover", None, 404, "handover_not_found"),
        ("POST", "/callbacks", {"session_id": forged, "phone": "13800138000"}, 404, "session_not_found"),
        ("POST", "/callbacks", {"session_id": session_id, "phone": "110"}, 422, "phone_invalid"),
        ("POST", "/callbacks", {"session_id": session_id}, 422, None),
    ):
        answer = await office.citizen(method, path, body)
        assert office.citizen.status == status, (path, answer)
        assert code is None or answer["code"] == code
        assert "13800138000" not in str(answer)
    await office.citizen("GET", f"/sessions/{session_id}/events")
    assert office.citizen.status == 204
    view = await office.citizen("POST", "/handovers", {"session_id": session_id})
    assert view["state"] == "callback"
    kept = await office.citizen("POST", "/callbacks", {"session_id": session_id, "phone": "13800138000"})
    assert (office.citizen.status, kept["phone_shown"]) == (201, "138****8000")
    call = (await office.anna("GET", "/desk/queue"))["callbacks"][0]
    assert call["phone"] is None
    assert (await office.anna("POST", f"/desk/callbacks/{call['id']}/take"))["phone"] == "13800138000"
    assert (await office.anna("POST", f"/desk/callbacks/{call['id']}/done"))["state"] == "done"
    await office.citizen("DELETE", f"/sessions/{session_id}/handover")
    assert office.citizen.status == 404


async def test_what_the_bot_would_answer(office: Office, talk: Talk, database: Database) -> None:
    handover = await waiting(office, talk("公共场所卫生许可证注销在哪里办"))
    told = await office.anna("GET", f"/desk/handovers/{handover}/answer")
    assert told["question"] == "公共场所卫生许可证注销在哪里办"
    assert told["answer"]["status"] == "answered"
    assert told["answer"]["item"]["id"] == ITEM
    assert told["answer"]["citations"][0]["section_id"].startswith(f"{ITEM}/places@")
    with database.session(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(ConsultMessage)) == 1, "nothing is kept of it"


async def test_a_good_answer_becomes_a_draft(office: Office, talk: Talk, database: Database) -> None:
    handover = await waiting(office, talk("要多少钱"))
    wanted = {"item_id": ITEM, "element": "fee", "question": "注销要交钱吗", "answer": "不收费。\n电话 13800138000"}
    made = await office.anna("POST", f"/desk/handovers/{handover}/faq", wanted)
    assert office.anna.status == 201, made
    store = LibraryStore(database)
    version = await store.version(made["entry_id"], made["number"])
    assert version.state.value == "draft"
    assert version.faults == ()
    assert version.author.name == "安娜"
    assert version.document["answer"] == "不收费。\n电话 【手机号码】"
    assert version.document["item"] == ITEM
    assert (await office.anna("GET", f"/desk/handovers/{handover}"))["faq_id"] == made["entry_id"]
    for change, status, code in (
        ({"item_id": "no-such-item"}, 422, "item_unknown"),
        ({"element": "nothing"}, 422, None),
        ({"question": "\u200b"}, 422, "text_empty"),
        ({"question": "长" * 201}, 413, "text_too_long"),
    ):
        refused = await office.anna("POST", f"/desk/handovers/{handover}/faq", wanted | change)
        assert office.anna.status == status, refused
        assert code is None or refused["code"] == code
    await office.anna("POST", "/desk/handovers/10000/faq", wanted)
    assert office.anna.status == 404
