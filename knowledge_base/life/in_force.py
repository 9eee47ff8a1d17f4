"""What is in force, read from the database; and the one transaction that changes it.

Comes in: a `Change`, worked out beforehand by `knowledge_base.life.planning` together with the library that it leads to, so
that an index for it can be made while nothing is locked. Goes out: the new generation, or nothing at all: `commit` locks
the generation's row, checks that everything is still as the plan saw it, and writes states, history, sections and the
counter together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from core.database import now
from core.errors import Conflict
from knowledge_base.library import Library, items_named
from knowledge_base.life.documents import digest_of, document_of, named, published_entry
from knowledge_base.life.history import event, record
from knowledge_base.life.kept_sections import chunks, keep_sections
from knowledge_base.life.lifecycle import Action, Actor
from knowledge_base.reading import ContentInvalid
from knowledge_base.schema import Entry
from knowledge_base.tables import LibraryEntry, LibraryGeneration, LibraryVersion
from knowledge_base.terms import EntryKind, TextState

ATTEMPTS = 5

_logger = structlog.get_logger("library")


class LibraryMoved(Conflict):
    """Somebody else has published since the change was worked out; work it out anew."""

    code = "library_moved"

    def __init__(self) -> None:
        super().__init__("内容库刚刚被其他人更新，本次没有改动任何内容；请重试。")


@dataclass(frozen=True, slots=True)
class Coming:
    """One version that a change moves. `stored`: its row and revision if it is one already, else it is written now. `state`:
    published; approved, if its day is still to come; withdrawn, if its cancel date has passed."""

    entry: Entry
    kind: EntryKind
    state: TextState = TextState.PUBLISHED
    stored: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What one publication does, worked out from generation `base`. `library`: everything in force afterwards."""

    base: int
    library: Library
    coming: tuple[Coming, ...] = ()
    leaving: tuple[str, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)

    @property
    def moves(self) -> bool:
        """Whether anything in force changes: a text that only waits for its day changes nothing yet."""
        return bool(self.leaving) or any(one.state is not TextState.APPROVED for one in self.coming)


def counter(session: Session) -> int:
    """The generation right now."""
    return session.execute(select(LibraryGeneration.counter).where(LibraryGeneration.id == 1)).scalar_one()


def locked_generation(session: Session) -> LibraryGeneration:
    """The generation's row; nobody else publishes until this transaction ends."""
    return session.execute(select(LibraryGeneration).where(LibraryGeneration.id == 1).with_for_update()).scalar_one()


@dataclass(slots=True)
class Parsed:
    """Published entries by their row: a published text never changes, so a process parses it once, and renders it once as
    long as it stays in `library`, the one that was read last."""

    entries: Mapping[int, Entry] = field(default_factory=dict)
    library: Library | None = None


def entries_in_force(session: Session, parsed: Parsed) -> tuple[int, dict[str, Entry]]:
    """The generation and every published entry by its id. `parsed` is brought up to date."""
    known = parsed.entries  # other threads replace the mapping, none changes it
    for _ in range(ATTEMPTS):
        before = counter(session)
        rows = session.execute(
            select(LibraryVersion.id, LibraryVersion.entry_id, LibraryVersion.number, LibraryEntry.kind)
            .join(LibraryEntry, LibraryEntry.id == LibraryVersion.entry_id)
            .where(LibraryVersion.state == TextState.PUBLISHED.value)
            .order_by(LibraryVersion.entry_id)
        ).all()
        documents: dict[int, dict[str, Any]] = {}
        for some in chunks(row.id for row in rows if row.id not in known):
            found = session.execute(
                select(LibraryVersion.id, LibraryVersion.document).where(LibraryVersion.id.in_(some))
            )
            documents.update((row.id, row.document) for row in found)
        # PostgreSQL shows each statement what was committed before it: what was read belongs together only if nothing moved.
        if counter(session) == before:
            break
    else:
        raise LibraryMoved()
    entries: dict[int, Entry] = {}
    for row in rows:
        entry = known.get(row.id)
        try:
            entries[row.id] = entry or published_entry(EntryKind(row.kind), documents[row.id], row.number)
        except ContentInvalid as error:
            # A newer schema may refuse what an older one let pass; one such text must not keep the hub from starting.
            _logger.error("published_text_unreadable", entry=row.entry_id, number=row.number, fault=error.param)
    parsed.entries = entries
    return before, {entry.id: entry for entry in entries.values()}


def commit(session: Session, change: Change, by: Actor, *, note: str | None = None, action: Action) -> int:
    """Carry out `change` inside the session's transaction; the new generation.

    Raises:
        LibraryMoved: the library or one of the texts is no longer as the plan saw it. Nothing must be committed then.
    """
    generation = locked_generation(session)
    if generation.counter != change.base:
        raise LibraryMoved()
    moment = now()
    if change.moves:
        generation.counter = change.base + 1
        generation.updated_at = moment
        session.flush()
    ending = [one.entry.id for one in change.coming if one.state is not TextState.APPROVED]
    _end(session, ending, Action.SUPERSEDE, by, moment, generation.counter)
    _end(session, change.leaving, Action.WITHDRAW, by, moment, generation.counter, note)
    for one in change.coming:
        if one.stored is not None:
            _publish_stored(session, one, by, moment, generation.counter, note, action)
    _insert(session, change, by, moment, generation.counter, note)
    if change.moves:
        keep_sections(session, change.library, _changed_sections(change), generation.counter)
    return generation.counter


