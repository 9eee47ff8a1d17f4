"""How the pre-check is doing: time per case, findings by rule, overrules by rule and by clerk, what was decided without a
person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from services.access import Access, Caller, Role
from services.precheck.clock import Clock
from services.precheck.report_records import add_record_routes
from services.precheck.states import State
from services.precheck.tables import Submission, SubmissionHistory, SubmissionReport, SubmissionRuling
from services.precheck.tables_beside import AutomaticOutcome

MOST_DAYS = 366
DECIDED = ("accept", "correct", "refuse", "complete", "return")


class Spread(BaseModel):
    """Of a number of cases. Hours; `ninety`: nine of ten took no longer."""

    count: int
    middle: float | None
    ninety: float | None


class RuleFigures(BaseModel):
    """One rule. `findings`: in the newest reports of the cases; `overruled`, `confirmed`: what clerks said last of each."""

    rule: str
    findings: int
    confirmed: int
    overruled: int
    overrule_rate: float | None


class ClerkFigures(BaseModel):
    """One clerk's rulings and decisions."""

    clerk: str
    confirmed: int
    overruled: int
    overrule_rate: float | None
    decisions: int


class AutomaticFigures(BaseModel):
    """Deciding without a person. `share`: of all decided cases; `reasons`: why not, and how often."""

    decided: int
    sampled: int
    declined: int
    share: float | None
    reasons: dict[str, int]


class Figures(BaseModel):
    """All of it, of `days` days."""

    days: int
    opened: int
    first_answer: Spread = Field(description="从收件到第一次受理、补正、不予受理或退件，小时")
    whole: Spread = Field(description="从收件到结束，小时")
    accepted_by_law: int
    rules: list[RuleFigures]
    clerks: list[ClerkFigures]
    automatic: AutomaticFigures
    check_milliseconds: float | None = Field(description="预审一次的中位毫秒数")


def spread(hours: Sequence[float]) -> Spread:
    """Pure."""
    if not hours:
        return Spread(count=0, middle=None, ninety=None)
    ordered = sorted(hours)
    place = max(0, -(-len(ordered) * 9 // 10) - 1)
    return Spread(count=len(ordered), middle=round(median(ordered), 2), ninety=round(ordered[place], 2))


def _rate(overruled: int, confirmed: int) -> float | None:
    said = overruled + confirmed
    return round(overruled / said, 4) if said else None


def figures(session: Session, days: int, moment: datetime) -> Figures:
    """Of the last `days` days up to `moment`."""
    since = moment - timedelta(days=days)
    first, whole, by_law = _times(session, since)
    said = _last_rulings(session, since)
    found, milliseconds = _found(session, since)
    rules = sorted({*found, *(one.rule for one in said)})
    by_rule = Counter((one.rule, one.ruling) for one in said)
    by_clerk = Counter((one.by_name, one.ruling) for one in said)
    decisions = Counter(
        session.scalars(
            select(SubmissionHistory.who_name).where(
                SubmissionHistory.at >= since, SubmissionHistory.by == "person", SubmissionHistory.what.in_(DECIDED)
            )
        )
    )
    clerks = sorted({*decisions, *(one.by_name for one in said)})
    opened = (
        select(func.count())
        .select_from(SubmissionHistory)
        .where(SubmissionHistory.at >= since, SubmissionHistory.what == "submit")
    )
    return Figures(
        days=days,
        opened=session.scalar(opened) or 0,
        first_answer=spread(first),
        whole=spread(whole),
        accepted_by_law=by_law,
        rules=[
            RuleFigures(
                rule=one,
                findings=found.get(one, 0),
                confirmed=by_rule[one, "confirmed"],
                overruled=by_rule[one, "overruled"],
                overrule_rate=_rate(by_rule[one, "overruled"], by_rule[one, "confirmed"]),
            )
            for one in rules
        ],
        clerks=[
            ClerkFigures(
                clerk=one,
                confirmed=by_clerk[one, "confirmed"],
                overruled=by_clerk[one, "overruled"],
                overrule_rate=_rate(by_clerk[one, "overruled"], by_clerk[one, "confirmed"]),
                decisions=decisions[one],
            )
            for one in clerks
        ],
        automatic=_automatic(session, since, len(whole)),
        check_milliseconds=milliseconds,
    )


def _times(session: Session, since: datetime) -> tuple[list[float], list[float], int]:
    """Hours from receipt to the first answer and to the end, of cases that had them since then; how many were accepted by law."""
    wanted = (
        select(SubmissionHistory.submission_id, SubmissionHistory.what, SubmissionHistory.at)
        .where(SubmissionHistory.what.in_(("submit", "accept_by_law", *DECIDED)))
        .order_by(SubmissionHistory.submission_id, SubmissionHistory.number)
    )
    handed_in: dict[str, datetime] = {}
    answered: set[str] = set()
    first, whole, by_law = [], [], 0
    for submission_id, what, at in session.execute(wanted):
        if what == "submit":
            handed_in.setdefault(submission_id, at)
            continue
        begun = handed_in.get(submission_id)
        if begun is None or at < since:
            answered.add(submission_id)
            continue
        hours = (at - begun).total_seconds() / 3600
        by_law += what == "accept_by_law"
        if submission_id not in answered:
            answered.add(submission_id)
            first.append(hours)
        if what in ("refuse", "complete", "return"):
            whole.append(hours)
    return first, whole, by_law


def _last_rulings(session: Session, since: datetime) -> list[SubmissionRuling]:
    newest: dict[tuple[str, str], SubmissionRuling] = {}
    for row in session.scalars(
        select(SubmissionRuling).where(SubmissionRuling.at >= since).order_by(SubmissionRuling.id)
    ):
        newest[row.submission_id, row.key] = row
    return [row for row in newest.values() if row.ruling is not None]


def _found(session: Session, since: datetime) -> tuple[Counter[str], float | None]:
    rows = session.scalars(
        select(SubmissionReport)
        .join(
            Submission,
            (Submission.id == SubmissionReport.submission_id) & (Submission.report_number == SubmissionReport.number),
        )
        .where(SubmissionReport.run_at >= since, Submission.state != State.DRAFT.value)
    )
    found: Counter[str] = Counter()
    took = []
    for row in rows:
        found.update(one["rule"] for one in row.content["findings"])
        took.append(row.milliseconds)
    return found, round(median(took), 2) if took else None


def _automatic(session: Session, since: datetime, ended: int) -> AutomaticFigures:
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for row in session.scalars(select(AutomaticOutcome).where(AutomaticOutcome.at >= since)):
        outcomes[row.outcome] += 1
        reasons.update(row.reasons)
    return AutomaticFigures(
        decided=outcomes["decided"],
        sampled=outcomes["sampled"],
        declined=outcomes["declined"],
        share=round(min(1.0, outcomes["decided"] / ended), 4) if ended else None,
        reasons=dict(reasons.most_common(30)),
    )


def add_report_routes(router: APIRouter, database: Database, clock: Clock, access: Access) -> None:
    """Add /reports to the router of /api/submissions, before the routes that take an id."""
    staff = Depends(access.guard(Role.CLERK, Role.DEPARTMENT))

    @router.get("/reports", summary="预审的成效：用时、发现、推翻率、自动办理比例")
    async def reports(caller: Caller = staff, days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 30) -> Figures:
        return await database.run(lambda session: figures(session, days, clock.now()), read_only=True)

    add_record_routes(router, database, clock, access)
