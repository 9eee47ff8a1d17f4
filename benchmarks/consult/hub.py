"""The consult bot in this process: the real library, embedder and database, without the network."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.consult.unseen import UnseenHeads
from core.database import Database
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.search import SectionSearch
from models.artifacts import ArtifactStore
from models.host import Host
from models.registry import Registry
from services.consult.heads import ELEMENT, ROUTE, Heads, TrainedHeads
from services.consult.schemas import Choice, MessageAnswer
from services.consult.service import ConsultService

EMBEDDER = "e5-small-zh"


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything that a measurement needs."""

    library: Library
    search: SectionSearch
    service: ConsultService
    database: Database
    settings: Settings
    heads: Heads

    async def ask(self, text: str, session: str | None, choice: Choice | None) -> MessageAnswer:
        """One message."""
        return await self.service.reply(text, session_id=session, choice=choice)


@asynccontextmanager
async def bot(cache: Path | None = None, *, unseen: bool = False, lines: bool = True) -> AsyncIterator[Bot]:
    """Ready to answer. `cache`: of the vectors; by default the hub's own. `unseen`: with heads that have not seen the question.
    `lines`: with the vectors of all guides' lines."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(var_dir=Path(folder), artifacts_dir=Settings().artifacts, anonymous_limit="1000000/minute")
        library = Library.load(settings.content_dir)
        host = Host(
            Registry(settings.registry_file),
            ArtifactStore(settings.artifacts),
            threads=settings.threads,
            queue_items=settings.queue_items,
        )
        await host.start([EMBEDDER, ROUTE, ELEMENT])
        search = SectionSearch(library, host.handle(EMBEDDER), cache=cache or Settings().var_dir / "index")
        await search.build()
        database = Database(settings.database)
        database.upgrade()
        trained = TrainedHeads(host.handle(ROUTE), host.handle(ELEMENT))
        heads = await UnseenHeads.train(library) if unseen else trained
        service = ConsultService(search, database, settings, heads=heads)
        if lines:
            await service.remember_lines()
        try:
            yield Bot(library, search, service, database, settings, heads)
        finally:
            database.close()
            await host.close()
