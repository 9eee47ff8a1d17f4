"""Open, find, change, claim: what is done to a submission's row. Functions on one transaction, in which the row is locked."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.errors import Conflict, Forbidden, NotFound
from core.working_calendar import WorkingCalendar
from knowledge_base.questionnaire import read_answers
from services.access import Caller
from services.precheck import rights, timers
from services.precheck.form_values import kept
from services.precheck.history import append, person
from services.precheck.items import Items
from services.precheck.policy import Policy
from services.precheck.prefilling import form_of
from services.precheck.schemas import ChangeWanted, SubmissionWanted
from services.precheck.states import State
from services.precheck.tables import Submission

ID_FORM = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Office:
    """What every step needs: the items, the calendar, the policy."""

    items: Items
    calendar: WorkingCalendar
    policy: Policy


def find(session: Session, submission_id: str, caller: Caller, *, lock: bool = False) -> Submission:
    """A submission that the caller may see. Raises NotFound (`submission_not_found`): there is none, or it isn't theirs; the two
    look the same on purpose."""
    found = None
    if ID_FORM.fullmatch(submission_id):
        found = session.get(Submission, submission_id, with_for_update=lock or None)
    if found is None or not rights.may_see(found, caller):
        raise NotFound("没有这个办件；请核对编号。", code="submission_not_found")
    return found


def check_revision(submission: Submission, revision: int) -> None:
    """Raises Conflict (`revision_changed`)."""
    if submission.revision != revision:
        raise Conflict(
            "办件在您打开之后有了变化，请刷新后再操作。",
            code="revision_changed",
            detail={"revision": submission.revision},
        )


def touched(submission: Submission, moment: datetime, *, check: bool = False) -> None:
    """It has changed. `check`: what the report rests on has changed too, so that it is checked again."""
    submission.revision += 1
    submission.updated_at = moment
    if check:
        submission.check_wanted = submission.check_wanted or "read"
        submission.check_failures = 0
        submission.automatic_due = False


def opened(session: Session, office: Office, wanted: SubmissionWanted, caller: Caller, moment: datetime) -> Submission:
    """A new submission: a draft, or received at once if a clerk opens it as such.

    Raises:
        NotFound: `item_not_found`.
        Invalid: `answer_invalid`, `form_field_unknown`, `form_value_invalid`, `form_value_too_long`.
        Forbidden: `step_not_allowed`: only staff take something in at once; others hand in a draft.
    """
    if not wanted.draft and not rights.is_staff(caller):
        raise Forbidden("请先建立自查（draft: true），补好材料后再提交。", code="step_not_allowed")
    item = office.items.offered(wanted.item_id)
    answers = read_answers(item.situations, wanted.answers)
    submission = Submission(
        id=secrets.token_hex(16),
        owner=caller.id,
        owned=not caller.anonymous,
        external_id=wanted.external_id,
        item_id=item.id,
        item_version=item.version,
        item_name=item.name,
        state=State.DRAFT.value,
        answers=dict(answers),
        form=kept(form_of(item, answers), wanted.form),
        revision=1,
        created_at=moment,
        updated_at=moment,
        report_number=0,
        defects=0,
        undetermined=0,
        risk=office.policy.risk.unknown,
        check_wanted="read",
        check_failures=0,
        corrections_seen=0,
        automatic_due=False,
        blind=False,
        history_number=0,
        history_digest="",
    )
    session.add(submission)
    session.flush()
    append(session, submission, "opened", person(caller), {"item": item.id, "version": item.version}, at=moment)
    if not wanted.draft:
        received(submission, office, moment)
        append(session, submission, "submit", person(caller), at=moment)
    return submission


def received(submission: Submission, office: Office, moment: datetime) -> None:
    """It is with the office from now on, for the first time or again."""
    day = office.calendar.day_of(moment)
    submission.state = State.RECEIVED.value
    submission.received_at = moment
    submission.applied_on = submission.applied_on or day
    submission.check_wanted = "read"
    submission.check_failures = 0
    timers.start_notice(submission, office.calendar, day, office.policy.notice_working_days)


def changed(
    session: Session, office: Office, submission: Submission, wanted: ChangeWanted, caller: Caller, moment: datetime
) -> None:
    """New answers, a new form, or both.

    Raises:
        Conflict: `revision_changed`, and as `rights.check_change`, `rights.check_claim`.
        Invalid: as `opened`.
    """
    check_revision(submission, wanted.revision)
    check_may_change(submission, office, caller, moment)
    item = office.items.of(session, submission)
    what = []
    if wanted.answers is not None:
        submission.answers = dict(read_answers(item.situations, wanted.answers))
        what.append("answers")
    if wanted.form is not None:
        submission.form = kept(form_of(item, submission.answers), wanted.form)
        what.append("form")
    if what:
        touched(submission, moment, check=True)
        append(session, submission, "changed", person(caller), {"what": what}, at=moment)


def check_may_change(submission: Submission, office: Office, caller: Caller, moment: datetime) -> None:
    """Whether the caller may change papers, form and answers now; staff have to have claimed it, unless it is their own draft.

    Raises:
        Conflict: `submission_ended`, `submission_handed_in`, `claimed_by_other`, `not_claimed`.
    """
    rights.check_change(submission, caller)
    own = rights.is_applicant(submission, caller) and State(submission.state) in rights.OPEN_TO_APPLICANT
    if rights.is_staff(caller) and not own:
        rights.check_claim(submission, caller, moment, office.policy)


def claimed(session: Session, office: Office, submission: Submission, caller: Caller, moment: datetime) -> None:
    """The caller has it for a while, alone. Raises Conflict (`claimed_by_other`, `submission_ended`),
    Forbidden (`claim_not_allowed`)."""
    if not rights.is_staff(caller):
        raise Forbidden("只有窗口人员可以领取办件。", code="claim_not_allowed")
    if State(submission.state).final:
        raise Conflict("办件已经结束，不用领取。", code="submission_ended")
    holds = rights.claim_holds(submission, moment, office.policy)
    if holds and submission.claimed_by != caller.id:
        raise rights.claimed_by_other(submission)
    if not holds:
        append(session, submission, "claimed", person(caller), at=moment)
    submission.claimed_by, submission.claimed_name = caller.id, caller.name
    submission.claimed_until = moment + office.policy.claim
    submission.updated_at = moment


def released(session: Session, office: Office, submission: Submission, caller: Caller, moment: datetime) -> None:
    """Anybody may claim it again; nothing happens if nobody has it. Raises Conflict (`claimed_by_other`)."""
    if submission.claimed_by is None:
        return
    if submission.claimed_by != caller.id:
        if rights.claim_holds(submission, moment, office.policy):
            raise rights.claimed_by_other(submission)
        return
    append(session, submission, "released", person(caller), at=moment)
    unclaimed(submission)
    submission.updated_at = moment


def unclaimed(submission: Submission) -> None:
    """Nobody has it."""
    submission.claimed_by = submission.claimed_name = submission.claimed_until = None
