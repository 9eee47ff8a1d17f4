"""The library in the database: every version of every entry, the one truth behind all channels.

Comes in: entries from folders and workbooks, drafts from the editor, decisions of reviewers. Goes out: the `Library` in
force, versions, lists, history, differences. Every method is one transaction; what moves the index too goes through
`knowledge_base.publication.Publisher`. Methods without `async` block and are for start-up and the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import Conflict, shown
from knowledge_base.entries import kind_of
from knowledge_base.extra_faults import ExtraFaults, no_faults, refuse_faulty
from knowledge_base.library import Library
from knowledge_base.life import drafts, listing
from knowledge_base.life.carried import carried
from knowledge_base.life.diff import ElementChange, difference
from knowledge_base.life.documents import digest_of, document_of
from knowledge_base.life.history import Event, history_of
from knowledge_base.life.in_force import ATTEMPTS, Change, LibraryMoved, Parsed, commit, counter, due, entries_in_force
from knowledge_base.life.kept_sections import KeptSection, kept_section
from knowledge_base.life.lifecycle import OPEN, Action, Actor, local_date
from knowledge_base.life.listing import EntryFilter, EntryList, EntrySummary, Statistics
from knowledge_base.life.planning import ImportReport, not_found, plan_import, plan_publication, plan_withdrawal
from knowledge_base.life.versions import Version, read_version, version_of, versions_of
from knowledge_base.schema import Entry
from knowledge_base.tables import LibraryEntry
from knowledge_base.terms import EntryKind, TextState

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry with all its versions, newest first."""

    id: str
    kind: EntryKind
    versions: tuple[Version, ...]

    @property
    def published(self) -> Version | None:
        """The version in force."""
        return next((one for one in self.versions if one.state is TextState.PUBLISHED), None)

    @property
    def open(self) -> Version | None:
        """The version that is being worked on."""
        return next((one for one in self.versions if one.state in OPEN), None)


