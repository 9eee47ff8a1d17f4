"""What clerks say and decide becomes samples: of rulings and of outcomes, with the versions of everything involved, and nothing
that is personal: ids of rules, kinds of severity and codes, never a value, never what somebody wrote.

Comes in: the history, from a mark on. It follows the commits, so a kill loses nothing: what was read twice is the same sample once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import HubError, Unavailable
from knowledge_base.life.lifecycle import SYSTEM_PREFIX, Actor
from knowledge_base.samples import Consent, SampleKind, Samples
from services.precheck.report_data import from_data
from services.precheck.ruled import OWN, ruled
from services.precheck.tables import Submission, SubmissionHistory, SubmissionReport
from services.precheck.tables_beside import PrecheckMark

MARK = "learnt"
AT_ONCE = 100
DECISIONS = frozenset({"accept", "correct", "refuse", "complete", "return", "accept_by_law"})
LEARNT = frozenset({"ruled", *DECISIONS})
LEARNER = Actor(f"{SYSTEM_PREFIX}precheck", "预审")

log = structlog.get_logger("precheck")


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sample to be. `event`: the history's line that it comes from."""

    event: int
    kind: SampleKind
    text: str
    label: Mapping[str, Any]
    entry: tuple[str, int]
    origin: str


class Learning:
    """Args: samples: where they are kept."""

    def __init__(self, database: Database, samples: Samples) -> None:
        self._database = database
        self._samples = samples

    async def learn(self) -> int:
        """Make samples of what happened since the mark; how many. Raises Unavailable."""
        lessons, reached = await self._database.run(_lessons, read_only=True)
        for lesson in lessons:
            try:
                await self._samples.add(
                    lesson.kind,
                    lesson.text,
                    dict(lesson.label),
                    origin=lesson.origin,
                    consent=Consent.STAFF,
                    by=LEARNER,
                    entries=[lesson.entry],
                )
            except Unavailable:
                raise
            except HubError as error:
                log.warning("case_not_kept_as_sample", code=error.code)
        if reached is not None:
            await self._database.run(lambda session: session.merge(PrecheckMark(name=MARK, value=reached, at=now())))
        return len(lessons)


def _lessons(session: Session) -> tuple[list[Lesson], int | None]:
    mark = session.get(PrecheckMark, MARK)
    rows = list(
        session.scalars(
            select(SubmissionHistory)
            .where(SubmissionHistory.id > (mark.value if mark else 0))
            .order_by(SubmissionHistory.id)
            .limit(AT_ONCE)
        )
    )
    lessons = [lesson for row in rows if row.what in LEARNT and (lesson := _lesson(session, row)) is not None]
    return lessons, rows[-1].id if rows else None


def _lesson(session: Session, row: SubmissionHistory) -> Lesson | None:
    submission = session.get(Submission, row.submission_id)
    if submission is None:
        return None
    number = row.detail.get("report") or submission.report_number
    kept = session.get(SubmissionReport, (submission.id, number)) if number else None
    report = from_data(kept.content) if kept is not None else None
    label: dict[str, Any] = {"by": row.by, "versions": dict(report.versions) if report else {}}
    if row.what == "ruled":
        rule = row.detail.get("rule")
        label |= {"rule": rule, "ruling": row.detail.get("ruling")}
        text = f"{submission.item_id} {rule}"
        if report is not None:
            found = [one for one in report.findings if one.rule == rule]
            label["severities"] = sorted({one.severity.value for one in found})
            label["reasons"] = sorted({one.reason for one in found if one.reason})
        kind = SampleKind.RULING
    else:
        label |= {"decision": row.what, "stale": row.detail.get("stale")}
        if report is not None:
            label["verdict"] = report.verdict.value
            label["findings"] = [
                {"rule": one.finding.rule, "severity": one.finding.severity.value, "ruling": one.ruling}
                for one in ruled(session, submission.id, report)
                if not one.key.startswith(OWN)
            ]
        text = f"{submission.item_id} {row.what}"
        kind = SampleKind.OUTCOME
    return Lesson(
        row.id,
        kind,
        text,
        label,
        (submission.item_id, submission.item_version),
        f"submission:{row.submission_id}/{row.number}",
    )
