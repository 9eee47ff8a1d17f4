from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from core.database import Database
from core.errors import Conflict, Unavailable
from core.settings import Settings
from services.access import Role
from services.access.bootstrap import ensure_admin_key
from services.access.keys import TOKEN_FORM, create_key, hash_of, list_keys, new_token, revoke_key


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "admin.key"


def admins(database: Database) -> set[str]:
    with database.session() as session:
        return {key.sha256 for key in list_keys(session) if key.role == Role.ADMIN and key.revoked_at is None}


def test_the_first_start_makes_a_key_that_only_the_owner_can_read(database: Database, file: Path) -> None:
    old = os.umask(0)
    try:
        made = ensure_admin_key(database, Settings(var_dir=file.parent))
    finally:
        os.umask(old)
    assert made.made
    assert made.path == file
    assert file.stat().st_mode & 0o777 == 0o600
    token = file.read_text().strip()
    assert TOKEN_FORM.fullmatch(token)
    assert admins(database) == {hash_of(token)}


def test_the_second_start_changes_nothing(database: Database, file: Path) -> None:
    ensure_admin_key(database, Settings(var_dir=file.parent))
    before = file.read_bytes()
    assert not ensure_admin_key(database, Settings(var_dir=file.parent)).made
    assert file.read_bytes() == before
    assert len(admins(database)) == 1


def test_a_file_that_was_moved_to_a_safe_place_is_not_made_again(database: Database, file: Path) -> None:
    ensure_admin_key(database, Settings(var_dir=file.parent))
    file.unlink()
    assert not ensure_admin_key(database, Settings(var_dir=file.parent)).made
    assert not file.exists()


def test_a_new_database_takes_up_the_old_file(database: Database, file: Path) -> None:
    file.parent.mkdir()
    token = new_token()
    file.write_text(token + "\n")
    file.chmod(0o644)
    assert not ensure_admin_key(database, Settings(var_dir=file.parent)).made
    assert admins(database) == {hash_of(token)}
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_revoked_key_does_not_come_back(database: Database, file: Path) -> None:
    ensure_admin_key(database, Settings(var_dir=file.parent))
    revoked = file.read_text().strip()
    with database.session() as session:
        other, _ = create_key(session, name="乙", role=Role.ADMIN)
        first = next(key for key in list_keys(session) if key.sha256 == hash_of(revoked))
        revoke_key(session, first.id)
        session.delete(other)
    assert ensure_admin_key(database, Settings(var_dir=file.parent)).made
    assert file.read_text().strip() != revoked
    assert (file.parent / "admin.key.old").read_text().strip() == revoked
    assert admins(database) == {hash_of(file.read_text().strip())}


@pytest.mark.parametrize("content", [b"", b"my notes", os.urandom(5000)])
def test_a_file_of_someone_else_is_not_overwritten(database: Database, file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(Conflict) as caught:
        ensure_admin_key(database, Settings(var_dir=file.parent))
    assert caught.value.code == "admin_key_file_invalid"
    assert file.read_bytes() == content
    assert admins(database) == set()


def test_a_link_is_not_followed(database: Database, file: Path, tmp_path: Path) -> None:
    file.parent.mkdir()
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        ensure_admin_key(database, Settings(var_dir=file.parent))
    assert not (tmp_path / "elsewhere").exists()
    assert admins(database) == set()


def test_two_processes_that_start_together_make_one_key(database: Database, file: Path) -> None:
    second = Database(database.url.render_as_string(False))
    made: list[bool] = []
    threads = [
        threading.Thread(target=lambda one=one: made.append(ensure_admin_key(one, Settings(var_dir=file.parent)).made))
        for one in (database, second)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, True]
    assert admins(database) == {hash_of(file.read_text().strip())}
    second.close()
