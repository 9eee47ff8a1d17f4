"""Papers are kept as long as the policy says, and then nothing of them is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from commands.application import run_command
from core.errors import Invalid
from services.access import Role
from services.documents.retention import Retention, read_retention
from services.documents.tables import Document
from tests.services.documents.conftest import QuickHandle, Run, Running
from tests.services.documents.make import encoded, page

SECRET = "张三丰的身份证"
PAPER = encoded(page(), "PNG")
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def expire(hub: Running, *ids: str) -> None:
    with hub.database.session() as session:
        session.execute(update(Document).where(Document.id.in_(ids)).values(expires_at=SINCE))


def on_disk(hub: Running) -> bytes:
    return b"".join(path.read_bytes() for path in hub.settings.var_dir.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("owned", "submission", "days"), [(False, None, 1), (True, None, 30), (True, "S1", 180), (False, "S1", 180)]
)
def test_terms_by_whose_it_is(owned: bool, submission: str | None, days: int) -> None:
    until = Retention(anonymous=1, key=30, submission=180).until(SINCE, owned=owned, submission_id=submission)
    assert until == SINCE + timedelta(days=days)


def test_the_shipped_policy_is_read() -> None:
    assert read_retention().anonymous < read_retention().key < read_retention().submission


@pytest.mark.parametrize("text", ["anonymous: 1", "{anonymous: 0, key: 1, submission: 1}", "anonymous: [", "a: 1"])
def test_a_wrong_policy_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "retention.yaml").write_text(text)
    with pytest.raises(Invalid, match=r"retention\.yaml"):
        read_retention(tmp_path / "retention.yaml")


async def test_the_term_is_shown(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        anonymous = (await hub.hand_in("a.png", PAPER)).json()
        department = (await hub.hand_in("a.png", PAPER, headers=hub.key(Role.DEPARTMENT))).json()
        for document, days in ((anonymous, 1), (department, 30)):
            kept = datetime.fromisoformat(document["expires_at"]) - datetime.fromisoformat(document["created_at"])
            assert kept == timedelta(days=days)


async def test_a_submission_sets_a_term_of_its_own(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        clerk = hub.key(Role.CLERK)
        document = (await hub.hand_in("a.png", PAPER, headers=clerk, data={"submission_id": "S-1"})).json()
        assert document["submission_id"] == "S-1"
        assert await hub.service.keep_submission("S-1", SINCE + timedelta(days=9999)) == 1
        answer = await hub.client.get(f"/api/documents/{document['document_id']}", headers=clerk)
        assert datetime.fromisoformat(answer.json()["expires_at"]) == SINCE + timedelta(days=9999)


async def test_nothing_is_left_of_a_document_that_was_purged(run: Run) -> None:
    async with run(QuickHandle(SECRET)) as hub:
        over = [(await hub.hand_in("a.png", PAPER, headers=hub.key(Role.CLERK))).json()["document_id"] for _ in "12"]
        kept = (await hub.hand_in("b.png", encoded(page(40, 40), "PNG"))).json()["document_id"]
        expire(hub, *over)
        assert SECRET.encode() in on_disk(hub) or SECRET.encode("unicode_escape") in on_disk(hub)
        await hub.service.upkeep.sweep()
        assert {path.name for path in (hub.settings.var_dir / "documents").iterdir()} == {kept}
        for document_id in over:
            assert (
                await hub.client.get(f"/api/documents/{document_id}", headers=hub.key(Role.ADMIN))
            ).status_code == 404
        assert (await hub.client.delete(f"/api/documents/{kept}")).status_code == 204
        await hub.service.upkeep.sweep()
        left = on_disk(hub)
        # JSON columns write Chinese as escapes.
        for form in (SECRET.encode(), SECRET.encode("unicode_escape")):
            assert form not in left
        assert kept.encode() in left, "the record of who saw it stays"


async def test_documents_from_before_there_were_terms_get_one_at_the_next_start(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        document_id = (await hub.hand_in("a.png", PAPER)).json()["document_id"]
        with hub.database.session() as session:
            session.execute(update(Document).values(expires_at=None, created_at=SINCE))
    async with run(QuickHandle()) as hub:
        document = (await hub.client.get(f"/api/documents/{document_id}")).json()
        left = datetime.fromisoformat(document["expires_at"]) - datetime.now(UTC)
        assert timedelta(hours=23) < left <= timedelta(days=1)


async def test_the_command_purges_without_the_hub(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with run(QuickHandle()) as hub:
        first, second = [(await hub.hand_in("a.png", PAPER)).json()["document_id"] for _ in "12"]
        expire(hub, first)
    monkeypatch.setenv("KAOPU_VAR_DIR", str(hub.settings.var_dir))
    monkeypatch.setenv("KAOPU_CONFIG", str(tmp_path / "kaopu.toml"))
    (tmp_path / "kaopu.toml").write_text("")
    assert run_command(["documents", "purge", "--dry-run"]) == 0
    assert "1" in capsys.readouterr().out
    assert {path.name for path in (hub.settings.var_dir / "documents").iterdir()} == {first, second}
    assert run_command(["documents", "purge"]) == 0
    assert "1" in capsys.readouterr().out
    assert {path.name for path in (hub.settings.var_dir / "documents").iterdir()} == {second}
    assert run_command(["documents", "purge"]) == 0
    assert "0" in capsys.readouterr().out
