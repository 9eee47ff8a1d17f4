"""Make checklists (一次告知单), keep them by an address that can't be guessed, show them as they were made.

Comes in: an item with answers, or a conversation. Goes out: the address, and later the list word for word, with how it stands
to the guide that is in force then. Removed after `checklist_days`.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import TypeAdapter
from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import HubError, Invalid, NotFound
from knowledge_base.library import Library, in_use
from knowledge_base.questionnaire import read_answers
from services.consult.checklists.building import build_checklist
from services.consult.checklists.checklist import Checklist
from services.consult.checklists.schemas import ChecklistMade, ChecklistView, ChecklistWanted
from services.consult.checklists.tables import ConsultChecklist
from services.consult.consultation import Memory
from services.consult.tables import ConsultSession

TOKEN_BYTES = 16
"""128 random bits: knowing the address is the only right to a checklist."""
SWEEP_SECONDS = 3600
_SECRET = re.compile(r"[0-9a-f]{32}")
"""What tokens and session ids look like; anything else doesn't reach the database, which refuses some characters."""

log = structlog.get_logger(__name__)
_READ = TypeAdapter(Checklist)


@dataclass(frozen=True, slots=True)
class Kept:
    """A checklist as it was made. `current_version`: of the guide in force now, None if there is none."""

    token: str
    made_at: datetime
    expires_at: datetime
    checklist: Checklist
    current_version: int | None

    @property
    def withdrawn(self) -> bool:
        """The item is not offered any more."""
        return self.current_version is None

    @property
    def newer_version(self) -> bool:
        """The guide has been changed since."""
        return self.current_version is not None and self.current_version != self.checklist.item.version


class Checklists:
    """Checklists in `database`. `library` gives what is in force now. `days`: how long one is kept."""

    def __init__(self, database: Database, library: Callable[[], Library], *, days: int) -> None:
        self._database = database
        self._library = library
        self._kept_for = timedelta(days=days)
        self._task: asyncio.Task[None] | None = None

    async def make(self, wanted: ChecklistWanted) -> ChecklistMade:
        """Make one and keep it.

        Raises:
            NotFound: `item_not_found`, `item_not_in_use`, `session_not_found`.
            Invalid: `answer_invalid`; `checklist_item_missing` (neither says which item), `checklist_twice_told` (a
                conversation, and answers beside it).
            Unavailable: the database can't be written.
        """
        item_id, answers = wanted.item_id, dict(wanted.answers)
        library = self._library()
        if wanted.session_id is not None:
            if answers:
                raise Invalid(
                    "session_id 和 answers 只能给一个：按对话里的情况，或者按给出的回答。",
                    code="checklist_twice_told",
                    param="answers",
                )
            item_id, answers = await self._told(library, wanted.session_id, item_id)
        if item_id is None:
            raise Invalid(
                "还不知道是哪个事项的告知单。请给出 item_id，或者先在对话里说清要办的事。",
                code="checklist_item_missing",
                param="item_id",
            )
        checklist = build_checklist(library, item_id, answers)
        made_at = now()
        row = ConsultChecklist(
            token=secrets.token_hex(TOKEN_BYTES),
            item_id=item_id,
            item_version=checklist.item.version,
            library=library.generation,
            channel=wanted.channel,
            answers=read_answers(library.item(item_id).situations, answers),
            content=asdict(checklist),
            created_at=made_at,
        )
        token = row.token
        await self._database.run(lambda session: session.add(row))
        return ChecklistMade(
            token=token,
            url=f"/checklists/{token}",
            pdf_url=f"/api/consult/checklists/{token}.pdf",
            item_id=item_id,
            version=checklist.item.version,
            expires_at=made_at + self._kept_for,
        )

    async def _told(self, library: Library, session_id: str, item_id: str | None) -> tuple[str | None, dict[str, Any]]:
        """The item that a conversation is about, and what it knows of the person's situation there."""

        def work(session: Session) -> tuple[str | None, Mapping[str, Any]]:
            row = session.get(ConsultSession, session_id) if _SECRET.fullmatch(session_id) else None
            if row is None:
                raise NotFound(
                    "这次对话不存在或者已经结束。请重新咨询后再生成。", code="session_not_found", param="session_id"
                )
            about = item_id or row.item_id
            return about, Memory.read(row.memory).answers.get(about, {}) if about else {}

        about, answers = await self._database.run(work, read_only=True)
        if about is None:
            return None, {}
        # The guide may have lost a question since it was answered.
        asked = {situation.id for situation in library.item(about).situations}
        return about, {question: answer for question, answer in answers.items() if question in asked}

    async def get(self, token: str) -> Kept:
        """One as it was made. Raises NotFound (`checklist_not_found`)."""
        row = None
        if _SECRET.fullmatch(token):
            row = await self._database.run(lambda session: session.get(ConsultChecklist, token), read_only=True)
        if row is None or row.created_at + self._kept_for <= now():
            raise NotFound("没有这份告知单，或者已经过了保存期。请重新咨询，生成新的。", code="checklist_not_found")
        item = self._library().items.get(row.item_id)
        return Kept(
            token=row.token,
            made_at=row.created_at,
            expires_at=row.created_at + self._kept_for,
            checklist=_READ.validate_python(row.content),
            current_version=item.version if item is not None and in_use(item) else None,
        )

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
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                if count := await self.forget():
                    log.info("checklists_forgotten", count=count)
            except HubError as error:
                # The database is away: the next hour tries again.
                log.warning("checklists_not_forgotten", code=error.code)
            except Exception:
                log.exception("checklists_not_forgotten")
            await asyncio.sleep(SWEEP_SECONDS)


def view(kept: Kept) -> ChecklistView:
    """As it goes over the wire."""
    checklist = kept.checklist
    fields = {name: getattr(checklist, name) for name in ChecklistView.model_fields if hasattr(checklist, name)}
    return ChecklistView(
        token=kept.token,
        made_at=kept.made_at,
        expires_at=kept.expires_at,
        current_version=kept.current_version,
        newer_version=kept.newer_version,
        withdrawn=kept.withdrawn,
        sections=list(checklist.sources),
        **fields,
    )
