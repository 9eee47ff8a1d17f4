"""What a clerk says of a finding, and what the clerk has found. Functions on one transaction, in which the submission's row is
locked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from core.errors import Conflict, Forbidden, Invalid, NotFound
from services.access import Caller
from services.precheck import rights
from services.precheck.cases import Office, check_revision, touched
from services.precheck.findings import Severity
from services.precheck.history import append, person
from services.precheck.papers import check_material
from services.precheck.report_data import imprint_of, keyed
from services.precheck.reporting import current_report
from services.precheck.ruled import OWN
from services.precheck.schemas import OwnFindingWanted, RulingWanted
from services.precheck.states import State
from services.precheck.tables import Submission, SubmissionOwnFinding, SubmissionRuling

RULED_IN = (State.RECEIVED, State.ACCEPTED)
MOST_OWN = 100


def _check(submission: Submission, office: Office, caller: Caller, revision: int, moment: datetime) -> None:
    if not rights.is_staff(caller):
        raise Forbidden("只有窗口人员可以核定发现。", code="ruling_not_allowed")
    if State(submission.state) not in RULED_IN:
        raise Conflict("办件现在不能核定发现。", code="step_not_possible")
    check_revision(submission, revision)
    rights.check_claim(submission, caller, moment, office.policy)


def rule(
    session: Session,
    office: Office,
    submission: Submission,
    key: str,
    wanted: RulingWanted,
    caller: Caller,
    moment: datetime,
) -> None:
    """Confirm or overrule a finding, or take that back.

    Raises:
        Forbidden: `ruling_not_allowed`.
        NotFound: `finding_not_found`: the newest report has no such finding.
        Invalid: `reason_needed`: to overrule one says why.
        Conflict: `revision_changed`, `claimed_by_other`, `not_claimed`, `step_not_possible`.
    """
    _check(submission, office, caller, wanted.revision, moment)
    reason = (wanted.reason or "").strip() or None
    if wanted.ruling == "overruled" and reason is None:
        raise Invalid("推翻发现时请写明理由。", code="reason_needed", param="reason")
    if key.startswith(OWN):
        name = _rule_own(session, submission, key, wanted, reason)
    else:
        name = _rule_machines(session, submission, key, wanted, reason, caller, moment)
    touched(submission, moment)
    detail = {"rule": name, "ruling": wanted.ruling, "report": submission.report_number}
    append(session, submission, "ruled", person(caller), detail, words=reason, at=moment)


def _rule_machines(
    session: Session,
    submission: Submission,
    key: str,
    wanted: RulingWanted,
    reason: str | None,
    caller: Caller,
    moment: datetime,
) -> str:
    report = current_report(session, submission)
    finding = dict(keyed(report.report.findings)).get(key) if report else None
    if finding is None or finding.severity is Severity.NOTE:
        raise NotFound("最新的预审结果里没有这条需要核定的发现。", code="finding_not_found")
    session.add(
        SubmissionRuling(
            submission_id=submission.id,
            key=key[:400],
            imprint=imprint_of(finding),
            rule=finding.rule,
            severity=finding.severity.value,
            ruling=wanted.ruling,
            reason=reason,
            by_id=caller.id,
            by_name=caller.name,
            at=moment,
        )
    )
    return finding.rule


def _rule_own(session: Session, submission: Submission, key: str, wanted: RulingWanted, reason: str | None) -> str:
    number = key.removeprefix(OWN)
    own = session.get(SubmissionOwnFinding, int(number)) if number.isdecimal() and len(number) < 10 else None
    if own is None or own.submission_id != submission.id:
        raise NotFound("没有这条人工发现。", code="finding_not_found")
    own.ruling, own.reason = wanted.ruling, reason
    return "person"


def add_own(
    session: Session,
    office: Office,
    submission: Submission,
    wanted: OwnFindingWanted,
    caller: Caller,
    moment: datetime,
) -> None:
    """What the clerk has found. Raises as `rule`; Invalid (`material_unknown`); Conflict (`findings_too_many`)."""
    _check(submission, office, caller, wanted.revision, moment)
    check_material(session, submission, office, wanted.material)
    count = session.query(SubmissionOwnFinding).filter_by(submission_id=submission.id).count()
    if count >= MOST_OWN:
        raise Conflict(f"一个办件最多写 {MOST_OWN} 条人工发现。", code="findings_too_many")
    applicant, mend = wanted.applicant.strip(), wanted.mend.strip()
    if not applicant or not mend:
        raise Invalid("请写明问题和怎样改。", code="finding_empty")
    session.add(
        SubmissionOwnFinding(
            submission_id=submission.id,
            material=wanted.material,
            applicant=applicant,
            mend=mend,
            ruling="confirmed",
            by_id=caller.id,
            by_name=caller.name,
            at=moment,
        )
    )
    touched(submission, moment)
    append(session, submission, "own_finding", person(caller), {"material": wanted.material}, at=moment)
