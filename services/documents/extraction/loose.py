"""Text of a page that no field has taken, and values that it may belong to.

Comes in: the lines of a page, its labels, the values that were chosen. Goes out: the loose lines, and whether one of
them stands where a value would go on. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.documents.extraction.candidates import LEADING, Candidate
from services.documents.extraction.labels import Label
from services.documents.extraction.page_lines import PageLine

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


def goes_on(candidate: Candidate, lines: Sequence[PageLine], loose: Sequence[PageLine]) -> bool:
    """Whether a loose line stands right below the value, or right behind it on its row."""
    own = [line for line in lines if any(one in candidate.characters for one in line.characters)]
    if not own:
        return False
    last = max(own, key=lambda line: (line.middle, line.left))
    left = min(line.left for line in own)
    for line in loose:
        below = -0.3 * last.height < line.top - last.bottom < LEADING * last.height
        aligned = abs(line.left - left) < 2 * last.height or last.left - last.height < line.left < last.right
        beside = any(
            abs(line.middle - one.middle) < 0.5 * one.height
            and -one.height < line.left - one.right < BESIDE * one.height
            for one in own
        )
        if (below and aligned) or beside:
            return True
    return False
