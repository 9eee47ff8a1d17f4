"""Search from the command line: the embedder is loaded by the host as the hub does it, the index comes from the cache."""

from __future__ import annotations

from typing import Any

from knowledge_base.library import Library

EMBEDDER = "e5-small-zh"


async def search_library(library: Library, text: str, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The best entries and sections with their scores. Raises HubError."""
    from commands.configuration import read_settings
    from knowledge_base.search import SectionSearch
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
        found = SectionSearch(library, host.handle(EMBEDDER), cache=settings.var_dir / "index")
        await found.build()
        items = [
            {
                "score": round(hit.score, 4),
                "id": hit.entry.id,
                "name": hit.entry.name,
                "matched": hit.matched,
                "vectors": round(hit.vectors, 4),
            }
            for hit in await found.items(text, k=count)
        ]
        sections = [
            {
                "score": round(hit.score, 4),
                "id": hit.section.id,
                "title": hit.section.title,
                "words": round(hit.words, 4),
                "vectors": round(hit.vectors, 4),
            }
            for hit in await found.search(text, k=count)
        ]
        await found.settle()
        return items, sections
    finally:
        await host.close()
