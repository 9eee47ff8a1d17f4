"""Made, opened, kept word for word; what is wrong is told in Chinese."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import func, select

from core.database import now
from knowledge_base.terms import ItemStatus
from services.consult.checklists.building import build_checklist
from services.consult.checklists.tables import ConsultChecklist
from services.consult.consultation import Memory
from services.consult.tables import ConsultSession

VENUE = "public-venue-hygiene-new"
ANSWERS = {"venue_type": "licensed", "central_air": False, "applicant": "self"}
ADDRESS = "/api/consult/checklists"
SESSION = "5e" * 16


async def _made(citizen, **body) -> dict:
    response = await citizen.post(ADDRESS, json=body or {"item_id": VENUE, "answers": ANSWERS})
    assert response.status_code == 200, response.text
    return response.json()


async def _refused(citizen, status: int, **body) -> str:
    response = await citizen.post(ADDRESS, json=body)
    assert response.status_code == status, response.text
    assert any("一" <= letter <= "龥" for letter in response.json()["title"])
    return response.json()["code"]


def _talked(database, item_id, answers) -> None:
    with database.session() as session:
        session.add(
            ConsultSession(
                id=SESSION,
                channel="pc",
                item_id=item_id,
                memory=Memory(answers={VENUE: answers}).written(),
                messages=1,
                created_at=now(),
                updated_at=now(),
            )
        )


async def test_made_and_opened(citizen, library):
    made = await _made(citizen)
    assert made["url"] == f"/checklists/{made['token']}"
    assert len(made["token"]) == 32
    response = await citizen.get(f"{ADDRESS}/{made['token']}")
    assert response.headers["cache-control"] == "no-store"
    shown = response.json()
    built = orjson.loads(orjson.dumps(asdict(build_checklist(library, VENUE, ANSWERS))))
    for field, value in built.items():
        assert shown["sections" if field == "sources" else field] == value, field
    assert shown["current_version"] == shown["item"]["version"]
    assert (shown["newer_version"], shown["withdrawn"]) == (False, False)
    assert [one["label"] for one in shown["known"]][1:] == ["否", "法定代表人、负责人或者经营者本人"]
    assert not any("集中空调" in material["name"] for material in shown["materials"])


async def test_it_stays_as_it_was_made(citizen, changed):
    made = await _made(citizen)
    before = (await citizen.get(f"{ADDRESS}/{made['token']}")).json()
    standing = {"current_version", "newer_version", "withdrawn"}

    async def now_shown() -> dict:
        after = (await citizen.get(f"{ADDRESS}/{made['token']}")).json()
        assert {key: after[key] for key in after if key not in standing} == {
            key: before[key] for key in before if key not in standing
        }
        return {key: after[key] for key in standing}

    changed(VENUE, version=2, materials=(), situations=(), conditions=(), steps=(), places=(), results=())
    assert await now_shown() == {"current_version": 2, "newer_version": True, "withdrawn": False}
    changed(VENUE, status=ItemStatus.SUSPENDED)
    assert await now_shown() == {"current_version": None, "newer_version": False, "withdrawn": True}
    changed(VENUE)
    assert await now_shown() == {"current_version": None, "newer_version": False, "withdrawn": True}
    assert await _refused(citizen, 404, item_id=VENUE) == "item_not_found"


async def test_of_a_conversation(citizen, database):
    _talked(database, VENUE, {"venue_type": "licensed", "central_air": True, "a_question_of_old": "yes"})
    shown = (await citizen.get(f"{ADDRESS}/{(await _made(citizen, session_id=SESSION))['token']}")).json()
    assert shown["item"]["id"] == VENUE
    assert [one["question_id"] for one in shown["known"]] == ["venue_type", "central_air"]
    assert any("集中空调" in material["name"] for material in shown["materials"])
    assert [one["question_id"] for one in shown["open_questions"]] == ["applicant"]
    other = "public-venue-hygiene-cancel"
    shown = (
        await citizen.get(f"{ADDRESS}/{(await _made(citizen, session_id=SESSION, item_id=other))['token']}")
    ).json()
    assert (shown["item"]["id"], shown["known"]) == (other, [])


async def test_a_conversation_about_nothing_yet(citizen, database):
    _talked(database, None, {})
    assert await _refused(citizen, 422, session_id=SESSION) == "checklist_item_missing"


@pytest.mark.parametrize("session_id", ["5f" * 16, "no", "\x00", "../../etc"])
async def test_a_conversation_that_is_not_there(citizen, session_id):
    assert await _refused(citizen, 404, session_id=session_id) == "session_not_found"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"item_id": "no-such-item"}, 404, "item_not_found"),
        ({"item_id": "\x00"}, 404, "item_not_found"),
        ({}, 422, "checklist_item_missing"),
        ({"item_id": VENUE, "answers": {"name": "王小明"}}, 422, "answer_invalid"),
        ({"item_id": VENUE, "answers": {"venue_type": "castle"}}, 422, "answer_invalid"),
        ({"item_id": VENUE, "answers": {"venue_type": "licensed", "central_air": "没有"}}, 422, "answer_invalid"),
        ({"item_id": VENUE, "answers": {f"q{number}": True for number in range(100)}}, 422, "request_invalid"),
        ({"item_id": VENUE, "answers": {"venue_type": {"a": 1}}}, 422, "request_invalid"),
        ({"item_id": VENUE, "name": "王小明"}, 422, "request_invalid"),
        ({"session_id": SESSION, "answers": {"central_air": True}}, 422, "checklist_twice_told"),
    ],
)
async def test_bad_requests(citizen, database, body, status, code):
    assert await _refused(citizen, status, **body) == code
    with database.session(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(ConsultChecklist)) == 0


@pytest.mark.parametrize("number", ["1e999", "NaN", "-Infinity"])
async def test_numbers_that_are_none(citizen, number):
    body = f'{{"item_id": "{VENUE}", "answers": {{"central_air": {number}}}}}'
    response = await citizen.post(ADDRESS, content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)


@pytest.mark.parametrize("token", ["0" * 32, "x", "%00", "0" * 31, "0" * 79, "..%2f" * 3])
@pytest.mark.parametrize("ending", ["", ".pdf"])
async def test_a_forged_address(citizen, token, ending):
    response = await citizen.get(f"{ADDRESS}/{token}{ending}")
    assert response.status_code == 404
    assert response.json()["code"] in ("checklist_not_found", "route_not_found")


async def test_addresses_can_not_be_guessed_from_each_other(citizen):
    tokens = {(await _made(citizen))["token"] for _ in range(20)}
    assert len(tokens) == 20
    assert len({token[:4] for token in tokens}) > 15


async def test_kept_for_its_time_only(citizen, checklists, database):
    old, young = (await _made(citizen))["token"], (await _made(citizen))["token"]
    with database.session() as session:
        session.get_one(ConsultChecklist, old).created_at = now() - timedelta(days=180, seconds=1)
        session.get_one(ConsultChecklist, young).created_at = now() - timedelta(days=179)
    assert (await citizen.get(f"{ADDRESS}/{old}")).status_code == 404
    assert await checklists.forget() == 1
    assert (await citizen.get(f"{ADDRESS}/{young}")).status_code == 200
    with database.session(read_only=True) as session:
        assert session.scalars(select(ConsultChecklist.token)).all() == [young]
