"""The job of a page, done by a worker that hangs at its first page and says so."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from models.tasks import OcrInput, OcrOutput
from services.documents.cared_page import read_page
from services.documents.page_care.caring import CaredPage

JOB = "tests.services.documents.waiting_job:waits_once"


def marker(hub: int) -> Path:
    """Holds the process that hangs. `hub`: the process that it works for. A worker's own folder is below the hub's."""
    below = Path(tempfile.gettempdir())
    return (below if hub == os.getpid() else below.parent) / f"kaopu-waits-{hub}"


async def waits_once(read: Callable[[OcrInput], Awaitable[OcrOutput]], one: OcrInput) -> CaredPage:
    if await asyncio.to_thread(first):
        await asyncio.sleep(3600)
    return await read_page(read, one)


def first() -> bool:
    path = marker(os.getppid())
    try:
        with path.with_suffix(".new").open("x", encoding="ascii") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return False
    path.with_suffix(".new").rename(path)
    path.with_suffix(".new").touch()
    return True
