"""A submission's changes as a stream of server-sent events.

    changed   {"revision", "state", "report", "history"}   at once, and whenever something has happened: then ask anew
    ended     the same                                     the last one: it is decided

An event's id is the number of the newest line of the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any, cast

from fastapi import Response
from sqlalchemy.orm import Session

from core.errors import HubError, NotFound
from core.event_stream import HEADERS, HEARTBEAT, EventStream, last_event_id, retry_after, written
from services.access import Caller
from services.precheck.cases import find
from services.precheck.states import State
from services.precheck.submissions import Submissions

RETRY_MILLISECONDS = 2000
LOOK_SECONDS = 5.0
"""How often the database is asked when nothing rings: another process may have done something, a document may be read."""

Where = tuple[dict[str, Any], bool]


async def submission_stream(service: Submissions, submission_id: str, caller: Caller, header: str | None) -> Response:
    """The answer to a page that wants to follow a submission. Raises NotFound, TooManyRequests, Unavailable."""
    heard = last_event_id(header)
    data, ended = await _where(service, submission_id, caller)
    if ended and heard is not None and heard >= data["history"]:
        return Response(status_code=204, headers=HEADERS)
    held = ExitStack()
    # Taken now, so that a refusal is an answer of its own and not a broken stream.
    bell = cast("asyncio.Event", held.enter_context(await service.follow(submission_id, caller)))
    return EventStream(_follow(service, submission_id, caller, bell), held)


async def _where(service: Submissions, submission_id: str, caller: Caller) -> Where:
    def read(session: Session) -> Where:
        one = find(session, submission_id, caller)
        data = {
            "revision": one.revision,
            "state": one.state,
            "report": one.report_number,
            "history": one.history_number,
            "claimed": one.claimed_by is not None,
        }
        return data, State(one.state).final

    return await service.transactions.read(read)


async def _follow(
    service: Submissions, submission_id: str, caller: Caller, bell: asyncio.Event
) -> AsyncIterator[bytes]:
    yield retry_after(RETRY_MILLISECONDS)
    shown: dict[str, Any] | None = None
    while not service.transactions.following.ended:
        bell.clear()
        try:
            data, ended = await _where(service, submission_id, caller)
        except NotFound:
            yield written("removed", {})
            return
        except HubError:
            data, ended = shown or {}, False  # the database is away for a moment: the page keeps its place
        if not data or data == shown:
            yield HEARTBEAT
        else:
            yield written("ended" if ended else "changed", data, data["history"])
            if ended:
                return
            shown = data
        try:
            await asyncio.wait_for(bell.wait(), LOOK_SECONDS)
        except TimeoutError:
            continue
