"""What time alone does to the queue: nobody waits for a clerk who is gone, nor a clerk for a citizen who is.

`sweep` may run in several processes at once: every move locks its handover and looks at it again first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.database import now
from services.consult.desk import callbacks
from services.consult.desk.duty import anybody_available, is_present
from services.consult.desk.handovers import SYSTEM_DESK, moved
from services.consult.desk.hours import ServiceHours
from services.consult.desk.lifecycle import Move, State
from services.consult.desk.rules import Rules
from services.consult.desk.tables import DeskCallback, DeskClerk, DeskHandover
from services.consult.desk.transcript import silent_since


def sweep(session: Session, rules: Rules, hours: ServiceHours) -> int:
    """Move what has to move; how many handovers did."""
    moment = now()
    clerks = session.scalars(select(DeskClerk)).all()
    present = {clerk.id for clerk in clerks if is_present(clerk, rules, moment)}
    gone = [clerk.id for clerk in clerks if clerk.id not in present]
    session.execute(delete(DeskClerk).where(DeskClerk.id.in_(gone)))
    count = _each(
        session,
        _in_state(session, State.ATTENDED),
        lambda row: row.state == State.ATTENDED.value and row.clerk_id not in present,
        lambda row: moved(session, row, Move.REQUEUE, SYSTEM_DESK, rules),
    )
    silent = silent_since(session, moment - timedelta(seconds=rules.file.queue.citizen_gone_seconds))

    def leave(row: DeskHandover) -> None:
        moved(session, row, Move.LEAVE, SYSTEM_DESK, rules)
        callbacks.dropped(session, row.id)

    count += _each(session, silent, lambda row: row.state == State.WAITING.value, leave)
    if not anybody_available(session, rules, hours):

        def promise(row: DeskHandover) -> None:
            row.promised_at = hours.promised(moment)
            told = {"hours": hours.told(), "promised": hours.in_words(row.promised_at)}
            moved(session, row, Move.NO_ONE_LEFT, SYSTEM_DESK, rules, **told)

        count += _each(
            session, _in_state(session, State.WAITING), lambda row: row.state == State.WAITING.value, promise
        )
    return count + _each(
        session,
        _without_number(session),
        lambda row: row.state == State.CALLBACK.value,
        lambda row: moved(session, row, Move.EXPIRE, SYSTEM_DESK, rules),
    )


def _each(
    session: Session,
    ids: Sequence[int],
    still: Callable[[DeskHandover], bool],
    move: Callable[[DeskHandover], None],
) -> int:
    count = 0
    for handover_id in ids:
        row = session.get(DeskHandover, handover_id, with_for_update=True, populate_existing=True)
        if row is not None and still(row):
            move(row)
            count += 1
    return count


def _in_state(session: Session, state: State) -> list[int]:
    return list(session.scalars(select(DeskHandover.id).where(DeskHandover.state == state.value)))


def _without_number(session: Session) -> list[int]:
    """Promises that have passed though nobody could be called: no number was left."""
    number = select(DeskCallback.id).where(
        DeskCallback.handover_id == DeskHandover.id,
        DeskCallback.state.in_((callbacks.WANTED, callbacks.TAKEN)),
    )
    return list(
        session.scalars(
            select(DeskHandover.id).where(
                DeskHandover.state == State.CALLBACK.value, DeskHandover.promised_at < now(), ~number.exists()
            )
        )
    )
