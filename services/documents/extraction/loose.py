"""Text of a page that no field has taken, and values that it may belong to; values that begin later than their neighbours.

Comes in: the lines of a page, its labels, the values that were chosen. Goes out: the loose lines, and whether one of
them stands where a value would go on. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.documents.extraction.candidates import Candidate
from services.documents.extraction.cells import LEADING
from services.documents.extraction.labels import Label
from services.documents.extraction.page_lines import PageLine

NEIGHBOUR = 3.5
"""How far a neighbour's label may stand above or below, in heights of the line."""
SET_IN = 1.2
"""How much further right a value begins whose beginning is hidden, in heights of the line."""
BESIDE = 3.0
"""How far to the right of a value its rest may stand, in heights of the line."""


def loose_lines(lines: Sequence[PageLine], labels: Sequence[Label], chosen: Iterable[Candidate]) -> list[PageLine]:
    """The lines with neither a label nor a part of a value."""
    taken = {one for candidate in chosen for one in candidate.characters}
    labelled = {number for label in labels for number in label.lines}
    return [
        line
        for number, line in enumerate(lines)
        if number not in labelled and not line.faint and not any(one in taken for one in line.characters)
    ]


def set_in(candidate: Candidate, chosen: Iterable[Candidate]) -> bool:
    """Whether the value begins further right than that of a label above or below which stands and ends where its own does."""
    label, starts = candidate.label, candidate.starts
    if label is None or starts is None:
        return False
    return any(
        one.label is not None
        and one.starts is not None
        and one.label is not label
        and abs(one.label.box[0] - label.box[0]) < 0.5 * label.height
        and abs(one.label.box[2] - label.box[2]) < 0.5 * label.height
        and abs(one.label.middle - label.middle) < NEIGHBOUR * label.height
        and starts - one.starts > SET_IN * label.height
        for one in chosen
    )


def goes_on(candidate: Candidate, lines: Sequence[PageLine], loose: Sequence[PageLine]) -> bool:
    """Whether a loose line stands right below the value, or right behind it on its row."""
    own = [line for line in lines if any(one in candidate.characters for one in line.characters)]
    if not own:
        return False
    last = max(own, key=lambda line: (line.middle, line.left))
    left = min(line.left for line in own)
    for line in loose:
        gap = (line.top - last.bottom) / last.height
        aligned = abs(line.left - left) < 2 * last.height or last.left - last.height < line.left < last.right
        # One line that wasn't read leaves a gap, behind which the value goes on at the same margin.
        below = -0.3 < gap < LEADING or (
            len(own) > 1 and gap < LEADING + 1.5 and abs(line.left - last.left) < last.height
        )
        beside = any(
            abs(line.middle - one.middle) < 0.5 * one.height
            and -one.height < line.left - one.right < BESIDE * one.height
            for one in own
        )
        if (below and aligned and gap > -0.3) or beside:
            return True
    return False
