"""The clerk's queue: by the day that is due, then by risk. Functions on a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.access import Caller
from services.precheck import rights, timers
from services.precheck.cases import Office
from services.precheck.schemas import QueueEntry
from services.precheck.states import State
from services.precheck.tables import Submission, SubmissionPaper

RUNNING = (State.RECEIVED, State.ACCEPTED, State.CORRECTION)
MOST_SHOWN = 200


def queue(
    session: Session,
    office: Office,
    caller: Caller,
    moment: datetime,
    *,
    states: Sequence[State] = (),
    mine: bool = False,
    page: int = 1,
    page_size: int = 50,
) -> list[QueueEntry]:
    """What is to be done, or (`states`) what stands somewhere else. Staff see all that was handed in, `mine`: what they have
    claimed; anybody else their own, drafts too."""
    papers = (
        select(SubmissionPaper.submission_id, func.count().label("papers"))
        .group_by(SubmissionPaper.submission_id)
        .subquery()
    )
    wanted = select(Submission, papers.c.papers).outerjoin(papers, papers.c.submission_id == Submission.id)
    if rights.is_staff(caller):
        wanted = wanted.where(Submission.state != State.DRAFT.value)
        wanted = wanted.where(Submission.state.in_([one.value for one in states or RUNNING]))
        if mine:
            wanted = wanted.where(Submission.claimed_by == caller.id, Submission.claimed_until > moment)
    elif caller.anonymous:
        return []  # whoever shares an address would see each other's
    else:
        wanted = wanted.where(Submission.owner == caller.id)
        if states:
            wanted = wanted.where(Submission.state.in_([one.value for one in states]))
    # NULLs last on both databases: what is with the applicant or at its end isn't due.
    wanted = wanted.order_by(
        Submission.due_on.is_(None), Submission.due_on, Submission.risk.desc(), Submission.created_at, Submission.id
    )
    rows = session.execute(wanted.offset((page - 1) * page_size).limit(page_size))
    return [_entry(office, one, papers or 0, caller, moment) for one, papers in rows]


def _entry(office: Office, one: Submission, papers: int, caller: Caller, moment: datetime) -> QueueEntry:
    running = timers.timers_of(one, office.calendar, office.calendar.day_of(moment))
    first = min(running, key=lambda timer: timer.due_on, default=None)
    has_it = rights.claim_holds(one, moment, office.policy)
    staff = rights.is_staff(caller)
    return QueueEntry(
        id=one.id,
        item_name=one.item_name,
        state=State(one.state),
        state_title=State(one.state).display_name,
        applied_on=one.applied_on,
        due_on=one.due_on,
        working_days_left=first.left if first else None,
        overdue=first.overdue if first else False,
        defects=one.defects,
        undetermined=one.undetermined,
        risk=one.risk,
        documents=papers,
        claimed_by=one.claimed_name if has_it and staff else None,
        claimed_by_me=has_it and one.claimed_by == caller.id,
        blind_sample=staff and one.blind and not State(one.state).final,
    )
