"""The cases behind a number of the report, so that a rule that is often wrong can be looked at where it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from services.access import Access, Caller, Role
from services.precheck.clock import Clock
from services.precheck.states import State
from services.precheck.tables import Submission, SubmissionHistory, SubmissionReport, SubmissionRuling

MOST_DAYS = 366
MOST_SHOWN = 200
DECIDED = ("accept", "correct", "refuse", "complete", "return")


class RecordView(BaseModel):
    """One case. Newest first."""

    id: str
    item_name: str
    state: State
    state_title: str
    updated_at: datetime


def records(
    session: Session,
    days: int,
    moment: datetime,
    *,
    rule: str | None = None,
    ruling: Literal["confirmed", "overruled"] | None = None,
    clerk: str | None = None,
) -> list[RecordView]:
    """The cases of the last `days` days: whose newest report names `rule`; or where a clerk's last word on it was `ruling`; or that
    `clerk` ruled so, or decided (`ruling` None)."""
    since = moment - timedelta(days=days)
    if ruling is not None:
        ids = _ruled(session, since, rule, ruling, clerk)
    elif clerk is not None:
        ids = set(
            session.scalars(
                select(SubmissionHistory.submission_id).where(
                    SubmissionHistory.at >= since,
                    SubmissionHistory.by == "person",
                    SubmissionHistory.who_name == clerk,
                    SubmissionHistory.what.in_(DECIDED),
                )
            )
        )
    else:
        ids = _naming(session, since, rule)
    rows = session.scalars(
        select(Submission)
        .where(Submission.id.in_(ids), Submission.state != State.DRAFT.value)
        .order_by(Submission.updated_at.desc(), Submission.id)
        .limit(MOST_SHOWN)
    )
    return [
        RecordView(
            id=one.id,
            item_name=one.item_name,
            state=State(one.state),
            state_title=State(one.state).display_name,
            updated_at=one.updated_at,
        )
        for one in rows
    ]


def _ruled(session: Session, since: datetime, rule: str | None, ruling: str, clerk: str | None) -> set[str]:
    newest: dict[tuple[str, str], SubmissionRuling] = {}
    for row in session.scalars(
        select(SubmissionRuling).where(SubmissionRuling.at >= since).order_by(SubmissionRuling.id)
    ):
        newest[row.submission_id, row.key] = row
    return {
        row.submission_id
        for row in newest.values()
        if row.ruling == ruling and (rule is None or row.rule == rule) and (clerk is None or row.by_name == clerk)
    }


def _naming(session: Session, since: datetime, rule: str | None) -> set[str]:
    rows = session.scalars(
        select(SubmissionReport)
        .join(
            Submission,
            (Submission.id == SubmissionReport.submission_id) & (Submission.report_number == SubmissionReport.number),
        )
        .where(SubmissionReport.run_at >= since, Submission.state != State.DRAFT.value)
    )
    return {
        row.submission_id for row in rows if rule is None or any(one["rule"] == rule for one in row.content["findings"])
    }


def add_record_routes(router: APIRouter, database: Database, clock: Clock, access: Access) -> None:
    """Add /reports/cases to the router of /api/submissions."""
    staff = Depends(access.guard(Role.CLERK))

    @router.get("/reports/cases", summary="一个数字背后的办件")
    async def cases(
        caller: Caller = staff,
        days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 30,
        rule: Annotated[str | None, Query(max_length=200)] = None,
        ruling: Literal["confirmed", "overruled"] | None = None,
        clerk: Annotated[str | None, Query(max_length=80)] = None,
    ) -> list[RecordView]:
        return await database.run(
            lambda session: records(session, days, clock.now(), rule=rule, ruling=ruling, clerk=clerk), read_only=True
        )
