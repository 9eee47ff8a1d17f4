"""The routes of /api/library, put together from their parts."""

from __future__ import annotations

from fastapi import APIRouter

from knowledge_base.publication import Publisher
from knowledge_base.search import SectionSearch
from services.access import Access
from services.library.guide_routes import add_guide_routes
from services.library.lint_routes import add_lint_routes


def build_router(search: SectionSearch, publisher: Publisher, access: Access) -> APIRouter:
    """The routes of the content library. `publisher` moves what `search` searches."""
    router = APIRouter(prefix="/api/library")
    add_guide_routes(router, access, search)
    add_lint_routes(router, access, search)
    return router
