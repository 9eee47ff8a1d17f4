"""Who may see a submission, change it and take which step: by whose it is, by role and by where it stands. Pure.

An applicant is the key that opened it; an anonymous one's is open to who knows its id (128 random bits). Clerks and admins see
all that was handed in; a draft is nobody's business but its owner's.
"""

from __future__ import annotations

from datetime import datetime

from core.errors import Conflict, Forbidden
from services.access import Caller, Role
from services.precheck.policy import Policy
from services.precheck.states import MOVES, State, Step
from services.precheck.tables import Submission

STAFF = (Role.CLERK, Role.ADMIN)
APPLICANTS_STEPS = (Step.SUBMIT, Step.SUPPLEMENT)
OPEN_TO_APPLICANT = (State.DRAFT, State.CORRECTION)


def is_staff(caller: Caller) -> bool:
    """Whether the caller decides."""
    return caller.role in STAFF


def is_applicant(submission: Submission, caller: Caller) -> bool:
    """Whether it is the caller's own."""
    return submission.owner == caller.id or (not submission.owned and not is_staff(caller))


def may_see(submission: Submission, caller: Caller) -> bool:
    """Whether a caller may be shown a submission."""
    return is_applicant(submission, caller) or (is_staff(caller) and submission.state != State.DRAFT)


def check_change(submission: Submission, caller: Caller) -> None:
    """Whether papers, form and answers may be changed now.

    Raises:
        Conflict: `submission_ended`, `submission_handed_in`: it is with the office, which alone may change it.
    """
    state = State(submission.state)
    if state.final:
        raise Conflict(f"办件已{state.display_name}，不能再改。", code="submission_ended")
    if is_staff(caller) and state is not State.DRAFT:
        return
    if state not in OPEN_TO_APPLICANT:
        raise Conflict("办件已经提交，正在办理；需要修改时窗口会一次性告知。", code="submission_handed_in")


def allowed_steps(submission: Submission, caller: Caller) -> list[Step]:
    """The steps that the caller may take now."""
    state = State(submission.state)
    possible = [step for start, step in MOVES if start is state]
    if is_staff(caller):
        return possible
    return [step for step in possible if step in APPLICANTS_STEPS]


def check_step(submission: Submission, caller: Caller, step: Step) -> None:
    """Raises Forbidden (`step_not_allowed`)."""
    if step not in APPLICANTS_STEPS and not is_staff(caller):
        raise Forbidden("只有窗口人员可以办理这一步。", code="step_not_allowed")


def claim_holds(submission: Submission, moment: datetime, policy: Policy) -> bool:
    """Whether somebody has it at `moment`. A claim from a clock that ran ahead doesn't hold longer than any other."""
    until = submission.claimed_until
    return submission.claimed_by is not None and until is not None and moment < until <= moment + policy.claim


def check_claim(submission: Submission, caller: Caller, moment: datetime, policy: Policy) -> None:
    """Whether the caller has it, so that two never decide the same; renews the claim.

    Raises:
        Conflict: `claimed_by_other`, `not_claimed`.
    """
    if submission.claimed_by != caller.id:
        if claim_holds(submission, moment, policy):
            raise claimed_by_other(submission)
        raise Conflict("请先领取这个办件。", code="not_claimed")
    submission.claimed_until = moment + policy.claim


def claimed_by_other(submission: Submission) -> Conflict:
    """Somebody else has it."""
    return Conflict(
        f"{submission.claimed_name} 正在办理这个办件。",
        code="claimed_by_other",
        detail={"claimed_by": submission.claimed_name},
    )