def _end(
    session: Session,
    entry_ids: Sequence[str],
    action: Action,
    by: Actor,
    moment: datetime,
    generation: int,
    note: str | None = None,
) -> None:
    state = TextState.SUPERSEDED if action is Action.SUPERSEDE else TextState.WITHDRAWN
    for some in chunks(entry_ids):
        published = (LibraryVersion.entry_id.in_(some), LibraryVersion.state == TextState.PUBLISHED.value)
        ended = session.execute(select(LibraryVersion.entry_id, LibraryVersion.number).where(*published)).all()
        session.execute(
            update(LibraryVersion)
            .where(*published)
            .values(state=state.value, ended_at=moment)
            .execution_options(synchronize_session=False)
        )
        record(
            session,
            *(
                event(
                    row.entry_id,
                    row.number,
                    action,
                    by,
                    before=TextState.PUBLISHED,
                    after=state,
                    note=note,
                    generation=generation,
                    at=moment,
                )
                for row in ended
            ),
        )


def _publish_stored(
    session: Session, one: Coming, by: Actor, moment: datetime, generation: int, note: str | None, action: Action
) -> None:
    assert one.stored is not None
    row_id, revision = one.stored
    done = session.execute(
        update(LibraryVersion)
        .where(
            LibraryVersion.id == row_id,
            LibraryVersion.revision == revision,
            LibraryVersion.state == TextState.APPROVED.value,
        )
        .values(
            state=one.state.value,
            published_at=moment,
            published_by_id=by.id,
            published_by_name=by.name,
            publish_on=None,
        )
        .returning(LibraryVersion.id)
        .execution_options(synchronize_session=False)
    ).all()
    if len(done) != 1:
        raise LibraryMoved()
    record(
        session,
        event(
            one.entry.id,
            one.entry.version,
            action,
            by,
            before=TextState.APPROVED,
            after=one.state,
            note=note,
            generation=generation,
            at=moment,
        ),
    )


def _insert(session: Session, change: Change, by: Actor, moment: datetime, generation: int, note: str | None) -> None:
    new = {one.entry.id: one for one in change.coming if one.stored is None}
    if not new:
        return
    last: dict[str, int] = {}
    for some in chunks(new):
        rows = session.execute(
            select(LibraryEntry.id, LibraryEntry.last_number).where(LibraryEntry.id.in_(some)).with_for_update()
        )
        last.update((row.id, row.last_number) for row in rows)
    if any(last.get(entry_id, 0) != change.numbers.get(entry_id, 0) for entry_id in new):
        raise LibraryMoved()
    fresh = [
        {"id": one.entry.id, "kind": one.kind.value, "last_number": one.entry.version, "created_at": moment}
        for one in new.values()
        if one.entry.id not in last
    ]
    if fresh:
        session.execute(insert(LibraryEntry), fresh)
    for entry_id in last:
        session.execute(
            update(LibraryEntry)
            .where(LibraryEntry.id == entry_id)
            .values(last_number=new[entry_id].entry.version, kind=new[entry_id].kind.value)
            .execution_options(synchronize_session=False)
        )
    session.execute(insert(LibraryVersion), [_row(one, change.library, by, moment, note) for one in new.values()])
    record(
        session,
        *(
            event(
                one.entry.id,
                one.entry.version,
                Action.IMPORT,
                by,
                after=one.state,
                note=note,
                generation=None if one.state is TextState.APPROVED else generation,
                at=moment,
            )
            for one in new.values()
        ),
    )


def _row(one: Coming, library: Library, by: Actor, moment: datetime, note: str | None) -> dict[str, Any]:
    document = document_of(one.entry)
    waits = one.state is TextState.APPROVED
    replaced = library.entries.get(one.entry.id) if waits else None
    return {
        "entry_id": one.entry.id,
        "number": one.entry.version,
        "state": one.state.value,
        "name": named(document, "name", one.entry.id),
        "department": named(document, "department", ""),
        "document": document,
        "faults": [],
        "digest": digest_of(document),
        "revision": 1,
        "based_on": replaced.version if replaced else None,
        "note": note,
        "effective_date": one.entry.effective_date,
        "cancel_date": one.entry.cancel_date,
        "publish_on": one.entry.effective_date if waits else None,
        "editors": [by.id],
        "author_id": by.id,
        "author_name": by.name,
        "updated_by_id": by.id,
        "updated_by_name": by.name,
        "published_by_id": by.id,
        "published_by_name": by.name,
        "created_at": moment,
        "updated_at": moment,
        "published_at": None if waits else moment,
        "ended_at": moment if one.state is TextState.WITHDRAWN else None,
    }


def _changed_sections(change: Change) -> set[str]:
    """Entries whose sections may read differently afterwards: what comes, and what names something that comes or goes."""
    moving = {one.entry.id for one in change.coming} | set(change.leaving)
    naming = {entry.id for entry in change.library.entries.values() if moving.intersection(items_named(entry))}
    return {entry_id for entry_id in moving | naming if entry_id in change.library.entries}


def due(session: Session, today: date) -> tuple[list[tuple[str, int]], list[str]]:
    """What has come by `today`: approved versions to put in force, and entries to withdraw."""
    coming = session.execute(
        select(LibraryVersion.entry_id, LibraryVersion.number)
        .where(LibraryVersion.state == TextState.APPROVED.value, LibraryVersion.publish_on <= today)
        .order_by(LibraryVersion.publish_on, LibraryVersion.id)
    )
    leaving = session.scalars(
        select(LibraryVersion.entry_id)
        .where(LibraryVersion.state == TextState.PUBLISHED.value, LibraryVersion.cancel_date <= today)
        .order_by(LibraryVersion.entry_id)
    )
    return [(row.entry_id, row.number) for row in coming], list(leaving)
