"""Ratings of answers, and the follow-up of the low ones.

Comes in: a grade of one answer, by whoever knows the conversation's id. Goes out: the rating as kept, masked. A low one
becomes a follow-up that is due in working days; a better grade later closes one that nobody has taken up.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import Conflict, HubError, NotFound
from knowledge_base.life.lifecycle import SYSTEM_PREFIX, Actor
from knowledge_base.samples import Consent, SampleKind, Samples
from services.consult.desk.hours import ServiceHours, load_hours
from services.consult.desk.spoken import masked_words, message_words
from services.consult.naming import ItemNames
from services.consult.personal_data import mask
from services.consult.tables import ConsultMessage
from services.consult.voice.grades import Grades, load_grades
from services.consult.voice.schemas import (
    FollowUpList,
    FollowUpMove,
    FollowUpState,
    FollowUpView,
    RatingKept,
    RatingWanted,
)
from services.consult.voice.tables import VoiceFollowUp, VoiceRating

VOICE = Actor(f"{SYSTEM_PREFIX}voice", "市民评价")
BETTER = "市民改了评价"
ATTEMPTS = 3
LONGEST_NOTE = 500

log = structlog.get_logger(__name__)


class Ratings:
    """Ratings in `database`. `item_names` gives items as the library has them now."""

    def __init__(
        self,
        database: Database,
        item_names: ItemNames,
        *,
        grades: Grades | None = None,
        hours: ServiceHours | None = None,
    ) -> None:
        self._database = database
        self._item_names = item_names
        self._samples = Samples(database, mask)
        self.grades = grades or load_grades()
        self._hours = hours or load_hours()

    async def rate(self, wanted: RatingWanted) -> RatingKept:
        """Keep or change the rating of one answer; a sample of it only with the citizen's consent.

        Raises:
            NotFound: no such conversation or message (code `answer_not_found`).
            Invalid: `reason_unknown`, `reason_missing`.
        """
        comment = masked_words(wanted.comment or "") or None
        reasons = tuple(dict.fromkeys(wanted.reasons))
        self.grades.check(wanted.grade, reasons, comment)

        def work(session: Session) -> tuple[RatingKept, int, ConsultMessage]:
            return self._kept(session, wanted, list(reasons), comment)

        for attempt in range(ATTEMPTS):
            try:
                kept, rating_id, message = await self._database.run(work)
                break
            except IntegrityError:
                # The same answer was rated twice at the same moment: now there is a row to change.
                if attempt == ATTEMPTS - 1:
                    raise Conflict("这条评价正在提交，请稍后再试。", code="rating_busy") from None
        await self._sampled(rating_id, message, kept, wanted.may_learn)
        return kept

    def _kept(
        self, session: Session, wanted: RatingWanted, reasons: list[str], comment: str | None
    ) -> tuple[RatingKept, int, ConsultMessage]:
        message = session.scalars(
            select(ConsultMessage).where(
                ConsultMessage.session_id == wanted.session_id, ConsultMessage.number == wanted.number
            )
        ).one_or_none()
        if message is None:
            raise NotFound("没有找到要评价的这条回答，请刷新后再评。", code="answer_not_found", param="number")
        moment = now()
        row = session.scalars(
            select(VoiceRating)
            .where(VoiceRating.session_id == wanted.session_id, VoiceRating.number == wanted.number)
            .with_for_update()
        ).one_or_none()
        if row is None:
            row = VoiceRating(session_id=wanted.session_id, number=wanted.number, created_at=moment)
            session.add(row)
        row.grade, row.reasons, row.comment, row.updated_at = wanted.grade, reasons, comment, moment
        session.flush()
        due = self._followed(session, row, moment)
        kept = RatingKept(
            grade=row.grade, reasons=row.reasons, comment=row.comment, followed_up=due is not None, due_at=due
        )
        return kept, row.id, message

    def _followed(self, session: Session, rating: VoiceRating, moment: datetime) -> datetime | None:
        task = session.scalars(select(VoiceFollowUp).where(VoiceFollowUp.rating_id == rating.id)).one_or_none()
        if not self.grades.is_low(rating.grade):
            if task is not None and task.state == "open":
                task.state, task.note, task.updated_at = "closed", BETTER, moment
            return None
        if task is None:
            task = VoiceFollowUp(
                rating_id=rating.id, state="open", due_at=self.grades.due(moment, self._hours), created_at=moment
            )
            session.add(task)
        elif task.state == "closed" and task.clerk_id is None:
            # The hub closed it for a better grade; it is low again.
            task.state, task.note, task.due_at = "open", None, self.grades.due(moment, self._hours)
        task.updated_at = moment
        return task.due_at

    async def _sampled(self, rating_id: int, message: ConsultMessage, kept: RatingKept, consent: bool) -> None:
        """One sample of a rating: what was learnt of an earlier grade goes, or of a consent taken back."""
        origin = f"rating:{rating_id}"
        try:
            await self._samples.forget(origin)
            if consent:
                label = {
                    "grade": kept.grade,
                    "reasons": kept.reasons,
                    "status": message.status,
                    "route": message.route,
                    "item": message.item_id,
                    "element": message.element,
                }
                await self._samples.add(
                    SampleKind.FEEDBACK, message.question, label, origin=origin, consent=Consent.GIVEN, by=VOICE
                )
        except HubError as error:
            # The rating counts without it.
            log.warning("rating_not_sampled", code=error.code)

    # Staff

    async def follow_ups(self, state: FollowUpState | None, *, page: int, page_size: int) -> FollowUpList:
        """Low ratings: what is due first comes first; what is done, newest first."""

        def work(session: Session) -> FollowUpList:
            rows = (
                select(VoiceFollowUp, VoiceRating, ConsultMessage)
                .join(VoiceRating, VoiceRating.id == VoiceFollowUp.rating_id)
                .join(
                    ConsultMessage,
                    (ConsultMessage.session_id == VoiceRating.session_id)
                    & (ConsultMessage.number == VoiceRating.number),
                )
            )
            counted = select(func.count()).select_from(VoiceFollowUp)
            total = counted
            if state is not None:
                rows = rows.where(VoiceFollowUp.state == state)
                total = total.where(VoiceFollowUp.state == state)
            first = VoiceFollowUp.due_at if state == "open" else VoiceFollowUp.updated_at.desc()
            rows = rows.order_by(first, VoiceFollowUp.id).limit(page_size).offset((page - 1) * page_size)
            return FollowUpList(
                follow_ups=[self._view(task, rating, message) for task, rating, message in session.execute(rows)],
                total=session.execute(total).scalar_one(),
                open=session.execute(counted.where(VoiceFollowUp.state == "open")).scalar_one(),
            )

        return await self._database.run(work, read_only=True)

    async def move(self, task_id: int, move: FollowUpMove, by: Actor) -> FollowUpView:
        """Handle or close it.

        Raises:
            NotFound: `follow_up_not_found`. Conflict: it is closed (`follow_up_closed`).
        """
        note = message_words(move.note, longest=LONGEST_NOTE, param="note")

        def work(session: Session) -> FollowUpView:
            task = session.get(VoiceFollowUp, task_id, with_for_update=True)
            if task is None:
                raise NotFound("没有这个回访任务。", code="follow_up_not_found")
            if task.state == "closed":
                raise Conflict("这个回访任务已经办结。", code="follow_up_closed")
            task.state, task.note, task.updated_at = move.state, note, now()
            task.clerk_id, task.clerk_name = by.id, by.name
            rating = session.get_one(VoiceRating, task.rating_id)
            message = session.scalars(
                select(ConsultMessage).where(
                    ConsultMessage.session_id == rating.session_id, ConsultMessage.number == rating.number
                )
            ).one()
            return self._view(task, rating, message)

        return await self._database.run(work)

    def _view(self, task: VoiceFollowUp, rating: VoiceRating, message: ConsultMessage) -> FollowUpView:
        return FollowUpView(
            id=task.id,
            state=task.state,
            session_id=rating.session_id,
            number=rating.number,
            question=message.question,
            answer=message.answer,
            item=self._item_names(message.item_id),
            grade=rating.grade,
            title=next(one.title for one in self.grades.grades if one.grade == rating.grade),
            reasons=rating.reasons,
            comment=rating.comment,
            due_at=task.due_at,
            overdue=task.state == "open" and task.due_at < now(),
            clerk=task.clerk_name,
            note=task.note,
            rated_at=rating.updated_at,
        )
