"""The text of every section ever published, as it was shown: an answer given last month can still show what it cited.

Written in each publishing transaction, and once after the code that renders sections has changed. Never removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.errors import NotFound, shown
from knowledge_base.library import Library
from knowledge_base.life.documents import section_digest
from knowledge_base.tables import LibrarySection, LibraryVersion
from knowledge_base.terms import Element, EntryKind, TextState

T = TypeVar("T")
AT_ONCE = 500
"""Values in one IN (...): both databases take more, but not without end."""


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists of at most AT_ONCE."""
    every = list(values)
    for start in range(0, len(every), AT_ONCE):
        yield every[start : start + AT_ONCE]


def keep_sections(session: Session, library: Library, entry_ids: Iterable[str], since: int) -> int:
    """Write down the sections of these entries where they differ from what was written last; how many were written."""
    rows: list[dict[str, Any]] = []
    for some in chunks(entry_ids):
        kept: dict[str, str] = {}
        found = session.execute(
            select(LibrarySection.id, LibrarySection.digest)
            .where(LibrarySection.entry_id.in_(some))
            .order_by(LibrarySection.since)
        )
        kept.update((row.id, row.digest) for row in found)
        for entry_id in some:
            for section in library.sections_of_entry(entry_id):
                digest = section_digest(section)
                if kept.get(section.id) != digest:
                    rows.append(
                        {
                            "id": section.id,
                            "since": since,
                            "entry_id": section.entry_id,
                            "number": section.version,
                            "kind": section.kind.value,
                            "item_id": section.item_id,
                            "item_name": section.item_name,
                            "element": section.element.value,
                            "title": section.title,
                            "text": section.text,
                            "digest": digest,
                        }
                    )
    if rows:
        session.execute(insert(LibrarySection), rows)
    return len(rows)


@dataclass(frozen=True, slots=True)
class KeptSection:
    """A section as it was shown from generation `since` on. `state`: of its version today; `current`: this is the text in
    force right now."""

    id: str
    entry_id: str
    kind: EntryKind
    number: int
    item_id: str
    item_name: str
    element: Element
    title: str
    text: str
    since: int
    state: TextState
    current: bool
    published_at: datetime | None
    ended_at: datetime | None


def kept_section(session: Session, section_id: str, generation: int | None = None) -> KeptSection:
    """A section of any version ever published, as it read in `generation` (now, if not given).

    Raises:
        NotFound: `section_not_found`.
    """
    rows = session.scalars(
        select(LibrarySection).where(LibrarySection.id == section_id).order_by(LibrarySection.since.desc())
    ).all()
    row = next((row for row in rows if generation is None or row.since <= generation), None)
    if row is None:
        raise NotFound(f"没有编号为 {shown(section_id)} 的段落。", code="section_not_found")
    version = session.execute(
        select(LibraryVersion.state, LibraryVersion.published_at, LibraryVersion.ended_at).where(
            LibraryVersion.entry_id == row.entry_id, LibraryVersion.number == row.number
        )
    ).one()
    return KeptSection(
        id=row.id,
        entry_id=row.entry_id,
        kind=EntryKind(row.kind),
        number=row.number,
        item_id=row.item_id,
        item_name=row.item_name,
        element=Element(row.element),
        title=row.title,
        text=row.text,
        since=row.since,
        state=TextState(version.state),
        current=version.state == TextState.PUBLISHED.value and row is rows[0],
        published_at=version.published_at,
        ended_at=version.ended_at,
    )
