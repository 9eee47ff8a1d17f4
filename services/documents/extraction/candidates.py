"""What may be the value of a field: what stands behind, beside or below its label, what running text says, what looks like
it.

Comes in: lines, the labels found among them, a field. Goes out: `Candidate`s, the likeliest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.documents.extraction.cells import Cells
from services.documents.extraction.kinds import FieldKind, ValueType
from services.documents.extraction.labels import Label
from services.documents.extraction.normalising import Normalised, normalised
from services.documents.extraction.page_lines import Character, PageLine

INDENT = 2.0
"""How far the first line of a paragraph stands in, in heights of the line."""
UNFINISHED = ("/", "、", "至", "-", "(", ":", ",")
"""A value that ends with one of them goes on."""
FOOT = 0.75
"""Share of the labels that stand above what is at the foot of a page."""
TAIL = re.compile(r"[0-9]{0,2}[年月]?[0-9]{0,2}[日止号室]?[。;]?")
"""What a line end cuts off a date or a number: 7月1 / 6日."""


class How(StrEnum):
    """How a value was found."""

    BEHIND = "behind"
    """On the line of its label."""
    BESIDE = "beside"
    BELOW = "below"
    SAID = "said"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Characters that may be a value, and what they come to. `label`: which led to it, if one did; `starts`: where it begins."""

    characters: tuple[Character, ...]
    read: Normalised
    how: How
    label: Label | None = None
    starts: float | None = None

    @property
    def text(self) -> str:
        """As it was read."""
        return text_of(self.characters)


def candidates(
    field: FieldKind, own: Sequence[Label], lines: Sequence[PageLine], labels: Sequence[Label]
) -> list[Candidate]:
    """All that may be the value of `field`, whose labels are `own`."""
    page = _Page(lines, labels)
    found = [one for label in own for one in page.after(field, label)]
    found += [
        Candidate(one, normalised(text_of(one), field), How.SAID)
        for pattern in field.said
        for one in page.said(pattern)
    ]
    if field.anywhere and field.pattern is not None:
        everywhere = [
            Candidate(one, normalised(text_of(one), field), How.ANYWHERE)
            for one in page.like(field.pattern, foot=field.last)
        ]
        found += everywhere[::-1] if field.last else everywhere
    return found


def text_of(characters: Sequence[Character]) -> str:
    """Characters as text."""
    return "".join(one.text for one in characters)


class _Page:
    """The lines of a page, the labels among them, and where a value of theirs may stand."""

    def __init__(self, lines: Sequence[PageLine], labels: Sequence[Label]) -> None:
        self.lines = lines
        self.cells = Cells(lines, labels)

    def after(self, field: FieldKind, label: Label) -> Iterator[Candidate]:
        """What follows a label on its line or stands beside or below it, with the lines that go on with it."""
        left, _, _, bottom = label.box
        if label.signed and field.type in (ValueType.NAME, ValueType.PARTY):
            return
        if label.follows:
            end = self.cells.end_of(label)
            first = list(label.follows)
            starts = [left, label.follows_at, label.margin, label.margin - INDENT * label.height]
            if not label.cut:
                first += self.cells.pieces(self.cells.row(label, end), end, label.height, field)
            yield from self._read(field, first, [] if label.cut else starts, bottom, label, How.BEHIND)
            return
        row = self.cells.row(label, label.box[2]) or self.cells.around(label)
        if row:
            first = list(row[0].characters) + self.cells.pieces(row[1:], row[0].right, row[0].height, field)
            below = max(one.bottom for one in row if one.characters[0] in first)
            upper = self.cells.above(label, row[0]) if field.lines > 1 else []
            if upper:
                lower = list(self.cells.continued(field, first, [row[0].left], below, label))
                # A label at half the height of its cell has as many lines above it as below; else they belong to another.
                if len(upper) == len(lower):
                    first = [one for line in upper for one in line.characters] + first
            yield from self._read(field, first, [row[0].left], below, label, How.BESIDE)
            return
        under = self.cells.under(label)
        if under is not None:
            yield from self._read(field, list(under.characters), [under.left], under.bottom, label, How.BELOW)

    def said(self, pattern: str) -> list[tuple[Character, ...]]:
        """What running text says, over its line breaks."""
        characters = [one for line in self.lines if not line.faint for one in line.characters]
        return [
            tuple(characters[match.start("value") : match.end("value")])
            for match in re.finditer(pattern, text_of(characters))
        ]

    def like(self, pattern: str, *, foot: bool) -> list[tuple[Character, ...]]:
        """What looks like the value where no label claims it; with `foot` only below nearly all labels."""
        return [
            line.characters[match.start() : match.end()]
            for line in self.cells.free
            if not self.cells.claimed(line) and (not foot or self._at_foot(line))
            for match in re.finditer(pattern, line.text)
        ]

    def _at_foot(self, line: PageLine) -> bool:
        above = sum(label.middle < line.middle for label in self.cells.labels)
        return above >= FOOT * len(self.cells.labels)

    def _read(
        self,
        field: FieldKind,
        first: Sequence[Character],
        starts: Sequence[float],
        below: float,
        label: Label,
        how: How,
    ) -> Iterator[Candidate]:
        """The value with the lines under it: of a type with a normal form the fewest lines that have it, of text all."""
        begins = starts[0] if how is not How.BEHIND else label.follows_at
        steps = [tuple(first)]
        for line in self.cells.continued(field, first, starts, below, label):
            steps.append(steps[-1] + line.characters)
        if field.type in (ValueType.TEXT, ValueType.PARTY, ValueType.ADDRESS, ValueType.NAME):
            yield Candidate(steps[-1], normalised(text_of(steps[-1]), field), how, label, begins)
            return
        read = [Candidate(one, normalised(text_of(one), field), how, label, begins) for one in steps]
        for turn, one in enumerate(read):
            if one.read.proven is False or (one.text.endswith(UNFINISHED) and turn + 1 < len(read)):
                continue
            longer = read[turn + 1] if turn + 1 < len(read) else None
            tail = longer is not None and TAIL.fullmatch(text_of(longer.characters[len(one.characters) :])) is not None
            yield longer if longer is not None and tail and longer.read.proven is not False else one
            return
        yield read[0]
