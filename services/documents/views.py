"""Who saw what of a document, and when: written down before it is shown, never changed, without any of its content."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database, now
from services.access import Caller
from services.documents.tables import DocumentViewing

What = Literal["document", "page", "result", "search"]
ANONYMOUS = "anonymous"
STATE_SECONDS = 600.0
"""A page that asks every second how far a document is sees the same nothing: it is noted once in this time."""
MOST_REMEMBERED = 10_000
SHOWN = 1000


class Views:
    """Records views in `database`. Used on the event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._states: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def record(self, caller: Caller, document_id: str, what: What, page: int | None = None) -> None:
        """Write down that `caller` is about to be shown something.

        Raises:
            Unavailable: it can't be written, so it must not be shown.
        """
        viewer = ANONYMOUS if caller.anonymous else caller.id
        if what == "document" and self._noted(viewer, document_id):
            return
        row = DocumentViewing(
            document_id=document_id, viewer=viewer, role=caller.role.value, what=what, page=page, at=now()
        )
        await self._database.run(lambda session: session.add(row))
        if what == "document":
            self._states[viewer, document_id] = time.monotonic()
            while len(self._states) > MOST_REMEMBERED:
                self._states.popitem(last=False)

    def _noted(self, viewer: str, document_id: str) -> bool:
        noted = self._states.get((viewer, document_id))
        return noted is not None and time.monotonic() - noted < STATE_SECONDS


def views_of(session: Session, document_id: str) -> list[DocumentViewing]:
    """The newest `SHOWN` views of a document, newest first."""
    return list(
        session.scalars(
            select(DocumentViewing)
            .where(DocumentViewing.document_id == document_id)
            .order_by(DocumentViewing.id.desc())
            .limit(SHOWN)
        )
    )
