"""Quality on the written questions, and seconds per answer for 1 and 50 citizens at once, in this process.

    python -m benchmarks.consult [dev] [test] [fresh] [--show] [--only NAME] [--no-speed]

The bot is tuned on dev only. The whole way is measured but the network: HTTP in and out (ASGI), pipeline, real embedder, SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import logging
import statistics
import time

import httpx
import structlog
from fastapi import FastAPI

from benchmarks.consult.hub import Bot, bot
from benchmarks.consult.reading import FRESH, Questions, read_questions
from benchmarks.consult.scoring import Figures, score_dialogues, score_outside
from services.access import Access
from services.consult.router import build_router

TIMED = 300
PARTS = ("single", "dialogues", "outside")


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"


def _told(title: str, figures: Figures) -> str:
    return (
        f"{title}: right item {_share(figures.item, figures.asked)}, asked back {_share(figures.asked_back, figures.asked)}, "
        f"wrong item {figures.wrong_item}, refused {_share(figures.refused, figures.asked)}, "
        f"right element {_share(figures.element, figures.asked)}, complete {_share(figures.complete, figures.asked)}, "
        f"{figures.rounds / max(1, figures.asked):.2f} questions of the questionnaire each, "
        f"asked again what was told {figures.asked_again}, "
        f"citations that hold {figures.citations_hold} of {figures.citations}"
    )


async def quality(hub: Bot, questions: Questions, half: str, only: list[str], show: bool) -> None:
    """Print the figures of one half."""
    parts: list[tuple[str, Figures]] = []
    if "single" in only:
        single, _ = await score_dialogues(questions.single, hub.ask, hub.library)
        parts.append((f"{half} single", single))
    if "dialogues" in only:
        first, later = await score_dialogues(questions.dialogues, hub.ask, hub.library)
        parts += [(f"{half} dialogues, first turns", first), (f"{half} dialogues, follow-ups", later)]
    if "outside" in only:
        outside = await score_outside(questions.out_of_scope, hub.ask, hub.library)
        print(
            f"{half} out of scope: rightly refused or routed {_share(outside.rightly_refused, outside.outside)}, "
            f"with sources {outside.cited_outside}"
        )
        if show:
            print("\n".join(f"  {line}" for line in outside.wrong))
    for title, figures in parts:
        print(_told(title, figures))
        if show:
            print("\n".join(f"  {line}" for line in figures.wrong))


async def seconds(application: FastAPI, texts: list[str], citizens: int) -> tuple[list[float], float]:
    """Seconds of each of `TIMED` answers with so many citizens asking without a pause, and of all of them together."""
    waiting = itertools.islice(itertools.cycle(texts), TIMED)
    taken: list[float] = []

    async def citizen(client: httpx.AsyncClient) -> None:
        for text in waiting:
            started = time.perf_counter()
            response = await client.post("/api/consult/messages", json={"text": text})
            response.raise_for_status()
            taken.append(time.perf_counter() - started)

    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub", timeout=60) as client:
        started = time.perf_counter()
        await asyncio.gather(*(citizen(client) for _ in range(citizens)))
        return taken, time.perf_counter() - started


async def speed(hub: Bot, questions: Questions) -> None:
    """Print seconds per answer."""
    application = FastAPI()
    application.include_router(build_router(hub.service, Access(hub.database, hub.settings)))
    texts = [one.turns[0].ask for one in questions.single] or ["居住证怎么办"]
    for citizens in (1, 50):
        taken, together = await seconds(application, texts, citizens)
        centiles = statistics.quantiles(taken, n=100)
        print(
            f"{citizens} at once: p50 {centiles[49] * 1000:.1f} ms, p95 {centiles[94] * 1000:.1f} ms, "
            f"{len(taken) / together:.0f} answers a second"
        )


async def run(halves: list[str], only: list[str], *, show: bool, timed: bool) -> None:
    """Print the figures."""
    if "dev" in halves:
        # The heads are trained on this half.
        async with bot(unseen=True) as hub:
            await quality(hub, read_questions(["dev"]), "dev", only, show)
    async with bot() as hub:
        for half in ("test", FRESH):
            if half in halves:
                await quality(hub, read_questions([half]), half, only, show)
        if timed:
            await speed(hub, read_questions(["dev"]))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("halves", nargs="*", default=["dev", "test"], help="dev, test, fresh")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part")
    parser.add_argument("--no-speed", action="store_true")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(run(arguments.halves, arguments.only or list(PARTS), show=arguments.show, timed=not arguments.no_speed))


if __name__ == "__main__":
    main()
