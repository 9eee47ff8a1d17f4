"""/api/documents/...: what kinds of paper there are; put a field or a kind right; read a place again; who put right what."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from core.errors import Invalid
from services.access import Access, Caller
from services.documents.extraction.kinds import paper_kinds
from services.documents.extraction.page_lines import Quad
from services.documents.papers.corrections import typed
from services.documents.page_care.pieces import Region, text_of
from services.documents.papers.schemas import (
    CorrectionView,
    FieldWanted,
    KindView,
    KindWanted,
    PaperView,
    RegionView,
    RegionWanted,
    correction_view,
    kind_views,
    paper_views,
)
from services.documents.router import PRIVATE
from services.documents.service import DocumentService


def build_router(documents: DocumentService, access: Access) -> APIRouter:
    """The routes, to be included before those of `services.documents.router` (`/kinds` is no document). Who may see a document may
    put it right."""
    corrections = documents.corrections
    router = APIRouter(prefix="/api/documents", tags=["文件识读"])
    anyone = Depends(access.guard(anonymous=True))

    @router.get("/kinds", summary="能识别的材料种类及其字段")
    async def kinds(caller: Caller = anyone) -> list[KindView]:
        return kind_views()

    @router.put("/{document_id}/papers/{paper}/fields/{field_id}", summary="改正一个字段")
    async def correct(
        document_id: str, paper: int, field_id: str, wanted: FieldWanted, response: Response, caller: Caller = anyone
    ) -> list[PaperView]:
        response.headers.update(PRIVATE)
        states = await corrections.correct_field(document_id, paper, field_id, wanted.value, _pointed(wanted), caller)
        return paper_views(states)

    @router.put("/{document_id}/papers/{paper}/kind", summary="指明一份材料的种类，字段随之重读")
    async def name_kind(
        document_id: str, paper: int, wanted: KindWanted, response: Response, caller: Caller = anyone
    ) -> list[PaperView]:
        response.headers.update(PRIVATE)
        return paper_views(await corrections.name_kind(document_id, paper, wanted.kind, caller))

    @router.get("/{document_id}/corrections", summary="谁在何时改了什么")
    async def history(document_id: str, response: Response, caller: Caller = anyone) -> list[CorrectionView]:
        response.headers.update(PRIVATE)
        return [correction_view(one) for one in await corrections.history(document_id, caller)]

    @router.post("/{document_id}/pages/{number}/regions", summary="重读页面上框出的一处")
    async def region(
        document_id: str, number: int, wanted: RegionWanted, response: Response, caller: Caller = anyone
    ) -> RegionView:
        response.headers.update(PRIVATE)
        box = Region(wanted.left, wanted.top, wanted.right, wanted.bottom)
        text, confidence = text_of(await documents.read_region(document_id, number, box, caller))
        known = paper_kinds().get(wanted.kind or "")
        field = next((one for one in known.fields if one.id == wanted.field), None) if known else None
        if field is None or not text:
            return RegionView(text=text, confidence=confidence)
        try:
            read = typed(text, field)
        except Invalid:
            return RegionView(text=text, confidence=confidence, proven=False)
        return RegionView(text=text, confidence=confidence, value=read.value, proven=read.proven)

    return router


def _pointed(wanted: FieldWanted) -> tuple[int, Quad] | None:
    if wanted.box is None or wanted.page is None:
        return None
    first, second, third, fourth = wanted.box
    if not all(0 <= one <= 1 for corner in wanted.box for one in corner):
        raise Invalid("框的坐标应在 0 到 1 之间。", code="region_invalid", param="box")
    return wanted.page, (first, second, third, fourth)
