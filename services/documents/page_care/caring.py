"""A page read with care: seals are found and lifted, then the page is read, then lines that can't be right, then what stands in
the seals.

Comes in: uint8 (height, width, 3), RGB, as the page was sent, and a way to read an image. Goes out: `CaredPage`: the lines without
the seals' scraps, the seals with their own text, the signatures, and what is wrong with the photo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from models.tasks import OcrOutput
from services.documents.extraction.page_lines import Quad, quad_of
from services.documents.page_care.ink import Image, working_size
from services.documents.page_care.pieces import lying
from services.documents.page_care.quality import Fault, judged_at_working_size
from services.documents.page_care.seal_text import text_of_strips, unrolled
from services.documents.page_care.seals import Seal, lifted, seals_at_working_size
from services.documents.page_care.second_look import looked_at_again
from services.documents.page_care.signatures import Signature, find_signatures

Read = Callable[[Image], Awaitable[OcrOutput]]


@dataclass(frozen=True, slots=True)
class ReadSeal:
    """A seal: its corners (0..1 of the page as sent), the text along its rim ("" if it can't be read) and how sure that is."""

    quad: Quad
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page before it is read. `clean`: without the ink of its seals; `small`: as sent, at the size that marks are looked for."""

    image: Image
    clean: Image
    small: Image
    seals: tuple[Seal, ...]


@dataclass(frozen=True, slots=True)
class CaredPage:
    """A page that was read."""

    output: OcrOutput
    seals: tuple[ReadSeal, ...]
    signatures: tuple[Signature, ...]
    faults: tuple[Fault, ...]


def prepared(image: Image) -> Prepared:
    """Find and lift the seals; blocking, some 50 ms of one core."""
    small = working_size(image)
    seals = seals_at_working_size(small)
    return Prepared(image, lifted(image, seals), small, seals)


async def read_with_care(page: Prepared, read: Read) -> CaredPage:
    """Read a prepared page and its seals. What `read` raises goes on."""
    output = await looked_at_again(page.clean, await read(page.clean), read)
    seals = [await _read_seal(page.image, seal, read) for seal in page.seals]
    # Some 20 ms of work on pixels, which everybody else's requests need not wait for.
    signatures = await asyncio.to_thread(find_signatures, page.clean, output)
    side = max(page.image.shape[:2])
    faults = await asyncio.to_thread(judged_at_working_size, page.small, side, output)
    return CaredPage(output, tuple(seals), signatures, faults)


def marks_of(page: CaredPage) -> dict[str, Any]:
    """What was seen beside the text, as plain data."""
    return {
        "seals": [
            {
                "box": _plain(seal.quad),
                "text": seal.text,
                "confidence": round(seal.confidence, 4),
            }
            for seal in page.seals
        ],
        "signatures": [{"box": _plain(signature.quad), "label": signature.label} for signature in page.signatures],
        "faults": [fault.code for fault in page.faults],
    }


def _plain(quad: Quad) -> list[list[float]]:
    return [[round(x, 5), round(y, 5)] for x, y in quad]


def seals_of(marks: Mapping[str, Any] | None) -> tuple[ReadSeal, ...]:
    """The seals in what `marks_of` gave."""
    found = []
    for one in (marks or {}).get("seals", ()):
        found.append(ReadSeal(quad_of(one["box"]), str(one["text"]), float(one["confidence"])))
    return tuple(found)


async def _read_seal(image: Image, seal: Seal, read: Read) -> ReadSeal:
    strips = await asyncio.to_thread(lambda: [lying(strip) for strip in unrolled(image, seal)])
    found = text_of_strips([await read(strip) for strip in strips])
    return ReadSeal(seal.quad, found.text, found.confidence)
