"""Search from the command line: the embedder is loaded by the host as the hub does it, the index comes from the cache."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from knowledge_base.library import Library
from knowledge_base.search import SectionSearch

EMBEDDER = "e5-small-zh"


@asynccontextmanager
async def built_search(
    library: Library, progress: Callable[[int, int], None] | None = None
) -> AsyncIterator[SectionSearch]:
    """Search over `library`, its index brought up to date and kept under the settings' folder. Raises HubError."""
    from commands.configuration import read_settings
    from models.artifacts import ArtifactStore
    from models.host import Host
    from models.registry import Registry

    settings = read_settings()
    host = Host(
        Registry(settings.registry_file),
        ArtifactStore(settings.artifacts),
        threads=settings.threads,
        queue_items=settings.queue_items,
    )
    try:
        for report in await host.start([EMBEDDER]):
            if report.error:
                raise report.error
        search = SectionSearch(library, host.handle(EMBEDDER), cache=settings.var_dir / "index")
        await search.build(progress)
        yield search
        await search.settle()
    finally:
        await host.close()


async def make_index(
    library: Library, progress: Callable[[int, int], None], lines: Callable[[int, int], None] | None = None
) -> int:
    """Embed and index everything before the hub first starts, then the guides' single lines, which the bot tells beside a section;
    how many sections there are. Raises HubError.

    The start would do it as well; here people see how far it is, and tests that start a hub with a folder of their own can
    copy what is made. Texts are kept by their content, so that an edit embeds one text, not all.
    """
    from services.consult.guide_lines import GuideLines

    async with built_search(library, progress) as search:
        await GuideLines(library, search).make_all(lines)
        return len(library.all_sections())


async def search_library(library: Library, text: str, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The best entries and sections with their scores. Raises HubError."""
    async with built_search(library) as search:
        items = [
            {
                "score": round(hit.score, 4),
                "id": hit.entry.id,
                "name": hit.entry.name,
                "matched": hit.matched,
                "vectors": round(hit.vectors, 4),
            }
            for hit in await search.items(text, k=count)
        ]
        sections = [
            {
                "score": round(hit.score, 4),
                "id": hit.section.id,
                "title": hit.section.title,
                "words": round(hit.words, 4),
                "vectors": round(hit.vectors, 4),
            }
            for hit in await search.search(text, k=count)
        ]
        return items, sections