class LibraryStore:
    """The library of one database.

    Args:
        database: at the newest revision.
        today: the day in Shanghai; tests set it.
        extra_faults: what can't work in an item beyond its schema (`knowledge_base.extra_faults`): such a text is neither
            imported nor published.
    """

    def __init__(
        self, database: Database, *, today: Callable[[], date] | None = None, extra_faults: ExtraFaults = no_faults
    ) -> None:
        self.database = database
        self.extra_faults = extra_faults
        self.today = today or (lambda: local_date(now()))
        self.parsed = Parsed()

    async def _read(self, function: Callable[[Session], T]) -> T:
        return await self.database.run(function, read_only=True)

    async def _write(self, function: Callable[[Session], T]) -> T:
        """One writing transaction; again from the start if another process was first to write the same row."""
        for _ in range(ATTEMPTS):
            try:
                return await self.database.run(function)
            except IntegrityError:
                continue
        raise LibraryMoved()

    # What is in force

    def read_library(self) -> Library:
        """Everything in force; blocks (at start)."""
        with self.database.session(read_only=True) as session:
            return self._library(session)

    async def library(self) -> Library:
        """Everything in force. `generation` is the counter's value. Published texts only: effective and cancel dates are
        carried out as changes of state (`Publisher.follow`), each of which is a generation of its own."""
        return await self._read(self._library)

    def _library(self, session: Session) -> Library:
        generation, entries = entries_in_force(session, self.parsed)
        library = Library(entries.values(), str(generation), like=self.parsed.library)
        self.parsed.library = library
        return library

    async def generation(self) -> str:
        """The generation right now, as `Library.generation` has it."""
        return str(await self._read(counter))

    async def due(self) -> tuple[list[tuple[str, int]], list[str]]:
        """What has come by today: approved (entry, number) to put in force, and entries to withdraw."""
        return await self._read(lambda session: due(session, self.today()))

    # Changes of what is in force: planned in one transaction, carried out in another (knowledge_base.publication)

    async def plan_publication(self, wanted: Sequence[tuple[str, int]]) -> Change:
        """See `knowledge_base.life.planning`."""
        return await self._read(
            lambda session: plan_publication(session, self.parsed, wanted, self.today(), self.extra_faults)
        )

    async def plan_withdrawal(self, entry_ids: Sequence[str], *, force: bool = False) -> Change:
        """See `knowledge_base.life.planning`."""
        return await self._read(lambda session: plan_withdrawal(session, self.parsed, entry_ids, force=force))

    async def plan_import(
        self, entries: Sequence[Entry], *, keeping: Sequence[str] = ()
    ) -> tuple[Change, ImportReport]:
        """See `knowledge_base.life.planning`."""

        def work(session: Session) -> tuple[Change, ImportReport]:
            return plan_import(
                session, self.parsed, entries, self.today(), keeping=keeping, extra_faults=self.extra_faults
            )

        return await self._read(work)

    async def commit(self, change: Change, by: Actor, action: Action, note: str | None = None) -> int:
        """Carry out a change; the new generation. Raises LibraryMoved if it has been overtaken."""
        noted = drafts.noted(note)
        try:
            return await self.database.run(lambda session: commit(session, change, by, note=noted, action=action))
        except IntegrityError:
            raise LibraryMoved() from None

    async def put(
        self,
        entries: Iterable[Entry],
        by: Actor,
        *,
        publish: bool = True,
        note: str | None = None,
        keeping: Sequence[str] = (),
    ) -> ImportReport:
        """Take a whole folder or workbook in one transaction, all or nothing; unchanged text makes no new version.

        With `publish` the texts are in force at once (on their effective date, if that is still to come); without, they
        become drafts. `keeping`: see `plan_import`. A running hub imports through its `Publisher`, so that its index moves too.

        Raises: what `plan_import` raises; Conflict (`draft_exists`) if a draft is open where one would be made.
        """
        every = list(entries)
        if not publish:
            return await self._write(lambda session: self._put_drafts(session, every, by, note, keeping))
        return await self._write(lambda session: self.put_in(session, every, by, note=note, keeping=keeping))

    def put_in(
        self,
        session: Session,
        entries: Sequence[Entry],
        by: Actor,
        *,
        leaving: Sequence[str] = (),
        note: str | None = None,
        keeping: Sequence[str] = (),
    ) -> ImportReport:
        """`put` inside a transaction of the caller; `leaving` are withdrawn in the same step."""
        change, report = plan_import(
            session,
            self.parsed,
            entries,
            self.today(),
            leaving=leaving,
            keeping=keeping,
            extra_faults=self.extra_faults,
        )
        if change.coming or change.leaving:
            commit(session, change, by, note=drafts.noted(note), action=Action.IMPORT)
        return report

    def _put_drafts(
        self, session: Session, entries: Sequence[Entry], by: Actor, note: str | None, keeping: Sequence[str]
    ) -> ImportReport:
        entries = carried(session, entries, keeping, OPEN)
        refuse_faulty(entries, self.extra_faults)
        created: list[str] = []
        changed: list[str] = []
        unchanged: list[str] = []
        for entry in entries:
            document = document_of(entry)
            kept = session.get(LibraryEntry, entry.id)
            versions = versions_of(session, entry.id, EntryKind(kept.kind)) if kept else []
            if not versions:
                drafts.created(session, kind_of(entry), document, by)
                created.append(entry.id)
                continue
            if versions[0].kind is not kind_of(entry):
                raise Conflict(f"编号 {shown(entry.id)} 在库里是另一种内容。", code="entry_kind_differs")
            shows = next((one for one in versions if one.state in OPEN), versions[0])
            if digest_of(shows.document) == digest_of(document):
                unchanged.append(entry.id)
                continue
            draft = drafts.begun(session, entry.id, by, restore=None, note=note)
            drafts.saved(session, entry.id, document, draft.revision, by, based_on=None)
            changed.append(entry.id)
        return ImportReport(tuple(created), tuple(changed), tuple(unchanged))

    # Drafts and review

    async def create_draft(self, kind: EntryKind, document: Mapping[str, Any], by: Actor) -> Version:
        """A draft of a new entry. Raises what `drafts.created` raises."""
        return await self._write(lambda session: version_of(drafts.created(session, kind, document, by), kind))

    async def begin_draft(
        self, entry_id: str, by: Actor, *, restore: int | None = None, note: str | None = None
    ) -> Version:
        """A draft made of the text in force, or of an old version. Raises what `drafts.begun` raises."""

        def work(session: Session) -> Version:
            draft = drafts.begun(session, entry_id, by, restore=restore, note=note)
            return read_version(session, entry_id, draft.number)

        return await self._write(work)

    async def save_draft(
        self, entry_id: str, document: Mapping[str, Any], revision: int, by: Actor, *, based_on: int | None = None
    ) -> Version:
        """Save over `revision`. Raises what `drafts.saved` raises, above all Conflict (`draft_changed`)."""

        def work(session: Session) -> Version:
            draft = drafts.saved(session, entry_id, document, revision, by, based_on=based_on)
            return read_version(session, entry_id, draft.number)

        return await self._write(work)

    async def delete_draft(self, entry_id: str, by: Actor, *, revision: int | None = None) -> None:
        """Remove the draft."""
        await self._write(lambda session: drafts.deleted(session, entry_id, by, revision=revision))

    async def advance(
        self,
        entry_id: str,
        action: Action,
        by: Actor,
        *,
        revision: int | None = None,
        note: str | None = None,
        check: drafts.Check | None = None,
    ) -> Version:
        """Submit (with the checker's refusal), recall, approve, reject or schedule. Raises what `drafts.advanced` raises."""

        def work(session: Session) -> Version:
            draft = drafts.advanced(
                session, entry_id, action, by, today=self.today(), revision=revision, note=note, check=check
            )
            return read_version(session, entry_id, draft.number)

        return await self._write(work)

    # Reading

    async def entries(self, wanted: EntryFilter | None = None, *, page: int = 1, page_size: int = 50) -> EntryList:
        """A page of the list."""
        return await self._read(lambda session: listing.entry_list(session, wanted or EntryFilter(), page, page_size))

    async def entry(self, entry_id: str) -> EntryView:
        """An entry with its versions. Raises NotFound (`entry_not_found`)."""

        def work(session: Session) -> EntryView:
            entry = session.get(LibraryEntry, entry_id)
            versions = versions_of(session, entry_id, EntryKind(entry.kind)) if entry else []
            if entry is None or not versions:
                raise not_found(entry_id)
            return EntryView(entry_id, EntryKind(entry.kind), tuple(versions))

        return await self._read(work)

    async def version(self, entry_id: str, number: int) -> Version:
        """One version. Raises NotFound."""
        return await self._read(lambda session: read_version(session, entry_id, number))

    async def history(self, entry_id: str) -> list[Event]:
        """What was done to an entry, newest first; none for an unknown one."""
        return await self._read(lambda session: history_of(session, entry_id))

    async def difference(self, entry_id: str, before: int, after: int) -> list[ElementChange]:
        """What `after` changed against `before`. Raises NotFound."""

        def work(session: Session) -> list[ElementChange]:
            old, new = read_version(session, entry_id, before), read_version(session, entry_id, after)
            return difference(old.kind, old.document, new.document)

        return await self._read(work)

    async def reviews(self) -> list[EntrySummary]:
        """What waits for a reviewer or for publication."""
        return await self._read(listing.review_queue)

    async def departments(self) -> dict[str, int]:
        """Departments and how many entries each has."""
        return await self._read(listing.departments)

    async def statistics(self) -> Statistics:
        """Figures about the library."""
        return await self._read(listing.statistics)

    async def section(self, section_id: str, *, generation: int | None = None) -> KeptSection:
        """A section of any version ever published, as it read then. Raises NotFound (`section_not_found`)."""
        return await self._read(lambda session: kept_section(session, section_id, generation))
