"""Handovers in the database: open one, move it, say something in it, tell where it stands.

Plain functions over a database session; one call is part of one transaction of the caller's. Whatever is written to a
conversation is written with its handover locked, so that the ids of its messages rise in the order in which they become
visible: somebody who reads on from an id misses none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from core.database import now
from core.errors import NotFound
from knowledge_base.life.lifecycle import SYSTEM_PREFIX, Actor
from services.consult.desk.contract import Reason
from services.consult.desk.lifecycle import LIVE_STATES, OPEN_STATES, Move, State, target_of
from services.consult.desk.live import Standing
from services.consult.desk.rules import Rules
from services.consult.desk.tables import DeskEvent, DeskHandover, DeskMessage
from services.consult.schemas import HandoverView
from services.consult.tables import ConsultSession

SYSTEM_DESK = Actor(f"{SYSTEM_PREFIX}desk", "系统")
CITIZEN = Actor(f"{SYSTEM_PREFIX}citizen", "市民")
"""Citizens have no name here: the conversation's id is all that is known of them."""
OPEN = [state.value for state in OPEN_STATES]
LATELY = timedelta(minutes=2)


def check_session(session: Session, session_id: str) -> None:
    """Raises NotFound (`session_not_found`) unless the conversation is stored."""
    if session.get(ConsultSession, session_id) is None:
        raise NotFound("这次对话不存在或者已经结束，请重新开始。", code="session_not_found", param="session_id")


def open_handover(session: Session, session_id: str, *, lock: bool = False) -> DeskHandover | None:
    """The conversation's open handover."""
    query = select(DeskHandover).where(DeskHandover.session_id == session_id, DeskHandover.state.in_(OPEN))
    return session.scalars(query.with_for_update() if lock else query).first()


def latest_handover(session: Session, session_id: str) -> DeskHandover | None:
    """The conversation's last handover, whatever has become of it."""
    return session.scalars(
        select(DeskHandover).where(DeskHandover.session_id == session_id).order_by(DeskHandover.id.desc()).limit(1)
    ).first()


def handover(session: Session, handover_id: int, *, lock: bool = False) -> DeskHandover:
    """Raises NotFound (`handover_not_found`)."""
    found = session.get(DeskHandover, handover_id, with_for_update=lock or None)
    if found is None:
        raise NotFound("没有这个人工会话。", code="handover_not_found")
    return found


def opened(
    session: Session, session_id: str, *, reason: Reason, item_id: str | None, promised_at: datetime | None
) -> DeskHandover:
    """A new handover: in the queue, or with `promised_at` for a callback."""
    moment = now()
    row = DeskHandover(
        session_id=session_id,
        item_id=item_id,
        reason=reason,
        state=(State.CALLBACK if promised_at else State.WAITING).value,
        promised_at=promised_at,
        revision=1,
        requested_at=moment,
        seen_at=moment,
        updated_at=moment,
    )
    session.add(row)
    session.flush()
    noted(session, "request", CITIZEN if reason == "asked" else SYSTEM_DESK, handover_id=row.id, note=reason)
    return row


def moved(session: Session, row: DeskHandover, move: Move, by: Actor, rules: Rules, **told: str) -> None:
    """Move the locked `row`, tell the citizen, write down who did it. `told`: values of the text in rules.yaml.

    Raises:
        Conflict: it can't go there from where it is (see `lifecycle.target_of`).
    """
    way = target_of(move, State(row.state), row.clerk_name)
    moment = now()
    row.state = way.target.value
    if move is Move.TAKE:
        row.clerk_id, row.clerk_name, row.attended_at = by.id, by.name, moment
    elif move is Move.REQUEUE:
        row.clerk_id = row.clerk_name = None
    if way.target not in OPEN_STATES:
        row.ended_at = moment
    if way.target is not State.CALLBACK and way.target in OPEN_STATES:
        row.promised_at = None
    noted(session, move.value, by, handover_id=row.id)
    if way.told is not None:
        said(session, row, "system", rules.say(way.told, **told))
    else:
        row.revision += 1
        row.updated_at = moment


def said(session: Session, row: DeskHandover, author: str, text: str, *, clerk_name: str | None = None) -> DeskMessage:
    """Add a line to the conversation of the locked `row`. `text` is masked already."""
    moment = now()
    message = DeskMessage(
        session_id=row.session_id,
        handover_id=row.id,
        author=author,
        clerk_name=clerk_name,
        text=text,
        created_at=moment,
    )
    session.add(message)
    row.revision += 1
    row.updated_at = moment
    session.flush()
    return message


def noted(
    session: Session,
    action: str,
    by: Actor,
    *,
    handover_id: int | None = None,
    callback_id: int | None = None,
    note: str | None = None,
) -> None:
    """Write down who did what."""
    session.add(
        DeskEvent(
            handover_id=handover_id,
            callback_id=callback_id,
            action=action,
            actor_id=by.id,
            actor_name=by.name,
            note=note,
            created_at=now(),
        )
    )


def place_of(session: Session, row: DeskHandover) -> int | None:
    """The place in the queue from 1; None if it doesn't wait."""
    if row.state != State.WAITING.value:
        return None
    before = tuple_(DeskHandover.requested_at, DeskHandover.id) < tuple_(row.requested_at, row.id)
    ahead = session.scalar(
        select(func.count()).select_from(DeskHandover).where(DeskHandover.state == State.WAITING.value, before)
    )
    return 1 + (ahead or 0)


def shown(session: Session, row: DeskHandover) -> HandoverView:
    """Where it stands, as the citizen is told: given back and left are ends like any other."""
    state = State(row.state)
    return HandoverView(
        state="closed" if state not in OPEN_STATES else state.value,
        place=place_of(session, row),
        clerk=row.clerk_name if state is State.ATTENDED else None,
        promised_at=row.promised_at if state is State.CALLBACK else None,
    )


def messages_after(session: Session, session_id: str, after: int) -> Sequence[DeskMessage]:
    """The conversation's live messages after the id `after`, in order."""
    query = select(DeskMessage).where(DeskMessage.session_id == session_id, DeskMessage.id > after)
    return session.scalars(query.order_by(DeskMessage.id)).all()


def standing(session: Session) -> dict[str, tuple[Standing, bool]]:
    """By conversation: its newest handover that is open or changed a short while ago, and whether it is open."""
    rows = session.execute(
        select(DeskHandover.session_id, DeskHandover.id, DeskHandover.revision, DeskHandover.state)
        .where(or_(DeskHandover.state.in_(OPEN), DeskHandover.updated_at > now() - LATELY))
        .order_by(DeskHandover.id)
    )
    return {row.session_id: ((row.id, row.revision, row.state), row.state in OPEN) for row in rows}


def is_live(row: DeskHandover) -> bool:
    """Whether the citizen has something to follow."""
    return State(row.state) in LIVE_STATES
