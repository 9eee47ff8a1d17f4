"""Tables of submissions: where each stands, its papers, reports, rulings, notices and history. What stands beside them (keys of
repeated requests, webhooks, automatic handling) is in `tables_beside.py`.

Personal data stands in `form`, `answers`, reports, notices, `SubmissionWords` and the documents; all of it goes with the
submission. The history stays, and holds none.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UtcDateTime

IDENTITY = 80
NAME = 200


class Submission(Base):
    """One case.

    `id`: 128 random bits in hex; who knows it may see an anonymous applicant's (`owned` False). `item_version`: the version in
    force when it was opened. `received_at`: of the last receipt (a supplement is one). `accepted_on`: the day that counts for
    the terms. `notice_due`, `statutory_due`, `promised_due`: last days of the terms; `due_on`: the one that runs now.
    `check_wanted`: `read` (when all documents are read) or `now`; None if nothing is to be checked. `corrections_seen`: id of
    the newest correction of a field that the newest report knows. `automatic_due`: the newest report is still to be looked at
    for deciding without a person. `blind`: held back from that as a sample. `history_*`: the end of its chain.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        Index("ix_submissions_state", "state", "due_on"),
        Index("ix_submissions_check_wanted", "check_wanted"),
        Index("ix_submissions_owner", "owner"),
        Index("ix_submissions_updated_at", "updated_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(IDENTITY))
    owned: Mapped[bool]
    external_id: Mapped[str | None] = mapped_column(String(64))
    item_id: Mapped[str] = mapped_column(String(IDENTITY))
    item_version: Mapped[int]
    item_name: Mapped[str] = mapped_column(String(NAME))
    state: Mapped[str] = mapped_column(String(12))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    form: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_on: Mapped[date | None]
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_on: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    notice_due: Mapped[date | None]
    statutory_due: Mapped[date | None]
    promised_due: Mapped[date | None]
    due_on: Mapped[date | None]
    claimed_by: Mapped[str | None] = mapped_column(String(IDENTITY))
    claimed_name: Mapped[str | None] = mapped_column(String(NAME))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(8))
    report_number: Mapped[int] = mapped_column(default=0)
    defects: Mapped[int] = mapped_column(default=0)
    undetermined: Mapped[int] = mapped_column(default=0)
    risk: Mapped[float] = mapped_column(default=0.0)
    check_wanted: Mapped[str | None] = mapped_column(String(8))
    check_failures: Mapped[int] = mapped_column(default=0)
    corrections_seen: Mapped[int] = mapped_column(default=0)
    automatic_due: Mapped[bool] = mapped_column(default=False)
    blind: Mapped[bool] = mapped_column(default=False)
    history_number: Mapped[int] = mapped_column(default=0)
    history_digest: Mapped[str] = mapped_column(String(64), default="")


class SubmissionPaper(Base):
    """A document that was handed in for a submission. `material`: as which one, if anybody said so."""

    __tablename__ = "submission_papers"

    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[str] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    material: Mapped[str | None] = mapped_column(String(60))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[str] = mapped_column(String(IDENTITY))


class SubmissionReport(Base):
    """One run of the check. `basis`: of what it was run on (`basis.py`); `content`: `report_data.to_data`; `surety`: 0..1, the
    least sure thing that it rests on; `milliseconds`: of the check itself."""

    __tablename__ = "submission_reports"

    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    basis: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(12))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    surety: Mapped[float]
    milliseconds: Mapped[float]


class SubmissionRuling(Base):
    """What a clerk said of a finding; rows are added, the newest of a key holds. `imprint`: of what the finding rested on: a ruling
    is not carried over to other evidence. `ruling` None: taken back."""

    __tablename__ = "submission_rulings"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(400))
    imprint: Mapped[str] = mapped_column(String(64))
    rule: Mapped[str] = mapped_column(String(160))
    severity: Mapped[str] = mapped_column(String(14))
    ruling: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(String(IDENTITY))
    by_name: Mapped[str] = mapped_column(String(NAME))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SubmissionOwnFinding(Base):
    """What a clerk has found beside the machine. `ruling` None: to be looked at again, since the applicant has supplemented."""

    __tablename__ = "submission_own_findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    material: Mapped[str | None] = mapped_column(String(60))
    applicant: Mapped[str] = mapped_column(Text)
    mend: Mapped[str] = mapped_column(Text)
    ruling: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(String(IDENTITY))
    by_name: Mapped[str] = mapped_column(String(NAME))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SubmissionNotice(Base):
    """A 一次性补正告知书 as it was told: `points`: list of {"material", "problem", "mend"}. Never changed."""

    __tablename__ = "submission_notices"

    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    points: Mapped[list[dict[str, str]]] = mapped_column(JSON)


class SubmissionHistory(Base):
    """One event. Rows are only added; the database refuses anything else, and each one's digest holds the one before it. No foreign
    key: the history outlives the submission. `detail`: codes and numbers, nothing personal; `by`: machine, person or law."""

    __tablename__ = "submission_history"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    what: Mapped[str] = mapped_column(String(30))
    by: Mapped[str] = mapped_column(String(8))
    who_id: Mapped[str] = mapped_column(String(IDENTITY))
    who_name: Mapped[str] = mapped_column(String(NAME))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class SubmissionWords(Base):
    """What a person wrote at an event, which may be personal: the history has only its salted sum, so that it can be removed."""

    __tablename__ = "submission_words"

    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
