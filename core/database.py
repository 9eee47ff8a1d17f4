"""The hub's database: SQLite in one file by default, PostgreSQL by URL; the same code on both.

Tables of a service stand in `services/<name>/tables.py` on `Base`; the schema itself is made and changed only by the
Alembic revisions in `core/migrations/versions/`, which `Database.upgrade()` runs in process at start.

Two rules make SQLite behave under load. Every writing session begins with BEGIN IMMEDIATE: a transaction that starts by
reading and writes later cannot wait for its turn in WAL mode, it fails at once. Reading sessions (`read_only=True`)
never take the writer's lock, and a write inside one is refused on both databases.

SQL parameters are personal data as often as not, so they are kept out of every error text (`hide_parameters`).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy import exc as exceptions
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from core.errors import Invalid, Unavailable

T = TypeVar("T")

BUSY_TIMEOUT_SECONDS = 5.0
"""How long a writer waits for another process's write before it gives up with `database_unavailable`."""

READ_ONLY = "kaopu_read_only"
"""Name of the execution option that marks a connection of a reading session."""


class Base(DeclarativeBase):
    """Every table of the hub. Constraints get the same name on every database, so that a migration can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware datetimes in, aware UTC datetimes out, also on SQLite, which keeps no time zone.

    Raises ValueError (as a StatementError) for a datetime without a time zone: a guess would be wrong half the time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database's own form to aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def is_outage(error: Exception, kinds: Any = exceptions) -> bool:
    """Whether the database itself failed (away, locked, damaged), not what it was asked to do. `kinds`: where the classes of
    PEP 249 are that `error` is one of: SQLAlchemy's, or a driver's own."""
    # A damaged SQLite file comes as the bare base class; its other subclasses are about the statement.
    return isinstance(error, (kinds.OperationalError, kinds.InterfaceError)) or type(error) is kinds.DatabaseError


def _away() -> Unavailable:
    return Unavailable(
        "数据库暂时不可用，请稍后再试；若持续出现，请管理员检查数据库与磁盘空间。",
        code="database_unavailable",
        retry_after=2,
    )


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Invalid(
            "数据库地址(KAOPU_DATABASE_URL)写法不对；应为 sqlite:///路径 或 postgresql+psycopg://用户:口令@主机/库名。",
            code="database_url_invalid",
        ) from error
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise Invalid(f"不支持数据库 {backend}；请用 SQLite 或 PostgreSQL。", code="database_url_invalid")
    if parsed.database in (None, "", ":memory:"):
        raise Invalid("SQLite 数据库必须是一个文件；内存数据库不能由多个线程共用。", code="database_url_invalid")
    return parsed


def _prepare_sqlite(engine: Engine) -> None:
    """Pragmas for every connection, and real transactions: the driver's own BEGIN comes too late and skips DDL."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(READ_ONLY):
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("PRAGMA query_only = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")


class Database:
    """One database and the threads that talk to it.

    Args:
        url: SQLAlchemy URL; a SQLite file's folder is made if it is missing.
        threads: how many sessions `run` has open at most. SQLite writes one at a time anyway.

    Raises:
        Invalid: the URL can't be used (code `database_url_invalid`).
    """

    def __init__(self, url: str, *, threads: int = 4) -> None:
        self.url = _parse(url)
        options: dict[str, Any] = {"hide_parameters": True}
        if self.sqlite_file is not None:
            try:
                self.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
                # Made here so that only the owner can read it; SQLite gives its journals the same rights.
                os.close(os.open(self.sqlite_file, os.O_RDWR | os.O_CREAT, 0o600))
            except OSError as error:
                raise Unavailable(
                    f"数据库文件 {self.sqlite_file} 建不了或不能写入：{error.strerror}。请检查目录权限与磁盘空间。",
                    code="database_unavailable",
                ) from error
            options["connect_args"] = {"timeout": BUSY_TIMEOUT_SECONDS}
        else:
            options["pool_pre_ping"] = True
            options["pool_size"] = threads + 2
            options["connect_args"] = {"connect_timeout": int(BUSY_TIMEOUT_SECONDS)}
        self.engine: Engine = create_engine(self.url, **options)
        if self.sqlite_file is not None:
            _prepare_sqlite(self.engine)
        self._driver = cast("Any", self.engine.dialect.dbapi)
        reading = self.engine.execution_options(**{READ_ONLY: True, "postgresql_readonly": True})
        self._writers = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(reading, expire_on_commit=False)
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="database")

    @property
    def sqlite_file(self) -> Path | None:
        """The database's file, or None on PostgreSQL."""
        if self.url.get_backend_name() != "sqlite" or self.url.database is None:
            return None
        return Path(self.url.database)

    @contextmanager
    def session(self, *, read_only: bool = False) -> Iterator[Session]:
        """One transaction: commits at the end, rolls back on any exception. What was loaded stays usable afterwards.

        Raises:
            Unavailable: the database can't be reached or stays locked (code `database_unavailable`).
        """
        session = (self._readers if read_only else self._writers)()
        try:
            yield session
            session.commit()
        except DBAPIError as error:
            session.rollback()
            if not is_outage(error) or (read_only and "readonly" in str(error.orig)):
                raise  # our own mistake, not the database's
            raise _away() from error
        except self._driver.Error as error:
            # Where rows are read from the driver's own cursor, its errors come as they are.
            session.rollback()
            if not is_outage(error, self._driver):
                raise
            raise _away() from error
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()

    async def run(self, function: Callable[[Session], T], *, read_only: bool = False) -> T:
        """`function(session)` in one transaction on a database thread; the event loop goes on meanwhile."""

        def work() -> T:
            with self.session(read_only=read_only) as session:
                return function(session)

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def upgrade(self) -> None:
        """Bring the schema to the newest revision; safe when several processes start together.

        Raises:
            Unavailable: the database can't be reached, or was written by a newer version of the hub
                (code `database_newer`).
        """
        from core.migrations import upgrade

        upgrade(self.engine, self.sqlite_file)

    def check_writable(self) -> None:
        """Take the right to write and give it back; blocks up to a few seconds.

        Raises:
            Unavailable: the database can't be reached or written (code `database_unavailable`).
        """
        try:
            with self.engine.connect() as connection, connection.begin() as transaction:
                if self.sqlite_file is None:
                    read_only = connection.execute(text("SHOW transaction_read_only")).scalar_one()
                    if read_only == "on":
                        raise Unavailable("数据库目前只读，不能写入。", code="database_unavailable")
                transaction.rollback()
        except DBAPIError as error:
            raise Unavailable("数据库不能写入，请检查磁盘空间与权限。", code="database_unavailable") from error

    def close(self) -> None:
        """Wait for running work, then let go of all connections."""
        self._threads.shutdown(wait=True)
        self.engine.dispose()
