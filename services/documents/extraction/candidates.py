"""What may be the value of a field: what stands behind, beside or below its label, what running text says, what looks like
it.

Comes in: lines, the labels found among them, a field. Goes out: `Candidate`s, the likeliest first. A value never
reaches into the row of another label, because a wrong value costs more than a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.documents.extraction.kinds import FieldKind, ValueType
from services.documents.extraction.labels import Label
from services.documents.extraction.normalising import Normalised, normalised
from services.documents.extraction.page_lines import Character, PageLine, in_rows

LEADING = 1.3
"""Empty space between two lines of one value, in heights of the line, at most."""
PIECE = 1.5
"""Space between two pieces of one value on a row, in heights of the line, at most."""
CLEARLY = 0.6
"""A line belongs to the neighbour that is nearer by this factor."""
STRAIGHT = 0.1
"""How much a value's distance from its label counts against its standing straight beside it."""
TALL = 1.7
"""What is so many times as high as the label or the value beside it is none of its pieces but the text of a seal."""
INDENT = 2.0
"""How far the first line of a paragraph stands in, in heights of the line."""
UNFINISHED = ("/", "、", "至", "-", "(", ":", ",")
"""A value that ends with one of them goes on."""
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
    """Characters that may be a value, and what they come to. `misread`: its label was, by a character."""

    characters: tuple[Character, ...]
    read: Normalised
    how: How
    misread: bool = False

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
        everywhere = [Candidate(one, normalised(text_of(one), field), How.ANYWHERE) for one in page.like(field.pattern)]
        found += everywhere[::-1] if field.last else everywhere
    return found


def text_of(characters: Sequence[Character]) -> str:
    """Characters as text."""
    return "".join(one.text for one in characters)


