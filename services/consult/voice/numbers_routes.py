"""/api/consult/numbers and /api/consult/conversations: the dashboard, for staff."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from knowledge_base.life.lifecycle import SHANGHAI
from services.access import Access, Role
from services.consult.voice.measures import Measure
from services.consult.voice.numbers import NumbersReader, Scope
from services.consult.voice.numbers_schemas import By, ConversationList, ConversationView, Numbers

TAG = "咨询数据"
LAST_DAYS = 30


def _scope(
    start: Annotated[date | None, Query(alias="from", description="起始日（含），默认 30 天前")] = None,
    end: Annotated[date | None, Query(alias="to", description="截止日（含），默认今天")] = None,
    item_id: Annotated[str | None, Query(max_length=80, description="事项编号；空为没有认定事项的")] = None,
    department: Annotated[str | None, Query(max_length=200)] = None,
    channel: Annotated[str | None, Query(max_length=16)] = None,
) -> Scope:
    last = end or datetime.now(SHANGHAI).date()
    return Scope(start or last - timedelta(days=LAST_DAYS - 1), last, item_id, department, channel)


def add_numbers_routes(router: APIRouter, reader: NumbersReader, access: Access) -> None:
    """Add the routes to the router of /api/consult."""
    staff = [Depends(access.guard(Role.CLERK, Role.EDITOR, Role.DEPARTMENT))]
    scoped = Depends(_scope)

    @router.get("/numbers", summary="咨询数据", tags=[TAG], dependencies=staff)
    async def numbers(by: By = "day", scope: Scope = scoped) -> Numbers:
        """Of a period, split by day, item, department or channel. Raises 422 (`period_invalid`)."""
        return await reader.numbers(scope, by)

    @router.get("/conversations", summary="一个数字背后的对话", tags=[TAG], dependencies=staff)
    async def conversations(
        measure: Measure = "questions",
        scope: Scope = scoped,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        page_size: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> ConversationList:
        """Those that `measure` counts, the newest first; masked."""
        return await reader.conversations(scope, measure, page=page, page_size=page_size)

    @router.get("/conversations/{session_id}", summary="一次对话的全部内容", tags=[TAG], dependencies=staff)
    async def conversation(session_id: Annotated[str, Path(max_length=64)]) -> ConversationView:
        """Masked. Raises 404 (`session_not_found`)."""
        return await reader.conversation(session_id)
