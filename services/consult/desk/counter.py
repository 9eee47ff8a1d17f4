"""The clerks' side of the desk: who is on duty, the queue, one conversation, taking it over, answering, giving it back.

Every method is one transaction that also writes down who did it; then the citizen's pages are woken.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from core.database import now
from core.errors import Conflict, Invalid
from knowledge_base.library import Library
from knowledge_base.life.lifecycle import Actor
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind
from services.consult.desk import callbacks, duty, handovers, transcript
from services.consult.desk.desk import Desk
from services.consult.desk.lifecycle import Move, State, ended
from services.consult.desk.schemas import (
    CallbackView,
    DutyView,
    FaqMade,
    FaqWanted,
    HandoverDetail,
    HandoverSummary,
    LiveMessage,
    QueueView,
)
from services.consult.desk.spoken import masked_words, message_words
from services.consult.desk.tables import DeskCallback, DeskHandover
from services.consult.naming import item_names

LONGEST_NOTE = 500
LONGEST_NAME = 200
"""Characters of a FAQ's question."""


class Counter:
    """What clerks do at `desk`. `library` is the one in force; `store` takes the drafts of FAQs."""

    def __init__(self, desk: Desk, store: LibraryStore, library: Callable[[], Library]) -> None:
        self._desk = desk
        self._store = store
        self._library = library
        self._item = item_names(library)

    # Duty

    async def duty(self, clerk: Actor, *, come: bool = False) -> DutyView:
        """On duty (`come`), or heard of: off duty stays off duty."""
        desk = self._desk

        def work(session: Session) -> DutyView:
            if come:
                duty.come(session, clerk, desk.rules, desk.hours)
            else:
                duty.heard(session, clerk, desk.rules)
            session.flush()
            return self._duty(session, clerk)

        view = await desk.write(work)
        if come:
            desk.following.wake_all()
        return view

    async def go(self, clerk: Actor) -> DutyView:
        """Off duty. Raises Conflict (`still_attending`)."""

        def work(session: Session) -> DutyView:
            duty.go(session, clerk)
            session.flush()
            return self._duty(session, clerk)

        view = await self._desk.write(work)
        # The last one to go leaves those who wait to be called back.
        await self._desk.sweep()
        self._desk.following.wake_all()
        return view

    # Reading

    async def queue(self, clerk: Actor) -> QueueView:
        """Everything at the desk."""

        def work(session: Session) -> QueueView:
            rows = list(transcript.queue(session))
            # In the order of the queue already: counting each one's place would cost a question to the database.
            places = {row.id: at for at, row in enumerate((one for one in rows if one.state == "waiting"), 1)}
            lines = [transcript.summary(session, row, clerk.id, self._item, place=places.get(row.id)) for row in rows]
            calls = [self._callback(session, row, clerk) for row in callbacks.listed(session)]
            waiting = [line for line in lines if line.state == "waiting"]
            attended = [line for line in lines if line.state == "attended"]
            return QueueView(
                waiting=waiting,
                attended=attended,
                ended=[line for line in lines if line.state not in ("waiting", "attended")],
                callbacks=calls,
                duty=self._duty(session, clerk),
            )

        return await self._desk.database.run(work, read_only=True)

    async def detail(self, handover_id: int, clerk: Actor) -> HandoverDetail:
        """One conversation in full. Raises NotFound (`handover_not_found`)."""

        def work(session: Session) -> HandoverDetail:
            row = handovers.handover(session, handover_id)
            return HandoverDetail(
                summary=transcript.summary(session, row, clerk.id, self._item),
                transcript=transcript.transcript(session, row.session_id, self._item),
                events=transcript.events(session, row.id),
                question=transcript.last_question(session, row.session_id),
                faq_id=transcript.faq_of(session, row.id),
            )

        return await self._desk.database.run(work, read_only=True)

    async def question(self, handover_id: int) -> tuple[str, str | None]:
        """The conversation's id and what was asked last. Raises NotFound."""

        def work(session: Session) -> tuple[str, str | None]:
            row = handovers.handover(session, handover_id)
            return row.session_id, transcript.last_question(session, row.session_id)

        return await self._desk.database.run(work, read_only=True)

    # A conversation

    async def take(self, handover_id: int, clerk: Actor) -> HandoverSummary:
        """Attend to it. Of two at once one wins. Taking what one attends to already changes nothing.

        Raises:
            NotFound, Conflict (`handover_taken`, `handover_ended`, `handover_state`, `not_on_duty`, `too_many_at_once`).
        """
        desk = self._desk

        def work(session: Session) -> HandoverSummary:
            handovers.handover(session, handover_id)
            # Clerks before handovers: everything that locks both does so in this order.
            if not _attends(session.get(DeskHandover, handover_id), clerk):
                duty.check_available(session, clerk, desk.rules, desk.hours)
            row = session.get_one(DeskHandover, handover_id, with_for_update=True, populate_existing=True)
            if not _attends(row, clerk):
                handovers.moved(session, row, Move.TAKE, clerk, desk.rules, clerk=clerk.name)
            session.flush()
            return transcript.summary(session, row, clerk.id, self._item)

        summary = await desk.write(work)
        desk.following.wake_all()
        return summary

    async def say(self, handover_id: int, text: str, clerk: Actor) -> LiveMessage:
        """Tell the citizen.

        Raises:
            NotFound, TooLarge, Invalid, Conflict (`handover_ended`, `handover_taken`, `handover_not_taken`).
        """
        words = message_words(text, longest=self._desk.rules.file.queue.longest_message)

        def work(session: Session) -> tuple[str, LiveMessage]:
            row = self._mine(session, handover_id, clerk)
            line = handovers.said(session, row, "clerk", words, clerk_name=clerk.name)
            # That it was said, not what: the words stand in the conversation.
            handovers.noted(session, "say", clerk, handover_id=row.id)
            return row.session_id, LiveMessage(author="clerk", text=words, at=line.created_at, clerk=clerk.name)

        session_id, message = await self._desk.write(work)
        self._desk.following.wake(session_id)
        return message

    async def give_back(self, handover_id: int, clerk: Actor) -> HandoverSummary:
        """The bot answers again. Raises NotFound, Conflict."""
        return await self._end(handover_id, Move.GIVE_BACK, clerk)

    async def close(self, handover_id: int, clerk: Actor) -> HandoverSummary:
        """It is settled; also of one that waits (spam, or settled otherwise). Raises NotFound, Conflict."""
        return await self._end(handover_id, Move.CLOSE, clerk)

    async def _end(self, handover_id: int, move: Move, clerk: Actor) -> HandoverSummary:
        def work(session: Session) -> HandoverSummary:
            row = handovers.handover(session, handover_id, lock=True)
            if row.state == State.ATTENDED.value:
                self._check_mine(row, clerk)
            handovers.moved(session, row, move, clerk, self._desk.rules)
            callbacks.dropped(session, row.id)
            session.flush()
            return transcript.summary(session, row, clerk.id, self._item)

        summary = await self._desk.write(work)
        self._desk.following.wake_all()
        return summary

    # Callbacks

    async def take_call(self, callback_id: int, clerk: Actor) -> CallbackView:
        """The number is shown to this clerk from now on. Raises NotFound, Conflict."""
        return await self._call(lambda session: callbacks.taken(session, callback_id, clerk), clerk)

    async def release_call(self, callback_id: int, clerk: Actor) -> CallbackView:
        """Somebody else may take it. Raises NotFound, Conflict."""
        return await self._call(lambda session: callbacks.released(session, callback_id, clerk), clerk)

    async def end_call(self, callback_id: int, note: str | None, clerk: Actor) -> CallbackView:
        """Called; the number is removed. Raises NotFound, Conflict, TooLarge."""
        if note is not None and len(note) > LONGEST_NOTE:
            raise Invalid(f"备注最多 {LONGEST_NOTE} 个字。", code="text_too_long", param="note")
        words = masked_words(note or "") or None
        return await self._call(
            lambda session: callbacks.done(session, callback_id, clerk, self._desk.rules, words), clerk
        )

    async def _call(self, change: Callable[[Session], DeskCallback], clerk: Actor) -> CallbackView:
        def work(session: Session) -> CallbackView:
            row = change(session)
            session.flush()
            return self._callback(session, row, clerk)

        view = await self._desk.write(work)
        self._desk.following.wake_all()
        return view

    # A good answer

    async def faq(self, handover_id: int, wanted: FaqWanted, clerk: Actor) -> FaqMade:
        """Draft a FAQ out of it; it goes the way of every text of the library, through the review of another person.

        Raises:
            NotFound, Invalid (`item_unknown`, `text_empty`), TooLarge, ContentInvalid.
        """
        await self.question(handover_id)
        item = self._library().items.get(wanted.item_id)
        if item is None:
            raise Invalid("内容库里没有这个事项。", code="item_unknown", param="item_id")
        question = message_words(wanted.question, longest=LONGEST_NAME, param="question").replace("\n", " ")
        answer = message_words(wanted.answer, longest=self._desk.rules.file.queue.longest_message, param="answer")
        document = {
            "name": question,
            "item": item.id,
            "element": wanted.element.value,
            "answer": answer,
            "department": item.department,
        }
        draft = await self._store.create_draft(EntryKind.FAQ, document, clerk)
        await self._desk.write(
            lambda session: handovers.noted(session, "faq", clerk, handover_id=handover_id, note=draft.entry_id)
        )
        return FaqMade(entry_id=draft.entry_id, number=draft.number)

    # Parts

    def _mine(self, session: Session, handover_id: int, clerk: Actor) -> DeskHandover:
        row = handovers.handover(session, handover_id, lock=True)
        if row.ended_at is not None:
            raise ended()
        if row.state != State.ATTENDED.value:
            raise Conflict("请先接入这个会话，再回复。", code="handover_not_taken")
        self._check_mine(row, clerk)
        return row

    def _check_mine(self, row: DeskHandover, clerk: Actor) -> None:
        if row.clerk_id != clerk.id:
            raise Conflict(f"这个会话已经由{row.clerk_name}接入。", code="handover_taken")

    def _duty(self, session: Session, clerk: Actor) -> DutyView:
        rules, hours, moment = self._desk.rules, self._desk.hours, now()
        clerks = duty.present_clerks(session, rules)
        mine = next((row for row in clerks if row.id == clerk.id), None)
        return DutyView(
            on_duty=mine is not None,
            available=mine is not None and duty.is_available(mine, rules, hours, moment),
            since=mine.since if mine is not None else None,
            open_now=hours.is_open(moment),
            hours=hours.told(),
            notice=hours.notice(moment),
            clerks=[row.name for row in clerks if duty.is_available(row, rules, hours, moment)],
        )

    def _callback(self, session: Session, row: DeskCallback, clerk: Actor) -> CallbackView:
        contact = callbacks.contact_of(row, clerk, self._desk.sealing)
        origin = handovers.handover(session, row.handover_id)
        return CallbackView(
            id=row.id,
            handover_id=row.handover_id,
            state=row.state,
            item=self._item(transcript.subject(session, origin)),
            last_question=transcript.last_question(session, row.session_id),
            phone_shown=row.phone_shown,
            phone=contact.phone if contact else None,
            name=contact.name if contact else None,
            promised_at=row.promised_at,
            overdue=row.done_at is None and row.promised_at < now(),
            clerk=row.clerk_name,
            mine=row.clerk_id == clerk.id,
            note=row.note,
            created_at=row.created_at,
        )


def _attends(row: DeskHandover | None, clerk: Actor) -> bool:
    return row is not None and row.state == State.ATTENDED.value and row.clerk_id == clerk.id
