"""/api/consult: ask, see what can be asked, open a cited section."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from services.access import Access, Role
from services.consult.schemas import MessageAnswer, MessageRequest, SectionView, SuggestedQuestions
from services.consult.service import ConsultService
from services.consult.streaming import DOCUMENTED, stream_answer, wants_stream


def build_router(service: ConsultService, access: Access) -> APIRouter:
    """Routes of the consult bot; open to everyone, anonymous citizens included, within their limits."""
    router = APIRouter(
        prefix="/api/consult", tags=["咨询"], dependencies=[Depends(access.guard(*Role, anonymous=True))]
    )

    @router.post("/messages", summary="问一句，答一句", response_model=MessageAnswer, responses=DOCUMENTED)
    async def ask(message: MessageRequest, request: Request) -> MessageAnswer | Response:
        """One message of a conversation; `session_id: null` begins a new one. With `Accept: text/event-stream` it comes as
        events (services.consult.streaming)."""
        reply = service.reply(
            message.text, session_id=message.session_id, channel=message.channel, choice=message.choice
        )
        if wants_stream(request.headers.get("accept")):
            return stream_answer(reply, request.url.path)
        return await reply

    @router.get("/suggestions", summary="可以这样问")
    async def suggestions() -> SuggestedQuestions:
        """Questions to start with."""
        return await service.suggestions()

    @router.get("/sections/{section_id:path}", summary="打开引用的指南原文")
    async def section(
        section_id: Annotated[str, Path(examples=["public-venue-hygiene-cancel/materials@1"])],
    ) -> SectionView:
        """The section that a citation names, in full."""
        return await service.section(section_id)

    return router
