"""Where a text stands in what was read: pure functions over lines of text and their boxes.

Spaces, the width of characters (Ａ and A, ｱ and ア), case and line ends make no difference. A place is told as parts, one per line
that it runs over, each with the box of just that part.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Box = tuple[Point, Point, Point, Point]

MOST_HITS = 200
NARROW = 0.5
"""Width of a Latin letter or digit, in widths of a Chinese character."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its text and box (corners clockwise from the text's top left)."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Part:
    """Characters `start` to `end` (exclusive) of line `line` (from 0) of a page, and where they stand."""

    line: int
    start: int
    end: int
    text: str
    box: Box


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


def find(pages: Sequence[tuple[int, Sequence[Line]]], wanted: str) -> Iterator[Hit]:
    """Every place of `wanted` on `pages` (number, lines in reading order), in order; places don't overlap."""
    needle = "".join(one for one, _ in folded(wanted))
    if not needle:
        return
    for number, lines in pages:
        places = [(at, index) for at, line in enumerate(lines) for _, index in folded(line.text)]
        text = "".join(one for line in lines for one, _ in folded(line.text))
        begin = text.find(needle)
        while begin >= 0:
            yield Hit(number, tuple(_parts(lines, places[begin : begin + len(needle)])))
            begin = text.find(needle, begin + len(needle))


def _parts(lines: Sequence[Line], places: Sequence[tuple[int, int]]) -> Iterator[Part]:
    for at in sorted({at for at, _ in places}):
        indices = [index for line, index in places if line == at]
        line, start, end = lines[at], min(indices), max(indices) + 1
        yield Part(at, start, end, line.text[start:end], part_of(line, start, end))


def part_of(line: Line, start: int, end: int) -> Box:
    """The box of characters `start` to `end` of a line, cut out of the line's by the width that characters have in print."""
    widths = [_width(character) for character in line.text]
    whole = sum(widths) or 1.0
    left, right = sum(widths[:start]) / whole, sum(widths[:end]) / whole
    top_left, top_right, bottom_right, bottom_left = line.box
    return (
        _between(top_left, top_right, left),
        _between(top_left, top_right, right),
        _between(bottom_left, bottom_right, right),
        _between(bottom_left, bottom_right, left),
    )


def _width(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in ("W", "F", "A") else NARROW


def _between(first: Point, second: Point, share: float) -> Point:
    return (
        round(first[0] + (second[0] - first[0]) * share, 5),
        round(first[1] + (second[1] - first[1]) * share, 5),
    )
