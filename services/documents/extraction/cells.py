"""Which lines of a page belong to a label: those beside it on its row, the one below it, the lines that a value goes on with.

Comes in: lines and the labels found among them. Goes out: lines. A value never reaches into the row of another label, because a
wrong value costs more than a missing one. All distances are in heights of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.documents.extraction.kinds import FieldKind
from services.documents.extraction.labels import Label
from services.documents.extraction.page_lines import Character, PageLine, in_rows

LEADING = 1.3
"""Empty space between two lines of one value, in heights of the line, at most."""
PIECE = 1.5
"""Space between two pieces of one value on a row, in heights of the line, at most."""
CLEARLY = 0.6
"""A line belongs to the neighbour that is nearer by this factor."""
OTHER_LABEL = re.compile(r"[\u3400-\u9fff]{2,10}(?:[(][\u3400-\u9fff]{1,8}[)])?:")
"""A line that begins so has a label of its own, known or not, unless the value has such parts itself (一般项目:...)."""
STRAIGHT = 0.1
"""How much a value's distance from its label counts against its standing straight beside it."""
TALL = 1.7
"""What is so many times as high as the label or the value beside it is none of its pieces but the text of a seal."""


class Cells:
    """The lines of a page and the labels among them. `free`: the lines without a label."""

    def __init__(self, lines: Sequence[PageLine], labels: Sequence[Label]) -> None:
        self.lines = lines
        self.labels = labels
        occupied = {number for one in labels for number in one.lines}
        self.free = [line for number, line in enumerate(lines) if number not in occupied]

    def row(self, label: Label, start: float) -> list[PageLine]:
        """The pieces of text right of `start` on the row of a label, up to the next label."""
        row = self.near(label, start)
        if not row or label.box[3] - label.box[1] > TALL * label.height:
            return row
        # Beside a label of one line, what stands straightest beside it is the value.
        level = min(row, key=lambda one: abs(one.middle - label.middle) + STRAIGHT * abs(one.left - start))
        return [one for one in row if abs(one.middle - level.middle) < 0.5 * level.height]

    def near(self, label: Label, start: float, reach: float = 0.35) -> list[PageLine]:
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

    def end_of(self, label: Label) -> float:
        """Where the lines of a label end."""
        return max(self.lines[number].right for number in label.lines)

    def pieces(self, row: Sequence[PageLine], end: float, height: float, field: FieldKind) -> list[Character]:
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

    def around(self, label: Label) -> list[PageLine]:
        """The two lines of a cell whose label stands at half their height."""
        near = self.near(label, label.box[2], reach=1.0)
        first = near[0] if near else None
        if first is None or len(near) < 2:
            return []
        pair = [one for one in near if abs(one.left - first.left) < label.height]
        between = len(pair) == 2 and pair[0].middle < label.middle < pair[1].middle
        return pair[:1] if between and not any(self.claimed(one) for one in pair) else []

    def above(self, label: Label, first: PageLine) -> list[PageLine]:
        """The lines of a cell over the one beside its label, where the label stands at half its height: they stand closer to it
        than to what is above them."""
        found: list[PageLine] = []
        while True:
            column = [one for one in self.free if not one.faint and abs(one.left - first.left) < label.height]
            over = [one for one in column if one.bottom <= first.top + 0.3 * first.height and one is not first]
            nearest = max(over, key=lambda one: one.bottom, default=None)
            if nearest is None or first.top - nearest.bottom > LEADING * first.height or self.claimed(nearest):
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

    def under(self, label: Label) -> PageLine | None:
        """The line that stands below a label."""
        left, _, right, bottom = label.box
        height = label.height
        return next(
            (
                one
                for one in self.free
                if -0.3 * height <= one.top - bottom < LEADING * height
                and left - height < one.left < right + 3 * height
                and not self.claimed(one)
            ),
            None,
        )

    def continued(
        self, field: FieldKind, value: Sequence[Character], starts: Sequence[float], below: float, label: Label
    ) -> Iterator[PageLine]:
        """The lines under a value that begin at one of `starts`; `below`: where it ends so far."""
        taken = set(value)
        height = label.height
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
            if following is None or self.claimed(following) or self._nearer_to_next(following, below):
                return
            if self._has_own_label(following, label):
                return
            if OTHER_LABEL.match(following.text) and not any(one.text == ":" for one in taken):
                return
            row = [
                one
                for one in in_rows(self.free)
                if not one.faint
                and one.left > following.left
                and abs(one.middle - following.middle) < 0.5 * following.height
                and not self.claimed(one)
            ]
            pieces = self.pieces(row, following.right, following.height, field)
            following = replace(following, characters=(*following.characters, *pieces))
            yield following
            taken.update(following.characters)
            below = following.bottom

    def _has_own_label(self, line: PageLine, label: Label) -> bool:
        """Whether something stands left of a line, below the label: a label that isn't known."""
        return any(
            one.left > label.box[0] - label.height
            and one.right < line.left + 0.3 * line.height
            and abs(one.middle - line.middle) < 0.5 * line.height
            for one in self.free
            if one is not line and not one.faint
        )

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
        if nearest is None or not self.claimed(nearest):
            return False
        margin = 0.15 * line.height
        return nearest.top - line.bottom + margin < CLEARLY * (line.top - below + margin)

    def claimed(self, line: PageLine) -> bool:
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
