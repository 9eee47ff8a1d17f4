"""Make checklists (一次告知单), keep them by an address that can't be guessed, show them as they were made.

Comes in: an item or a life event with answers, or a conversation. Goes out: the address, and later the list word for word,
with how it stands to the guides that are in force then. Removed after `checklist_days`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import structlog
from pydantic import TypeAdapter
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import Invalid, NotFound
from core.repeating import Repeating
from knowledge_base.entries import LifeEvent
from knowledge_base.library import Library
from knowledge_base.questionnaire import read_answers
from services.consult.checklists.building import build_checklist
from services.consult.checklists.checklist import Checklist
from services.consult.checklists.event_building import build_event_checklist
from services.consult.checklists.event_checklist import EventChecklist
from services.consult.checklists.kept import Kept, KeptEvent
from services.consult.checklists.schemas import ChangedGuide, ChecklistMade, ChecklistWanted
from services.consult.checklists.tables import ConsultChecklist
from services.consult.consultation import Memory
from services.consult.tables import ConsultMessage, ConsultSession

TOKEN_BYTES = 16
"""128 random bits: knowing the address is the only right to a checklist."""
SWEEP_SECONDS = 3600
_SECRET = re.compile(r"[0-9a-f]{32}")
"""What tokens and session ids look like; anything else doesn't reach the database, which refuses some characters."""

log = structlog.get_logger(__name__)
_READ = TypeAdapter(Checklist)
_READ_EVENT = TypeAdapter(EventChecklist)
EVENT = "event"
"""How the content of a list over a life event is marked."""


