"""A second, careful reading of the few lines that can't be right as they were read: a date that doesn't exist, a number whose
check digit fails.

Comes in: the page without the ink of its seals, what was read on it, and a way to read an image. Goes out: the same, with those
lines mended whose second reading holds. Such a line is cut out, enlarged and read by itself. Lines that the reader merely doubts,
and all others under seals, are left alone: on dev pages a second reading made them no better
(docs/decisions/0024-page-care.md).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np

from core.check_digits import bank_card_holds, credit_code_holds, identity_number_holds
from core.errors import Invalid
from models.tasks import OcrLine, OcrOutput
from services.documents.extraction.dates import plain, read_dates
from services.documents.page_care.ink import Image
from services.documents.page_care.pieces import Region, cut_out, lying, text_of

Read = Callable[[Image], Awaitable[OcrOutput]]

MOST = 6
"""Lines of a page that are looked at again: where more look wrong, it is no paper that we know."""
ALIKE = 0.7
"""How much of the first reading has to be in the second, which may have caught a neighbour's line."""
ABOVE, BESIDE, BEFORE = 0.25, 0.3, 2.6
"""Margin around a line, in its heights; `BEFORE` one that begins with a date or a number, whose first strokes may be lost."""
_DIGIT = "0-9〇○零一二三四五六七八九十廿卅"
_DAY = re.compile(rf"[{_DIGIT}]{{1,4}}年[{_DIGIT}]{{1,3}}月[{_DIGIT}]{{1,3}}日")
_NUMBER = re.compile(
    r"(?<![0-9A-Z])(?:[0-9]{17}[0-9X]|(?=[0-9]*[A-Z])(?=(?:[A-Z]*[0-9]){9})[0-9A-Z]{17,19})(?![0-9A-Z])"
)


async def looked_at_again(clean: Image, output: OcrOutput, read: Read) -> OcrOutput:
    """The page with what a second reading mended; itself, if nothing was. What `read` raises goes on."""
    wrong = [number for number, line in enumerate(output.lines) if cannot_be_right(line.text)]
    lines = list(output.lines)
    for number in wrong[:MOST]:
        piece = await asyncio.to_thread(_piece, clean, output.rotation, lines[number])
        if piece is None:
            continue
        text, confidence = text_of(await read(piece))
        text = _from_start(lines[number].text, text)
        if mends(lines[number].text, text):
            lines[number] = replace(lines[number], text=text, confidence=confidence)
    return replace(output, lines=tuple(lines)) if tuple(lines) != output.lines else output


def cannot_be_right(text: str) -> bool:
    """Whether a line holds a date that doesn't exist, or what is as long as an identity number or credit code and is neither."""
    clean = plain(text)
    days = _DAY.findall(clean)
    if any(not read_dates(day) for day in days):
        return True
    return any(
        not (identity_number_holds(number) or credit_code_holds(number) or bank_card_holds(number))
        for number in _NUMBER.findall(clean)
    )


def mends(before: str, after: str) -> bool:
    """Whether a second reading is the same line, put right: as many dates and numbers as before, and all of them hold."""
    one, other = plain(before), plain(after)
    as_many = len(_DAY.findall(other)) >= len(_DAY.findall(one)) and len(_NUMBER.findall(other)) >= len(
        _NUMBER.findall(one)
    )
    alike = SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE
    return as_many and alike and not cannot_be_right(after)


def _begins(text: str) -> re.Match[str] | None:
    """The date or number that a line begins with."""
    return _DAY.match(plain(text)) or _NUMBER.match(plain(text))


def _from_start(before: str, after: str) -> str:
    """Without the end of a label that came in from before the line, where it begins with a date or a number."""
    start = (_DAY.search(plain(after)) or _NUMBER.search(plain(after))) if _begins(before) else None
    return plain(after)[start.start() :] if start else after


def _piece(image: Image, rotation: int, line: OcrLine) -> Image | None:
    """The line, upright and enlarged, on half a sheet of paper; None if it is smaller than a character."""
    size = np.array([image.shape[1], image.shape[0]], dtype=np.float64)
    corners = np.array(line.box) * size
    forward, down = corners[1] - corners[0], corners[3] - corners[0]
    length, height = max(float(np.hypot(*forward)), 1.0), float(np.hypot(*down))
    along, across = forward / length * height, down
    before = BEFORE if _begins(line.text) else BESIDE
    outwards = [(-before, -ABOVE), (BESIDE, -ABOVE), (BESIDE, ABOVE), (-before, ABOVE)]
    grown = corners + np.array([x * along + y * across for x, y in outwards])
    (left, top), (right, bottom) = (
        np.clip(side, 0, 1) for side in (grown.min(axis=0) / size, grown.max(axis=0) / size)
    )
    try:
        return lying(cut_out(image, rotation, Region(float(left), float(top), float(right), float(bottom))))
    except Invalid:
        return None
