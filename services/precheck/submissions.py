"""Submissions: everything that keeps and moves a case. Each method is one transaction that also writes down who did it; then those who
follow the submission are woken. What is decided stands in `cases`, `papers`, `steps`, `rulings`; here it gets a database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Conflict, HubError
from core.working_calendar import WorkingCalendar, load_calendar
from knowledge_base.library import Library
from services.access import Caller
from services.documents.intake import clean_file_name
from services.documents.progress import Following
from services.documents.schemas import FailureView, RefusedView
from services.documents.service import DocumentService
from services.documents.tables import Document
from services.precheck import cases, papers, rulings, steps
from services.precheck.cases import Office, find
from services.precheck.check_queue import Check, CheckQueue
from services.precheck.clock import Clock
from services.precheck.idempotency import Repeat, answered, remember
from services.precheck.items import Items
from services.precheck.policy import Policy, load_policy
from services.precheck.queue import queue
from services.precheck.schemas import (
    ChangeWanted,
    OwnFindingWanted,
    QueueEntry,
    RulingWanted,
    StepWanted,
    SubmissionView,
    SubmissionWanted,
)
from services.precheck.states import State
from services.precheck.tables import Submission
from services.precheck.viewing import Viewing
from services.precheck.views import view_of

T = TypeVar("T")
Work = Callable[[Session, Submission, datetime], None]
ATTEMPTS = 3


class Submissions:
    """One per process.

    Args:
        database: at the newest revision.
        documents: takes the papers in and reads them.
        library: gives the one in force.
        check: what finds (`checking.run_check`).
        clock: tests set it.

    Raises:
        HubError: `policy_invalid`.
    """

    def __init__(
        self,
        database: Database,
        documents: DocumentService,
        library: Callable[[], Library],
        check: Check,
        *,
        policy: Policy | None = None,
        calendar: WorkingCalendar | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.database = database
        self.documents = documents
        self.clock = clock or Clock()
        self.office = Office(Items(library), calendar or load_calendar(), policy or load_policy())
        self.following = Following()
        self.checks = CheckQueue(database, self.office, self.clock, check, self._checked)
        self.viewing = Viewing(database, self.clock)

    async def start(self) -> None:
        """Go on with what the last run left."""
        await self.checks.start()

    async def close(self) -> None:
        """Stop; nothing is lost by it."""
        self.following.end()
        await self.checks.close()

    async def _checked(self, submission_id: str) -> None:
        self.following.wake(submission_id)

    # Seeing

    async def get(self, submission_id: str, caller: Caller) -> SubmissionView:
        """A submission. That staff saw what was read is written down first.

        Raises:
            NotFound: `submission_not_found`.
            Unavailable: it can't be written down, so it isn't shown.
        """
        view = await self.read(
            lambda session: view_of(
                session, self.office, find(session, submission_id, caller), caller, self.clock.now()
            )
        )
        await self.viewing.record(caller, [one.id for one in view.documents])
        return view

    async def queue(
        self, caller: Caller, states: Sequence[State], *, mine: bool, page: int, page_size: int
    ) -> list[QueueEntry]:
        """By the day that is due, then by risk."""
        return await self.read(
            lambda session: queue(
                session, self.office, caller, self.clock.now(), states=states, mine=mine, page=page, page_size=page_size
            )
        )

    async def follow(self, submission_id: str, caller: Caller) -> AbstractContextManager[object]:
        """Be woken when something happens. Raises NotFound, TooManyRequests."""
        await self.read(lambda session: find(session, submission_id, caller))
        return self.following.follow(submission_id)

    # Changing

    async def open(self, wanted: SubmissionWanted, caller: Caller, repeat: Repeat | None = None) -> SubmissionView:
        """A new submission. Raises as `cases.opened`; Conflict (`idempotency_key_reused`)."""
        return await self._write(
            caller, repeat, lambda session, moment: cases.opened(session, self.office, wanted, caller, moment)
        )

    async def change(
        self, submission_id: str, wanted: ChangeWanted, caller: Caller, repeat: Repeat | None = None
    ) -> SubmissionView:
        """New answers or a new form. Raises as `cases.changed`."""
        return await self._on(
            submission_id,
            caller,
            repeat,
            lambda session, one, moment: cases.changed(session, self.office, one, wanted, caller, moment),
        )

    async def step(
        self, submission_id: str, wanted: StepWanted, caller: Caller, repeat: Repeat | None = None
    ) -> SubmissionView:
        """Move it on. Raises as `steps.take_step`."""
        return await self._on(
            submission_id,
            caller,
            repeat,
            lambda session, one, moment: steps.take_step(session, self.office, one, wanted, caller, moment),
        )

    async def claim(self, submission_id: str, caller: Caller) -> SubmissionView:
        """Raises Conflict (`claimed_by_other`)."""
        return await self._on(
            submission_id,
            caller,
            None,
            lambda session, one, moment: cases.claimed(session, self.office, one, caller, moment),
        )

    async def release(self, submission_id: str, caller: Caller) -> SubmissionView:
        """Raises Conflict (`claimed_by_other`)."""
        return await self._on(
            submission_id,
            caller,
            None,
            lambda session, one, moment: cases.released(session, self.office, one, caller, moment),
        )

    async def rule(
        self, submission_id: str, key: str, wanted: RulingWanted, caller: Caller, repeat: Repeat | None = None
    ) -> SubmissionView:
        """Confirm or overrule a finding. Raises as `rulings.rule`."""
        return await self._on(
            submission_id,
            caller,
            repeat,
            lambda session, one, moment: rulings.rule(session, self.office, one, key, wanted, caller, moment),
        )

    async def own_finding(
        self, submission_id: str, wanted: OwnFindingWanted, caller: Caller, repeat: Repeat | None = None
    ) -> SubmissionView:
        """What a clerk has found. Raises as `rulings.add_own`."""
        return await self._on(
            submission_id,
            caller,
            repeat,
            lambda session, one, moment: rulings.add_own(session, self.office, one, wanted, caller, moment),
        )

    async def check(self, submission_id: str, caller: Caller) -> SubmissionView:
        """Check it now, whatever is still unread. Raises NotFound, Conflict (`submission_ended`)."""

        def work(session: Session, one: Submission, moment: datetime) -> None:
            if State(one.state).final:
                raise Conflict("办件已经结束，不再预审。", code="submission_ended")
            one.check_wanted, one.check_failures, one.automatic_due = "now", 0, False

        return await self._on(submission_id, caller, None, work)

    # Papers

    async def add_papers(
        self,
        submission_id: str,
        files: Sequence[tuple[str | None, BinaryIO]],
        material: str | None,
        caller: Caller,
        repeat: Repeat | None = None,
    ) -> list[RefusedView]:
        """Take files in, each by itself; those that were refused.

        Raises:
            NotFound, Conflict, Invalid: as `papers.added`, if that refuses all of them.
            HubError: as `DocumentService.accept`, if there is one file only.
        """
        await self.read(lambda session: self._check_papers(session, submission_id, material, caller))
        refused = []
        for number, (name, source) in enumerate(files):
            part = None if repeat is None else repeat.part(str(number), _sum_of(source))
            try:
                await self._add_paper(submission_id, name, source, material, caller, part)
            except HubError as error:
                if len(files) == 1:
                    raise
                refused.append(
                    RefusedView(
                        file_name=clean_file_name(name), error=FailureView(code=error.code, message=error.message)
                    )
                )
        self._woken(submission_id)
        return refused

    def _check_papers(self, session: Session, submission_id: str, material: str | None, caller: Caller) -> None:
        """What can be refused before the files are looked at. The claim that is renewed here isn't written."""
        one = find(session, submission_id, caller)
        with session.no_autoflush:
            cases.check_may_change(one, self.office, caller, self.clock.now())
            papers.check_material(session, one, self.office, material)
            papers.check_room(session, one, self.office)
        session.expunge(one)

    async def _add_paper(
        self,
        submission_id: str,
        name: str | None,
        source: BinaryIO,
        material: str | None,
        caller: Caller,
        repeat: Repeat | None,
    ) -> None:
        if await self.read(lambda session: answered(session, repeat)) is not None:
            return

        def also(session: Session, document: Document) -> None:
            moment = self.clock.now()
            one = find(session, submission_id, caller, lock=True)
            papers.added(session, self.office, one, document, material, caller, moment)
            remember(session, repeat, {"document": document.id}, submission_id, moment)

        await self.documents.accept_for(caller, name, source, submission_id, also)

    async def take_paper(
        self, submission_id: str, document_id: str, material: str | None, caller: Caller
    ) -> SubmissionView:
        """Say as which material it was handed in. Raises as `papers.taken_as`."""
        return await self._on(
            submission_id,
            caller,
            None,
            lambda session, one, moment: papers.taken_as(
                session, self.office, one, document_id, material, caller, moment
            ),
        )

    async def remove_paper(self, submission_id: str, document_id: str, caller: Caller) -> SubmissionView:
        """Take a paper back. Raises as `papers.removed`."""
        view = await self._on(
            submission_id,
            caller,
            None,
            lambda session, one, moment: papers.removed(session, self.office, one, document_id, caller, moment),
        )
        await self.documents.dropped(document_id)
        return view

    # What they share

    async def read(self, function: Callable[[Session], T]) -> T:
        """One reading transaction."""
        return await self.database.run(function, read_only=True)

    async def _on(self, submission_id: str, caller: Caller, repeat: Repeat | None, work: Work) -> SubmissionView:
        def locked(session: Session, moment: datetime) -> Submission:
            one = find(session, submission_id, caller, lock=True)
            work(session, one, moment)
            return one

        return await self._write(caller, repeat, locked)

    async def _write(
        self, caller: Caller, repeat: Repeat | None, work: Callable[[Session, datetime], Submission]
    ) -> SubmissionView:
        """One writing transaction and the answer to it; again from the start if the same request is being answered elsewhere."""

        def transaction(session: Session) -> SubmissionView:
            known = answered(session, repeat)
            if known is not None:
                return SubmissionView.model_validate(known)
            moment = self.clock.now()
            one = work(session, moment)
            if one.state == State.DRAFT:
                papers.keep_papers(session, one, self.office, moment)
            session.flush()
            view = view_of(session, self.office, one, caller, moment)
            remember(session, repeat, view.model_dump(mode="json"), one.id, moment)
            return view

        for _ in range(ATTEMPTS):
            try:
                view = await self.database.run(transaction)
            except IntegrityError:
                continue
            self._woken(view.id)
            return view
        raise Conflict("同时有几个请求，请再试一次。", code="submission_busy")

    def _woken(self, submission_id: str) -> None:
        self.following.wake(submission_id)
        self.checks.wake()


def _sum_of(source: BinaryIO) -> str:
    source.seek(0)
    digest = hashlib.file_digest(source, "sha256").hexdigest()
    source.seek(0)
    return digest


