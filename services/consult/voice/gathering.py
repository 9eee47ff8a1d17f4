"""Put questions that found no answer, or a badly rated one, into groups of the same meaning: every minute, and when asked to.

Comes in: messages of the conversations (masked). Goes out: rows of `VoiceGroup` and `VoiceQuestion`. How near is near enough
stands in `grouping.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from core.database import Database, now
from core.repeating import Repeating
from knowledge_base.index.hits import Query
from knowledge_base.search import SectionSearch
from services.consult.tables import ConsultMessage
from services.consult.voice import grouping
from services.consult.voice.tables import VoiceGroup, VoiceQuestion, VoiceRating

EVERY_SECONDS = 60
AT_ONCE = 200
"""Questions embedded and stored in one go."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that is in no group yet."""

    message_id: int
    question: str
    why: str


class Gathering:
    """Groups in `database`; `search` embeds the questions; grades up to `lowest` are bad ones."""

    def __init__(self, database: Database, search: SectionSearch, *, lowest: int) -> None:
        self._database = database
        self._search = search
        self._lowest = lowest
        self._grouping = asyncio.Lock()
        self._repeating = Repeating(self.group, seconds=EVERY_SECONDS, failure="questions_not_grouped")

    async def start(self) -> None:
        """Group what is new every minute from now on."""
        await self._repeating.start()

    async def close(self) -> None:
        """Stop."""
        await self._repeating.close()

    async def group(self) -> int:
        """Put every question that is in no group yet into one; how many there were. Raises what the embedder raises."""
        done = 0
        async with self._grouping:
            while waiting := await self._database.run(self._waiting, read_only=True):
                queries = [await self._search.embed(one.question) for one in waiting]
                version = queries[-1].version
                if any(query.version != version for query in queries):
                    continue  # the embedder was swapped meanwhile
                await self._renew(version)
                done += await self._database.run(_stored(waiting, queries, version))
        return done

    def _waiting(self, session: Session) -> list[_Asked]:
        rated = exists().where(
            VoiceRating.session_id == ConsultMessage.session_id,
            VoiceRating.number == ConsultMessage.number,
            VoiceRating.grade <= self._lowest,
        )
        rows = session.execute(
            select(ConsultMessage.id, ConsultMessage.question, ConsultMessage.unanswered, ConsultMessage.status)
            .where(
                or_(ConsultMessage.unanswered, ConsultMessage.status == "not_found", rated),
                ~exists().where(VoiceQuestion.message_id == ConsultMessage.id),
            )
            .order_by(ConsultMessage.id)
            .limit(AT_ONCE)
        )
        return [
            _Asked(row.id, row.question, "unanswered" if row.unanswered or row.status == "not_found" else "rated")
            for row in rows
        ]

    async def _renew(self, version: str) -> None:
        """Vectors of another version of the embedder can't be compared: those of the groups' first questions are made anew."""

        def old(session: Session) -> list[tuple[int, str]]:
            rows = session.execute(select(VoiceGroup.id, VoiceGroup.example).where(VoiceGroup.version != version))
            return [(row.id, row.example) for row in rows]

        for group_id, example in await self._database.run(old, read_only=True):
            query = await self._search.embed(example)

            def renewed(session: Session, group_id: int = group_id, query: Query = query) -> None:
                row = session.get_one(VoiceGroup, group_id)
                row.vector, row.version = grouping.written(query.vector), query.version

            await self._database.run(renewed)


def _stored(waiting: Sequence[_Asked], queries: Sequence[Query], version: str) -> Callable[[Session], int]:
    def work(session: Session) -> int:
        groups = {
            row.id: row
            for row in session.scalars(
                # Those that were turned into a text keep taking in what comes: their count shows whether it helped.
                select(VoiceGroup).where(VoiceGroup.version == version).order_by(VoiceGroup.id)
            )
        }
        leaders = grouping.Leaders([grouping.Leader(row.id, grouping.read(row.vector)) for row in groups.values()])
        messages = {
            row.id: row.created_at
            for row in session.execute(
                select(ConsultMessage.id, ConsultMessage.created_at).where(
                    ConsultMessage.id.in_([one.message_id for one in waiting])
                )
            )
        }
        taken = set(
            session.scalars(select(VoiceQuestion.message_id).where(VoiceQuestion.message_id.in_(list(messages))))
        )
        done = 0
        for one, query in zip(waiting, queries, strict=True):
            if one.message_id not in messages or one.message_id in taken:
                continue  # forgotten meanwhile, or grouped by another process
            at, stored = messages[one.message_id], grouping.written(query.vector)
            group_id = leaders.nearest(query.vector)
            if group_id is None:
                row = VoiceGroup(
                    state="open",
                    example=one.question,
                    vector=stored,
                    version=version,
                    questions=0,
                    since=at,
                    last_at=at,
                    updated_at=now(),
                )
                session.add(row)
                session.flush()
                groups[row.id] = row
                leaders.add(grouping.Leader(row.id, query.vector))
            else:
                row = groups[group_id]
            row.questions += 1
            row.since, row.last_at = min(row.since, at), max(row.last_at, at)
            session.add(
                VoiceQuestion(
                    message_id=one.message_id,
                    group_id=row.id,
                    why=one.why,
                    vector=stored,
                    version=version,
                    created_at=at,
                )
            )
            done += 1
        return done

    return work
