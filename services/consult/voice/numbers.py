"""The numbers of the consult bot, and the conversations behind each of them. Reads only; sums are made in the database.

Comes in: days, and what to split by. Goes out: counts, shares and percentiles (nearest rank, of the seconds an answer
took); conversations, masked as they are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, column, distinct, func, literal, select, values
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import NotFound
from knowledge_base.library import Library
from services.consult.desk.transcript import transcript
from services.consult.tables import ConsultMessage, ConsultSession
from services.consult.voice import measures
from services.consult.voice.measures import Measure, one
from services.consult.voice.naming import item_names
from services.consult.voice.numbers_schemas import (
    By,
    ConversationLine,
    ConversationList,
    ConversationView,
    Figures,
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
}
NOTE = (
    "对话不记名：同一个人另开一次对话，按新的一次计，所以“一次办成”是上限。"
    "一次办成：一次对话里问到的一个事项得到了答复，7 天内没有隔 30 分钟以上再回到这次对话里问同一事项，没有评低分，也没有转人工。"
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
        self._dialect = database.engine.dialect.name

    async def numbers(self, scope: Scope, by: By) -> Numbers:
        """The period in figures. Raises Invalid (`period_invalid`)."""
        where = self._where(scope)

        def work(session: Session) -> Numbers:
            total = self._figures(session, where, None)
            rows = self._figures(session, where, by)
            order = sorted(rows.values(), key=lambda row: row.key if by == "day" else (-row.questions, row.key))
            return Numbers(total=total.get("") or _figures("", "合计", {}), rows=order, note=NOTE)

        return await self._database.run(work, read_only=True)

    def _where(self, scope: Scope) -> list[ColumnElement[bool]]:
        begin, end = measures.period(scope.start, scope.end)
        where = [ConsultMessage.created_at >= begin, ConsultMessage.created_at < end]
        if scope.item_id is not None:
            where.append(func.coalesce(ConsultMessage.item_id, "") == scope.item_id)
        if scope.department is not None:
            items = [one.id for one in self._library().items.values() if one.department == scope.department]
            where.append(ConsultMessage.item_id.in_(items) if scope.department else ConsultMessage.item_id.is_(None))
        if scope.channel is not None:
            where.append(ConsultMessage.channel == scope.channel)
        return where

    def _key(self, by: By | None, item: Any, channel: Any, at: Any, departments: Any) -> ColumnElement[str]:
        if by == "day":
            return measures.day_of(at, self._dialect)
        if by == "item":
            return measures.text_key(item)
        if by == "channel":
            return measures.text_key(channel)
        if by == "department":
            return func.coalesce(departments.c.department, "")
        return literal("", String)

    def _departments(self) -> Any:
        rows = [(item.id, item.department) for item in self._library().items.values()]
        table = values(column("item_id", String), column("department", String), name="item_departments")
        return table.data(rows or [("", "")]).cte("departments")

    def _figures(self, session: Session, where: list[ColumnElement[bool]], by: By | None) -> dict[str, Figures]:
        departments = self._departments()
        message = ConsultMessage
        key = self._key(by, message.item_id, message.channel, message.created_at, departments)
        base = select(
            key.label("key"),
            message.session_id,
            message.status,
            message.unanswered,
            message.words_only,
            message.dropped,
            message.seconds,
            VoiceRating.grade,
            case((measures.to_clerk(), message.session_id)).label("clerk"),
        ).outerjoin(
            VoiceRating, and_(VoiceRating.session_id == message.session_id, VoiceRating.number == message.number)
        )
        if by == "department":
            base = base.outerjoin(departments, departments.c.item_id == message.item_id)
        lines = base.where(*where).subquery()
        counted = select(
            lines.c.key,
            func.count().label("questions"),
            func.count(distinct(lines.c.session_id)).label("conversations"),
            func.count(distinct(lines.c.clerk)).label("with_clerk"),
            *(
                func.sum(one(lines.c.status == status)).label(name)
                for name, status in (
                    ("answered", "answered"),
                    ("asked_back", "clarify"),
                    ("not_found", "not_found"),
                    ("handed_over", "handed_over"),
                    ("refused", "refused"),
                )
            ),
            func.sum(one(lines.c.unanswered)).label("unanswered"),
            func.sum(one(lines.c.words_only)).label("words_only"),
            func.sum(one(lines.c.dropped > 0)).label("dropped"),
            func.count(lines.c.grade).label("rated"),
            func.sum(one(func.coalesce(lines.c.grade, 5) <= measures.LOW)).label("rated_low"),
            func.avg(lines.c.grade).label("mean_grade"),
        ).group_by(lines.c.key)
        found: dict[str, dict[str, Any]] = {row.key: dict(row._mapping) for row in session.execute(counted)}
        ranked = select(
            lines.c.key,
            lines.c.seconds,
            func.row_number().over(partition_by=lines.c.key, order_by=lines.c.seconds).label("place"),
            func.count().over(partition_by=lines.c.key).label("of"),
        ).subquery()
        for percent in (50, 95):
            # The first of those that at least so many percent don't exceed.
            reached = ranked.c.place * 100 >= ranked.c.of * percent
            lowest = select(ranked.c.key, func.min(ranked.c.seconds).label("seconds")).where(reached)
            for row in session.execute(lowest.group_by(ranked.c.key)):
                found[row.key][f"seconds_p{percent}"] = row.seconds
        matters = measures.issues(where, self._dialect)
        at_issue = self._key(by, matters.c.item_id, matters.c.channel, matters.c.created_at, departments)
        settled = select(
            at_issue.label("key"), func.count().label("issues"), func.sum(matters.c.resolved).label("resolved")
        )
        settled = settled.select_from(matters)
        if by == "department":
            settled = settled.outerjoin(departments, departments.c.item_id == matters.c.item_id)
        for row in session.execute(settled.group_by(at_issue)):
            found.setdefault(row.key, {}).update(issues=row.issues, resolved=int(row.resolved))
        return {name: _figures(name, self._title(by, name), counts) for name, counts in found.items()}

    def _title(self, by: By | None, key: str) -> str:
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
        message = ConsultMessage

        def work(session: Session) -> ConversationList:
            wanted = list(where)
            if measure == "unresolved":
                matters = measures.issues(where, self._dialect)
                wanted.append(message.session_id.in_(select(matters.c.session_id).where(matters.c.resolved == 0)))
            elif (counts := measures.condition(measure)) is not None:
                wanted.append(counts)
            chosen = (
                select(message.session_id, func.min(message.number).label("number"), func.max(message.id).label("last"))
                .where(*wanted)
                .group_by(message.session_id)
            )
            total = session.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
            shown = (
                chosen.order_by(func.max(message.id).desc()).limit(page_size).offset((page - 1) * page_size).subquery()
            )
            rows = session.execute(
                select(message.question, message.status, VoiceRating.grade, ConsultSession)
                .join(shown, and_(shown.c.session_id == message.session_id, shown.c.number == message.number))
                .join(ConsultSession, ConsultSession.id == message.session_id)
                .outerjoin(
                    VoiceRating,
                    and_(VoiceRating.session_id == message.session_id, VoiceRating.number == message.number),
                )
                .order_by(shown.c.last.desc())
            )
            lines = [
                ConversationLine(
                    session_id=about.id,
                    channel=CHANNELS.get(about.channel, about.channel),
                    began_at=about.created_at,
                    messages=about.messages,
                    question=question,
                    status=status,
                    grade=grade,
                )
                for question, status, grade, about in rows
            ]
            return ConversationList(conversations=lines, total=total)

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


COUNTS = tuple(name for name, about in Figures.model_fields.items() if about.annotation is int)


def _figures(key: str, title: str, found: Mapping[str, Any]) -> Figures:
    counts = {name: int(found.get(name) or 0) for name in COUNTS}

    def share(part: str, of: str) -> float | None:
        return round(counts[part] / counts[of], 4) if counts[of] else None

    grade = found.get("mean_grade")
    return Figures(
        key=key,
        title=title,
        mean_grade=round(float(grade), 2) if grade is not None else None,
        share_rated=share("rated", "questions"),
        share_resolved=share("resolved", "issues"),
        seconds_p50=found.get("seconds_p50"),
        seconds_p95=found.get("seconds_p95"),
        **counts,
    )
