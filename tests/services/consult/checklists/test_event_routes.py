"""A life event's checklist through the routes: made, opened, kept, told of what has changed, and read back as a PDF."""

from __future__ import annotations

import re
from dataclasses import asdict

import orjson
import pypdfium2
import pytest

from core.database import now
from knowledge_base.terms import ItemStatus
from services.consult.checklists.event_building import build_event_checklist
from services.consult.consultation import Memory
from services.consult.tables import ConsultMessage, ConsultSession

ADDRESS = "/api/consult/checklists"
NEWBORN = "event-newborn"
LOCAL = {"registered": True, "local": True, "employed": False}
CARD = "social-security-card-apply"
SESSION = "6e" * 16
KEEPS = {
    "token",
    "made_at",
    "expires_at",
    "current_version",
    "newer_version",
    "withdrawn",
    "changed",
    "kind",
    "warnings",
}


async def _made(citizen, **body) -> dict:
    response = await citizen.post(ADDRESS, json=body or {"event_id": NEWBORN, "answers": LOCAL})
    assert response.status_code == 200, response.text
    return response.json()


async def _shown(citizen, made: dict) -> dict:
    response = await citizen.get(f"{ADDRESS}/{made['token']}")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    return response.json()


def _pages(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


async def test_made_and_opened(citizen, library):
    made = await _made(citizen)
    assert (made["event_id"], made["item_id"]) == (NEWBORN, NEWBORN)
    shown = await _shown(citizen, made)
    built = orjson.loads(orjson.dumps(asdict(build_event_checklist(library, NEWBORN, LOCAL))))
    assert shown["kind"] == "event"
    for field, value in built.items():
        assert shown["sections" if field == "sources" else field] == value, field
    assert (shown["newer_version"], shown["withdrawn"], shown["changed"]) == (False, False, [])
    assert shown["warnings"] == []
    assert shown["limit_total"].startswith("4 件确定要办的事")
    assert shown["fee_total"] == "4 件不收费。"
    # More answers make another list; the first keeps its address.
    more = await _made(
        citizen, event_id=NEWBORN, answers={**shown["answers"], shown["questions"][0]["id"]: _answer(shown)}
    )
    assert more["token"] != made["token"]
    assert len((await _shown(citizen, more))["known"]) == len(shown["known"]) + 1
    assert await _shown(citizen, made) == shown


def _answer(shown: dict) -> object:
    question = shown["questions"][0]
    return {"yes_no": True, "number": question["minimum"] or 1}.get(question["kind"]) or question["options"][0]["value"]


async def test_it_stays_and_tells_what_has_changed(citizen, changed):
    made = await _made(citizen)
    before = await _shown(citizen, made)

    async def standing() -> dict:
        after = await _shown(citizen, made)
        assert {key: after[key] for key in after if key not in KEEPS} == {
            key: before[key] for key in before if key not in KEEPS
        }
        return after

    changed(CARD, version=7, materials=(), situations=(), steps=(), places=(), results=())
    after = await standing()
    assert after["newer_version"]
    assert [(one["item_id"], one["version"], one["current_version"]) for one in after["changed"]] == [(CARD, 1, 7)]
    (warning,) = after["warnings"]
    assert "社会保障卡申领" in warning
    assert "更新到第7版" in _bare(_pages((await citizen.get(made["pdf_url"])).content)[0])
    changed(CARD, status=ItemStatus.SUSPENDED)
    after = await standing()
    assert [one["current_version"] for one in after["changed"]] == [None]
    assert "不在现行办事指南里" in _bare(_pages((await citizen.get(made["pdf_url"])).content)[0])


async def test_the_event_itself_goes(citizen, shelf, library):
    made = await _made(citizen)
    shelf.library = type(library)([entry for entry in library.entries.values() if entry.id != NEWBORN])
    shown = await _shown(citizen, made)
    assert (shown["withdrawn"], shown["current_version"]) == (True, None)
    response = await citizen.post(ADDRESS, json={"event_id": NEWBORN})
    assert (response.status_code, response.json()["code"]) == (404, "life_event_not_found")


async def test_of_a_conversation(citizen, database):
    with database.session() as session:
        session.add(
            ConsultSession(
                id=SESSION,
                channel="pc",
                memory=Memory(answers={NEWBORN: {"local": True, "of_old": True}}, event=NEWBORN).written(),
                messages=1,
                created_at=now(),
                updated_at=now(),
            )
        )
    shown = await _shown(citizen, await _made(citizen, session_id=SESSION, event_id=NEWBORN))
    assert (shown["item"]["id"], shown["answers"]) == (NEWBORN, {"local": True})


@pytest.mark.parametrize("before", [None, CARD])
async def test_of_a_conversation_that_told_the_event_last(citizen, database, before):
    moment = now()
    with database.session() as session:
        session.add(
            ConsultSession(
                id=SESSION,
                channel="pc",
                item_id=before,
                memory=Memory(answers={NEWBORN: {"local": True}}, event=NEWBORN).written(),
                messages=3,
                created_at=moment,
                updated_at=moment,
            )
        )
        session.flush()
        for number, about in enumerate((before, NEWBORN, None), 1):
            session.add(
                ConsultMessage(
                    session_id=SESSION,
                    number=number,
                    channel="pc",
                    question="问",
                    route="guide",
                    status="answered",
                    answer="答",
                    item_id=about,
                    citations=[],
                    masked={},
                    dropped=0,
                    unanswered=False,
                    words_only=False,
                    library="1",
                    seconds=0.1,
                    created_at=moment,
                )
            )
    made = await _made(citizen, session_id=SESSION)
    assert (made["event_id"], made["item_id"]) == (NEWBORN, NEWBORN)
    shown = await _shown(citizen, made)
    assert (shown["kind"], shown["answers"]) == ("event", {"local": True})
    # Named beside the conversation, an item is what is wanted.
    assert (await _made(citizen, session_id=SESSION, item_id=CARD))["event_id"] is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"event_id": "event-none"}, 404, "life_event_not_found"),
        ({"event_id": "\x00"}, 404, "life_event_not_found"),
        ({"event_id": CARD}, 404, "life_event_not_found"),
        ({"item_id": NEWBORN}, 404, "item_not_found"),
        ({"event_id": NEWBORN, "item_id": CARD}, 422, "checklist_twice_told"),
        ({"event_id": NEWBORN, "answers": {"name": "王小明"}}, 422, "answer_invalid"),
        ({"event_id": NEWBORN, "answers": {"local": "是"}}, 422, "answer_invalid"),
        ({"event_id": NEWBORN, "answers": {f"{CARD}.no": True}}, 422, "answer_invalid"),
        ({"event_id": "x" * 81}, 422, "request_invalid"),
    ],
)
async def test_bad_requests(citizen, body, status, code):
    response = await citizen.post(ADDRESS, json=body)
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(("event", "answers"), [(NEWBORN, LOCAL), ("event-close-company", {})])
async def test_the_pdf_holds_all_of_it(citizen, event, answers):
    made = await _made(citizen, event_id=event, answers=answers)
    shown = await _shown(citizen, made)
    response = await citizen.get(made["pdf_url"])
    assert response.headers["content-type"] == "application/pdf"
    whole = "".join(map(_bare, _pages(response.content)))
    whole = re.sub(rf"{_bare(shown['item']['name'])}一件事第\d+版[\d年月日]+生成第\d+页，共\d+页", "", whole)
    for paper in shown["shared"]:
        assert whole.count(_bare(paper["name"])) >= 1
        if not paper["exempt"]:
            for wanted in paper["wanted"]:
                assert f"第{wanted['number']}件{_bare(wanted['item_name'])}：" in whole
    for part in shown["parts"]:
        assert f"第{part['number']}件{_bare(part['checklist']['item']['name'])}" in whole
        for material in part["checklist"]["materials"]:
            assert _bare(material["name"]) in whole
            if not material["exempt"]:
                assert _bare(material["acceptance_standard"]) in whole
        for field in ("conditions", "steps", "limits", "fees", "results"):
            for line in part["checklist"][field]:
                assert _bare(line["text"]) in whole
        for place in part["checklist"]["places"]:
            assert _bare(place["name"]) in whole
    for one in [*shown["sections"], *(one for part in shown["parts"] for one in part["checklist"]["sources"])]:
        assert one["section_id"] in whole
