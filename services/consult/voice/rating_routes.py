"""/api/consult: rate an answer (citizens), see to the low ratings (staff)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from knowledge_base.life.lifecycle import Actor
from services.access import Access, Caller, Role
from services.consult.voice.ratings import Ratings
from services.consult.voice.schemas import (
    FollowUpList,
    FollowUpMove,
    FollowUpState,
    FollowUpView,
    GradeView,
    RatingKept,
    RatingReasons,
    RatingWanted,
)

TAG = "评价与诉求"


def add_rating_routes(router: APIRouter, ratings: Ratings, access: Access) -> None:
    """Add the routes to the router of /api/consult."""
    anyone = [Depends(access.guard(*Role, anonymous=True))]
    staff = Depends(access.guard(Role.CLERK, Role.EDITOR))

    @router.get("/rating-reasons", summary="好差评的等级和原因", tags=[TAG], dependencies=anyone)
    async def reasons() -> RatingReasons:
        """The five grades with the reasons to choose from."""
        return RatingReasons(
            grades=[
                GradeView(grade=one.grade, title=one.title, reasons=list(one.reasons))
                for one in sorted(ratings.grades.grades, key=lambda one: -one.grade)
            ]
        )

    @router.post("/ratings", summary="评价一条回答", tags=[TAG], dependencies=anyone)
    async def rate(wanted: RatingWanted) -> RatingKept:
        """Once for each answer; again changes it. Raises 404 (`answer_not_found`), 422 (`reason_unknown`, `reason_missing`)."""
        return await ratings.rate(wanted)

    @router.get("/follow-ups", summary="低分评价的回访", tags=[TAG], dependencies=[staff])
    async def follow_ups(
        state: FollowUpState | None = None,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        page_size: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> FollowUpList:
        """Low ratings with their question and answer, masked."""
        return await ratings.follow_ups(state, page=page, page_size=page_size)

    @router.post("/follow-ups/{follow_up_id}", summary="回访或者办结", tags=[TAG])
    async def move(
        follow_up_id: Annotated[int, Path(ge=1, le=2**31 - 1)], wanted: FollowUpMove, caller: Caller = staff
    ) -> FollowUpView:
        """Raises 404 (`follow_up_not_found`), 409 (`follow_up_closed`)."""
        return await ratings.move(follow_up_id, wanted, Actor(caller.id, caller.name))
