"""The job of a page: everything that is done with its pixels, done where the model is.

With workers this runs in their processes: seals lifted, the page read, rims read, signatures looked for, the photo judged. The
hub's own process only decodes the page and writes down what came out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from models.tasks import OcrInput, OcrOutput
from services.documents.page_care.caring import CaredPage, prepared, read_with_care
from services.documents.page_care.ink import Image
from services.documents.page_care.quality import Fault

JOB = "services.documents.cared_page:read_page"


async def read_page(read: Callable[[OcrInput], Awaitable[OcrOutput]], page: OcrInput) -> CaredPage:
    """A page read with care (`models.jobs.Job`)."""

    async def read_image(image: Image) -> OcrOutput:
        return await read(OcrInput(image))

    return await read_with_care(await asyncio.to_thread(prepared, page.image), read_image)


def not_read(width: int, height: int) -> CaredPage:
    """A page that the model could not get through with: empty, with a fault that says so."""
    return CaredPage(OcrOutput(width, height, 0, ()), (), (), (Fault("page_not_read"),))
