"""The routes of the voice of the people, put together."""

from __future__ import annotations

from fastapi import APIRouter

from services.access import Access
from services.consult.voice.group_routes import add_group_routes
from services.consult.voice.groups import Groups
from services.consult.voice.numbers import NumbersReader
from services.consult.voice.numbers_routes import add_numbers_routes
from services.consult.voice.rating_routes import add_rating_routes
from services.consult.voice.ratings import Ratings


def build_router(ratings: Ratings, groups: Groups, numbers: NumbersReader, access: Access) -> APIRouter:
    """Routes under /api/consult."""
    router = APIRouter(prefix="/api/consult")
    add_rating_routes(router, ratings, access)
    add_group_routes(router, groups, access)
    add_numbers_routes(router, numbers, access)
    return router
