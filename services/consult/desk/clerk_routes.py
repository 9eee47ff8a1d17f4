"""/api/consult/desk: the clerks' side. Everything is decided in `counter`; here it gets addresses and roles."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import APIRouter, Body, Depends, Path, Response

from knowledge_base.life.lifecycle import Actor
from services.access import Access, Caller, Role
from services.consult.desk import streams
from services.consult.desk.counter import Counter
from services.consult.desk.desk import Desk
from services.consult.desk.schemas import (
    BotAnswer,
    CallbackView,
    CallDone,
    DutyView,
    FaqMade,
    FaqWanted,
    HandoverDetail,
    HandoverSummary,
    LiveMessage,
    QueueView,
    SaidLine,
)
from services.consult.schemas import MessageAnswer

TAG = "坐席台"
RowId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class Previews(Protocol):
    """Of the consult service: what the bot would answer, with nothing kept of it."""

    async def preview(self, text: str, *, session_id: str) -> MessageAnswer:
        """Raises NotFound, Invalid."""
        ...


def _actor(caller: Caller) -> Actor:
    return Actor(caller.id, caller.name)


def add_clerk_routes(router: APIRouter, desk: Desk, counter: Counter, previews: Previews, access: Access) -> None:
    """Add the routes to the router of /api/consult."""
    clerk = Depends(access.guard(Role.CLERK))

    @router.get("/desk/duty", summary="是否在班", tags=[TAG])
    async def duty(caller: Caller = clerk) -> DutyView:
        """Also tells the hub that the clerk's page is there: without it for some minutes they are off duty."""
        return await counter.duty(_actor(caller))

    @router.post("/desk/duty", summary="上班", tags=[TAG])
    async def come(caller: Caller = clerk) -> DutyView:
        """On duty; outside the service hours for four hours at most."""
        return await counter.duty(_actor(caller), come=True)

    @router.delete("/desk/duty", summary="下班", tags=[TAG])
    async def go(caller: Caller = clerk) -> DutyView:
        """Raises 409 (`still_attending`)."""
        return await counter.go(_actor(caller))

    @router.get("/desk/queue", summary="排队、服务中、回电", tags=[TAG])
    async def queue(caller: Caller = clerk) -> QueueView:
        """Everything at the desk."""
        return await counter.queue(_actor(caller))

    @router.get(
        "/desk/events",
        summary="有变化时通知(SSE)",
        tags=[TAG],
        response_class=Response,
        responses={200: {"content": {"text/event-stream": {"schema": streams.EVENT}}}},
    )
    async def events(caller: Caller = clerk) -> Response:
        """An event `changed` whenever something has happened: then ask for the queue anew."""
        return await streams.clerk_stream(desk)

    @router.get("/desk/handovers/{handover_id}", summary="整个对话", tags=[TAG])
    async def detail(handover_id: RowId, caller: Caller = clerk) -> HandoverDetail:
        """Bot's and live messages in order, masked. Raises 404 (`handover_not_found`)."""
        return await counter.detail(handover_id, _actor(caller))

    @router.get("/desk/handovers/{handover_id}/answer", summary="机器人现在会怎么答", tags=[TAG])
    async def answer(handover_id: RowId, caller: Caller = clerk) -> BotAnswer:
        """To the citizen's last question, with its citations. Raises 404."""
        session_id, question = await counter.question(handover_id)
        if question is None:
            return BotAnswer(question=None, answer=None)
        return BotAnswer(question=question, answer=await previews.preview(question, session_id=session_id))

    @router.post("/desk/handovers/{handover_id}/take", summary="接入", tags=[TAG])
    async def take(handover_id: RowId, caller: Caller = clerk) -> HandoverSummary:
        """Raises 404, 409 (`handover_taken`, `handover_ended`, `not_on_duty`, `too_many_at_once`)."""
        return await counter.take(handover_id, _actor(caller))

    @router.post("/desk/handovers/{handover_id}/messages", summary="回复市民", status_code=201, tags=[TAG])
    async def say(handover_id: RowId, line: SaidLine, caller: Caller = clerk) -> LiveMessage:
        """Raises 404, 409 (`handover_ended`, `handover_taken`, `handover_not_taken`), 413, 422 (`text_empty`)."""
        return await counter.say(handover_id, line.text, _actor(caller))

    @router.post("/desk/handovers/{handover_id}/give-back", summary="交还智能助手", tags=[TAG])
    async def give_back(handover_id: RowId, caller: Caller = clerk) -> HandoverSummary:
        """Raises 404, 409."""
        return await counter.give_back(handover_id, _actor(caller))

    @router.post("/desk/handovers/{handover_id}/close", summary="结束", tags=[TAG])
    async def close(handover_id: RowId, caller: Caller = clerk) -> HandoverSummary:
        """Raises 404, 409."""
        return await counter.close(handover_id, _actor(caller))

    @router.post("/desk/handovers/{handover_id}/faq", summary="好答复存为问答草稿", status_code=201, tags=[TAG])
    async def faq(handover_id: RowId, wanted: FaqWanted, caller: Caller = clerk) -> FaqMade:
        """Reviewed by somebody else in the content library. Raises 404, 413, 422 (`item_unknown`, `content_invalid`)."""
        return await counter.faq(handover_id, wanted, _actor(caller))

    @router.post("/desk/callbacks/{callback_id}/take", summary="领取回电", tags=[TAG])
    async def take_call(callback_id: RowId, caller: Caller = clerk) -> CallbackView:
        """The number is shown to this clerk. Raises 404, 409 (`callback_taken`, `callback_done`)."""
        return await counter.take_call(callback_id, _actor(caller))

    @router.post("/desk/callbacks/{callback_id}/release", summary="放回", tags=[TAG])
    async def release_call(callback_id: RowId, caller: Caller = clerk) -> CallbackView:
        """Raises 404, 409 (`callback_not_yours`)."""
        return await counter.release_call(callback_id, _actor(caller))

    @router.post("/desk/callbacks/{callback_id}/done", summary="已回电", tags=[TAG])
    async def end_call(
        callback_id: RowId, done: Annotated[CallDone | None, Body()] = None, caller: Caller = clerk
    ) -> CallbackView:
        """The number is removed. Raises 404, 409, 422."""
        return await counter.end_call(callback_id, done.note if done else None, _actor(caller))
