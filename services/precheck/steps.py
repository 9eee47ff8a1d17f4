"""Submit, supplement, accept, tell what to correct, refuse, complete, return: what moves a submission on. One transaction each.

What the machine found doesn't bind the clerk, but a decision against it says why; what has to be put right is told in one
notice, so that nothing may be left open when it is written.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid
from services.access import Caller
from services.precheck import rights, timers
from services.precheck.cases import Office, check_revision, received, touched, unclaimed
from services.precheck.history import Who, append, person
from services.precheck.notice import points_of
from services.precheck.papers import keep_papers
from services.precheck.reporting import Current, current_report
from services.precheck.ruled import Ruled, own_findings, ruled
from services.precheck.schemas import StepWanted
from services.precheck.states import State, Step, moved
from services.precheck.tables import Submission, SubmissionNotice, SubmissionPaper

ALWAYS_SAY_WHY = (Step.REFUSE, Step.RETURN)


def take_step(
    session: Session, office: Office, submission: Submission, wanted: StepWanted, caller: Caller, moment: datetime
) -> None:
    """Take one step.

    Raises:
        Forbidden: `step_not_allowed`.
        Conflict: `step_not_possible`, `revision_changed`, `claimed_by_other`, `not_claimed`, `findings_open`, `nothing_to_correct`,
            `papers_missing`: nothing was handed in.
        Invalid: `reason_needed`.
    """
    rights.check_step(submission, caller, wanted.step)
    after = moved(State(submission.state), wanted.step)
    check_revision(submission, wanted.revision)
    if wanted.step in rights.APPLICANTS_STEPS:
        _hand_in(session, office, submission, wanted.step, caller, moment)
        return
    rights.check_claim(submission, caller, moment, office.policy)
    report = current_report(session, submission)
    findings = ruled(session, submission.id, report.report if report else None)
    reason = (wanted.reason or "").strip()
    _check_reason(wanted.step, reason, report, findings)
    if wanted.step is Step.CORRECT:
        _tell(session, office, submission, findings, moment)
    detail = {"report": report.number if report else None, "stale": report is None or report.stale}
    _move(session, office, submission, wanted.step, after, person(caller), moment)
    append(session, submission, wanted.step.value, person(caller), detail, words=reason or None, at=moment)


def _hand_in(
    session: Session, office: Office, submission: Submission, step: Step, caller: Caller, moment: datetime
) -> None:
    papers = select(func.count()).select_from(SubmissionPaper).where(SubmissionPaper.submission_id == submission.id)
    if not session.scalar(papers) and office.items.of(session, submission).materials:
        raise Conflict("还没有交任何材料；请先上传。", code="papers_missing")
    received(submission, office, moment)
    touched(submission, moment, check=True)
    keep_papers(session, submission, office, moment)
    if step is Step.SUPPLEMENT:
        for own in own_findings(session, submission.id):
            if own.ruling == "confirmed":
                own.ruling = None  # looked at again: it may have been put right
    append(session, submission, step.value, person(caller), at=moment)


def _check_reason(step: Step, reason: str, report: Current | None, findings: list[Ruled]) -> None:
    if reason:
        return
    if step in ALWAYS_SAY_WHY:
        raise Invalid("请写明理由，申请人会看到。", code="reason_needed", param="reason")
    if report is None or report.stale:
        raise Invalid("预审还没有最新结果；仍要决定的，请写明理由。", code="reason_needed", param="reason")
    if step in (Step.ACCEPT, Step.COMPLETE) and any(one.stands_against for one in findings):
        raise Invalid("还有没有推翻的发现；仍要这样决定的，请写明理由。", code="reason_needed", param="reason")


def _tell(session: Session, office: Office, submission: Submission, findings: list[Ruled], moment: datetime) -> None:
    still_open = [one for one in findings if one.is_open and (one.by == "person" or not one.to_be_mended)]
    if still_open:
        raise Conflict(
            f"还有 {len(still_open)} 条没有核定的发现；补正要一次告知，请先逐条核定。",
            code="findings_open",
            detail={"open": [one.key for one in still_open]},
        )
    points = points_of(office.items.of(session, submission), findings)
    if not points:
        raise Conflict("没有需要补正的内容；请先核定发现，或写下您的发现。", code="nothing_to_correct")
    number = session.scalar(
        select(func.count()).select_from(SubmissionNotice).where(SubmissionNotice.submission_id == submission.id)
    )
    session.add(SubmissionNotice(submission_id=submission.id, number=(number or 0) + 1, made_at=moment, points=points))


def _move(
    session: Session, office: Office, submission: Submission, step: Step, after: State, who: Who, moment: datetime
) -> None:
    submission.state = after.value
    if after is State.ACCEPTED:
        timers.start_handling(
            submission, office.calendar, office.calendar.day_of(moment), office.items.of(session, submission)
        )
    else:
        timers.stop(submission)
        unclaimed(submission)
    submission.automatic_due = False
    if after.final:
        submission.ended_at = moment
        submission.decided_by = "machine" if who.by == "machine" else "person"
        submission.check_wanted = None
    touched(submission, moment)
    keep_papers(session, submission, office, moment)


def decide_by_machine(
    session: Session, office: Office, submission: Submission, steps: tuple[Step, ...], who: Who, moment: datetime
) -> None:
    """Take the steps of automatic handling one after the other. `automatic.py` has judged by now. Raises Conflict."""
    for step in steps:
        _move(session, office, submission, step, moved(State(submission.state), step), who, moment)
        append(session, submission, step.value, who, {"report": submission.report_number}, at=moment)
    submission.decided_by = "machine"


def accepted_by_law(session: Session, office: Office, submission: Submission, who: Who, moment: datetime) -> None:
    """Nobody has said anything in time: it counts as accepted from the day of receipt (行政许可法 §32)."""
    assert submission.received_at is not None
    submission.state = moved(State(submission.state), Step.ACCEPT).value
    day = office.calendar.day_of(submission.received_at)
    timers.start_handling(submission, office.calendar, day, office.items.of(session, submission))
    submission.automatic_due = False
    touched(submission, moment)
    append(session, submission, "accept_by_law", who, {"received": day.isoformat()}, at=moment)
