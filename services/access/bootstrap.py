"""The first admin's key: made when the database has none, left in a file that only the owner can read.

| keys of admins in the database | the file | what happens |
|---|---|---|
| at least one that works | any | nothing; an operator may have moved the file to a safe place |
| none | missing | a key is made, the file written |
| none | a key that this database never saw | it becomes an admin's key (a new database, an old file) |
| none | a key that was revoked or has expired | the file is set aside as `admin.key.old`, a new key is made |
| none | anything else | refused: it may be someone's, so it is not overwritten |
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Conflict, Unavailable
from core.settings import Settings
from services.access.callers import Role
from services.access.keys import TOKEN_FORM, active_admins, create_key, hash_of, new_token
from services.access.tables import ApiKey

_NAME = "首次启动生成的管理员密钥"
_LOCK = 0x6B657973
"""PostgreSQL advisory lock of this step: of two processes that start together, one makes the key."""

_logger = structlog.get_logger("access")


@dataclass(frozen=True, slots=True)
class AdminKey:
    """Where the admin's key is. `made`: this call wrote it."""

    path: Path
    made: bool


def ensure_admin_key(database: Database, settings: Settings) -> AdminKey:
    """See to it that someone can manage the hub; tells where a new key lies, and nobody what it is.

    Args:
        database: at the newest revision.
        settings: `admin_key_file`.

    Raises:
        Conflict: the file holds something else (code `admin_key_file_invalid`).
        Unavailable: the file or the database can't be written.
    """
    path = settings.admin_key_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with database.session() as session:
            made = _ensure(session, path)
    except OSError as error:
        raise Unavailable(
            f"管理员密钥文件 {path} 不能读写：{error.strerror}。请检查目录权限。", code="admin_key_file_unusable"
        ) from error
    if made:
        _logger.info("admin_key_made", path=str(path), hint="管理员密钥已生成，存于此文件(仅所有者可读)，请妥善保管。")
    return AdminKey(path, made)


def _ensure(session: Session, path: Path) -> bool:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    admins = active_admins(session)
    found = _read(path)
    if admins:
        if found is not None and hash_of(found) not in {admin.sha256 for admin in admins}:
            _logger.warning("admin_key_file_outdated", path=str(path))
        return False
    if found is not None:
        known = session.scalars(select(ApiKey).where(ApiKey.sha256 == hash_of(found))).one_or_none()
        if known is None:
            create_key(session, name=_NAME, role=Role.ADMIN, token=found)
            return False
        path.replace(path.with_name(path.name + ".old"))
    elif path.exists():
        raise Conflict(f"{path} 里不是密钥，未敢覆盖；请移走该文件后重新启动。", code="admin_key_file_invalid")
    token = new_token()
    create_key(session, name=_NAME, role=Role.ADMIN, token=token)
    # Written before the commit: a crash in between leaves a file that the next start takes up.
    _write(path, token)
    return True


def _read(path: Path) -> str | None:
    """The key in the file, None if there is no file or no key in it. Others' right to read it is taken away."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                _logger.warning("admin_key_file_was_readable_by_others", path=str(path))
                os.fchmod(file.fileno(), 0o600)
            content = file.read(200).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    return content if TOKEN_FORM.fullmatch(content) else None


def _write(path: Path, token: str) -> None:
    """A new file, readable by its owner alone from its first moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
