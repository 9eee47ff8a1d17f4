"""Runs the check when all documents of a submission are read, or when somebody asks.

The queue is a column of the submissions (`check_wanted`), set in the transaction of whatever changed: a hub that is killed goes
on where it stopped. A report is written only if nothing has changed since the case was loaded; otherwise it is worked out anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import HubError, Unavailable
from services.documents.papers.tables import DocumentCorrection
from services.documents.tables import Document
from services.precheck.cases import Office
from services.precheck.clock import Clock
from services.precheck.facts import Case
from services.precheck.findings import Report, Severity
from services.precheck.history import MACHINE, append
from services.precheck.loading import UNREAD, Loaded, basis_of, handed_in, load
from services.precheck.report_data import surety_of, to_data
from services.precheck.states import State
from services.precheck.tables import Submission, SubmissionPaper, SubmissionReport

Check = Callable[[Case], Report]
"""`checking.run_check`: pure, and never raises for what stands in a case."""
POLL_SECONDS = 1.0
AT_ONCE = 50
LONG_PAUSE = 10.0
FINAL = tuple(state.value for state in State if state.final)

log = structlog.get_logger("precheck")


class CheckQueue:
    """Args: after: is called with a submission's id when a report was written, or the check failed. beside: is called after each
    round: what follows from reports."""

    def __init__(
        self,
        database: Database,
        office: Office,
        clock: Clock,
        check: Check,
        after: Callable[[str], Awaitable[None]],
        beside: Callable[[], Awaitable[None]],
    ) -> None:
        self._database = database
        self._office = office
        self._clock = clock
        self._check = check
        self._after = after
        self._beside = beside
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._newest_correction = -1
        self._ended = False

    async def start(self) -> None:
        """Go on where the last run stopped."""
        self._ended = False
        self._task = asyncio.create_task(self._run(), name="precheck")

    async def close(self) -> None:
        """Stop; what isn't checked stays wanted."""
        # Python 3.11's wait_for loses a cancellation that comes with the bell: the flag ends the loop then.
        self._ended = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def wake(self) -> None:
        """Something may be to be checked."""
        self._wake.set()

    async def _run(self) -> None:
        while not self._ended:
            self._wake.clear()
            try:
                done = await self.run_once()
            except HubError as error:
                log.warning("precheck_held_up", code=error.code)
                await asyncio.sleep(LONG_PAUSE)
                continue
            except Exception as error:
                log.error("precheck_held_up", error=type(error).__name__)
                await asyncio.sleep(LONG_PAUSE)
                continue
            if done < AT_ONCE:
                try:
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
                except TimeoutError:
                    continue

    async def run_once(self) -> int:
        """Check all that is due now; how many there were. Raises Unavailable."""
        await self._follow_corrections()
        due = await self._database.run(_due, read_only=True)
        for submission_id in due:
            await self._check_one(submission_id)
        await self._beside()
        return len(due)

    async def _follow_corrections(self) -> None:
        """A field that somebody has put right makes the reports stale that rest on it."""
        newest = select(func.max(DocumentCorrection.id))
        found = await self._database.run(lambda session: session.scalar(newest) or 0, read_only=True)
        if found > self._newest_correction:
            await self._database.run(_want_after_corrections)
            self._newest_correction = found

    async def _check_one(self, submission_id: str) -> None:
        today = self._office.calendar.day_of(self._clock.now())

        def read(session: Session) -> Loaded | None:
            submission = session.get(Submission, submission_id)
            if submission is None or submission.check_wanted is None:
                return None
            return load(session, submission, self._office.items.of(session, submission), today)

        try:
            loaded = await self._database.run(read, read_only=True)
            if loaded is None:
                return
            begun = time.perf_counter()
            report = await asyncio.to_thread(self._check, loaded.case)
            milliseconds = (time.perf_counter() - begun) * 1000
        except Unavailable:
            raise
        except Exception as error:
            # What a foreign exception says may come from a paper: its type is all that is kept.
            log.error("precheck_failed", submission=submission_id, error=type(error).__name__)
            await self._database.run(partial(self._failed, submission_id))
            await self._after(submission_id)
            return
        if await self._database.run(partial(self._write, submission_id, loaded, report, milliseconds)):
            await self._after(submission_id)

    def _write(self, submission_id: str, loaded: Loaded, report: Report, milliseconds: float, session: Session) -> bool:
        submission = session.get(Submission, submission_id, with_for_update=True)
        if submission is None or submission.check_wanted is None or submission.state in FINAL:
            return False
        if basis_of(submission, handed_in(session, submission_id)) != loaded.basis:
            return False
        moment = self._clock.now()
        number = submission.report_number + 1
        session.add(
            SubmissionReport(
                submission_id=submission_id,
                number=number,
                run_at=moment,
                basis=loaded.basis,
                verdict=report.verdict.value,
                content=to_data(report),
                surety=surety_of(loaded.case, report),
                milliseconds=milliseconds,
            )
        )
        defects = sum(one.severity is Severity.DEFECT for one in report.findings)
        undetermined = sum(one.severity is Severity.UNDETERMINED for one in report.findings)
        submission.report_number = number
        submission.defects, submission.undetermined = defects, undetermined
        submission.risk = self._office.policy.risk.of(defects, undetermined)
        submission.corrections_seen = loaded.newest_correction
        # Asked for before all was read: once more when it is.
        submission.check_wanted = "read" if loaded.unread else None
        submission.check_failures = 0
        submission.automatic_due = submission.state == State.RECEIVED and not loaded.unread
        if submission.state in (State.RECEIVED, State.ACCEPTED):
            submission.revision += 1
        submission.updated_at = moment
        append(
            session,
            submission,
            "checked",
            MACHINE,
            {
                "report": number,
                "verdict": report.verdict.value,
                "defects": defects,
                "undetermined": undetermined,
                "versions": dict(report.versions),
            },
            at=moment,
        )
        return True

    def _failed(self, submission_id: str, session: Session) -> None:
        submission = session.get(Submission, submission_id, with_for_update=True)
        if submission is None or submission.check_wanted is None:
            return
        submission.check_failures += 1
        if submission.check_failures >= self._office.policy.check_attempts:
            submission.check_wanted = None
            submission.automatic_due = False
            append(session, submission, "check_failed", MACHINE, {"attempts": submission.check_failures})


def _due(session: Session) -> list[str]:
    unread = (
        select(SubmissionPaper.document_id)
        .join(Document, Document.id == SubmissionPaper.document_id)
        .where(SubmissionPaper.submission_id == Submission.id, Document.status.in_(UNREAD))
        .exists()
    )
    wanted = select(Submission.id).where(
        Submission.check_wanted.is_not(None),
        Submission.state.not_in(FINAL),
        (Submission.check_wanted == "now") | ~unread,
    )
    return list(session.scalars(wanted.order_by(Submission.updated_at, Submission.id).limit(AT_ONCE)))


def _want_after_corrections(session: Session) -> None:
    corrected = (
        select(Submission.id)
        .join(SubmissionPaper, SubmissionPaper.submission_id == Submission.id)
        .join(DocumentCorrection, DocumentCorrection.document_id == SubmissionPaper.document_id)
        .where(Submission.state.not_in(FINAL), Submission.check_wanted.is_(None))
        .group_by(Submission.id, Submission.corrections_seen)
        .having(func.max(DocumentCorrection.id) > Submission.corrections_seen)
    )
    session.execute(
        update(Submission)
        .where(Submission.id.in_(list(session.scalars(corrected))))
        .values(check_wanted="read", check_failures=0, automatic_due=False)
        .execution_options(synchronize_session=False)
    )
