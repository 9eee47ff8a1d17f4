"""How long the dashboard of the consult bot takes over many messages.

    python -m benchmarks.consult_numbers [--messages 200000] [--days 30] [--database-url URL]

Makes conversations up in a database of its own (a temporary SQLite file, or an EMPTY database that the URL names; it is filled
and left), about the shipped items: 2.5 questions each, answers of a usual length, 6 % rated, 3 % with a clerk, some who come
back. Prints one line for each split: the seconds of each of five readings, the first one of a fresh process among them.
The same seed always makes the same conversations.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from sqlalchemy import insert, text

from core.database import Database, now
from knowledge_base.library import Library
from services.consult.desk.tables import DeskHandover
from services.consult.tables import ConsultMessage, ConsultSession
from services.consult.voice.numbers import NumbersReader, Scope
from services.consult.voice.numbers_schemas import By
from services.consult.voice.tables import VoiceRating

CONTENT = Path(__file__).parent.parent / "knowledge_base" / "content"
ANSWER = "办理材料：申请表原件一份，身份证明复印件一份，经营场所使用证明复印件一份。" * 8
AT_ONCE = 2000
"""Conversations written in one go."""
READINGS = 5
STATUSES = ("answered", "clarify", "not_found", "handed_over", "refused")
WEIGHTS = (78, 10, 6, 2, 4)
CHANNELS = ("pc", "mobile", "kiosk", "window", "api", "embed", "agent")

Rows = list[dict[str, Any]]


def conversations(
    chance: random.Random, items: Sequence[str], messages: int, days: int, end: datetime
) -> Iterator[tuple[Rows, Rows, Rows, Rows]]:
    """Rows of sessions, messages, ratings and handovers, some thousand at a time; `days` before `end`."""
    left = messages
    while left > 0:
        batch: tuple[Rows, Rows, Rows, Rows] = ([], [], [], [])
        for _ in range(AT_ONCE):
            count = min(left, chance.choice((1, 1, 2, 2, 3, 4, 5)))
            if not count:
                break
            left -= count
            _one(batch, chance, items, count, end - timedelta(seconds=chance.random() * days * 86400))
        yield batch


def _one(
    batch: tuple[Rows, Rows, Rows, Rows], chance: random.Random, items: Sequence[str], count: int, at: datetime
) -> None:
    sessions, messages, ratings, handovers = batch
    session_id = f"{chance.getrandbits(128):032x}"
    channel = chance.choice(CHANNELS)
    item = chance.choice(items)
    sessions.append(
        {"id": session_id, "channel": channel, "messages": count, "created_at": at, "updated_at": at, "item_id": item}
    )
    for number in range(1, count + 1):
        if number > 1:
            at += timedelta(seconds=chance.choice((20, 60, 240, 7200 if chance.random() < 0.2 else 30)))
        status = chance.choices(STATUSES, WEIGHTS)[0]
        messages.append(
            {
                "session_id": session_id,
                "number": number,
                "channel": channel,
                "question": "理发店的卫生许可证要带什么材料，多久能拿到",
                "route": "guide",
                "status": status,
                "answer": ANSWER,
                "item_id": item if status in ("answered", "handed_over") or chance.random() < 0.3 else None,
                "element": "materials",
                "citations": [f"{item}/materials@1", f"{item}/time@1"],
                "answers": None,
                "masked": {},
                "dropped": int(chance.random() < 0.01),
                "unanswered": status == "not_found",
                "words_only": chance.random() < 0.02,
                "library": "1",
                "seconds": round(chance.lognormvariate(-3.2, 0.5), 4),
                "created_at": at,
            }
        )
        if chance.random() < 0.06:
            ratings.append(
                {
                    "session_id": session_id,
                    "number": number,
                    "grade": chance.choice((1, 2, 3, 4, 5, 5, 5)),
                    "reasons": [],
                    "comment": None,
                    "created_at": at,
                    "updated_at": at,
                }
            )
    if chance.random() < 0.03:
        handovers.append(
            {
                "session_id": session_id,
                "reason": "asked",
                "state": "closed",
                "revision": 1,
                "requested_at": at,
                "seen_at": at,
                "updated_at": at,
            }
        )


def fill(database: Database, library: Library, messages: int, days: int, *, seed: int = 1) -> None:
    """Write so many messages."""
    tables = (ConsultSession, ConsultMessage, VoiceRating, DeskHandover)
    for batch in conversations(random.Random(seed), sorted(library.items), messages, days, now()):
        with database.session() as session:
            for table, rows in zip(tables, batch, strict=True):
                if rows:
                    session.execute(insert(table), rows)
    # What every database does by itself sooner or later: counts for its planner, and on PostgreSQL the map of visible rows.
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.sqlite_file else "VACUUM ANALYZE"))


async def measure(database: Database, library: Library, days: int) -> dict[str, list[float]]:
    """Seconds of each reading, by split."""
    reader = NumbersReader(database, lambda: library)
    today = now().date()
    scope = Scope(today - timedelta(days=days), today + timedelta(days=1))
    taken: dict[str, list[float]] = {}
    for _ in range(READINGS):
        for by in get_args(By):
            began = time.perf_counter()
            await reader.numbers(scope, by)
            taken.setdefault(by, []).append(time.perf_counter() - began)
    return taken


def main() -> None:
    """Fill a database and time the dashboard over it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--database-url", help="an empty database; none: a temporary SQLite file")
    wanted = parser.parse_args()
    library = Library.load(CONTENT)
    with tempfile.TemporaryDirectory(prefix="kaopu-numbers-") as folder:
        database = Database(wanted.database_url or f"sqlite:///{folder}/hub.sqlite3")
        try:
            database.upgrade()
            began = time.perf_counter()
            fill(database, library, wanted.messages, wanted.days)
            print(f"{wanted.messages} messages of {wanted.days} days written in {time.perf_counter() - began:.0f} s")
            for by, seconds in asyncio.run(measure(database, library, wanted.days)).items():
                print(f"by {by:<11}" + "  ".join(f"{one:.2f}" for one in seconds) + " s")
        finally:
            database.close()


if __name__ == "__main__":
    main()
