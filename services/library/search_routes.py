"""/api/library/search: find entries and sections; and for content staff, why they were found (检索测试)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from core.errors import Invalid
from knowledge_base.search import SectionSearch
from knowledge_base.terms import ApplicantKind, EntryKind, ItemStatus
from services.access import Access, Caller, Role
from services.library.search_schemas import (
    EntryFound,
    ExplainAnswer,
    ExplainRequest,
    FilterFields,
    SearchAnswer,
    SectionFound,
)


def add_search_routes(router: APIRouter, access: Access, search: SectionSearch) -> None:
    """Add the routes. Searching is open to everyone; explanations are for content staff."""
    editor = Depends(access.guard(Role.EDITOR))
    anyone = Depends(access.guard(anonymous=True))

    @router.get("/search", summary="检索内容库", tags=["内容库"])
    async def find(
        q: Annotated[str, Query(min_length=1, max_length=500, description="要办的事或问题")],
        k: Annotated[int, Query(ge=1, le=50)] = 10,
        kind: Annotated[
            list[EntryKind] | None, Query(max_length=5, description="内容种类，可写多个；默认只找办事指南")
        ] = None,
        department: Annotated[str | None, Query(max_length=80)] = None,
        applicant: ApplicantKind | None = None,
        channel: Annotated[str | None, Query(max_length=40)] = None,
        status: ItemStatus | None = None,
        on: date | None = None,
        caller: Caller = anyone,
    ) -> SearchAnswer:
        """The best `k` entries and the best `k` sections. Raises 422 (`text_empty`), 429 and 503 from the model."""
        _refuse_blank(q, "q")
        fields = FilterFields(
            kinds=kind or [EntryKind.ITEM],
            department=department,
            applicant=applicant,
            channel=channel,
            status=status,
            on=on,
        )
        found = await search.both(q, k=k, filters=fields.filters())
        return SearchAnswer(
            generation=found.generation,
            entries=[EntryFound.of(hit) for hit in found.items],
            sections=[SectionFound.of(hit) for hit in found.sections],
        )

    @router.post("/search/explain", summary="检索测试：找到了什么，为什么", tags=["内容库"])
    async def explain(request: ExplainRequest, caller: Caller = editor) -> ExplainAnswer:
        """The best entries and sections with the scores of every ranker. Raises 422 (`text_empty`), 429 and 503."""
        _refuse_blank(request.text, "text")
        return ExplainAnswer.of(await search.explain(request.text, k=request.k, filters=request.filters()))


def _refuse_blank(text: str, param: str) -> None:
    if not text.strip():
        raise Invalid("没有读到文字。请写出要找的事项或问题。", code="text_empty", param=param)
