"""Callbacks: a phone number is left, a clerk takes it, calls, and says that it is done; then the number is removed.

Plain functions over a database session, part of the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.database import now
from core.errors import Conflict, NotFound
from knowledge_base.life.lifecycle import Actor
from services.consult.desk.handovers import handover, moved, noted
from services.consult.desk.lifecycle import Move, State
from services.consult.desk.rules import Rules
from services.consult.desk.sealing import Contact, Sealing
from services.consult.desk.tables import DeskCallback, DeskHandover

WANTED, TAKEN, DONE, DROPPED = "waiting", "taken", "done", "dropped"
SHOWN_AFTERWARDS = timedelta(hours=24)


def wanted(
    session: Session, row: DeskHandover, contact: Contact, sealing: Sealing, promised_at: datetime
) -> DeskCallback:
    """The callback of the locked handover `row`; a second number replaces the first. The promise that was given stays."""
    callback = session.scalars(
        select(DeskCallback)
        .where(DeskCallback.handover_id == row.id, DeskCallback.state.in_((WANTED, TAKEN)))
        .with_for_update()
    ).first()
    if callback is None:
        callback = DeskCallback(
            session_id=row.session_id,
            handover_id=row.id,
            state=WANTED,
            promised_at=promised_at,
            created_at=now(),
            phone_shown=contact.phone_shown,
        )
        session.add(callback)
    callback.sealed, callback.phone_shown = sealing.seal(contact), contact.phone_shown
    session.flush()
    return callback


def listed(session: Session) -> Sequence[DeskCallback]:
    """What is to be done, the most urgent first, then what was done within a day."""
    rows = session.scalars(
        select(DeskCallback)
        .where(or_(DeskCallback.state.in_((WANTED, TAKEN)), DeskCallback.done_at > now() - SHOWN_AFTERWARDS))
        .order_by(DeskCallback.promised_at, DeskCallback.id)
    ).all()
    return sorted(rows, key=lambda row: row.state not in (WANTED, TAKEN))


def contact_of(row: DeskCallback, reader: Actor, sealing: Sealing) -> Contact | None:
    """Phone and name for the clerk who took it, None for everybody else."""
    if row.sealed is None or row.state != TAKEN or row.clerk_id != reader.id:
        return None
    return sealing.open(row.sealed)


def taken(session: Session, callback_id: int, by: Actor) -> DeskCallback:
    """Taken by a clerk, who then sees the number. Raises NotFound, Conflict (`callback_taken`, `callback_done`)."""
    row = _callback(session, callback_id)
    if row.state == TAKEN and row.clerk_id != by.id:
        raise Conflict(f"这个回电已经由{row.clerk_name}领取。", code="callback_taken")
    if row.state == WANTED:
        row.state, row.clerk_id, row.clerk_name = TAKEN, by.id, by.name
        noted(session, "call_take", by, callback_id=row.id, handover_id=row.handover_id)
    elif row.state != TAKEN:
        raise _done()
    return row


def released(session: Session, callback_id: int, by: Actor) -> DeskCallback:
    """Put back for others. Raises NotFound, Conflict."""
    row = _mine(session, callback_id, by)
    row.state, row.clerk_id, row.clerk_name = WANTED, None, None
    noted(session, "call_release", by, callback_id=row.id, handover_id=row.handover_id)
    return row


def done(session: Session, callback_id: int, by: Actor, rules: Rules, note: str | None) -> DeskCallback:
    """Called: the number is removed, the handover ends. `note` is masked. Raises NotFound, Conflict."""
    # The handover first: everything that writes locks in this order.
    found = session.get(DeskCallback, callback_id)
    if found is None:
        raise _unknown()
    row = handover(session, found.handover_id, lock=True)
    callback = _mine(session, callback_id, by)
    callback.state, callback.sealed, callback.note, callback.done_at = DONE, None, note, now()
    noted(session, "call_done", by, callback_id=callback.id, handover_id=row.id)
    # Somebody who came back may be in the queue, or with a clerk, by now.
    if row.state == State.CALLBACK.value:
        moved(session, row, Move.CALLED, by, rules)
    return callback


def dropped(session: Session, handover_id: int) -> None:
    """Nobody has to be called any more: the citizen left, or a clerk closed it. The number is removed."""
    for row in session.scalars(
        select(DeskCallback).where(DeskCallback.handover_id == handover_id, DeskCallback.state.in_((WANTED, TAKEN)))
    ):
        row.state, row.sealed, row.done_at = DROPPED, None, now()


def _callback(session: Session, callback_id: int) -> DeskCallback:
    row = session.get(DeskCallback, callback_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise _unknown()
    return row


def _mine(session: Session, callback_id: int, by: Actor) -> DeskCallback:
    row = _callback(session, callback_id)
    if row.state not in (WANTED, TAKEN):
        raise _done()
    if row.state != TAKEN or row.clerk_id != by.id:
        raise Conflict("请先领取这个回电。", code="callback_not_yours")
    return row


def _unknown() -> NotFound:
    return NotFound("没有这个回电请求。", code="callback_not_found")


def _done() -> Conflict:
    return Conflict("这个回电请求已经处理。", code="callback_done")
