"""Remove documents for good: row, pages, original; nothing of them is left in the database's file.

SQLite keeps what was deleted in free pages until they are used again, and in its journal; here it is overwritten
(`secure_delete`) and the journal emptied. PostgreSQL's vacuum does its own; see docs/operations.md.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.database import Database
from services.documents.files import DocumentFiles
from services.documents.retention import Retention
from services.documents.tables import Document

AT_ONCE = 100
"""Documents in one transaction: nobody else should wait long for theirs."""


def remove(session: Session, document_ids: list[str]) -> None:
    """Delete rows and pages, overwriting them. The originals go after the transaction: a file without a row is cleared away
    by the next sweep, a row without a file is not."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
    session.execute(
        delete(Document).where(Document.id.in_(document_ids)).execution_options(synchronize_session="fetch")
    )


def keep(session: Session, submission_id: str, until: datetime) -> int:
    """Keep the papers of a submission until then, whatever their term was; how many there are."""
    done = session.execute(
        update(Document)
        .where(Document.submission_id == submission_id)
        .values(expires_at=until)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def purge(database: Database, files: DocumentFiles, moment: datetime) -> int:
    """Remove all whose term is over at `moment`; how many. Blocking.

    Raises:
        Unavailable: the database can't be written.
    """
    removed = 0
    while True:
        with database.session() as session:
            due = list(session.scalars(select(Document.id).where(Document.expires_at <= moment).limit(AT_ONCE)))
            if due:
                remove(session, due)
        for document_id in due:
            files.delete(document_id)
        removed += len(due)
        if len(due) < AT_ONCE:
            break
    empty_journal(database)
    return removed


def count_due(database: Database, moment: datetime) -> int:
    """How many documents' term is over at `moment`. Raises Unavailable."""
    with database.session(read_only=True) as session:
        return session.scalar(select(func.count()).where(Document.expires_at <= moment)) or 0


def empty_journal(database: Database) -> None:
    """Let go of what SQLite's journal holds of earlier states; as far as no reader still needs them."""
    if database.sqlite_file is None:
        return
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        connection.close()


def set_missing_terms(session: Session, retention: Retention, moment: datetime) -> None:
    """Documents from before there were terms: theirs begin at `moment`, so that an upgrade takes nobody by surprise."""
    for owned in (False, True):
        session.execute(
            update(Document)
            .where(Document.expires_at.is_(None), Document.owned.is_(owned))
            .values(expires_at=retention.until(moment, owned=owned, submission_id=None))
            .execution_options(synchronize_session=False)
        )
