"""That somebody is shown what was read of a submission's papers is written down before, with the documents' own record of views."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from core.database import Database
from services.access import Caller
from services.documents.tables import DocumentViewing
from services.precheck.clock import Clock

AGAIN_AFTER = timedelta(minutes=10)
"""A page that asks again sees the same: it is noted once in this time."""
MOST_REMEMBERED = 20_000
ANONYMOUS = "anonymous"


class Viewing:
    """Used on the event loop."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._noted: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def record(self, caller: Caller, document_ids: Sequence[str]) -> None:
        """Raises Unavailable: it can't be written, so it must not be shown."""
        viewer = ANONYMOUS if caller.anonymous else caller.id
        moment = self._clock.now()
        second = moment.timestamp()
        fresh = [
            one
            for one in document_ids
            if abs(second - self._noted.get((viewer, one), float("-inf"))) > AGAIN_AFTER.total_seconds()
        ]
        if not fresh:
            return

        def write(session: Session) -> None:
            session.add_all(
                DocumentViewing(
                    document_id=one, viewer=viewer, role=caller.role.value, what="result", page=None, at=moment
                )
                for one in fresh
            )

        await self._database.run(write)
        for one in fresh:
            self._noted[viewer, one] = second
        while len(self._noted) > MOST_REMEMBERED:
            self._noted.popitem(last=False)
