"""Papers of a submission: taken in, named, taken back. Functions on one transaction, in which the submission's row is locked."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotFound, shown
from services.access import Caller
from services.documents.removing import keep, remove
from services.documents.tables import Document
from services.precheck.cases import Office, check_may_change, touched
from services.precheck.history import append, person
from services.precheck.states import State
from services.precheck.tables import Submission, SubmissionPaper


def check_room(session: Session, submission: Submission, office: Office, more: int = 1) -> None:
    """Raises Conflict (`papers_too_many`)."""
    have = session.scalar(
        select(func.count()).select_from(SubmissionPaper).where(SubmissionPaper.submission_id == submission.id)
    )
    if (have or 0) + more > office.policy.most_papers:
        raise Conflict(
            f"一个办件最多 {office.policy.most_papers} 份文件；请先撤下不需要的。",
            code="papers_too_many",
            detail={"most": office.policy.most_papers},
        )


def check_material(session: Session, submission: Submission, office: Office, material: str | None) -> None:
    """Raises Invalid (`material_unknown`)."""
    known = {one.id for one in office.items.of(session, submission).materials}
    if material is not None and material not in known:
        raise Invalid(f"这个事项没有编号为 {shown(material)} 的材料。", code="material_unknown", param="material")


def added(
    session: Session,
    office: Office,
    submission: Submission,
    document: Document,
    material: str | None,
    caller: Caller,
    moment: datetime,
) -> None:
    """A document whose row is written in this transaction. The same file twice is taken, and told as a finding.

    Raises:
        Conflict: as `cases.check_may_change`; `papers_too_many`.
        Invalid: `material_unknown`.
    """
    check_may_change(submission, office, caller, moment)
    check_material(session, submission, office, material)
    check_room(session, submission, office)
    session.flush()
    session.add(
        SubmissionPaper(
            submission_id=submission.id,
            document_id=document.id,
            material=material,
            added_at=moment,
            added_by=caller.id,
        )
    )
    document.expires_at = moment + _term(submission, office)
    touched(submission, moment, check=True)
    append(
        session, submission, "paper_added", person(caller), {"document": document.id, "material": material}, at=moment
    )


def _term(submission: Submission, office: Office) -> timedelta:
    if State(submission.state).final:
        return timedelta(days=office.policy.kept_days)
    running = submission.state != State.DRAFT
    return timedelta(days=office.policy.running_days if running else office.policy.draft_days)


def keep_papers(session: Session, submission: Submission, office: Office, moment: datetime) -> None:
    """Set the papers' term by where the submission stands: they don't vanish while it runs."""
    keep(session, submission.id, moment + _term(submission, office))


def link_of(session: Session, submission: Submission, document_id: str) -> SubmissionPaper:
    """Raises NotFound (`document_not_found`)."""
    link = session.get(SubmissionPaper, (submission.id, document_id)) if len(document_id) <= 22 else None
    if link is None:
        raise NotFound("这个办件里没有这份文件。", code="document_not_found")
    return link


def taken_as(
    session: Session,
    office: Office,
    submission: Submission,
    document_id: str,
    material: str | None,
    caller: Caller,
    moment: datetime,
) -> None:
    """Say as which material a document was handed in; None: nothing is said. Raises as `added`; NotFound (`document_not_found`)."""
    check_may_change(submission, office, caller, moment)
    check_material(session, submission, office, material)
    link = link_of(session, submission, document_id)
    if link.material != material:
        link.material = material
        touched(submission, moment, check=True)
        append(
            session,
            submission,
            "paper_taken",
            person(caller),
            {"document": document_id, "material": material},
            at=moment,
        )


def removed(
    session: Session, office: Office, submission: Submission, document_id: str, caller: Caller, moment: datetime
) -> None:
    """Take a document back, with all that was read of it; its file goes after the transaction. Raises as `taken_as`."""
    check_may_change(submission, office, caller, moment)
    link = link_of(session, submission, document_id)
    session.delete(link)
    session.flush()
    remove(session, [document_id])
    touched(submission, moment, check=True)
    append(session, submission, "paper_removed", person(caller), {"document": document_id}, at=moment)


def held(session: Session, document: Document) -> bool:
    """Whether a document belongs to a submission, so that nobody removes it behind its back, nor before a decided case's own
    term."""
    return document.submission_id is not None and session.get(Submission, document.submission_id) is not None
