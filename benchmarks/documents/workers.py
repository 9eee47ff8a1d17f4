"""One worker against two, and whether a worker grows: `python -m benchmarks.documents.workers FOLDER`.

A page goes the way that the hub sends it: decoded here, then read with care in a worker of one thread. One worker and two
take turns, a few pages each, so that whatever else the machine does hits both. The processor's time of the workers is
measured beside the clock's: on a machine that others use, two processes also get two shares of it.

With `--memory`, so many pages go through one worker (cut to pieces of `--side` pixels, or the run takes hours), and its resident
memory is told after every hundred.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from core.settings import Settings
from models.artifacts import ArtifactStore
from models.host import Host
from models.loaded import LoadedModel
from models.registry import Registry
from models.tasks import OcrInput
from services.documents.cared_page import JOB
from services.documents.images import read_page

MODEL = "ocr-zh"
MEGABYTE = 1 << 20
SEED = 7


def pictures(folder: Path) -> Iterator[NDArray[np.uint8]]:
    """The folder's photos over and over, in one order."""
    for path in cycle(sorted(folder.glob("*.jpg"))):
        yield read_page(path, 1, max_pixels=50_000_000)


def pieces(folder: Path, side: int) -> Iterator[NDArray[np.uint8]]:
    """A piece of each photo, of `side` pixels and up to half as much again, never the same twice."""
    chance = random.Random(SEED)
    for picture in pictures(folder):
        height, width = (min(size, round(side * chance.uniform(1, 1.5))) for size in picture.shape[:2])
        top, left = (chance.randint(0, size - part) for size, part in zip(picture.shape, (height, width), strict=False))
        yield np.ascontiguousarray(picture[top : top + height, left : left + width])


async def loaded(workers: int) -> tuple[Host, LoadedModel]:
    """A host with so many workers of one thread."""
    settings = Settings()
    host = Host(
        Registry(settings.registry_file),
        ArtifactStore(settings.artifacts),
        threads=workers,
        queue_items=512,
        workers=workers,
    )
    (report,) = await host.start([MODEL])
    if report.error is not None:
        raise report.error
    return host, host.find(MODEL)


def processor_seconds(model: LoadedModel) -> float:
    """Of all its workers, so far."""
    times = [psutil.Process(one.pid).cpu_times() for one in model.workers if one.pid is not None]
    return sum(one.user + one.system for one in times)


async def read_all(model: LoadedModel, every: list[NDArray[np.uint8]]) -> tuple[float, float]:
    """Seconds, and seconds of processor time, for all pages at once in the queue."""
    started, used = time.perf_counter(), processor_seconds(model)
    await asyncio.gather(*(model.run(JOB, [OcrInput(page)]) for page in every))
    return time.perf_counter() - started, processor_seconds(model) - used


async def compare(source: Iterator[NDArray[np.uint8]], pages: int, share: int) -> None:
    """One worker against two, on the same pages."""
    hosts = [await loaded(1), await loaded(2)]
    clock, processor = [0.0, 0.0], [0.0, 0.0]
    ratios = []
    for done in range(0, pages, share):
        every = list(islice(source, min(share, pages - done)))
        turn: list[float] = [0.0, 0.0]
        for at in (0, 1) if done // share % 2 == 0 else (1, 0):
            turn[at], used = await read_all(hosts[at][1], every)
            clock[at] += turn[at]
            processor[at] += used
        ratios.append(turn[0] / turn[1])
        print(f"{done + len(every):4d} pages: {turn[0]:.1f} s, {turn[1]:.1f} s: {ratios[-1]:.2f}x", flush=True)
    for host, _ in hosts:
        await host.close()
    print(f"one worker {clock[0]:.1f} s, two {clock[1]:.1f} s: {clock[0] / clock[1]:.2f}x", end="")
    print(f" (median of turns {statistics.median(ratios):.2f}x) for {pages} pages")
    print(f"processor time a page: {processor[0] / pages:.3f} s, {processor[1] / pages:.3f} s", end="")
    print(f"; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


async def watch(source: Iterator[NDArray[np.uint8]], pages: int) -> None:
    """Resident memory of one worker, and of this process, after every hundred pages."""
    host, model = await loaded(1)
    (before,) = model.workers
    print(f"   0 pages: worker {before.memory_bytes / MEGABYTE:.0f} MB", flush=True)
    seen = []
    for done in range(100, pages + 1, 100):
        for _ in range(10):
            await asyncio.gather(*(model.run(JOB, [OcrInput(page)]) for page in islice(source, 10)))
        (worker,) = model.workers
        seen.append(worker.memory_bytes / MEGABYTE)
        own = psutil.Process().memory_info().rss / MEGABYTE
        print(f"{done:4d} pages: worker {seen[-1]:.0f} MB, this process {own:.0f} MB", flush=True)
    steady = seen[1:] or seen
    middle = statistics.median(steady)
    least, most = min(steady), max(steady)
    print(
        f"after the first 100: {middle:.0f} MB, {100 * (least / middle - 1):+.1f} to {100 * (most / middle - 1):+.1f} %"
    )
    print(f"replaced: {worker.replaced}; processor time a page {processor_seconds(model) / pages:.3f} s")
    await host.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="of photos (benchmarks.papers makes them)")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--share", type=int, default=20, help="pages of a turn")
    parser.add_argument("--memory", type=int, default=0, help="pages to watch one worker's memory over, instead")
    parser.add_argument("--side", type=int, default=0, help="pieces of so many pixels instead of whole pages")
    arguments = parser.parse_args()
    source = pieces(arguments.folder, arguments.side) if arguments.side else pictures(arguments.folder)
    if arguments.memory:
        asyncio.run(watch(source, arguments.memory))
    else:
        asyncio.run(compare(source, arguments.pages, arguments.share))


if __name__ == "__main__":
    main()
