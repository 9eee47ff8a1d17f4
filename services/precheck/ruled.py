"""Findings as they hold: the machine's with what a clerk said of them, and the clerk's own. What may be decided follows from
them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.precheck.findings import Aspect, Finding, Report, Severity
from services.precheck.report_data import imprint_of, keyed
from services.precheck.tables import SubmissionOwnFinding, SubmissionRuling

OWN = "own/"
Said = Literal["confirmed", "overruled"]


@dataclass(frozen=True, slots=True)
class Ruled:
    """A finding, whose it is, and what was said of it by whom."""

    key: str
    finding: Finding
    by: Literal["machine", "person"]
    ruling: Said | None = None
    ruled_by: str | None = None
    ruled_at: datetime | None = None
    reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Nobody has said anything of it, and it matters."""
        return self.ruling is None and self.finding.severity is not Severity.NOTE

    @property
    def to_be_mended(self) -> bool:
        """Goes into the notice: a defect that wasn't overruled, or what a person confirmed to be one."""
        if self.finding.severity is Severity.DEFECT:
            return self.ruling != "overruled"
        return self.finding.severity is Severity.UNDETERMINED and self.ruling == "confirmed"

    @property
    def stands_against(self) -> bool:
        """Speaks against accepting: a defect or something unclear that nobody has overruled."""
        return self.finding.severity is not Severity.NOTE and self.ruling != "overruled"


def ruled(session: Session, submission_id: str, report: Report | None) -> list[Ruled]:
    """All findings of a submission, the machine's first. A ruling holds only for the evidence it was made of."""
    newest: dict[str, SubmissionRuling] = {}
    for row in session.scalars(
        select(SubmissionRuling).where(SubmissionRuling.submission_id == submission_id).order_by(SubmissionRuling.id)
    ):
        newest[row.key] = row
    found = []
    for key, finding in keyed(report.findings) if report is not None else ():
        said = newest.get(key)
        if said is None or said.ruling is None or said.imprint != imprint_of(finding):
            found.append(Ruled(key, finding, "machine"))
        else:
            found.append(Ruled(key, finding, "machine", _said(said.ruling), said.by_name, said.at, said.reason))
    return found + [_own(row) for row in own_findings(session, submission_id)]


def own_findings(session: Session, submission_id: str) -> list[SubmissionOwnFinding]:
    """The clerk's, oldest first."""
    rows = select(SubmissionOwnFinding).where(SubmissionOwnFinding.submission_id == submission_id)
    return list(session.scalars(rows.order_by(SubmissionOwnFinding.id)))


def _own(row: SubmissionOwnFinding) -> Ruled:
    finding = Finding(
        rule="person",
        aspect=Aspect.STANDARD,
        severity=Severity.DEFECT,
        material=row.material,
        clerk=row.applicant,
        applicant=row.applicant,
        mend=row.mend,
    )
    return Ruled(f"{OWN}{row.id}", finding, "person", _said(row.ruling), row.by_name, row.at, row.reason)


def _said(ruling: str | None) -> Said | None:
    return "confirmed" if ruling == "confirmed" else "overruled" if ruling == "overruled" else None
