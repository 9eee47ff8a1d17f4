from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import HubError, Invalid, Unavailable
from services.access.tables import ApiKey


def make(identifier: str, **more: object) -> ApiKey:
    return ApiKey(id=identifier, name="甲", role="citizen", prefix="kp_", sha256=identifier, created_at=now(), **more)


def in_session(database: Database, function: Callable[[Session], object], *, read_only: bool = False) -> None:
    with database.session(read_only=read_only) as session:
        function(session)


async def test_what_is_written_is_read_by_another_session(database: Database) -> None:
    await database.run(lambda session: session.add(make("a")))
    found = await database.run(lambda session: session.get(ApiKey, "a"), read_only=True)
    assert found is not None
    assert found.name == "甲"


def test_an_exception_rolls_everything_back(database: Database) -> None:
    def fail(session: Session) -> None:
        session.add(make("a"))
        session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        in_session(database, fail)
    with database.session() as session:
        assert session.get(ApiKey, "a") is None


def test_moments_keep_their_meaning(database: Database) -> None:
    shanghai = timezone(timedelta(hours=8))
    with database.session() as session:
        session.add(make("a", expires_at=datetime(2026, 7, 1, 8, 30, tzinfo=shanghai)))
    with database.session() as session:
        key = session.get(ApiKey, "a")
        assert key is not None
        assert key.expires_at == datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
        assert key.expires_at.utcoffset() == timedelta(0)
        assert session.scalars(select(ApiKey.id).where(ApiKey.expires_at > datetime(2026, 7, 1, tzinfo=UTC))).all()


def test_a_moment_without_time_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError), database.session() as session:
        session.add(make("a", expires_at=datetime(2026, 7, 1)))


def test_a_reading_session_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError):
        in_session(database, lambda session: session.add(make("a")), read_only=True)
    with database.session() as session:  # and its connection writes again afterwards
        session.add(make("b"))


def test_parallel_increments_lose_nothing(database: Database) -> None:
    """Read, think, write: the pattern that fails at once on SQLite unless the transaction begins as a writer."""
    with database.session() as session:
        session.add(make("a"))

    def increment() -> None:
        for _ in range(10):
            with database.session() as session:
                key = session.scalars(select(ApiKey).where(ApiKey.id == "a").with_for_update()).one()
                count = int(key.prefix.removeprefix("kp_") or 0)
                time.sleep(0.001)
                key.prefix = f"kp_{count + 1}"

    threads = [threading.Thread(target=increment) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.session() as session:
        key = session.get(ApiKey, "a")
        assert key is not None
        assert key.prefix == "kp_40"


async def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    await database.run(lambda session: session.add(make("a")))
    writing, go_on = threading.Event(), threading.Event()

    def write(session: Session) -> None:
        session.add(make("b"))
        session.flush()
        writing.set()
        assert go_on.wait(10)

    slow = asyncio.create_task(database.run(write))
    await asyncio.to_thread(writing.wait, 10)
    try:
        async with asyncio.timeout(2):
            found = await database.run(lambda session: session.scalars(select(ApiKey.id)).all(), read_only=True)
    finally:
        go_on.set()
        await slow
    assert found == ["a"]


def test_errors_do_not_tell_what_was_written(database: Database) -> None:
    with database.session() as session:
        session.add(make("a"))
    with pytest.raises(DBAPIError) as caught:
        in_session(database, lambda session: session.add(make("a", last_used_at=now())))
    assert "甲" not in str(caught.value).split("[SQL")[1]
    assert "hidden" in str(caught.value)


def test_check_writable_passes(database: Database) -> None:
    database.check_writable()


def test_foreign_keys_are_enforced_and_the_log_is_ahead(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new folder/100%/hub.sqlite3")
    with database.session() as session:
        assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        assert session.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert session.execute(text("PRAGMA synchronous")).scalar_one() == 1
    database.close()


def test_only_the_owner_can_read_the_file_and_its_journals(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/hub.sqlite3")
    database.upgrade()
    with database.session() as session:
        session.add(make("a"))
    files = [file for file in tmp_path.iterdir() if not file.name.endswith(".lock")]
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    database.close()


def test_a_locked_database_is_unavailable_and_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.database.BUSY_TIMEOUT_SECONDS", 0.1)
    url = f"sqlite:///{tmp_path}/hub.sqlite3"
    first, second = Database(url), Database(url)
    first.upgrade()
    with first.session() as session:
        session.add(make("a"))
        session.flush()
        with pytest.raises(Unavailable) as caught:
            second.check_writable()
        assert caught.value.code == "database_unavailable"
        with pytest.raises(Unavailable):
            in_session(second, lambda other: other.add(make("b")))
    second.check_writable()
    first.close()
    second.close()


@pytest.mark.parametrize(
    "url",
    ["", "no url", "mysql://root@localhost/hub", "sqlite://", "sqlite:///:memory:", "postgresql"],
)
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        Database(url)
    assert caught.value.code == "database_url_invalid"


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"postgresql://nobody:secret@/hub?host={tmp_path}")
    for attempt in (database.check_writable, database.upgrade):
        with pytest.raises(Unavailable) as caught:
            attempt()
        assert caught.value.code == "database_unavailable"
        assert "secret" not in caught.value.message
    database.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HubError) as caught:
        Database(f"sqlite:///{tmp_path}/file/hub.sqlite3")
    assert str(tmp_path / "file") in caught.value.message


def test_an_outage_on_the_drivers_own_cursor_is_unavailable(database: Database) -> None:
    def fail(session: Session) -> None:
        cursor = session.connection().execute(text("select 1")).cursor
        assert cursor is not None
        raise database.engine.dialect.dbapi.OperationalError("disk I/O error")

    with pytest.raises(Unavailable) as caught:
        in_session(database, fail, read_only=True)
    assert caught.value.code == "database_unavailable"
    assert caught.value.retry_after is not None
    # The connection is back and whole.
    in_session(database, lambda session: session.add(make("a")))


def test_a_mistake_on_the_drivers_own_cursor_stays_one(database: Database) -> None:
    driver = database.engine.dialect.dbapi

    def fail(session: Session) -> None:
        raise driver.ProgrammingError("no such column")

    with pytest.raises(driver.ProgrammingError):
        in_session(database, fail)


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "hub.sqlite3").write_bytes(os.urandom(4096))
    database = Database(f"sqlite:///{tmp_path}/hub.sqlite3")
    with pytest.raises(HubError) as caught:
        database.upgrade()
    assert caught.value.code == "database_unavailable"
    database.close()
