"""Submissions: everything that keeps and moves a case. Each method is one transaction that also writes down who did it; then
those who follow the submission are woken. What is decided stands in `cases`, `papers`, `steps`, `rulings`; here it gets a database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Conflict
from core.repeating import Repeating
from core.working_calendar import WorkingCalendar, load_calendar
from knowledge_base.library import Library
from services.access import Caller
from services.documents.service import DocumentService
from services.precheck import cases, rulings, steps
from services.precheck.automatic_deciding import Automatic
from services.precheck.cases import Office, find
from services.precheck.check_queue import Check, CheckQueue
from services.precheck.clock import Clock
from services.precheck.idempotency import Repeat
from services.precheck.items import Items
from services.precheck.learning import Learning
from services.precheck.loading import load
from services.precheck.notice import notice_view
from services.precheck.paper_intake import PaperIntake
from services.precheck.policy import Policy, load_policy
from services.precheck.prefill_views import Prefill, prefilled_views
from services.precheck.prefilling import prefilled
from services.precheck.queue import queue
from services.precheck.schemas import (
    ChangeWanted,
    NoticeView,
    OwnFindingWanted,
    PrefilledView,
    QueueEntry,
    RulingWanted,
    StepWanted,
    SubmissionView,
    SubmissionWanted,
)
from services.precheck.states import State
from services.precheck.sweeping import Sweeper
from services.precheck.tables import Submission
from services.precheck.transactions import Transactions
from services.precheck.viewing import Viewing
from services.precheck.views import view_of
from services.precheck.webhook_delivery import Deliveries

SWEEP_SECONDS = 60.0
SEND_SECONDS = 2.0
LEARN_SECONDS = 30.0


class Submissions:
    """One per process.

    Args:
        database: at the newest revision.
        documents: takes the papers in and reads them.
        library: gives the one in force.
        check: what finds (`checking.run_check`). prefill: what fills the form (`prefilling.prefilled`).
        clock: tests set it. deliveries: sends what webhooks are to be told, None: nothing is sent.
        learning: makes samples of what is decided.

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
        prefill: Prefill = prefilled,
        policy: Policy | None = None,
        calendar: WorkingCalendar | None = None,
        clock: Clock | None = None,
        deliveries: Deliveries | None = None,
        learning: Learning | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self._prefill = prefill
        self.office = Office(Items(library), calendar or load_calendar(), policy or load_policy())
        self.automatic = Automatic(database, self.office, self.clock)
        self.checks = CheckQueue(database, self.office, self.clock, check, self._checked, self._beside)
        self.viewing = Viewing(database, self.clock)
        self.transactions = Transactions(database, self.office, self.clock, self.viewing, self.checks.wake)
        self.papers = PaperIntake(self.transactions, documents)
        self.sweeper = Sweeper(database, self.office, self.clock)
        self._repeating = [Repeating(self.sweep, seconds=SWEEP_SECONDS, failure="submissions_not_swept")]
        if deliveries is not None:
            self._repeating.append(Repeating(deliveries.send, seconds=SEND_SECONDS, failure="webhooks_not_sent"))

        if learning is not None:
            self._repeating.append(Repeating(learning.learn, seconds=LEARN_SECONDS, failure="cases_not_learnt"))

    async def start(self) -> None:
        """Go on with what the last run left."""
        await self.checks.start()
        for one in self._repeating:
            await one.start()

    def end_streams(self) -> None:
        """The server stops: whoever follows a submission is let go."""
        self.transactions.following.end()

    async def close(self) -> None:
        """Stop; nothing is lost by it."""
        self.end_streams()
        for one in self._repeating:
            await one.close()
        await self.checks.close()

    async def sweep(self) -> None:
        """Do what time alone does. Raises Unavailable."""
        for submission_id in await self.sweeper.sweep():
            self.transactions.woken(submission_id)

    async def _checked(self, submission_id: str) -> None:
        self.transactions.following.wake(submission_id)

    async def _beside(self) -> None:
        for submission_id in await self.automatic.run_once():
            self.transactions.following.wake(submission_id)

    # Seeing

    async def get(self, submission_id: str, caller: Caller) -> SubmissionView:
        """A submission. That staff saw what was read is written down first.

        Raises:
            NotFound: `submission_not_found`.
            Unavailable: it can't be written down, so it isn't shown.
        """
        view = await self.transactions.read(
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
        return await self.transactions.read(
            lambda session: queue(
                session, self.office, caller, self.clock.now(), states=states, mine=mine, page=page, page_size=page_size
            )
        )

    async def follow(self, submission_id: str, caller: Caller) -> AbstractContextManager[object]:
        """Be woken when something happens. Raises NotFound, TooManyRequests."""
        await self.transactions.read(lambda session: find(session, submission_id, caller))
        return self.transactions.following.follow(submission_id)

    async def prefill(self, submission_id: str, caller: Caller) -> list[PrefilledView]:
        """The form's fields as papers and profile fill them; disputed ones are asked, not chosen. Raises NotFound, Unavailable."""

        def read(session: Session) -> tuple[list[PrefilledView], list[str]]:
            one = find(session, submission_id, caller)
            item = self.office.items.of(session, one)
            loaded = load(session, one, item, self.office.calendar.day_of(self.clock.now()))
            views = prefilled_views(item, loaded.case, self._prefill(loaded.case, {}))
            return views, list(dict.fromkeys(paper.document_id for paper in loaded.case.papers))

        views, documents = await self.transactions.read(read)
        await self.viewing.record(caller, documents)
        return views

    async def notice(self, submission_id: str, caller: Caller) -> NoticeView:
        """The newest 补正告知书. Raises NotFound (`submission_not_found`, `notice_not_found`)."""

        def read(session: Session) -> NoticeView:
            one = find(session, submission_id, caller)
            item = self.office.items.of(session, one)
            return notice_view(session, one, item, self.office.calendar, self.office.policy.within)

        return await self.transactions.read(read)

    # Changing

    async def open(self, wanted: SubmissionWanted, caller: Caller, repeat: Repeat | None = None) -> SubmissionView:
        """A new submission. Raises as `cases.opened`; Conflict (`idempotency_key_reused`)."""
        return await self.transactions.write(
            caller, repeat, lambda session, moment: cases.opened(session, self.office, wanted, caller, moment)
        )

    async def change(
        self, submission_id: str, wanted: ChangeWanted, caller: Caller, repeat: Repeat | None = None
    ) -> SubmissionView:
        """New answers or a new form. Raises as `cases.changed`."""
        return await self.transactions.on(
            submission_id,
            caller,
            repeat,
            lambda session, one, moment: cases.changed(session, self.office, one, wanted, caller, moment),
        )

    async def step(
        self, submission_id: str, wanted: StepWanted, caller: Caller, repeat: Repeat | None = None
    ) -> SubmissionView:
        """Move it on. Raises as `steps.take_step`."""
        return await self.transactions.on(
            submission_id,
            caller,
            repeat,
            lambda session, one, moment: steps.take_step(session, self.office, one, wanted, caller, moment),
        )

    async def claim(self, submission_id: str, caller: Caller) -> SubmissionView:
        """Raises Conflict (`claimed_by_other`)."""
        return await self.transactions.on(
            submission_id,
            caller,
            None,
            lambda session, one, moment: cases.claimed(session, self.office, one, caller, moment),
        )

    async def release(self, submission_id: str, caller: Caller) -> SubmissionView:
        """Raises Conflict (`claimed_by_other`)."""
        return await self.transactions.on(
            submission_id,
            caller,
            None,
            lambda session, one, moment: cases.released(session, self.office, one, caller, moment),
        )

    async def rule(
        self, submission_id: str, key: str, wanted: RulingWanted, caller: Caller, repeat: Repeat | None = None
    ) -> SubmissionView:
        """Confirm or overrule a finding. Raises as `rulings.rule`."""
        return await self.transactions.on(
            submission_id,
            caller,
            repeat,
            lambda session, one, moment: rulings.rule(session, self.office, one, key, wanted, caller, moment),
        )

    async def own_finding(
        self, submission_id: str, wanted: OwnFindingWanted, caller: Caller, repeat: Repeat | None = None
    ) -> SubmissionView:
        """What a clerk has found. Raises as `rulings.add_own`."""
        return await self.transactions.on(
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

        return await self.transactions.on(submission_id, caller, None, work)
