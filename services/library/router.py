"""The routes of /api/library, put together from their parts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from knowledge_base.guide_lint import Severity, lint_entry
from knowledge_base.publication import Publisher
from knowledge_base.schema import Entry
from knowledge_base.search import SectionSearch
from services.access import Access
from services.library.editing_routes import add_editing_routes
from services.library.exchange_routes import add_exchange_routes
from services.library.guide_routes import add_guide_routes
from services.library.lint_routes import add_lint_routes
from services.library.lint_schemas import FindingView
from services.library.search_routes import add_search_routes


def build_router(search: SectionSearch, publisher: Publisher, access: Access) -> APIRouter:
    """The routes of the content library. `publisher` moves what `search` searches."""
    router = APIRouter(prefix="/api/library")

    def errors_of(entry: Entry) -> list[dict[str, Any]]:
        """What the checker says must be mended before anybody reviews the text."""
        return [
            FindingView.of(finding).model_dump(mode="json")
            for finding in lint_entry(entry, library=search.library, extra_faults=publisher.store.extra_faults)
            if finding.severity is Severity.ERROR
        ]

    add_guide_routes(router, access, search)
    add_editing_routes(router, access, publisher.store, publisher, check=errors_of)
    add_lint_routes(router, access, search, publisher.store.extra_faults)
    add_search_routes(router, access, search)
    add_exchange_routes(router, access, publisher.store, search)
    return router
