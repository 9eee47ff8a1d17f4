"""/api/consult/groups: questions grouped by meaning, and what staff make of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from knowledge_base.life.lifecycle import Actor
from services.access import Access, Caller, Role
from services.consult.voice.groups import Groups
from services.consult.voice.schemas import (
    DraftMade,
    GroupAlias,
    GroupDismissal,
    GroupFaq,
    GroupList,
    GroupQuestions,
    GroupState,
)

TAG = "评价与诉求"
GroupId = Annotated[int, Path(ge=1, le=2**31 - 1)]


def add_group_routes(router: APIRouter, groups: Groups, access: Access) -> None:
    """Add the routes to the router of /api/consult."""
    staff = Depends(access.guard(Role.CLERK, Role.EDITOR))

    @router.get("/groups", summary="没答上、评价低的问题，按意思归组", tags=[TAG], dependencies=[staff])
    async def listed(
        state: GroupState | None = None,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        page_size: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> GroupList:
        """The largest first; new questions are grouped every minute."""
        return await groups.groups(state, page=page, page_size=page_size)

    @router.get("/groups/{group_id}/questions", summary="一组里的全部问题", tags=[TAG], dependencies=[staff])
    async def questions(
        group_id: GroupId,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        page_size: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> GroupQuestions:
        """Masked, the newest first. Raises 404."""
        return await groups.questions(group_id, page=page, page_size=page_size)

    @router.post("/groups/refresh", summary="现在就归组", status_code=204, tags=[TAG], dependencies=[staff])
    async def refresh() -> Response:
        """Raises 503 while the embedder has no room."""
        await groups.group()
        return Response(status_code=204)

    @router.post("/groups/{group_id}/faq", summary="写成问答草稿", status_code=201, tags=[TAG])
    async def faq(group_id: GroupId, wanted: GroupFaq, caller: Caller = staff) -> DraftMade:
        """Reviewed by somebody else. Raises 404, 409 (`group_done`), 422 (`item_unknown`)."""
        return await groups.faq(group_id, wanted, Actor(caller.id, caller.name))

    @router.post("/groups/{group_id}/alias", summary="记为事项的别名（草稿）", status_code=201, tags=[TAG])
    async def alias(group_id: GroupId, wanted: GroupAlias, caller: Caller = staff) -> DraftMade:
        """Raises 404, 409 (`group_done`, `draft_exists`), 422 (`item_unknown`, `alias_known`)."""
        return await groups.alias(group_id, wanted, Actor(caller.id, caller.name))

    @router.post("/groups/{group_id}/dismiss", summary="不处理（写明原因）", status_code=204, tags=[TAG])
    async def dismiss(group_id: GroupId, wanted: GroupDismissal, caller: Caller = staff) -> Response:
        """Raises 404, 409 (`group_done`)."""
        await groups.dismiss(group_id, wanted, Actor(caller.id, caller.name))
        return Response(status_code=204)
