"""Keep conversations: sessions and messages in the database, masked text only; one message at a time per session.

A message is answered once it is stored. Those that wait for it while a transaction runs are stored together in the next one:
with many citizens at once a transaction each would cost more than their answers.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import NotFound
from knowledge_base.terms import Element
from services.consult.consultation import Consultation, Draft, Memory, Quoted, SessionState
from services.consult.tables import ConsultMessage, ConsultSession

SESSION_ID_BYTES = 16
"""128 random bits: knowing the id is the only right to a session, so it must not be guessable."""
TOGETHER = 64
"""Messages that one transaction stores at most."""


@dataclass(frozen=True, slots=True)
class _Record:
    """One answered message, to be stored. `answer`: its text; `library`: the library's generation."""

    consultation: Consultation
    draft: Draft
    answer: str
    library: str
    seconds: float
    stored: asyncio.Future[None]


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
        self._waiting: list[_Record] = []
        self._writer: asyncio.Task[None] | None = None
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
        """Store the message and what the next one may refer back to. `library`: the library's generation.

        Raises:
            NotFound: the session has vanished meanwhile (code `session_not_found`).
            Unavailable: the database can't be written.
        """
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Record(consultation, draft, answer, library, seconds, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await stored

    async def _write(self) -> None:
        """Store what waits, together, until nothing does."""
        while self._waiting:
            taken, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            taken = [record for record in taken if not record.stored.done()]
            if not taken:
                continue  # whoever asked has gone
            failure = await self._stored(taken)
            if failure is not None and len(taken) > 1:
                # One of them is at fault, or the database is away: each gets its own answer.
                for record in taken:
                    _settle(record, await self._stored([record]))
                continue
            for record in taken:
                _settle(record, failure)

    async def _stored(self, records: Sequence[_Record]) -> Exception | None:
        """Store all of `records` or none; why it failed, None if it didn't."""
        try:
            await self._database.run(lambda session: _store(session, records))
        except Exception as error:
            return error
        return None


def _settle(record: _Record, failure: Exception | None) -> None:
    if record.stored.done():
        return  # nobody waits for the answer any more
    if failure is None:
        record.stored.set_result(None)
    else:
        record.stored.set_exception(failure)


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


def _store(session: Session, records: Sequence[_Record]) -> None:
    moment = now()
    for record in records:
        _store_session(session, record, moment)
    # Before the messages, which refer to them.
    session.flush()
    session.add_all([_message(record, moment) for record in records])


def _store_session(session: Session, record: _Record, moment: datetime) -> None:
    consultation, draft, state = record.consultation, record.draft, record.consultation.session
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
        "messages": state.messages + 1,
        "updated_at": moment,
    }
    if state.new:
        session.add(ConsultSession(id=state.id, created_at=moment, **values))
        return
    row = session.get(ConsultSession, state.id)
    if row is None:
        raise _unknown()
    for name, value in values.items():
        setattr(row, name, value)


def _message(record: _Record, moment: datetime) -> ConsultMessage:
    consultation, draft = record.consultation, record.draft
    return ConsultMessage(
        session_id=consultation.session.id,
        number=consultation.session.messages + 1,
        channel=consultation.channel,
        question=consultation.question,
        route=consultation.route,
        status=draft.status,
        answer=record.answer,
        item_id=draft.about,
        element=draft.element.value if draft.element else None,
        citations=[part.section_id for part in draft.parts if isinstance(part, Quoted)],
        answers=consultation.memory.answers.get(draft.item.id) if draft.item else None,
        masked=consultation.masked,
        dropped=consultation.dropped,
        unanswered=draft.unanswered,
        words_only=consultation.words_only,
        library=record.library,
        seconds=round(record.seconds, 4),
        created_at=moment,
    )
