"""The fields of a paper whose kind is known, each with its value, its confidence and where it stands.

Comes in: a kind and a read page. Goes out: `Field`s in the order of the kind. A value is looked for behind its label, to the
right of it, below it; in running text by what is said around it; where a paper prints no label, by what it looks like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field as attribute, replace

from core.check_digits import Repair
from models.tasks import OcrOutput
from services.documents.extraction.candidates import Candidate, How, candidates, text_of
from services.documents.extraction.cross_checks import verdicts
from services.documents.extraction.kinds import FieldKind, PaperKind
from services.documents.extraction.labels import Label, find_labels
from services.documents.extraction.normalising import printed
from services.documents.extraction.page_lines import Quad, page_lines, places
from services.documents.extraction.turns import labels_of


@dataclass(frozen=True, slots=True)
class Field:
    """A field.

    Attributes:
        value: in normal form, None if it wasn't found or has none.
        raw: as read.
        confidence: 0..1, that the value is exactly right; 0 without one.
        boxes: on the page as sent.
        proven, repair: see `Normalised`.
        sure: whether the confidence is above the automatic threshold.
        how: how it was found; None if it wasn't.
        parts: of an address: province, city, district, ... as they are written.
    """

    id: str
    value: str | None
    raw: str
    confidence: float
    boxes: tuple[Quad, ...]
    proven: bool | None = None
    repair: Repair | None = None
    sure: bool = False
    how: How | None = None
    parts: Mapping[str, str] = attribute(default_factory=dict)


def read_fields(kind: PaperKind, page: OcrOutput, *, covered: Sequence[Quad] = ()) -> tuple[Field, ...]:
    """All fields of `kind`; those that weren't found have no value and no boxes. `covered`: where seals lie, on the page as
    sent; what is under one is trusted less."""
    lines = page_lines(page)
    known = {label for field in kind.fields for label in field.labels} | set(kind.other_labels)
    labels = find_labels(lines, known)
    found = {one.id: candidates(one, labels_of(one, kind, labels), lines, labels) for one in kind.fields}
    chosen = {one.id: _best(found[one.id]) for one in kind.fields}
    agreed, disagreed = verdicts(
        {name: one.read.value if one else None for name, one in chosen.items()}, kind.checks
    )
    return tuple(_field(one, chosen[one.id], page) for one in kind.fields)


def _best(found: Sequence[Candidate]) -> Candidate | None:
    """The value that fits best: the first whose check doesn't fail."""
    fitting = [one for one in found if one.read.proven is not False]
    return next(iter(fitting or found), None)


def _field(field: FieldKind, candidate: Candidate | None, page: OcrOutput) -> Field:
    if candidate is None:
        return Field(field.id, None, "", 0.0, ())
    read = candidate.read
    sure = min(page.lines[one.line].confidence for one in candidate.characters)
    return Field(
        id=field.id,
        value=read.value,
        raw=printed(candidate.text),
        confidence=0.0 if read.proven is False else sure,
        boxes=places(page, candidate.characters),
        proven=read.proven,
        repair=read.repair,
        how=candidate.how,
        parts=dict(read.parts),
    )
