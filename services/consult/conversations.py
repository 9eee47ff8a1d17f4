"""Keep conversations: sessions and messages in the database, masked text only; one message at a time per session."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import NotFound
from knowledge_base.terms import Element
from services.consult.consultation import Consultation, Draft, Memory, Quoted, SessionState
from services.consult.tables import ConsultMessage, ConsultSession

SESSION_ID_BYTES = 16
"""128 random bits: knowing the id is the only right to a session, so it must not be guessable."""


def _unknown() -> NotFound:
    return NotFound(
        "这次对话不存在或者已经结束。请把 session_id 设为 null，重新开始。",
        code="session_not_found",
        param="session_id",
    )


class Conversations:
    """Sessions in `database`. The order within a session holds in one process; across processes the unique number of
    each message makes the second writer fail rather than answer out of order."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # SQLite lets one writer in at a time; those who wait inside it sleep longer and longer. Here they wait in order.
        self._writing = asyncio.Lock()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def open(self, session_id: str | None) -> AsyncIterator[SessionState]:
        """The session's state, held until the block ends; messages of one session wait for each other in order.

        Raises:
            NotFound: no such session (code `session_not_found`).
        """
        if session_id is None:
            yield SessionState(id=secrets.token_hex(SESSION_ID_BYTES), new=True)
            return
        lock = self._locks.setdefault(session_id, asyncio.Lock())
        async with lock:
            yield await self._database.run(lambda session: _load(session, session_id), read_only=True)

    async def record(
        self, consultation: Consultation, draft: Draft, answer: str, *, library: str, seconds: float
    ) -> None:
        """Store the message and what the next one may refer back to. `library`: the library's generation."""
        async with self._writing:
            await self._database.run(lambda session: _store(session, consultation, draft, answer, library, seconds))


def _load(session: Session, session_id: str) -> SessionState:
    row = session.get(ConsultSession, session_id)
    if row is None:
        raise _unknown()
    return SessionState(
        id=row.id,
        new=False,
        messages=row.messages,
        item_id=row.item_id,
        element=Element(row.element) if row.element else None,
        pending=tuple(Element(element) for element in row.pending or ()),
        offered=tuple(row.offered or ()),
        memory=Memory.read(row.memory),
    )


def _store(
    session: Session, consultation: Consultation, draft: Draft, answer: str, library: str, seconds: float
) -> None:
    state = consultation.session
    moment = now()
    number = state.messages + 1
    asks_back = bool(draft.offered)
    # A greeting or a thank-you in between leaves the subject as it is.
    about_item = draft.item is not None
    values = {
        "channel": consultation.channel,
        "item_id": draft.item.id if draft.item else state.item_id,
        "element": (draft.element.value if draft.element else None) if about_item else state.element,
        "pending": [element.value for element in consultation.pending] if asks_back else None,
        "offered": list(draft.offered) if asks_back else None,
        "memory": consultation.memory.written(),
        "messages": number,
        "updated_at": moment,
    }
    row = session.get(ConsultSession, state.id)
    if row is None:
        if not state.new:
            raise _unknown()
        session.add(ConsultSession(id=state.id, created_at=moment, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()
    session.add(
        ConsultMessage(
            session_id=state.id,
            number=number,
            channel=consultation.channel,
            question=consultation.question,
            route=consultation.route,
            status=draft.status,
            answer=answer,
            item_id=draft.item.id if draft.item else None,
            element=draft.element.value if draft.element else None,
            citations=[part.section_id for part in draft.parts if isinstance(part, Quoted)],
            answers=consultation.memory.answers.get(draft.item.id) if draft.item else None,
            masked=consultation.masked,
            dropped=consultation.dropped,
            unanswered=draft.unanswered,
            words_only=consultation.words_only,
            library=library,
            seconds=round(seconds, 4),
            created_at=moment,
        )
    )
