"""What everything that is done to a submission shares: one transaction, its answer kept for a request that comes again, and
those who follow the submission woken after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Conflict
from services.access import Caller
from services.documents.progress import Following
from services.precheck import papers
from services.precheck.cases import Office, find
from services.precheck.clock import Clock
from services.precheck.idempotency import Repeat, answered, remember
from services.precheck.schemas import SubmissionView
from services.precheck.states import State
from services.precheck.tables import Submission
from services.precheck.viewing import Viewing
from services.precheck.views import view_of

T = TypeVar("T")
Work = Callable[[Session, Submission, datetime], None]
ATTEMPTS = 3


class Transactions:
    """Args: viewing: where it is written down that papers were shown. changed: is called after every change."""

    def __init__(
        self, database: Database, office: Office, clock: Clock, viewing: Viewing, changed: Callable[[], None]
    ) -> None:
        self.database = database
        self.office = office
        self.clock = clock
        self.following = Following()
        self._viewing = viewing
        self._changed = changed

    async def read(self, function: Callable[[Session], T]) -> T:
        """One reading transaction."""
        return await self.database.run(function, read_only=True)

    async def on(self, submission_id: str, caller: Caller, repeat: Repeat | None, work: Work) -> SubmissionView:
        """`work` on a submission that the caller may see, whose row is locked. Raises NotFound, and what `work` raises."""

        def locked(session: Session, moment: datetime) -> Submission:
            one = find(session, submission_id, caller, lock=True)
            work(session, one, moment)
            return one

        return await self.write(caller, repeat, locked)

    async def write(
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
            self.woken(view.id)
            await self._viewing.record(caller, [one.id for one in view.documents])
            return view
        raise Conflict("同时有几个请求，请再试一次。", code="submission_busy")

    def woken(self, submission_id: str) -> None:
        """Something has happened to it."""
        self.following.wake(submission_id)
        self._changed()
