"""Where a text stands in what was read: pure functions over pages as they were read.

Spaces, the width of characters (Ａ and A, ｱ and ア), case and line ends make no difference. A place is told as parts, one per line
that it runs over, each with the box of just that part.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.tasks import OcrOutput
from services.documents.extraction.page_lines import Character, Corner, Quad, places

MOST_HITS = 200


@dataclass(frozen=True, slots=True)
class Part:
    """Characters `start` to `end` (exclusive) of line `line` (from 0) of a page, and where they stand."""

    line: int
    start: int
    end: int
    text: str
    box: Quad


@dataclass(frozen=True, slots=True)
class Hit:
    """One place on page `page` (from 1)."""

    page: int
    parts: tuple[Part, ...]


def folded(text: str) -> list[tuple[str, int]]:
    """The characters that count, in one form, each with the index of the character in `text` that it comes from."""
    found = []
    for index, character in enumerate(text):
        for one in unicodedata.normalize("NFKC", character).casefold():
            if not one.isspace() and unicodedata.category(one) not in ("Cf", "Cc"):
                found.append((one, index))
    return found


def find(pages: Sequence[tuple[int, OcrOutput]], wanted: str) -> Iterator[Hit]:
    """Every place of `wanted` on `pages` (number, as read), in order; places don't overlap."""
    needle = "".join(one for one, _ in folded(wanted))
    if not needle:
        return
    for number, page in pages:
        lines = page.lines
        found = [(at, index) for at, line in enumerate(lines) for _, index in folded(line.text)]
        text = "".join(one for line in lines for one, _ in folded(line.text))
        begin = text.find(needle)
        while begin >= 0:
            yield Hit(number, tuple(_parts(page, found[begin : begin + len(needle)])))
            begin = text.find(needle, begin + len(needle))


def _parts(page: OcrOutput, found: Sequence[tuple[int, int]]) -> Iterator[Part]:
    for at in sorted({at for at, _ in found}):
        indices = [index for line, index in found if line == at]
        text, start, end = page.lines[at].text, min(indices), max(indices) + 1
        (first, second, third, fourth) = places(
            page, [Character(text[offset], at, offset) for offset in (start, end - 1)]
        )[0]
        yield Part(
            at, start, end, text[start:end], (_rounded(first), _rounded(second), _rounded(third), _rounded(fourth))
        )


def _rounded(corner: Corner) -> Corner:
    return round(corner[0], 5), round(corner[1], 5)
