"""The fields of a paper whose kind is known, each with its value, its confidence and where it stands.

Comes in: a kind and a read page. Goes out: `Field`s in the order of the kind. A value is looked for behind its label, to the
right of it, below it; in running text by what is said around it; where a paper prints no label, by what it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.check_digits import Repair
from models.tasks import OcrOutput
from services.documents.extraction.kinds import FieldKind, PaperKind
from services.documents.extraction.labels import Label, find_labels
from services.documents.extraction.normalising import Normalised, normalised, printed
from services.documents.extraction.page_lines import Character, PageLine, Quad, page_lines, places

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


def _best(field: FieldKind, lines: Sequence[PageLine], labels: Sequence[Label]) -> tuple[Character, ...]:
    """The characters of the value; empty if there are none."""
    own = [label for label in labels if label.text in field.labels]
    found = [_value(field, label, lines, labels) for label in own[field.turn - 1 :]]
    found += _said(field, lines)
    if field.anywhere and field.pattern is not None:
        everywhere = [
            line.characters[match.start() : match.end()]
            for line in lines
            if not _beside(line, labels)
            for match in re.finditer(field.pattern, line.text)
        ]
        found += everywhere[::-1] if field.last else everywhere
    filled = [one for one in found if one]
    fitting = [one for one in filled if normalised(_text(one), field).proven is not False]
    return next(iter(fitting or filled), ())


def _value(field: FieldKind, label: Label, lines: Sequence[PageLine], labels: Sequence[Label]) -> tuple[Character, ...]:
    occupied = {number for one in labels for number in one.lines}
    free = [line for number, line in enumerate(lines) if number not in occupied]
    left, top, right, bottom = label.box
    height = (bottom - top) / len(set(label.lines)) if len(label.lines) > 1 else bottom - top
    if label.follows:
        start, reach = label.follows_at, (left, label.follows_at)
        value, below = list(label.follows), bottom
    else:
        beside = [
            line
            for line in free
            if line.left >= right - 0.5 * height and top - 0.35 * height <= line.middle <= bottom + 0.35 * height
        ]
        ends = [one.box[0] for one in labels if one.box[0] > right and one.box[1] < bottom and one.box[3] > top]
        beside = sorted(
            (one for one in beside if one.left < min(ends, default=9.0)),
            key=lambda one: (round(one.middle / height), one.left),
        )
        if not beside:
            under = [
                one
                for one in free
                if 0 <= one.top - bottom < LEADING * height and left - height < one.left < right + 3 * height
            ]
            beside = under[:1]
        if not beside:
            return ()
        value = list(beside[0].characters)
        for line in beside[1:]:
            if field.lines > 1 or line.left - beside[0].right < 1.5 * height:
                value += line.characters
        start, reach, below = beside[0].left, (beside[0].left, beside[0].left), max(one.bottom for one in beside)
    taken = {(one.line, one.offset) for one in value}
    for _ in range(field.lines - 1):
        following = [
            line
            for line in free
            if -0.5 * height <= line.top - below < LEADING * height
            and any(abs(line.left - place) < 1.6 * height for place in (start, *reach))
            and (line.characters[0].line, line.characters[0].offset) not in taken
            # What stands beside a label is that label's value.
            and not _beside(line, labels)
        ]
        if not following:
            break
        value += following[0].characters
        taken |= {(one.line, one.offset) for one in following[0].characters}
        below = following[0].bottom
    return tuple(value)


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


def _field(field: FieldKind, characters: Sequence[Character], page: OcrOutput) -> Field:
    if not characters:
        return Field(field.id, None, "", 0.0, ())
    read: Normalised = normalised(_text(characters), field)
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
