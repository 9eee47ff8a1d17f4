from __future__ import annotations

import threading
from importlib import import_module
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from core.database import Base, Database
from core.errors import Unavailable
from core.migrations import configuration

ROOT = Path(__file__).resolve().parents[2]


def all_tables() -> list[str]:
    """Import every `tables.py` of the project; names of all tables."""
    import_module("knowledge_base.tables")
    for file in sorted((ROOT / "services").rglob("tables*.py")):
        import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return sorted(Base.metadata.tables)


def test_there_is_one_line_of_revisions() -> None:
    script = ScriptDirectory.from_config(configuration())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_the_newest_revision_is_what_the_tables_say(database: Database) -> None:
    assert "api_keys" in all_tables()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_revision_can_be_undone(database: Database) -> None:
    with database.engine.begin() as connection:
        command.downgrade(configuration(connection), "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    database.upgrade()
    assert set(all_tables()) <= set(inspect(database.engine).get_table_names())


def test_upgrading_again_changes_nothing(database: Database) -> None:
    with database.session() as session:
        before = session.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    database.upgrade()
    with database.session() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == before


def test_several_processes_may_start_together(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(4)]
    errors: list[BaseException] = []

    def upgrade(database: Database) -> None:
        try:
            database.upgrade()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=upgrade, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with databases[0].session() as session:
        assert len(session.execute(text("SELECT version_num FROM alembic_version")).all()) == 1
    for database in databases:
        database.close()


def test_a_database_of_a_newer_hub_is_refused_untouched(database: Database) -> None:
    with database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    with pytest.raises(Unavailable) as caught:
        database.upgrade()
    assert caught.value.code == "database_newer"
    with database.session() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999_future"
