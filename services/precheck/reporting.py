"""The newest report of a submission, and whether it still holds. Functions on a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.precheck.findings import Report
from services.precheck.loading import UNREAD, HandedIn, basis_of, handed_in
from services.precheck.report_data import from_data
from services.precheck.tables import Submission, SubmissionReport


@dataclass(frozen=True, slots=True)
class Current:
    """`stale`: papers, form or answers have changed since, or documents are still being read."""

    number: int
    run_at: datetime
    report: Report
    stale: bool
    surety: float


def current_report(session: Session, submission: Submission, documents: list[HandedIn] | None = None) -> Current | None:
    """None if the check has never run. `documents`: if they are at hand already."""
    if submission.report_number == 0:
        return None
    row = session.get(SubmissionReport, (submission.id, submission.report_number))
    if row is None:
        return None
    if documents is None:
        documents = handed_in(session, submission.id)
    unread = any(one.document.status in UNREAD for one in documents)
    stale = unread or row.basis != basis_of(submission, documents)
    return Current(row.number, row.run_at, from_data(row.content), stale, row.surety)
