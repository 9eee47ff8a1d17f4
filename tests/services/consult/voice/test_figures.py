"""The dashboard's figures against a plain recount of random conversations, and against what changes afterwards."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from core.database import Database, now
from knowledge_base.search import SectionSearch
from services.consult.desk.tables import DeskHandover
from services.consult.tables import ConsultMessage, ConsultSession
from services.consult.voice.numbers import NumbersReader, Scope
from services.consult.voice.numbers_schemas import By
from services.consult.voice.tables import VoiceRating
from tests.services.consult.voice.conftest import ITEM, Talk

pytestmark = pytest.mark.asyncio(loop_scope="session")

START, END = date(2026, 11, 2), date(2026, 11, 9)
STATUSES = ("answered", "answered", "answered", "clarify", "not_found", "handed_over", "refused")
EVERY: tuple[By, ...] = ("day", "item", "department", "channel")


def handover(session_id: str) -> dict[str, Any]:
    moment = now()
    return {
        "session_id": session_id,
        "reason": "asked",
        "state": "closed",
        "revision": 1,
        "requested_at": moment,
        "seen_at": moment,
        "updated_at": moment,
    }


def fill(database: Database, items: list[str], *, seed: int) -> None:
    """Conversations about several items each, some beginning before the period or going on after it."""
    chance = random.Random(seed)
    sessions, messages, ratings, handovers = [], [], [], []
    for _ in range(150):
        session_id = f"{chance.getrandbits(128):032x}"
        at = datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(seconds=chance.randrange(10 * 86_400))
        count = chance.randint(1, 7)
        subjects = [chance.choice([*items, None]) for _ in range(2)]
        sessions.append({"id": session_id, "channel": "pc", "messages": count, "created_at": at, "updated_at": at})
        for number in range(1, count + 1):
            at += timedelta(seconds=chance.choice((5, 1799, 1800, 1801, 7 * 86_400, 7 * 86_400 + 1)))
            messages.append(
                {
                    "session_id": session_id,
                    "number": number,
                    "channel": chance.choice(("pc", "mobile")),
                    "question": "问",
                    "route": "guide",
                    "status": chance.choice(STATUSES),
                    "answer": "答",
                    "item_id": chance.choice(subjects),
                    "citations": [],
                    "masked": {},
                    "dropped": chance.choice((0, 0, 3)),
                    "unanswered": chance.random() < 0.2,
                    "words_only": chance.random() < 0.1,
                    "library": "1",
                    "seconds": round(chance.random(), 4),
                    "created_at": at,
                }
            )
            if chance.random() < 0.2:
                ratings.append(
                    {
                        "session_id": session_id,
                        "number": number,
                        "grade": chance.randint(1, 5),
                        "reasons": [],
                        "created_at": at,
                        "updated_at": at,
                    }
                )
        handovers += [handover(session_id)] * (chance.random() < 0.15)
    with database.session() as session:
        for table, rows in (
            (ConsultSession, sessions),
            (ConsultMessage, messages),
            (VoiceRating, ratings),
            (DeskHandover, handovers),
        ):
            session.execute(insert(table), rows)


def recounted(database: Database, departments: dict[str, str], by: By | None) -> dict[str, dict[str, Any]]:
    """The same figures by the definitions, one message after the other."""
    with database.session(read_only=True) as session:
        rows = session.scalars(select(ConsultMessage).order_by(ConsultMessage.session_id, ConsultMessage.number)).all()
        grades = {(one.session_id, one.number): one.grade for one in session.scalars(select(VoiceRating))}
        clerks = set(session.scalars(select(DeskHandover.session_id)))

    def day(at: datetime) -> date:
        return (at + timedelta(hours=8)).date()

    def key(item: str | None, channel: str, at: datetime) -> str:
        keys = {"day": day(at).isoformat(), "item": item or "", "channel": channel}
        return keys.get(by or "", departments.get(item or "", "") if by == "department" else "")

    inside = [one for one in rows if START <= day(one.created_at) <= END]
    found: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    sets: dict[tuple[str, str], set[str]] = defaultdict(set)
    seconds: dict[str, list[float]] = defaultdict(list)
    given: dict[str, list[int]] = defaultdict(list)
    matters: dict[tuple[str, str], list[ConsultMessage]] = defaultdict(list)
    for one in inside:
        name = key(one.item_id, one.channel, one.created_at)
        status = {"clarify": "asked_back"}.get(one.status, one.status)
        for column, counts in (
            ("questions", True),
            (status, True),
            ("unanswered", one.unanswered),
            ("words_only", one.words_only),
            ("dropped", one.dropped > 0),
        ):
            found[name][column] += int(counts)
        sets[name, "conversations"].add(one.session_id)
        if one.session_id in clerks:
            sets[name, "with_clerk"].add(one.session_id)
        seconds[name].append(one.seconds)
        if (one.session_id, one.number) in grades:
            given[name].append(grades[one.session_id, one.number])
        if one.item_id is not None:
            matters[one.session_id, one.item_id].append(one)
    for (session_id, item), asked in matters.items():
        if not any(one.status == "answered" for one in asked):
            continue
        gaps = [(b.created_at - a.created_at).total_seconds() for a, b in itertools.pairwise(asked)]
        back = any(30 * 60 < gap <= 7 * 86_400 for gap in gaps)
        low = any(grades.get((session_id, one.number), 5) <= 2 for one in asked)
        name = key(item, min(one.channel for one in asked), min(one.created_at for one in asked))
        found[name]["issues"] += 1
        found[name]["resolved"] += int(not back and not low and session_id not in clerks)
    for (name, column), talks in sets.items():
        found[name][column] = len(talks)
    for name, taken in seconds.items():
        taken.sort()
        for percent in (50, 95):
            found[name][f"seconds_p{percent}"] = next(
                one for place, one in enumerate(taken, 1) if place * 100 >= len(taken) * percent
            )
        if given[name]:
            low = sum(grade <= 2 for grade in given[name])
            mean = round(sum(given[name]) / len(given[name]), 2)
            found[name] |= {"rated": len(given[name]), "rated_low": low, "mean_grade": mean}
    return {name: dict(one) for name, one in found.items()}


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_same_as_recounted(database: Database, search: SectionSearch, seed: int) -> None:
    chosen = random.Random(seed).sample(sorted(search.library.items), 3)
    fill(database, [*chosen, "an-item-that-is-gone"], seed=seed)
    departments = {one.id: one.department for one in search.library.items.values()}
    reader = NumbersReader(database, lambda: search.library)
    for by in EVERY:
        shown = await reader.numbers(Scope(START, END), by)
        for row, wanted in [
            (shown.total, recounted(database, departments, None)[""]),
            *((row, recounted(database, departments, by)[row.key]) for row in shown.rows),
        ]:
            figures = row.model_dump()
            assert {name: figures[name] for name in wanted} == pytest.approx(wanted), (by, row.key)
            assert not any(
                value
                for name, value in figures.items()
                if name not in wanted and isinstance(value, int | float) and not name.startswith("share_")
            )
        assert {row.key for row in shown.rows} == set(recounted(database, departments, by))
        # What a row counts is what its narrowed scope counts: a number opens just the conversations behind it.
        if by != "day":
            name = "item_id" if by == "item" else by
            for row in shown.rows:
                narrowed = await reader.numbers(Scope(START, END, **{name: row.key}), by)
                assert narrowed.total.questions == row.questions
    listed = await reader.conversations(Scope(START, END), "unresolved", page=1, page_size=100)
    assert 0 < listed.total <= shown.total.issues - shown.total.resolved


async def test_a_late_rating_a_hand_off_and_a_repeat_count_at_once(
    database: Database, search: SectionSearch, talk: Talk
) -> None:
    reader = NumbersReader(database, lambda: search.library)
    began = datetime(2026, 11, 3, 2, tzinfo=UTC)
    rated, handed, back = (talk("要多少钱", at=began) for _ in range(3))

    async def resolved() -> int:
        return (await reader.numbers(Scope(START, END), "day")).total.resolved

    assert await resolved() == 3
    with database.session() as session:
        moment = now()
        session.execute(
            insert(VoiceRating).values(
                session_id=rated, number=1, grade=2, reasons=[], created_at=moment, updated_at=moment
            )
        )
    assert await resolved() == 2
    with database.session() as session:
        session.execute(insert(DeskHandover).values(**handover(handed)))
    assert await resolved() == 1
    with database.session() as session:
        first = session.execute(select(ConsultMessage.__table__).where(ConsultMessage.session_id == back)).one()
        values = {**first._mapping, "number": 2, "created_at": began + timedelta(days=3)}
        values.pop("id")
        session.execute(insert(ConsultMessage).values(**values))
    assert await resolved() == 0
    total = (await reader.numbers(Scope(START, END, item_id=ITEM), "day")).total
    assert (total.issues, total.questions, total.with_clerk, total.rated_low) == (3, 4, 1, 1)
