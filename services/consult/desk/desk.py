"""The desk: the bot's and the citizen's side of it. `counter.Counter` is the clerks' side; both share this object.

Comes in: requests for a person, the citizen's words, numbers to call. Goes out: where a conversation stands. Every method
is one transaction; then those who follow the conversation are woken. `start` follows what other processes do and what time
alone does to the queue; without it (tests) the database is asked every time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import Conflict, HubError, Invalid, NotFound
from services.consult.desk import callbacks, handovers
from services.consult.desk.contract import Reason
from services.consult.desk.duty import anybody_available
from services.consult.desk.hours import ServiceHours, load_hours
from services.consult.desk.lifecycle import Move, State
from services.consult.desk.live import Following
from services.consult.desk.rules import Rules, load_rules
from services.consult.desk.schemas import CallbackKept, LiveMessage
from services.consult.desk.sealing import Contact, Sealing, phone_digits
from services.consult.desk.spoken import full_width, masked_words
from services.consult.desk.sweeping import sweep
from services.consult.desk.tables import DeskMessage
from services.consult.schemas import HandoverView

T = TypeVar("T")
POLL_SECONDS = 1.0
SWEEP_EVERY = 10
"""Polls between two looks at who is gone."""
ATTEMPTS = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """What a citizen's page has missed: messages with their ids, where the latest handover stands (None if there never
    was one), whether there is more to come, and the id to go on from."""

    messages: tuple[tuple[int, LiveMessage], ...]
    view: HandoverView | None
    live: bool
    position: int


class Desk:
    """See `contract.PersonDesk`. `rules` and `hours` come from the YAML files beside this module.

    Args:
        database: at the newest revision.
        key_file: what phone numbers are sealed with; made when it is first needed.

    Raises:
        HubError: a policy file is wrong (`policy_invalid`).
    """

    def __init__(
        self, database: Database, key_file: Path, *, rules: Rules | None = None, hours: ServiceHours | None = None
    ) -> None:
        self.database = database
        self.rules = rules or load_rules()
        self.hours = hours or load_hours()
        self.sealing = Sealing(key_file)
        live = self.rules.file.live
        self.following = Following(per_name=live.per_session, in_all=live.in_all)
        # SQLite lets one writer in at a time; those who wait inside it sleep longer and longer. Here they wait in order.
        self._writing = asyncio.Lock()
        self._polling: asyncio.Task[None] | None = None
        self._open: set[str] | None = None
        self._opened_meanwhile: set[str] = set()

    async def start(self) -> None:
        """Begin to follow other processes and the time. Raises Unavailable."""
        await self._compare()
        if self.hours.notice(now()) is not None:
            log.warning("service_calendar_ends", arranged_until=self.hours.file.arranged_until.isoformat())
        self._polling = asyncio.create_task(self._poll())

    async def close(self) -> None:
        """Stop following."""
        polling, self._polling, self._open = self._polling, None, None
        if polling is not None:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)

    # The bot's side

    async def request(self, session_id: str, *, reason: Reason, item_id: str | None = None) -> HandoverView:
        """Put the conversation in the queue, or promise a callback if nobody is on duty. While one is open it stays the
        one, but a promise turns into a place in the queue if somebody has come on duty since. Raises Unavailable."""

        def work(session: Session) -> HandoverView:
            available = anybody_available(session, self.rules, self.hours)
            row = handovers.open_handover(session, session_id, lock=True)
            if row is None:
                promised = None if available else self.hours.promised(now())
                row = handovers.opened(session, session_id, reason=reason, item_id=item_id, promised_at=promised)
            else:
                row.seen_at = now()
                if available and row.state == State.CALLBACK.value:
                    handovers.moved(session, row, Move.WAIT, handovers.CITIZEN, self.rules)
            session.flush()
            return handovers.shown(session, row)

        self._opened_meanwhile.add(session_id)
        if self._open is not None:
            self._open.add(session_id)
        view = await self.write(work)
        self.following.wake(session_id)
        return view

    async def view(self, session_id: str) -> HandoverView | None:
        """Where the conversation stands with a person; None if nothing is open. Costs nothing for those without."""
        if self._open is not None and session_id not in self._open:
            return None

        def work(session: Session) -> HandoverView | None:
            row = handovers.open_handover(session, session_id)
            return None if row is None else handovers.shown(session, row)

        return await self.database.run(work, read_only=True)

    async def citizen_said(self, session_id: str, text_masked: str) -> None:
        """Pass the citizen's words on to the clerk who attends; nothing happens if nobody does."""
        # Masked by the caller; masking again costs little, and a slip elsewhere must not end in the database.
        text = full_width(masked_words(text_masked))

        def work(session: Session) -> bool:
            row = handovers.open_handover(session, session_id, lock=True)
            if row is None or row.state != State.ATTENDED.value or not text:
                return False
            row.seen_at = now()
            handovers.said(session, row, "citizen", text)
            return True

        if await self.write(work):
            self.following.wake(session_id)

    def told(self, view: HandoverView) -> str:
        """Where the conversation stands, in a sentence for the citizen."""
        if view.state == "waiting":
            ahead = (view.place or 1) - 1
            return self.rules.say("waiting", ahead=str(ahead)) if ahead else self.rules.say("waiting_first")
        if view.state == "callback" and view.promised_at is not None:
            return self.rules.say("callback", hours=self.hours.told(), promised=self.hours.in_words(view.promised_at))
        return (
            self.rules.say("attended", clerk=view.clerk or "") if view.state == "attended" else self.rules.say("closed")
        )

    # The citizen's side

    async def wanted(self, session_id: str) -> HandoverView:
        """The citizen asks for a person by a button. Raises NotFound (`session_not_found`)."""
        await self.check_session(session_id)
        return await self.request(session_id, reason="asked")

    async def check_session(self, session_id: str) -> None:
        """Raises NotFound (`session_not_found`) unless there is a conversation or a handover of this id."""

        def work(session: Session) -> None:
            if handovers.latest_handover(session, session_id) is None:
                handovers.check_session(session, session_id)

        await self.database.run(work, read_only=True)

    async def leave(self, session_id: str) -> None:
        """The citizen gives up waiting, or ends the conversation with the clerk. Raises NotFound (`handover_not_found`)."""

        def work(session: Session) -> None:
            row = handovers.open_handover(session, session_id, lock=True)
            if row is None:
                raise NotFound("现在没有在等候或者进行的人工服务。", code="handover_not_found")
            handovers.moved(session, row, Move.LEAVE, handovers.CITIZEN, self.rules)
            callbacks.dropped(session, row.id)

        await self.write(work)
        self.following.wake_all()

    async def call_wanted(self, session_id: str, phone: str, name: str | None) -> CallbackKept:
        """The citizen leaves a number to be called at.

        Raises:
            NotFound: no such conversation (`session_not_found`).
            Invalid: not a phone number (`phone_invalid`).
            Conflict: a clerk attends right now (`handover_attended`).
            Unavailable: the number can't be sealed (`desk_key_unusable`).
        """
        contact = Contact(phone_digits(phone), _plain_name(name))
        await self.check_session(session_id)

        def work(session: Session) -> CallbackKept:
            moment = now()
            row = handovers.open_handover(session, session_id, lock=True)
            if row is not None and row.state == State.ATTENDED.value:
                raise Conflict("工作人员正在为您服务，可以直接在对话里请他回电。", code="handover_attended")
            promised = (row.promised_at if row is not None else None) or self.hours.promised(moment)
            if row is None:
                row = handovers.opened(session, session_id, reason="asked", item_id=None, promised_at=promised)
            row.promised_at, row.seen_at = promised, moment
            callback = callbacks.wanted(session, row, contact, self.sealing, promised)
            handovers.moved(
                session, row, Move.WANT_CALL, handovers.CITIZEN, self.rules, promised=self.hours.in_words(promised)
            )
            row.promised_at = promised
            session.flush()
            return CallbackKept(**handovers.shown(session, row).model_dump(), phone_shown=callback.phone_shown)

        kept = await self.write(work)
        self.following.wake_all()
        return kept

    async def seen(self, session_id: str) -> None:
        """The citizen's page is there."""

        def work(session: Session) -> None:
            row = handovers.open_handover(session, session_id, lock=True)
            if row is not None:
                row.seen_at = now()

        await self.write(work)

    async def news(self, session_id: str, after: int | None) -> News:
        """What a citizen's page has missed. `after`: id of the last message it has; None if it has none: then all of the
        latest handover. Raises NotFound (`session_not_found`)."""

        def work(session: Session) -> News:
            row = handovers.latest_handover(session, session_id)
            if row is None:
                handovers.check_session(session, session_id)
                return News((), None, live=False, position=0)
            lines = handovers.messages_after(session, session_id, after or 0)
            new = tuple(
                (line.id, _live_message(line))
                for line in lines
                if line.author != "citizen" and (after is not None or line.handover_id == row.id)
            )
            position = lines[-1].id if lines else after or 0
            return News(new, handovers.shown(session, row), live=handovers.is_live(row), position=position)

        return await self.database.run(work, read_only=True)

    # What both sides share

    async def write(self, function: Callable[[Session], T]) -> T:
        """One writing transaction; again from the start if somebody else was first to open a handover."""
        for _ in range(ATTEMPTS):
            async with self._writing:
                try:
                    return await self.database.run(function)
                except IntegrityError:
                    continue
        raise Conflict("同时有几个请求，请再试一次。", code="desk_busy")

    async def sweep(self) -> None:
        """Move what time alone moves. Raises Unavailable."""
        if await self.write(lambda session: sweep(session, self.rules, self.hours)):
            self.following.wake_all()

    async def _compare(self) -> None:
        self._opened_meanwhile = set()
        standing = await self.database.run(handovers.standing, read_only=True)
        self._open = {name for name, (_, is_open) in standing.items() if is_open} | self._opened_meanwhile
        self.following.compare({name: state for name, (state, _) in standing.items()})

    async def _poll(self) -> None:
        polls = 0
        while True:
            await asyncio.sleep(POLL_SECONDS)
            polls += 1
            try:
                await self._compare()
                if polls % SWEEP_EVERY == 0:
                    await self.sweep()
            except HubError as error:
                # The database is away: those who wait keep waiting, the next look finds what they missed.
                log.warning("desk_not_followed", code=error.code)
            except Exception as error:
                log.error("desk_not_followed", error=type(error).__name__)


def _live_message(line: DeskMessage) -> LiveMessage:
    author: Literal["clerk", "system"] = "clerk" if line.author == "clerk" else "system"
    return LiveMessage(author=author, text=line.text, at=line.created_at, clerk=line.clerk_name)


def _plain_name(name: str | None) -> str:
    """A name of up to 20 signs. Raises Invalid (`name_invalid`)."""
    plain = " ".join((name or "").split())
    if len(plain) > 20 or not plain.isprintable():
        raise Invalid("称呼最多 20 个字，例如“王女士”。", code="name_invalid", param="name")
    return plain
