"""The routes of the people behind the bot, put together."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from knowledge_base.library import Library
from knowledge_base.store import LibraryStore
from services.access import Access
from services.consult.desk.citizen_routes import add_citizen_routes
from services.consult.desk.clerk_routes import Previews, add_clerk_routes
from services.consult.desk.counter import Counter
from services.consult.desk.desk import Desk


def build_router(
    desk: Desk, previews: Previews, store: LibraryStore, library: Callable[[], Library], access: Access
) -> APIRouter:
    """Routes under /api/consult. `previews` is the consult service; `library` gives the one in force."""
    router = APIRouter(prefix="/api/consult")
    add_citizen_routes(router, desk, access)
    add_clerk_routes(router, desk, Counter(desk, store, library), previews, access)
    return router
