"""Who is on duty: clerks come and go, and are gone when their page has not been heard of for a while.

A clerk is *present* while their page speaks, and *available* within the service hours, or when they came on duty outside
of them on purpose (overtime, for at most `OVERTIME`): a page left open at night must not keep citizens waiting. Plain
functions over a database session.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import now
from core.errors import Conflict
from knowledge_base.life.lifecycle import Actor
from services.consult.desk.handovers import noted
from services.consult.desk.hours import ServiceHours
from services.consult.desk.lifecycle import State
from services.consult.desk.rules import Rules
from services.consult.desk.tables import DeskClerk, DeskHandover

OVERTIME = timedelta(hours=4)


def is_present(clerk: DeskClerk, rules: Rules, moment: datetime) -> bool:
    """Whether the clerk's page has been heard of lately."""
    return moment - clerk.seen_at <= timedelta(seconds=rules.file.queue.clerk_gone_seconds)


def is_available(clerk: DeskClerk, rules: Rules, hours: ServiceHours, moment: datetime) -> bool:
    """Whether the clerk may be given a conversation."""
    if not is_present(clerk, rules, moment):
        return False
    return hours.is_open(moment) or (not hours.is_open(clerk.since) and moment - clerk.since <= OVERTIME)


def present_clerks(session: Session, rules: Rules) -> list[DeskClerk]:
    """Clerks whose pages speak, the longest on duty first."""
    moment = now()
    rows = session.scalars(select(DeskClerk).order_by(DeskClerk.since)).all()
    return [row for row in rows if is_present(row, rules, moment)]


def anybody_available(session: Session, rules: Rules, hours: ServiceHours) -> bool:
    """Whether somebody who asks for a person now has whom to wait for."""
    moment = now()
    return any(is_available(row, rules, hours, moment) for row in session.scalars(select(DeskClerk)).all())


def come(session: Session, clerk: Actor, rules: Rules, hours: ServiceHours) -> DeskClerk:
    """On duty from now. Coming again while available changes nothing but that the clerk has been heard of."""
    moment = now()
    row = session.get(DeskClerk, clerk.id, with_for_update=True)
    if row is None:
        row = DeskClerk(id=clerk.id, name=clerk.name, since=moment, seen_at=moment)
        session.add(row)
        noted(session, "on_duty", clerk)
    elif not is_available(row, rules, hours, moment):
        row.since = moment
        noted(session, "on_duty", clerk)
    row.name, row.seen_at = clerk.name, moment
    session.flush()
    return row


def heard(session: Session, clerk: Actor, rules: Rules) -> DeskClerk | None:
    """The clerk's page speaks; None if they are not on duty (any more)."""
    moment = now()
    row = session.get(DeskClerk, clerk.id, with_for_update=True)
    if row is None or not is_present(row, rules, moment):
        return None
    row.seen_at = moment
    return row


def go(session: Session, clerk: Actor) -> None:
    """Off duty.

    Raises:
        Conflict: conversations are still attended to (`still_attending`).
    """
    if count := attending(session, clerk.id):
        raise Conflict(
            f"您还有 {count} 个正在服务的会话，请先结束或者交还智能助手，再下班。",
            code="still_attending",
            detail={"attending": count},
        )
    row = session.get(DeskClerk, clerk.id, with_for_update=True)
    if row is not None:
        session.delete(row)
        noted(session, "off_duty", clerk)


def attending(session: Session, clerk_id: str) -> int:
    """How many conversations the clerk attends to."""
    query = select(func.count()).select_from(DeskHandover)
    return (
        session.scalar(query.where(DeskHandover.state == State.ATTENDED.value, DeskHandover.clerk_id == clerk_id)) or 0
    )


def check_available(session: Session, clerk: Actor, rules: Rules, hours: ServiceHours) -> None:
    """Raises Conflict unless the clerk may take one more (`not_on_duty`, `too_many_at_once`)."""
    row = session.get(DeskClerk, clerk.id, with_for_update=True)
    if row is None or not is_available(row, rules, hours, now()):
        raise Conflict("您还没有上班；请先点“上班”，再接入会话。", code="not_on_duty")
    most = rules.file.queue.most_at_once
    if attending(session, clerk.id) >= most:
        raise Conflict(f"您同时服务的会话已经有 {most} 个，请先结束一个。", code="too_many_at_once")
