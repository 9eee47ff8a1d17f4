"""Rating an answer over HTTP, and what staff do about a low one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.database import Database
from knowledge_base.samples import Samples
from services.consult.desk.hours import load_hours
from services.consult.personal_data import mask
from services.consult.voice.grades import load_grades
from tests.services.consult.voice.conftest import Office, Talk

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def samples(database: Database) -> list[tuple[str, int]]:
    return [(one.input, one.label["grade"]) async for one in Samples(database, mask).read()]


async def test_the_five_grades_with_their_reasons(office: Office) -> None:
    grades = (await office.citizen("GET", "/rating-reasons"))["grades"]
    assert [(one["grade"], one["title"]) for one in grades] == [
        (5, "非常满意"),
        (4, "满意"),
        (3, "基本满意"),
        (2, "不满意"),
        (1, "非常不满意"),
    ]
    assert all(one["reasons"] for one in grades)


async def test_a_low_rating_is_followed_up_until_closed(office: Office, talk: Talk) -> None:
    session_id = talk("注销要多少钱")
    rating = {
        "session_id": session_id,
        "number": 1,
        "grade": 1,
        "reasons": ["答非所问"],
        "comment": "打我电话13812345678",
    }
    kept = await office.citizen("POST", "/ratings", rating)
    assert office.citizen.status == 200
    assert kept["followed_up"]
    assert "13812345678" not in kept["comment"]
    listed = await office.clerk("GET", "/follow-ups?state=open")
    assert listed["total"] == listed["open"] == 1
    task = listed["follow_ups"][0]
    assert (task["question"], task["grade"], task["title"]) == ("注销要多少钱", 1, "非常不满意")
    assert task["item"]["name"].startswith("公共场所")
    handled = await office.clerk("POST", f"/follow-ups/{task['id']}", {"state": "handled", "note": "已补正指南"})
    assert (handled["state"], handled["clerk"]) == ("handled", "安娜")
    await office.clerk("POST", f"/follow-ups/{task['id']}", {"state": "closed", "note": "已发布"})
    again = await office.clerk("POST", f"/follow-ups/{task['id']}", {"state": "handled", "note": "再看"})
    assert (office.clerk.status, again["code"]) == (409, "follow_up_closed")
    assert (await office.clerk("GET", "/follow-ups?state=open"))["total"] == 0


async def test_rating_again_changes_it(office: Office, talk: Talk) -> None:
    session_id = talk("注销要多少钱")
    low = {"session_id": session_id, "number": 1, "grade": 2, "reasons": ["说得不全"]}
    await office.citizen("POST", "/ratings", low)
    await office.citizen("POST", "/ratings", low | {"grade": 5, "reasons": []})
    assert (await office.clerk("GET", "/follow-ups?state=open"))["total"] == 0
    closed = (await office.clerk("GET", "/follow-ups?state=closed"))["follow_ups"]
    assert [(one["grade"], one["note"]) for one in closed] == [(5, "市民改了评价")]
    await office.citizen("POST", "/ratings", low)
    assert (await office.clerk("GET", "/follow-ups?state=open"))["total"] == 1


async def test_a_sample_only_with_consent_and_without_numbers(office: Office, talk: Talk, database: Database) -> None:
    session_id = talk("我的手机13812345678，注销要多少钱")
    rating = {"session_id": session_id, "number": 1, "grade": 2, "reasons": ["说得不全"]}
    await office.citizen("POST", "/ratings", rating)
    assert await samples(database) == []
    await office.citizen("POST", "/ratings", rating | {"may_learn": True})
    kept = await samples(database)
    assert [grade for _, grade in kept] == [2]
    assert "13812345678" not in kept[0][0]
    # Rated again: one sample, of what holds now. Without consent: none.
    await office.citizen("POST", "/ratings", rating | {"grade": 1, "may_learn": True})
    assert [grade for _, grade in await samples(database)] == [1]
    await office.citizen("POST", "/ratings", rating)
    assert await samples(database) == []


async def test_what_is_refused(office: Office, talk: Talk) -> None:
    session_id = talk("注销要多少钱")
    good = {"session_id": session_id, "number": 1, "grade": 1, "reasons": ["答非所问"]}
    for change, status, code in (
        ({"session_id": "0" * 32}, 404, "answer_not_found"),
        ({"number": 2}, 404, "answer_not_found"),
        ({"reasons": ["乱写"]}, 422, "reason_unknown"),
        ({"reasons": []}, 422, "reason_missing"),
    ):
        answer = await office.citizen("POST", "/ratings", good | change)
        assert (office.citizen.status, answer["code"]) == (status, code)
    for change in ({"grade": 0}, {"grade": 6}, {"number": 0}, {"comment": "长" * 501}):
        await office.citizen("POST", "/ratings", good | change)
        assert office.citizen.status == 422, change
    await office.citizen("GET", "/follow-ups")
    assert office.citizen.status == 401
    await office.department("GET", "/follow-ups")
    assert office.department.status == 403


async def test_due_in_working_days() -> None:
    grades, hours = load_grades(), load_hours()
    # A Friday evening in Shanghai: Monday, Tuesday, Wednesday.
    due = grades.due(datetime(2026, 11, 20, 12, 0, tzinfo=UTC), hours)
    assert due.astimezone(hours.zone).strftime("%Y-%m-%d %H:%M") == "2026-11-25 17:00"
