"""What a file can't hold of an item stays as the library has it: a workbook has no sheet for the form and the checks.

Comes in: the entries of a file, the fields that it can't hold, and the documents that the library has. Goes out: entries with
those fields, passed through the schema again: a check of a material that the file takes away is a fault, not a silence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge_base.extra_faults import refusal
from knowledge_base.life.documents import document_of
from knowledge_base.life.kept_sections import chunks
from knowledge_base.reading import ContentInvalid, Fault, parse_entry
from knowledge_base.schema import Entry, ServiceItem
from knowledge_base.tables import LibraryEntry, LibraryVersion
from knowledge_base.terms import EntryKind, TextState


def carried(
    session: Session, entries: Sequence[Entry], fields: Sequence[str], shown: Collection[TextState]
) -> list[Entry]:
    """The entries, each with the library's `fields` where it has none of its own: of the version in one of the states `shown`,
    else of the newest one.

    Raises:
        ContentInvalid: what is kept doesn't go with the new text, for all entries at once.
    """
    items = [entry.id for entry in entries if isinstance(entry, ServiceItem)]
    documents = _documents(session, items, shown) if fields else {}
    found: list[Entry] = []
    faulty: list[tuple[str, str, list[Fault]]] = []
    for entry in entries:
        document = documents.get(entry.id, {})
        kept = {name: document[name] for name in fields if document.get(name) and not getattr(entry, name, None)}
        if not kept or not isinstance(entry, ServiceItem):
            found.append(entry)
            continue
        try:
            whole = {**document_of(entry), **kept, "version": entry.version}
            found.append(parse_entry(EntryKind.ITEM, whole, source=entry.name))
        except ContentInvalid as error:
            faulty.append((entry.id, entry.name, error.faults))
    if faulty:
        raise refusal(faulty)
    return found


def _documents(session: Session, ids: Sequence[str], shown: Collection[TextState]) -> dict[str, Mapping[str, Any]]:
    chosen: dict[str, int] = {}
    for some in chunks(ids):
        rows = session.execute(
            select(LibraryVersion.id, LibraryVersion.entry_id, LibraryVersion.state)
            .join(LibraryEntry, LibraryEntry.id == LibraryVersion.entry_id)
            .where(LibraryVersion.entry_id.in_(some), LibraryEntry.kind == EntryKind.ITEM.value)
            .order_by(LibraryVersion.number.desc())
        ).all()
        for row in sorted(rows, key=lambda row: row.state not in shown):  # stable: newest first among the others
            chosen.setdefault(row.entry_id, row.id)
    found: dict[str, Mapping[str, Any]] = {}
    for some_ids in chunks(chosen):
        wanted = [chosen[one] for one in some_ids]
        for entry_id, document in session.execute(
            select(LibraryVersion.entry_id, LibraryVersion.document).where(LibraryVersion.id.in_(wanted))
        ):
            found[entry_id] = document
    return found
