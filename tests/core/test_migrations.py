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


def test_fields_confirmed_before_there_was_a_word_for_it_are_told(database: Database) -> None:
    with database.engine.begin() as connection:
        command.downgrade(configuration(connection), "0011_papers")
        for statement in (
            "INSERT INTO documents (id, owner, owned, file_name, media_type, sha256, size, page_count, status, resumed, created_at)"
            " VALUES ('d', 'key_1', {true}, 'a', 'image/png', 's', 1, 1, 'done', 0, '2026-01-01')",
            "INSERT INTO document_papers (document_id, number, kind, chance, parts) VALUES ('d', 1, 'lease', 1, '[]')",
            *(
                "INSERT INTO document_fields (document_id, paper, place, field, value, raw, confidence, sure, boxes,"
                " corrected_by, corrected_at) VALUES"
                f" ('d', 1, {place}, '{field}', {value}, '', 1, {{true}}, '[]', {by}, '2026-01-02')"
                for place, (field, value, by) in enumerate(
                    [
                        ("same", "'1'", "'key_1'"),
                        ("other", "'2'", "'key_1'"),
                        ("gone", "NULL", "'key_1'"),
                        ("left", "'3'", "NULL"),
                    ]
                )
            ),
            *(
                'INSERT INTO document_corrections (id, document_id, paper, field, before, after, "by", at) VALUES'
                f" ({number}, 'd', 1, '{field}', '1', {after}, 'key_1', '2026-01-02')"
                for number, (field, after) in enumerate([("same", "'1'"), ("other", "'2'"), ("gone", "NULL")], 1)
            ),
        ):
            true = "1" if connection.dialect.name == "sqlite" else "true"
            connection.execute(text(statement.format(true=true)))
    database.upgrade()
    with database.session() as session:
        rows = session.execute(text("SELECT field, confirmed_by FROM document_fields ORDER BY place")).all()
    assert [tuple(row) for row in rows] == [("same", "key_1"), ("other", None), ("gone", None), ("left", None)]


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
