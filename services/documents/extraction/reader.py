"""The fields of a paper whose kind is known, each with its value, its confidence and where it stands.

Comes in: a kind and a read page. Goes out: `Field`s in the order of the kind. A value is looked for behind its label, to the
right of it, below it; in running text by what is said around it; where a paper prints no label, by what it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from core.check_digits import Repair
from models.tasks import OcrOutput
from services.documents.extraction.kinds import FieldKind, PaperKind
from services.documents.extraction.labels import Label, find_labels
from services.documents.extraction.normalising import Normalised, normalised, printed
from services.documents.extraction.page_lines import Character, PageLine, Quad, page_lines, places

Candidate = tuple[Sequence[Character], Normalised]
"""Characters that may be a value, and what they come to."""
LEADING = 1.3
"""Empty space between two lines of one value, in heights of the line, at most."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field. `value`: in normal form, None if it wasn't found or has none; `raw`: as read; `confidence`: 0..1, of the reader's
    least sure line (0 if a check failed); `boxes`: on the page as sent; `proven`, `repair`: see `Normalised`."""

    id: str
    value: str | None
    raw: str
    confidence: float
    boxes: tuple[Quad, ...]
    proven: bool | None = None
    repair: Repair | None = None


def read_fields(kind: PaperKind, page: OcrOutput) -> tuple[Field, ...]:
    """All fields of `kind`; those that weren't found have no value and no boxes."""
    lines = page_lines(page)
    known = {label for field in kind.fields for label in field.labels} | set(kind.other_labels)
    labels = find_labels(lines, known)
    return tuple(_field(one, _best(one, lines, labels), page) for one in kind.fields)


def _best(field: FieldKind, lines: Sequence[PageLine], labels: Sequence[Label]) -> Candidate | None:
    """The value that fits best: the first whose check doesn't fail."""
    own = [label for label in labels if label.text in field.labels]
    found = [_value(field, label, lines, labels) for label in own[field.turn - 1 :]]
    found += _said(field, lines)
    if field.anywhere and field.pattern is not None:
        everywhere = [
            line.characters[match.start() : match.end()]
            for line in _free(lines, labels)
            if not _beside(line, labels)
            for match in re.finditer(field.pattern, line.text)
        ]
        found += everywhere[::-1] if field.last else everywhere
    read = [(one, normalised(_text(one), field)) for one in found if one]
    fitting = [one for one in read if one[1].proven is not False]
    return next(iter(fitting or read), None)


def _value(field: FieldKind, label: Label, lines: Sequence[PageLine], labels: Sequence[Label]) -> tuple[Character, ...]:
    """What follows a label on its line or stands beside or below it, with the lines that go on with it."""
    free = _free(lines, labels)
    left, _, _, bottom = label.box
    height = label.height
    if label.follows:
        return _continued(field, label.follows, (left, label.follows_at), bottom, height, free, labels)
    first = _beside_label(label, free, labels)
    if not first:
        return ()
    value = list(first[0].characters)
    for line in first[1:]:
        if field.lines > 1 or line.left - first[0].right < 1.5 * height:
            value += line.characters
    return _continued(field, value, (first[0].left,), max(one.bottom for one in first), height, free, labels)


def _beside_label(label: Label, free: Sequence[PageLine], labels: Sequence[Label]) -> list[PageLine]:
    """The lines right of a label, up to the next one; where there are none, the line below it."""
    left, top, right, bottom = label.box
    height = label.height
    ends = min(
        (one.box[0] for one in labels if one.box[0] > right and one.box[1] < bottom and one.box[3] > top), default=9.0
    )
    beside = [
        one
        for one in free
        if right - 0.5 * height <= one.left < ends and top - 0.35 * height <= one.middle <= bottom + 0.35 * height
    ]
    if beside:
        return sorted(beside, key=lambda one: (round(one.middle / height), one.left))
    below = (
        one
        for one in free
        if 0 <= one.top - bottom < LEADING * height and left - height < one.left < right + 3 * height
    )
    return list(islice(below, 1))


def _continued(
    field: FieldKind,
    value: Sequence[Character],
    starts: Sequence[float],
    below: float,
    height: float,
    free: Sequence[PageLine],
    labels: Sequence[Label],
) -> tuple[Character, ...]:
    """`value` with the lines under it that begin at one of `starts`; `below`: where it ends so far."""
    found = list(value)
    for _ in range(field.lines - 1):
        following = next(
            (
                line
                for line in free
                if -0.5 * height <= line.top - below < LEADING * height
                and any(abs(line.left - start) < 1.6 * height for start in starts)
                and line.characters[0] not in found
                # What stands beside a label is that label's value.
                and not _beside(line, labels)
            ),
            None,
        )
        if following is None:
            break
        found += following.characters
        below = following.bottom
    return tuple(found)


def _free(lines: Sequence[PageLine], labels: Sequence[Label]) -> list[PageLine]:
    """The lines without a label."""
    occupied = {number for one in labels for number in one.lines}
    return [line for number, line in enumerate(lines) if number not in occupied]


def _beside(line: PageLine, labels: Sequence[Label]) -> bool:
    """Whether a label stands to the line's left."""
    return any(one.box[0] < line.left and one.box[1] < line.middle < one.box[3] for one in labels)


def _said(field: FieldKind, lines: Sequence[PageLine]) -> list[tuple[Character, ...]]:
    """What running text says, over its line breaks."""
    characters = [one for line in lines for one in line.characters]
    text = _text(characters)
    return [
        tuple(characters[match.start("value") : match.end("value")])
        for pattern in field.said
        for match in re.finditer(pattern, text)
    ]


def _field(field: FieldKind, candidate: Candidate | None, page: OcrOutput) -> Field:
    if candidate is None:
        return Field(field.id, None, "", 0.0, ())
    characters, read = candidate
    sure = min(page.lines[one.line].confidence for one in characters)
    return Field(
        id=field.id,
        value=read.value,
        raw=printed(_text(characters)),
        confidence=0.0 if read.proven is False else sure,
        boxes=places(page, characters),
        proven=read.proven,
        repair=read.repair,
    )


def _text(characters: Sequence[Character]) -> str:
    return "".join(one.text for one in characters)
