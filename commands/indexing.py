"""Make the search index of the shipped content before the hub first starts, with a progress bar.

The start would do it as well; here people see how far it is, and tests that start a hub with a folder of their own can copy
what is made. Texts are kept by their content, so that an edit embeds one text, not all.
"""

from __future__ import annotations

import asyncio

from core.settings import Settings

EMBEDDER = "e5-small-zh"


def make_index(settings: Settings) -> int:
    """Embed and index everything in the content folder; how many texts it has.

    Raises:
        HubError: the content or the model can't be read.
    """
    return asyncio.run(_make(settings))


async def _make(settings: Settings) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from knowledge_base.library import Library
    from knowledge_base.search import SectionSearch
    from models.artifacts import ArtifactStore
    from models.host import Host
    from models.registry import Registry

    library = Library.load(settings.content_dir)
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
        columns = (TextColumn("检索索引"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task("", total=len(library.all_sections()))
            await search.build(lambda done, total: progress.update(bar, completed=done, total=total))
        return len(library.all_sections())
    finally:
        await host.close()
