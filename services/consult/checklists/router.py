"""/api/consult/checklists: have a checklist made, open it, take it along."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Response

from services.access import Access, Role
from services.consult.checklists.event_pdf import render_event_pdf
from services.consult.checklists.kept import Kept, KeptEvent, view
from services.consult.checklists.pdf import render_pdf
from services.consult.checklists.schemas import ChecklistMade, ChecklistView, ChecklistWanted, EventChecklistView
from services.consult.checklists.service import Checklists

Token = Annotated[str, Path(description="生成时得到的 token")]
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
"""The address is the only secret, and the next user of a shared machine must not find the list in its cache."""


def build_router(checklists: Checklists, access: Access) -> APIRouter:
    """Routes under /api/consult; open to everyone within their limits."""
    router = APIRouter(
        prefix="/api/consult/checklists", tags=["咨询"], dependencies=[Depends(access.guard(*Role, anonymous=True))]
    )

    @router.post("", summary="生成一次告知单")
    async def make(wanted: ChecklistWanted) -> ChecklistMade:
        """For one item, or a life event with all its items, and one person's situation. Raises 404 (`item_not_found`,
        `item_not_in_use`, `life_event_not_found`, `session_not_found`), 422 (`answer_invalid`, `checklist_item_missing`,
        `checklist_twice_told`)."""
        return await checklists.make(wanted)

    @router.get(
        "/{token}.pdf",
        summary="下载一次告知单（PDF）",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
    )
    async def take_along(token: Token) -> Response:
        """A4, to print or to keep; as it was made. Raises 404 (`checklist_not_found`)."""
        kept = await checklists.open(token)
        name = quote(f"一次告知单-{kept.checklist.item.name}.pdf")
        disposition = f"attachment; filename=\"checklist.pdf\"; filename*=UTF-8''{name}"
        return Response(
            await asyncio.to_thread(_rendered, kept),
            media_type="application/pdf",
            headers={**PRIVATE, "Content-Disposition": disposition},
        )

    @router.get("/{token}", summary="打开一次告知单")
    async def show(token: Token, response: Response) -> ChecklistView | EventChecklistView:
        """As it was made, and whether the guide has changed since. Raises 404 (`checklist_not_found`)."""
        response.headers.update(PRIVATE)
        return view(await checklists.open(token))

    return router


def _rendered(kept: Kept | KeptEvent) -> bytes:
    return render_event_pdf(kept) if isinstance(kept, KeptEvent) else render_pdf(kept)
