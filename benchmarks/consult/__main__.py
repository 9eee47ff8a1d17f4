"""Quality on the written questions, and seconds per answer for 1 and 50 citizens at once, in this process.

The whole way is measured but the network: HTTP in and out (ASGI), pipeline, real embedder, SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from fastapi import FastAPI

from benchmarks.consult.scoring import score
from core.database import Database
from core.settings import ROOT, Settings
from knowledge_base.library import Library
from knowledge_base.search import SectionSearch
from models.artifacts import ArtifactStore
from models.host import Host
from models.registry import Registry
from services.access import Access
from services.consult.router import build_router
from services.consult.schemas import MessageAnswer
from services.consult.service import ConsultService

QUESTIONS = ROOT / "tests" / "services" / "consult"
EMBEDDER = "e5-small-zh"
TIMED = 300
TIMED_TEXTS = (
    "公共场所卫生许可证注销要什么材料",
    "护照怎么办理",
    "公共场所卫生许可证多少钱",
    "来上海打工半年了，想办个长期住的证",
    "居住证怎么办",
    "小孩上小学报名要什么材料",
)


async def _seconds(application: FastAPI, citizens: int) -> tuple[list[float], float]:
    """Seconds of each of `TIMED` answers with so many citizens asking without a pause, and of all of them together."""
    texts = itertools.islice(itertools.cycle(TIMED_TEXTS), TIMED)
    seconds: list[float] = []

    async def citizen(client: httpx.AsyncClient) -> None:
        for text in texts:
            started = time.perf_counter()
            response = await client.post("/api/consult/messages", json={"text": text})
            response.raise_for_status()
            seconds.append(time.perf_counter() - started)

    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub", timeout=60) as client:
        started = time.perf_counter()
        await asyncio.gather(*(citizen(client) for _ in range(citizens)))
        return seconds, time.perf_counter() - started


async def run(sets: list[str], show: bool) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(var_dir=Path(folder), artifacts_dir=Settings().artifacts, anonymous_limit="1000000/minute")
        library = Library.load(settings.content_dir)
        host = Host(
            Registry(settings.registry_file),
            ArtifactStore(settings.artifacts),
            threads=settings.threads,
            queue_items=settings.queue_items,
        )
        await host.start([EMBEDDER])
        search = SectionSearch(library, host.handle(EMBEDDER), cache=Settings().var_dir / "index")
        await search.build()
        database = Database(settings.database)
        database.upgrade()
        service = ConsultService(search, database, settings)

        async def ask(text: str) -> MessageAnswer:
            return await service.reply(text)

        for name in sets:
            figures = await score(QUESTIONS / f"{name}.yaml", ask, library)
            print(
                f"{name}: in scope {figures.in_scope}: right item {figures.right_item} (asked back {figures.asked_back}), "
                f"right element {figures.right_element}, wrong item {figures.wrong_item}, "
                f"wrongly refused {figures.wrongly_refused}; "
                f"out of scope {figures.out_of_scope}: right {figures.rightly_refused}, "
                f"answered from the nearest {figures.answered_from_nearest}; "
                f"citations {figures.citations_that_hold} of {figures.citations} hold"
            )
            if show:
                print("\n".join(f"  {line}" for line in figures.wrong))
        application = FastAPI()
        application.include_router(build_router(service, Access(database, settings)))
        for citizens in (1, 50):
            seconds, together = await _seconds(application, citizens)
            centiles = statistics.quantiles(seconds, n=100)
            print(
                f"{citizens} at once: p50 {centiles[49] * 1000:.1f} ms, p95 {centiles[94] * 1000:.1f} ms, "
                f"{len(seconds) / together:.0f} answers a second"
            )
        database.close()
        await host.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=["dev", "test"], help="dev, test")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.sets, arguments.show))


if __name__ == "__main__":
    main()
