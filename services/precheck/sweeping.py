"""What time alone does to submissions: silence that counts as acceptance, claims that ran out, drafts and ended cases that go.

Nothing is done while the clock can't be believed: a clock that somebody set ahead must not accept a thousand cases.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.database import Database
from services.documents.removing import remove
from services.precheck import timers
from services.precheck.cases import Office
from services.precheck.clock import Clock
from services.precheck.history import LAW, MACHINE, append
from services.precheck.idempotency import forget_old
from services.precheck.states import State
from services.precheck.steps import accepted_by_law
from services.precheck.tables import Submission, SubmissionPaper
from services.precheck.tables_beside import IdempotencyKey

AT_ONCE = 100
FINAL = tuple(state.value for state in State if state.final)

log = structlog.get_logger("precheck")


class Sweeper:
    """Args: clock: whether it can be believed is asked before anything is done."""

    def __init__(self, database: Database, office: Office, clock: Clock) -> None:
        self._database = database
        self._office = office
        self._clock = clock

    async def sweep(self) -> list[str]:
        """Do what is due; ids of the submissions that were accepted by law. Raises Unavailable."""
        if await self._database.run(self._clock.strange, read_only=True):
            log.warning("clock_strange")
            return []
        moment = self._clock.now()
        accepted = await self._database.run(lambda session: _silent(session, self._office, moment))
        documents = await self._database.run(lambda session: _over(session, self._office, moment))
        if accepted or documents:
            log.info("submissions_swept", accepted_by_law=len(accepted), documents=len(documents))
        return accepted


def _silent(session: Session, office: Office, moment: datetime) -> list[str]:
    today = office.calendar.day_of(moment)
    due = session.scalars(
        select(Submission)
        .where(Submission.state == State.RECEIVED.value, Submission.notice_due < today)
        .order_by(Submission.notice_due)
        .limit(AT_ONCE)
        .with_for_update()
    )
    accepted = []
    for one in due:
        if timers.silence_is_acceptance(one, today):
            accepted_by_law(session, office, one, LAW, moment)
            accepted.append(one.id)
    return accepted


def _over(session: Session, office: Office, moment: datetime) -> list[str]:
    """Remove drafts that nobody touches and cases whose term is over, with their papers; ids of the documents, whose files the
    documents' own sweep clears. The history stays."""
    forget_old(session, moment, office.policy.repeat_hours)
    untouched = moment - timedelta(days=office.policy.draft_days)
    kept = moment - timedelta(days=office.policy.kept_days)
    over = (
        select(Submission)
        .where(
            ((Submission.state == State.DRAFT.value) & (Submission.updated_at < untouched))
            | (Submission.state.in_(FINAL) & (Submission.ended_at < kept))
        )
        .limit(AT_ONCE)
        .with_for_update()
    )
    gone: list[str] = []
    for one in session.scalars(over).all():
        documents = list(
            session.scalars(select(SubmissionPaper.document_id).where(SubmissionPaper.submission_id == one.id))
        )
        append(session, one, "removed", MACHINE, {"documents": len(documents)}, at=moment)
        if documents:
            remove(session, documents)
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.submission_id == one.id))
        session.delete(one)
        gone += documents
    return gone