class _Page:
    """The lines of a page and the labels among them."""

    def __init__(self, lines: Sequence[PageLine], labels: Sequence[Label]) -> None:
        self.lines = lines
        self.labels = labels
        occupied = {number for one in labels for number in one.lines}
        self.free = [line for number, line in enumerate(lines) if number not in occupied]

    def after(self, field: FieldKind, label: Label) -> Iterator[Candidate]:
        """What follows a label on its line or stands beside or below it, with the lines that go on with it."""
        left, _, _, bottom = label.box
        if label.follows:
            end = self._end_of(label)
            first = list(label.follows)
            starts = [left, label.follows_at, label.margin, label.margin - INDENT * label.height]
            if not label.cut:
                first += self._pieces(self._row(label, end), end, label.height, field)
            yield from self._read(field, first, [] if label.cut else starts, bottom, label, How.BEHIND)
            return
        row = self._row(label, label.box[2]) or self._around(label)
        if row:
            first = list(row[0].characters) + self._pieces(row[1:], row[0].right, row[0].height, field)
            below = max(one.bottom for one in row if one.characters[0] in first)
            upper = self._above(label, row[0]) if field.lines > 1 else []
            if upper:
                lower = list(self._continued(field, first, [row[0].left], below, label.height))
                # A label at half the height of its cell has as many lines above it as below; else they belong to another.
                if len(upper) == len(lower):
                    first = [one for line in upper for one in line.characters] + first
            yield from self._read(field, first, [row[0].left], below, label, How.BESIDE)
            return
        under = self._under(label)
        if under is not None:
            yield from self._read(field, list(under.characters), [under.left], under.bottom, label, How.BELOW)

    def said(self, pattern: str) -> list[tuple[Character, ...]]:
        """What running text says, over its line breaks."""
        characters = [one for line in self.lines if not line.faint for one in line.characters]
        return [
            tuple(characters[match.start("value") : match.end("value")])
            for match in re.finditer(pattern, text_of(characters))
        ]

    def like(self, pattern: str) -> list[tuple[Character, ...]]:
        """What looks like the value where no label claims it."""
        return [
            line.characters[match.start() : match.end()]
            for line in self.free
            if not self._claimed(line)
            for match in re.finditer(pattern, line.text)
        ]

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
        steps = [tuple(first)]
        for line in self._continued(field, first, starts, below, label.height):
            steps.append(steps[-1] + line.characters)
        if field.type in (ValueType.TEXT, ValueType.PARTY, ValueType.ADDRESS, ValueType.NAME):
            yield Candidate(steps[-1], normalised(text_of(steps[-1]), field), how, label.misread)
            return
        read = [Candidate(one, normalised(text_of(one), field), how, label.misread) for one in steps]
        for turn, one in enumerate(read):
            if one.read.proven is False or (one.text.endswith(UNFINISHED) and turn + 1 < len(read)):
                continue
            longer = read[turn + 1] if turn + 1 < len(read) else None
            tail = longer is not None and TAIL.fullmatch(text_of(longer.characters[len(one.characters) :])) is not None
            yield longer if longer is not None and tail and longer.read.proven is not False else one
            return
        yield read[0]

    def _row(self, label: Label, start: float) -> list[PageLine]:
        """The pieces of text right of `start` on the row of a label, up to the next label."""
        row = self._near(label, start)
        if not row or label.box[3] - label.box[1] > TALL * label.height:
            return row
        # Beside a label of one line, what stands straightest beside it is the value.
        level = min(row, key=lambda one: abs(one.middle - label.middle) + STRAIGHT * abs(one.left - start))
        return [one for one in row if abs(one.middle - level.middle) < 0.5 * level.height]

    def _near(self, label: Label, start: float, reach: float = 0.35) -> list[PageLine]:
        """The free lines right of `start` beside a label, up to the next label. `reach`: how far their middles may lie above or
        below the label, in its heights."""
        _, top, right, bottom = label.box
        height = label.height
        ends = min(
            (
                one.box[0]
                for one in self.labels
                if one.box[0] > right - 0.3 * height and one is not label and one.box[1] < bottom and one.box[3] > top
            ),
            default=9.0,
        )
        row = in_rows(
            one
            for one in self.free
            if start - 0.5 * height <= one.left < ends and top - reach * height <= one.middle <= bottom + reach * height
        )
        return [one for one in row if not one.faint and one.height < TALL * height] or row

    def _end_of(self, label: Label) -> float:
        return max(self.lines[number].right for number in label.lines)

    def _pieces(self, row: Sequence[PageLine], end: float, height: float, field: FieldKind) -> list[Character]:
        """The pieces of a value that was read in several, from where its first one ends."""
        found: list[Character] = []
        for line in row:
            if line.height > TALL * height or line.left < end - 1.2 * height:
                continue
            if line.left - end >= (PIECE if field.lines == 1 else 2 * PIECE) * line.height:
                break
            found += line.characters
            end = max(end, line.right)
        return found

    def _around(self, label: Label) -> list[PageLine]:
        """The two lines of a cell whose label stands at half their height."""
        near = self._near(label, label.box[2], reach=1.0)
        first = near[0] if near else None
        if first is None or len(near) < 2:
            return []
        pair = [one for one in near if abs(one.left - first.left) < label.height]
        between = len(pair) == 2 and pair[0].middle < label.middle < pair[1].middle
        return pair[:1] if between and not any(self._claimed(one) for one in pair) else []

    def _above(self, label: Label, first: PageLine) -> list[PageLine]:
        """The lines of a cell over the one beside its label, where the label stands at half its height: they stand closer to it
        than to what is above them."""
        found: list[PageLine] = []
        while True:
            column = [one for one in self.free if not one.faint and abs(one.left - first.left) < label.height]
            over = [one for one in column if one.bottom <= first.top + 0.3 * first.height and one is not first]
            nearest = max(over, key=lambda one: one.bottom, default=None)
            if nearest is None or first.top - nearest.bottom > LEADING * first.height or self._claimed(nearest):
                return found
            others = [
                one.bottom
                for one in self.lines
                if one is not nearest
                and one.right > nearest.left
                and one.left < nearest.right
                and one.top < nearest.top
            ]
            gap, before = first.top - nearest.bottom, nearest.top - max(others, default=-9.0)
            if gap + 0.15 * first.height > CLEARLY * (before + 0.15 * first.height):
                return found
            found.insert(0, nearest)
            first = nearest

    def _under(self, label: Label) -> PageLine | None:
        left, _, right, bottom = label.box
        height = label.height
        return next(
            (
                one
                for one in self.free
                if -0.3 * height <= one.top - bottom < LEADING * height
                and left - height < one.left < right + 3 * height
                and not self._claimed(one)
            ),
            None,
        )

    def _continued(
        self, field: FieldKind, value: Sequence[Character], starts: Sequence[float], below: float, height: float
    ) -> Iterator[PageLine]:
        """The lines under a value that begin at one of `starts`; `below`: where it ends so far."""
        taken = set(value)
        for _ in range(field.lines - 1):
            following = next(
                (
                    line
                    for line in self.free
                    if not line.faint
                    and -0.5 * height <= line.top - below < LEADING * height
                    and any(abs(line.left - start) < 1.6 * height for start in starts)
                    and line.characters[0] not in taken
                ),
                None,
            )
            # What stands beside a label is that label's value, and so is all that is below it.
            if following is None or self._claimed(following) or self._nearer_to_next(following, below):
                return
            yield following
            taken.update(following.characters)
            below = following.bottom

    def _nearer_to_next(self, line: PageLine, below: float) -> bool:
        """Whether a line stands clearly nearer to a line under it that is the value of another label: it is that cell's first."""
        under = [
            one
            for one in self.free
            if one is not line
            and abs(one.left - line.left) < line.height
            and one.top >= line.bottom - 0.3 * line.height
        ]
        nearest = min(under, key=lambda one: one.top, default=None)
        if nearest is None or not self._claimed(nearest):
            return False
        margin = 0.15 * line.height
        return nearest.top - line.bottom + margin < CLEARLY * (line.top - below + margin)

    def _claimed(self, line: PageLine) -> bool:
        """Whether a label stands to the line's left, with nothing between them."""
        for label in self.labels:
            _, top, right, bottom = label.box
            if right - 0.5 * label.height <= line.left and top < line.middle < bottom:
                between = (
                    right - 0.5 * label.height <= one.left < line.left and top < one.middle < bottom
                    for one in self.free
                    if one is not line and not one.faint
                )
                if not label.follows and not any(between):
                    return True
        return False
