"""The numbers of the consult bot, and the conversations behind each of them. Reads only.

Comes in: days, and what to split by. Goes out: counts, shares and percentiles (nearest rank, of the seconds an answer
took); conversations, masked as they are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import NotFound
from knowledge_base.entries import LifeEvent
from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from services.consult.desk.transcript import transcript
from services.consult.naming import item_names, subject_of
from services.consult.tables import ConsultMessage, ConsultSession
from services.consult.voice import measures
from services.consult.voice.facts import read_facts
from services.consult.voice.figures import figures, figures_by, issues_of, unresolved
from services.consult.voice.measures import Measure
from services.consult.voice.numbers_schemas import (
    By,
    ConversationLine,
    ConversationList,
    ConversationView,
    Numbers,
)
from services.consult.voice.tables import VoiceRating

CHANNELS = {
    "pc": "网页",
    "mobile": "手机",
    "kiosk": "自助机",
    "window": "窗口",
    "api": "接口",
    "embed": "嵌入",
    "agent": "智能体",
    "mcp": "智能体工具",
}
NOTE = (
    "对话不记名：同一个人另开一次对话，按新的一次计，所以“一次办成”是上限。"
    "一次办成：一次对话里问到的一个事项（或者一件事）得到了答复，"
    "7 天内没有隔 30 分钟以上再回到这次对话里问同一事项，没有评低分，也没有转人工。"
)
NO_ITEM = "没有认定事项"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which messages are looked at. Days are included."""

    start: date
    end: date
    item_id: str | None = None
    department: str | None = None
    channel: str | None = None


class NumbersReader:
    """Numbers of `database`; `library` gives the one in force, for names and departments."""

    def __init__(self, database: Database, library: Callable[[], Library]) -> None:
        self._database = database
        self._library = library
        self._names = item_names(library)

    async def numbers(self, scope: Scope, by: By) -> Numbers:
        """The period in figures. Raises Invalid (`period_invalid`)."""
        where = self._where(scope)
        begin, end = measures.period(scope.start, scope.end)
        library = self._library()

        def department(item_id: str) -> str:
            subject = subject_of(library, item_id)
            return subject.department if subject is not None else ""

        def work(session: Session) -> Numbers:
            facts = read_facts(session, where, begin, end)
            issues = issues_of(facts)
            total = figures_by(facts, issues, None, department).get("", {})
            rows = [
                figures(key, self._title(by, key), counts)
                for key, counts in figures_by(facts, issues, by, department).items()
            ]
            rows.sort(key=lambda row: row.key if by == "day" else (-row.questions, row.key))
            return Numbers(total=figures("", "合计", total), rows=rows, note=NOTE)

        return await self._database.run(work, read_only=True)

    def _where(self, scope: Scope) -> list[ColumnElement[bool]]:
        begin, end = measures.period(scope.start, scope.end)
        where = [ConsultMessage.created_at >= begin, ConsultMessage.created_at < end]
        if scope.item_id is not None:
            where.append(func.coalesce(ConsultMessage.item_id, "") == scope.item_id)
        if scope.department is not None:
            entries = self._library().entries.values()
            subjects = [one for one in entries if isinstance(one, ServiceItem | LifeEvent)]
            if scope.department:
                own = [one.id for one in subjects if one.department == scope.department]
                where.append(ConsultMessage.item_id.in_(own))
            else:  # no item, or one that is gone
                known = [one.id for one in subjects]
                where.append(or_(ConsultMessage.item_id.is_(None), ConsultMessage.item_id.not_in(known)))
        if scope.channel is not None:
            where.append(ConsultMessage.channel == scope.channel)
        return where

    def _title(self, by: By, key: str) -> str:
        if by == "item":
            item = self._names(key or None)
            return item.name if item is not None else NO_ITEM
        if by == "channel":
            return CHANNELS.get(key, key)
        return key or (NO_ITEM if by == "department" else "合计")

    # Conversations

    async def conversations(self, scope: Scope, measure: Measure, *, page: int, page_size: int) -> ConversationList:
        """The conversations that a number counts. Raises Invalid (`period_invalid`)."""
        where = self._where(scope)
        begin, end = measures.period(scope.start, scope.end)

        def work(session: Session) -> ConversationList:
            if measure == "unresolved":
                found = unresolved(read_facts(session, where, begin, end))
                page_of = found[(page - 1) * page_size : page * page_size]
                return ConversationList(conversations=_lines(session, page_of), total=len(found))
            message = ConsultMessage
            counts = measures.condition(measure)
            chosen = (
                select(message.session_id, func.min(message.number))
                .where(*where, *(() if counts is None else (counts,)))
                .group_by(message.session_id)
            )
            total = session.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
            newest = chosen.order_by(func.max(message.created_at).desc(), message.session_id)
            shown = session.execute(newest.limit(page_size).offset((page - 1) * page_size))
            return ConversationList(conversations=_lines(session, [(row[0], row[1]) for row in shown]), total=total)

        return await self._database.run(work, read_only=True)

    async def conversation(self, session_id: str) -> ConversationView:
        """One in full. Raises NotFound (`session_not_found`)."""

        def work(session: Session) -> ConversationView:
            row = session.get(ConsultSession, session_id)
            if row is None:
                raise NotFound("没有这次对话。", code="session_not_found")
            return ConversationView(
                session_id=row.id,
                channel=CHANNELS.get(row.channel, row.channel),
                began_at=row.created_at,
                lines=transcript(session, session_id, self._names),
            )

        return await self._database.run(work, read_only=True)


def _lines(session: Session, wanted: Sequence[tuple[str, int]]) -> list[ConversationLine]:
    """Conversations by their ids, each shown by the question of that number; in the order in which they come."""
    message = ConsultMessage
    rows = session.execute(
        select(message.number, message.question, message.status, VoiceRating.grade, ConsultSession)
        .join(ConsultSession, ConsultSession.id == message.session_id)
        .outerjoin(
            VoiceRating, and_(VoiceRating.session_id == message.session_id, VoiceRating.number == message.number)
        )
        .where(tuple_(message.session_id, message.number).in_(wanted))
    )
    lines = {
        (about.id, number): ConversationLine(
            session_id=about.id,
            channel=CHANNELS.get(about.channel, about.channel),
            began_at=about.created_at,
            messages=about.messages,
            question=question,
            status=status,
            grade=grade,
        )
        for number, question, status, grade, about in rows
    }
    return [lines[place] for place in wanted if place in lines]
