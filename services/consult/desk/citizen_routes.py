"""/api/consult, the citizen's side of a handover: ask for a person, follow, leave, leave a number. Open to everyone who knows
the conversation's id, within their limits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Response

from services.access import Access, Role
from services.consult.desk import streams
from services.consult.desk.desk import Desk
from services.consult.desk.schemas import CallbackKept, CallbackWanted, PersonWanted
from services.consult.schemas import HandoverView

TAG = "人工服务"
SessionPath = Annotated[str, Path(max_length=64, description="对话的 session_id")]
STREAM = {
    200: {
        "description": "事件 handover(HandoverView)、message(LiveMessage)",
        "content": {"text/event-stream": {"schema": streams.EVENT}},
    },
    204: {"description": "没有要跟踪的人工服务；EventSource 就此停止"},
}


def add_citizen_routes(router: APIRouter, desk: Desk, access: Access) -> None:
    """Add the routes to the router of /api/consult."""
    anyone = [Depends(access.guard(*Role, anonymous=True))]

    @router.post("/handovers", summary="转人工", tags=[TAG], dependencies=anyone)
    async def person(wanted: PersonWanted) -> HandoverView:
        """In the queue, or a promise to be called back. Raises 404 (`session_not_found`)."""
        return await desk.wanted(wanted.session_id)

    @router.delete(
        "/sessions/{session_id}/handover", summary="退出人工服务", status_code=204, tags=[TAG], dependencies=anyone
    )
    async def leave(session_id: SessionPath) -> Response:
        """Give up waiting, or end the conversation with the clerk. Raises 404 (`handover_not_found`)."""
        await desk.leave(session_id)
        return Response(status_code=204)

    @router.get(
        "/sessions/{session_id}/events",
        summary="跟踪人工服务(SSE)",
        tags=[TAG],
        dependencies=anyone,
        response_class=Response,
        responses=STREAM,  # type: ignore[arg-type]
    )
    async def events(
        session_id: SessionPath, last_event_id: Annotated[str | None, Header(max_length=64)] = None
    ) -> Response:
        """Place in the queue, the clerk's words, the end. With Last-Event-ID it goes on where it broke off.

        Raises 404 (`session_not_found`), 429 (`too_many_streams`).
        """
        return await streams.citizen_stream(desk, session_id, last_event_id)

    @router.post("/callbacks", summary="请求回电", status_code=201, tags=[TAG], dependencies=anyone)
    async def callback(wanted: CallbackWanted) -> CallbackKept:
        """Raises 404 (`session_not_found`), 409 (`handover_attended`), 422 (`phone_invalid`, `name_invalid`)."""
        return await desk.call_wanted(wanted.session_id, wanted.phone, wanted.name)
