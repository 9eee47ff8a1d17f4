"""Automatic handling in the database: looks at fresh reports, judges, and acts in one transaction each.

A report that is to be looked at is marked in the transaction that writes it (`automatic_due`); the mark goes with what came of
it. Killed in between, it is looked at again; the outcome's key is the submission and the report, so nothing is decided twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import HubError
from services.precheck import timers
from services.precheck.automatic import Bounds, ItemPolicy, Judgement, Situation, draw_of, judge, load_bounds
from services.precheck.cases import Office
from services.precheck.clock import Clock
from services.precheck.history import MACHINE, append
from services.precheck.reporting import current_report
from services.precheck.ruled import own_findings
from services.precheck.states import State
from services.precheck.steps import decide_by_machine
from services.precheck.tables import Submission, SubmissionRuling
from services.precheck.tables_beside import AutomaticOutcome, AutomaticPolicy, AutomaticSwitch

AT_ONCE = 50
OUTCOMES = {"decide": "decided", "sample": "sampled", "decline": "declined"}

log = structlog.get_logger("precheck")


class Automatic:
    """Args: bounds: gives automatic.yaml; what it raises lets nothing pass."""

    def __init__(
        self, database: Database, office: Office, clock: Clock, bounds: Callable[[], Bounds] = load_bounds
    ) -> None:
        self._database = database
        self._office = office
        self._clock = clock
        self._bounds = bounds

    async def run_once(self) -> list[str]:
        """Look at all that is due; ids of the submissions. Raises Unavailable: they stay due."""
        due = await self._database.run(
            lambda session: list(
                session.scalars(
                    select(Submission.id).where(Submission.automatic_due).order_by(Submission.updated_at).limit(AT_ONCE)
                )
            ),
            read_only=True,
        )
        for submission_id in due:
            await self._look(submission_id)
        return due

    async def _look(self, submission_id: str) -> None:
        try:
            await self._database.run(lambda session: self._handle(session, submission_id, judged=True))
        except HubError as error:
            if error.status == 503:
                raise
            await self._give_up(submission_id, error.code)
        except Exception as error:
            await self._give_up(submission_id, type(error).__name__)

    async def _give_up(self, submission_id: str, what: str) -> None:
        """Something broke while it was judged or decided: nothing of that is there, and a person decides."""
        log.error("automatic_failed", submission=submission_id, error=what)
        await self._database.run(lambda session: self._handle(session, submission_id, judged=False))

    def _handle(self, session: Session, submission_id: str, *, judged: bool) -> None:
        one = session.get(Submission, submission_id, with_for_update=True)
        if one is None or not one.automatic_due:
            return
        moment = self._clock.now()
        one.automatic_due = False
        policy = _policy(session, one.item_id)
        judgement = (
            judge(self._situation(session, one, policy, moment), self._bounds())
            if judged
            else Judgement("decline", ("fault",))
        )
        session.add(
            AutomaticOutcome(
                submission_id=one.id,
                report_number=one.report_number,
                item_id=one.item_id,
                day=self._office.calendar.day_of(moment),
                outcome=OUTCOMES[judgement.outcome],
                reasons=list(judgement.reasons),
                at=moment,
            )
        )
        detail = {"report": one.report_number, "reasons": list(judgement.reasons)}
        if judgement.outcome == "decide" and policy is not None:
            append(session, one, "automatic", MACHINE, {**detail, "policy": policy.model_dump(mode="json")}, at=moment)
            decide_by_machine(session, self._office, one, policy.steps, MACHINE, moment)
        elif judgement.outcome == "sample":
            one.blind = True
            append(session, one, "sampled", MACHINE, detail, at=moment)
        elif policy is not None and policy.enabled:
            # Of items that are never decided without a person there is nothing to tell.
            append(session, one, "declined", MACHINE, detail, at=moment)

    def _situation(self, session: Session, one: Submission, policy: ItemPolicy | None, moment: datetime) -> Situation:
        today = self._office.calendar.day_of(moment)
        switch = session.get(AutomaticSwitch, 1)
        report = current_report(session, one)
        decided = session.scalar(
            select(func.count())
            .select_from(AutomaticOutcome)
            .where(
                AutomaticOutcome.item_id == one.item_id,
                AutomaticOutcome.day == today,
                AutomaticOutcome.outcome == "decided",
            )
        )
        ruled = session.scalar(
            select(func.count()).select_from(SubmissionRuling).where(SubmissionRuling.submission_id == one.id)
        )
        return Situation(
            running=switch.running if switch is not None else None,
            policy=policy,
            clock_strange=self._clock.strange(session),
            report=report.report if report else None,
            stale=report.stale if report else None,
            surety=report.surety if report else None,
            limits_known=self._limits_known(session, one, moment),
            in_force=self._office.items.in_force(one),
            received=one.state == State.RECEIVED,
            touched=one.claimed_by is not None or bool(ruled) or bool(own_findings(session, one.id)),
            decided_today=decided,
            draw=draw_of(one.id, one.report_number),
        )

    def _limits_known(self, session: Session, one: Submission, moment: datetime) -> bool:
        calendar = self._office.calendar
        item = self._office.items.of(session, one)
        today = calendar.day_of(moment)
        days = [timers.last_day(calendar, today, limit) for limit in (item.statutory_limit, item.promised_limit)]
        known = [day for day in days if day is not None]
        return bool(known) and all(calendar.is_arranged(day) for day in (today, *known))


def _policy(session: Session, item_id: str) -> ItemPolicy | None:
    """None if there is none, or if what the row says can't be read."""
    row = session.get(AutomaticPolicy, item_id)
    if row is None:
        return None
    try:
        return ItemPolicy.model_validate({name: getattr(row, name) for name in ItemPolicy.model_fields}, strict=False)
    except ValidationError:
        log.error("automatic_policy_unreadable", item=item_id)
        return None
