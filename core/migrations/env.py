"""Run by Alembic for every command. Knows `Base` only: the services' tables lie above and are not imported here."""

from __future__ import annotations

from alembic import context

from core.database import Base

connection = context.config.attributes["connection"]
# SQLite's DDL is transactional once the driver stays out of it (core.database does that), so a failed upgrade leaves
# nothing half done. Alembic assumes otherwise unless told.
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
