"""What a clerk reads of a conversation: everything that was said, by whom, in the order of time; all of it masked.

Plain functions over a database session, reading only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import now
from services.consult.desk.handovers import place_of
from services.consult.desk.lifecycle import OPEN_STATES, State
from services.consult.desk.schemas import EventLine, HandoverSummary, TranscriptLine
from services.consult.desk.tables import DeskEvent, DeskHandover, DeskMessage
from services.consult.naming import ItemNames
from services.consult.tables import ConsultMessage, ConsultSession

HERE = timedelta(seconds=100)
ENDED_SHOWN = 20
ENDED_FOR = timedelta(hours=12)
WITH_PERSON = "with_person"
CALLS_A_PERSON = "person"
"""Route of a message that asks for a person and for nothing else (routes.yaml)."""


def transcript(session: Session, session_id: str, item_names: ItemNames) -> list[TranscriptLine]:
    """The whole conversation. What was said to the clerk stands in the live messages; the bot's record of it is left out."""
    lines: list[tuple[datetime, int, TranscriptLine]] = []
    for row in session.scalars(
        select(ConsultMessage).where(ConsultMessage.session_id == session_id).order_by(ConsultMessage.number)
    ):
        if row.status == WITH_PERSON:
            continue
        at = row.created_at
        lines.append((at, 0, TranscriptLine(author="citizen", text=row.question, at=at)))
        if row.route == CALLS_A_PERSON:
            # What was told is where they stand in the queue; the record holds what is said when there is no desk.
            continue
        answer = TranscriptLine(
            author="bot",
            text=row.answer,
            at=at,
            status=row.status,
            item=item_names(row.item_id),
            section_ids=row.citations,
        )
        lines.append((at, 0, answer))
    for said in session.scalars(
        select(DeskMessage).where(DeskMessage.session_id == session_id).order_by(DeskMessage.id)
    ):
        line = TranscriptLine(
            author=said.author,
            text=said.text,
            at=said.created_at,
            clerk=said.clerk_name,
        )
        lines.append((said.created_at, said.id, line))
    # Sorting is stable: a question stays before its answer.
    return [line for _, _, line in sorted(lines, key=lambda line: line[:2])]


def last_question(session: Session, session_id: str) -> str | None:
    """What the citizen asked last, of the bot or of the clerk; a mere call for a person is not it."""
    asked = session.execute(
        select(ConsultMessage.question, ConsultMessage.created_at)
        .where(ConsultMessage.session_id == session_id, ConsultMessage.route != CALLS_A_PERSON)
        .order_by(ConsultMessage.number.desc())
        .limit(1)
    ).first()
    told = session.execute(
        select(DeskMessage.text, DeskMessage.created_at)
        .where(DeskMessage.session_id == session_id, DeskMessage.author == "citizen")
        .order_by(DeskMessage.id.desc())
        .limit(1)
    ).first()
    if told is not None and (asked is None or told.created_at >= asked.created_at):
        return str(told.text)
    return None if asked is None else str(asked.question)


def subject(session: Session, row: DeskHandover) -> str | None:
    """Id of the item that the conversation is about now."""
    talk = session.get(ConsultSession, row.session_id)
    return (talk.item_id if talk is not None else None) or row.item_id


def events(session: Session, handover_id: int) -> list[EventLine]:
    """Who did what with it, in order."""
    rows = session.scalars(select(DeskEvent).where(DeskEvent.handover_id == handover_id).order_by(DeskEvent.id))
    return [EventLine(action=row.action, by=row.actor_name, at=row.created_at, note=row.note) for row in rows]


def faq_of(session: Session, handover_id: int) -> str | None:
    """Id of the FAQ that was drafted last out of it."""
    return session.scalars(
        select(DeskEvent.note)
        .where(DeskEvent.handover_id == handover_id, DeskEvent.action == "faq")
        .order_by(DeskEvent.id.desc())
        .limit(1)
    ).first()


def summary(
    session: Session, row: DeskHandover, reader_id: str, item_names: ItemNames, *, place: int | None = None
) -> HandoverSummary:
    """One line of the queue. `place`: in it, if the caller knows."""
    moment = now()
    talk = session.get(ConsultSession, row.session_id)
    seen = max(row.seen_at, talk.updated_at) if talk is not None else row.seen_at
    until = row.attended_at or row.ended_at or moment
    if row.state == State.WAITING.value:
        until = moment
    return HandoverSummary(
        id=row.id,
        state=State(row.state).value,
        place=place or place_of(session, row),
        item=item_names(subject(session, row)),
        reason=row.reason,
        channel=talk.channel if talk is not None else None,
        last_question=last_question(session, row.session_id),
        clerk=row.clerk_name,
        mine=row.clerk_id == reader_id,
        here=moment - seen <= HERE,
        requested_at=row.requested_at,
        waited_seconds=max(0, int((until - row.requested_at).total_seconds())),
        promised_at=row.promised_at,
        revision=row.revision,
    )


def queue(session: Session) -> Iterable[DeskHandover]:
    """Handovers that are waiting or attended to, in order, then the latest that have ended."""
    open_ones = select(DeskHandover).where(DeskHandover.state.in_((State.WAITING.value, State.ATTENDED.value)))
    ended = (
        select(DeskHandover)
        .where(
            DeskHandover.state.not_in([state.value for state in OPEN_STATES]),
            DeskHandover.ended_at > now() - ENDED_FOR,
            DeskHandover.attended_at.is_not(None),
        )
        .order_by(DeskHandover.id.desc())
        .limit(ENDED_SHOWN)
    )
    yield from session.scalars(open_ones.order_by(DeskHandover.requested_at, DeskHandover.id))
    yield from session.scalars(ended)


def silent_since(session: Session, cutoff: datetime) -> list[int]:
    """Ids of the handovers that wait for a person and whose citizens have not been heard of since `cutoff`."""
    heard = (
        select(ConsultSession.id)
        .where(ConsultSession.id == DeskHandover.session_id, ConsultSession.updated_at >= cutoff)
        .exists()
    )
    return list(
        session.scalars(
            select(DeskHandover.id).where(
                DeskHandover.state == State.WAITING.value, DeskHandover.seen_at < cutoff, ~heard
            )
        )
    )