class Checklists:
    """Checklists in `database`. `library` gives what is in force now. `days`: how long one is kept."""

    def __init__(self, database: Database, library: Callable[[], Library], *, days: int) -> None:
        self._database = database
        self._library = library
        self._kept_for = timedelta(days=days)
        self._repeating = Repeating(self._sweep, seconds=SWEEP_SECONDS, failure="checklists_not_forgotten")

    async def make(self, wanted: ChecklistWanted) -> ChecklistMade:
        """Make one and keep it.

        Raises:
            NotFound: `item_not_found`, `item_not_in_use`, `life_event_not_found`, `session_not_found`.
            Invalid: `answer_invalid`; `checklist_item_missing` (neither says which item), `checklist_twice_told` (a
                conversation, and answers beside it; or an item and an event).
            Unavailable: the database can't be written.
        """
        if wanted.item_id is not None and wanted.event_id is not None:
            raise Invalid("item_id 和 event_id 只能给一个。", code="checklist_twice_told", param="event_id")
        about, answers = wanted.item_id or wanted.event_id, dict(wanted.answers)
        library = self._library()
        if wanted.session_id is not None:
            if answers:
                raise Invalid(
                    "session_id 和 answers 只能给一个：按对话里的情况，或者按给出的回答。",
                    code="checklist_twice_told",
                    param="answers",
                )
            about, answers = await self._told(library, wanted.session_id, about)
        if about is None:
            raise Invalid(
                "还不知道是哪个事项的告知单。请给出 item_id 或者 event_id，或者先在对话里说清要办的事。",
                code="checklist_item_missing",
                param="item_id",
            )
        checklist: Checklist | EventChecklist
        # With no id given it is what the conversation told last that decides.
        over_event = wanted.event_id is not None or (
            wanted.item_id is None and isinstance(library.entries.get(about), LifeEvent)
        )
        if over_event:
            checklist = build_event_checklist(library, about, answers)
            content, kept = {"kind": EVENT, **asdict(checklist)}, answers
        else:
            checklist = build_checklist(library, about, answers)
            content, kept = asdict(checklist), read_answers(library.item(about).situations, answers)
        made_at = now()
        row = ConsultChecklist(
            token=secrets.token_hex(TOKEN_BYTES),
            item_id=about,
            item_version=checklist.item.version,
            library=library.generation,
            channel=wanted.channel,
            answers=kept,
            content=content,
            created_at=made_at,
        )
        token = row.token
        await self._database.run(lambda session: session.add(row))
        return ChecklistMade(
            token=token,
            url=f"/checklists/{token}",
            pdf_url=f"/api/consult/checklists/{token}.pdf",
            item_id=about,
            event_id=about if over_event else None,
            version=checklist.item.version,
            expires_at=made_at + self._kept_for,
        )

    async def _told(self, library: Library, session_id: str, wanted: str | None) -> tuple[str | None, dict[str, Any]]:
        """The item or event that a conversation was about last, and what it knows of the person's situation there."""

        def work(session: Session) -> tuple[str | None, Mapping[str, Any]]:
            row = session.get(ConsultSession, session_id) if _SECRET.fullmatch(session_id) else None
            if row is None:
                raise NotFound(
                    "这次对话不存在或者已经结束。请重新咨询后再生成。", code="session_not_found", param="session_id"
                )
            memory = Memory.read(row.memory)
            # The session goes on about an item; that an event was told after it, only the messages say.
            about = wanted or session.scalars(_last_about(session_id)).first() or row.item_id
            return about, memory.answers.get(about, {}) if about else {}

        about, answers = await self._database.run(work, read_only=True)
        if about is None:
            return None, {}
        # The guide may have lost a question since it was answered.
        event = library.entries.get(about)
        situations = event.situations if isinstance(event, LifeEvent) else library.item(about).situations
        asked = {situation.id for situation in situations}
        return about, {question: answer for question, answer in answers.items() if question in asked}

    async def open(self, token: str) -> Kept | KeptEvent:
        """One as it was made, of an item or over a life event. Raises NotFound (`checklist_not_found`)."""
        row = None
        if _SECRET.fullmatch(token):
            row = await self._database.run(lambda session: session.get(ConsultChecklist, token), read_only=True)
        if row is None or row.created_at + self._kept_for <= now():
            raise NotFound("没有这份告知单，或者已经过了保存期。请重新咨询，生成新的。", code="checklist_not_found")
        library = self._library()
        expires_at = row.created_at + self._kept_for
        if row.content.get("kind") == EVENT:
            whole = _READ_EVENT.validate_python({key: row.content[key] for key in row.content if key != "kind"})
            event = library.entries.get(row.item_id)
            version = event.version if isinstance(event, LifeEvent) else None
            return KeptEvent(row.token, row.created_at, expires_at, whole, version, _changed(library, whole))
        item = library.offered(row.item_id)
        checklist = _READ.validate_python(row.content)
        return Kept(row.token, row.created_at, expires_at, checklist, item.version if item else None)

    async def forget(self) -> int:
        """Remove what has been kept long enough; how many were."""
        until = now() - self._kept_for

        def work(session: Session) -> int:
            gone = session.execute(
                delete(ConsultChecklist)
                .where(ConsultChecklist.created_at <= until)
                .execution_options(synchronize_session=False)
            )
            return int(getattr(gone, "rowcount", 0))

        return await self._database.run(work)

    async def start(self) -> None:
        """Forget what is due, now and every hour."""
        await self._repeating.start()

    async def close(self) -> None:
        """Stop."""
        await self._repeating.close()

    async def _sweep(self) -> None:
        if count := await self.forget():
            log.info("checklists_forgotten", count=count)


def _last_about(session_id: str) -> Select[str | None]:
    return (
        select(ConsultMessage.item_id)
        .where(ConsultMessage.session_id == session_id, ConsultMessage.item_id.is_not(None))
        .order_by(ConsultMessage.number.desc())
        .limit(1)
    )


def _changed(library: Library, checklist: EventChecklist) -> tuple[ChangedGuide, ...]:
    told = [part.checklist.item for part in checklist.parts]
    current = [(item, library.offered(item.id)) for item in told]
    return tuple(
        ChangedGuide(
            item_id=item.id, name=item.name, version=item.version, current_version=now.version if now else None
        )
        for item, now in current
        if now is None or now.version != item.version
    )
