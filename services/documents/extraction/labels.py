"""Printed labels among the lines of a page.

Comes in: lines and all labels of a kind. Goes out: `Label`s with where they stand and what follows them on their line. Official
forms spread a label over the column (名　称 is read as two lines) and break it over two lines; both are put together again. A
label of five or more characters counts with one of them misread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from services.documents.extraction.page_lines import Character, PageLine

FUZZY_FROM = 5
COLONS = ":;"
WIDEST_GAP = 9.0
"""Between the characters of a spread label, in heights of the line."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label on the page.

    Attributes:
        text: as the kind writes it.
        follows: what its line goes on with, up to the next label; `follows_at`: where that begins.
        box: left, top, right, bottom of the label itself.
        height: of one of its lines; all in heights of the page.
        lines: places of the lines that it takes.
    """

    text: str
    follows: tuple[Character, ...]
    follows_at: float
    box: tuple[float, float, float, float]
    height: float
    lines: tuple[int, ...]


def find_labels(lines: Sequence[PageLine], labels: Collection[str]) -> list[Label]:
    """All labels from the top down; `lines` in the order of `page_lines`."""
    ordered = sorted(labels, key=len, reverse=True)
    found: list[Label] = []
    taken: set[int] = set()
    for number, line in enumerate(lines):
        if number in taken:
            continue
        group = _put_together(number, lines, ordered)
        if group is not None:
            text, members = group
            taken.update(members)
            parts = [lines[one] for one in members]
            box = (
                min(one.left for one in parts),
                min(one.top for one in parts),
                max(one.right for one in parts),
                max(one.bottom for one in parts),
            )
            found.append(Label(text, (), box[2], box, lines[number].height, tuple(members)))
        else:
            found += _on_line(number, line, ordered)
    return sorted(found, key=lambda label: (label.box[1], label.box[0]))


def _on_line(number: int, line: PageLine, labels: Sequence[str]) -> Iterator[Label]:
    """Labels at the line's beginning, and further ones behind their values."""
    text = line.text
    starts: list[tuple[int, str]] = []
    place = 0
    while place < len(text):
        match = _label_at(text, place, labels, first=not starts)
        if match is None:
            if not starts:
                return
            place += 1
            continue
        starts.append((place, match))
        place += len(match)
    for turn, (start, label) in enumerate(starts):
        end = start + len(label)
        while end < len(text) and text[end] in COLONS:
            end += 1
        stop = starts[turn + 1][0] if turn + 1 < len(starts) else len(text)
        box = (line.at(start), line.top, line.at(start + len(label)), line.bottom)
        yield Label(label, line.characters[end:stop], line.at(end), box, line.height, (number,))


def _label_at(text: str, place: int, labels: Sequence[str], *, first: bool) -> str | None:
    for label in labels:
        if text.startswith(label, place):
            behind = text[place + len(label) : place + len(label) + 1]
            # In the middle of a line a label shows itself by its colon or by its length: 住所 may be a part of a value.
            if first or behind in (":", "") or len(label) >= FUZZY_FROM or (len(text) <= 12 and place <= 8):
                return label
    if first:
        for label in labels:
            piece = text[place : place + len(label)]
            misread = sum(one != other for one, other in zip(piece, label, strict=False))
            if len(label) >= FUZZY_FROM and len(piece) == len(label) and misread == 1:
                return label
    return None


def _put_together(number: int, lines: Sequence[PageLine], labels: Sequence[str]) -> tuple[str, list[int]] | None:
    """The label that this line begins and other lines end: to its right, or right below it."""
    start = lines[number].text.rstrip(COLONS)
    possible = [label for label in labels if label.startswith(start) and len(label) > len(start)]
    if not possible or start in labels:
        return None
    for label in possible:
        for beside in (True, False):
            members, text = [number], start
            while len(text) < len(label):
                following = _next(lines, members[-1], label[len(text) :], beside=beside)
                if following is None:
                    break
                members.append(following)
                text += lines[following].text.rstrip(COLONS)
            if text == label and (beside or len(start) >= 3):
                return label, members
    return None


def _next(lines: Sequence[PageLine], number: int, rest: str, *, beside: bool) -> int | None:
    """The line that goes on with a beginning of `rest`, right of or below line `number`."""
    line = lines[number]
    for other, one in enumerate(lines):
        if other == number or not rest.startswith(one.text.rstrip(COLONS)):
            continue
        if beside:
            fits = (
                abs(one.middle - line.middle) < 0.6 * line.height
                and 0 <= one.left - line.right < WIDEST_GAP * line.height
            )
        else:
            fits = 0 < one.middle - line.middle < 2.2 * line.height and abs(one.left - line.left) < 1.5 * line.height
        if fits:
            return other
    return None
