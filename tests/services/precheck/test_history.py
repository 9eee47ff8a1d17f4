"""The history: chained, append-only, verifiable; what a person wrote can go without breaking it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from commands.application import run_command
from core.database import Database
from services.precheck.history import MACHINE, append, faults, read_history
from services.precheck.states import State
from services.precheck.tables import Submission, SubmissionHistory, SubmissionWords
from tests.postgres import new_database
from tests.services.precheck.conftest import MONDAY


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/hub.sqlite3" if request.param == "sqlite" else new_database()


def submission(number: int = 1) -> Submission:
    return Submission(
        id=f"{number:032x}", owner="key_1", owned=True, item_id="x", item_version=1, item_name="x",
        state=State.DRAFT.value, answers={}, form={}, revision=1, created_at=MONDAY, updated_at=MONDAY,
        report_number=0, defects=0, undetermined=0, risk=0.0, check_failures=0, corrections_seen=0,
        automatic_due=False, blind=False, history_number=0, history_digest="",
    )  # fmt: skip


@pytest.fixture
def written(database: Database) -> Database:
    with database.session() as session:
        for number in (1, 2):
            one = submission(number)
            session.add(one)
            session.flush()
            append(session, one, "opened", MACHINE, {"item": "x", "share": 0.1})
            append(session, one, "changed", MACHINE, words="申请人来电说明")
            append(session, one, "submit", MACHINE)
    return database


def found(database: Database) -> list[tuple[int, str]]:
    with database.session(read_only=True) as session:
        return [(one.number, one.kind) for one in faults(session)]


def unlocked(database: Database, statement: str) -> None:
    """As somebody with the database's own rights would."""
    with database.session() as session:
        if database.sqlite_file is not None:
            for change in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER submission_history_no_{change}"))
        else:
            session.execute(text("DROP TRIGGER submission_history_append_only ON submission_history"))
        session.execute(text(statement))


def test_what_was_written_holds(written: Database) -> None:
    assert found(written) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE submission_history SET what = 'accept'", "DELETE FROM submission_history"]
)
def test_the_database_refuses_to_change_it(written: Database, statement: str) -> None:
    with pytest.raises(DBAPIError), written.session() as session:
        session.execute(text(statement))


ONE = f"submission_id = '{1:032x}'"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"UPDATE submission_history SET who_name = '别人' WHERE {ONE} AND number = 2", [(2, "changed")]),
        (f"DELETE FROM submission_history WHERE {ONE} AND number = 2", [(3, "gap"), (2, "words")]),
        (f"DELETE FROM submission_history WHERE {ONE} AND number = 3", [(3, "cut")]),
        (f"UPDATE submission_words SET text = '别的' WHERE {ONE}", [(2, "words")]),
    ],
)
def test_whoever_changes_it_all_the_same_is_found_out(
    written: Database, statement: str, expected: list[tuple[int, str]]
) -> None:
    unlocked(written, statement)
    assert found(written) == expected


def test_words_can_be_removed_and_the_chain_still_holds(written: Database) -> None:
    with written.session() as session:
        one = session.get(Submission, f"{1:032x}")
        assert one is not None
        assert [words for _, words in read_history(session, one.id)] == [None, "申请人来电说明", None]
        session.delete(one)
    with written.session() as session:
        assert session.scalars(select(SubmissionWords).where(SubmissionWords.submission_id == f"{1:032x}")).all() == []
        assert len(read_history(session, f"{1:032x}")) == 3
    assert found(written) == []


def test_a_clock_that_is_set_back_does_not_turn_the_order_round(database: Database) -> None:
    with database.session() as session:
        one = submission()
        session.add(one)
        session.flush()
        append(session, one, "opened", MACHINE, at=MONDAY)
        append(session, one, "submit", MACHINE, at=MONDAY - timedelta(days=3))
        moments = list(session.scalars(select(SubmissionHistory.at).order_by(SubmissionHistory.number)))
    assert moments == [MONDAY, MONDAY]


def test_the_command_tells_what_it_finds(
    written: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAOPU_DATABASE_URL", written.url.render_as_string(hide_password=False))
    assert run_command(["audit", "verify"]) == 0
    assert "6 条，全部吻合" in capsys.readouterr().out
    assert run_command(["audit", "heads"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    unlocked(written, f"UPDATE submission_history SET who_name = '别人' WHERE {ONE} AND number = 2")
    assert run_command(["audit", "verify"]) == 1
    assert "第 2 条：内容被改" in capsys.readouterr().out
