"""Alembic's environment, run in process: no alembic.ini, no command to remember."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from filelock import FileLock
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.database import is_outage
from core.errors import Unavailable

FOLDER = Path(__file__).resolve().parent

ADVISORY_LOCK = 0x6B616F7075
"""PostgreSQL advisory lock that one upgrade holds; the letters of "kaopu"."""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration for this folder; `connection` is the one that `env.py` uses."""
    config = Config()
    # Alembic interpolates options: a per cent sign in the path must be doubled.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(engine: Engine, sqlite_file: Path | None) -> Iterator[None]:
    """Only one process at a time; the others wait, then find nothing left to do."""
    if sqlite_file is not None:
        with FileLock(f"{sqlite_file}.upgrade.lock"):
            yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": ADVISORY_LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": ADVISORY_LOCK})


def upgrade(engine: Engine, sqlite_file: Path | None) -> None:
    """Run all missing revisions in one transaction; see `core.database.Database.upgrade`."""
    try:
        with _alone(engine, sqlite_file), engine.begin() as connection:
            command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise Unavailable(
            "数据库的结构版本本程序不认识，多半由更新的版本写过；请升级程序，或换一个数据库(KAOPU_DATABASE_URL)。",
            code="database_newer",
        ) from error
    except (DBAPIError, OSError) as error:
        if isinstance(error, DBAPIError) and not is_outage(error):
            raise
        raise Unavailable(
            "连不上数据库或不能写入，请检查 KAOPU_DATABASE_URL、磁盘空间与权限。", code="database_unavailable"
        ) from error
