"""The fields of a paper whose kind is known, each with its value, its confidence and where it stands.

Comes in: a kind and a read page. Goes out: `Field`s in the order of the kind. A value is looked for behind its label, to the
right of it, below it; in running text by what is said around it; where a paper prints no label, by what it looks like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute

from core.check_digits import Repair
from models.tasks import OcrOutput
from services.documents.extraction.candidates import Candidate, How, candidates
from services.documents.extraction.confidence import Calibration, Said, calibration, features, probability
from services.documents.extraction.cross_checks import verdicts
from services.documents.extraction.kinds import FieldKind, PaperKind
from services.documents.extraction.labels import find_labels
from services.documents.extraction.loose import goes_on, loose_lines, set_in
from services.documents.extraction.normalising import printed
from services.documents.extraction.page_lines import Quad, page_lines, places
from services.documents.extraction.turns import labels_of, without_guesses


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


@dataclass(frozen=True, slots=True)
class Assessed:
    """A field before it is weighed. `features`: what is known of its value (`confidence`), None if it has none or its check
    failed."""

    field: FieldKind
    candidate: Candidate | None
    features: Mapping[str, float] | None


def read_fields(
    kind: PaperKind, page: OcrOutput, *, covered: Sequence[Quad] = (), fitted: Calibration | None = None
) -> tuple[Field, ...]:
    """All fields of `kind`; those that weren't found have no value and no boxes. `covered`: where seals lie, on the page as
    sent; what is under one is trusted less. `fitted`: weights other than those of `confidence.yaml`."""
    fitted = fitted or calibration()
    return tuple(_field(one, page, fitted) for one in assessed(kind, page, covered))


def assessed(kind: PaperKind, page: OcrOutput, covered: Sequence[Quad] = ()) -> list[Assessed]:
    """Every field of `kind` with the value that fits best and all that tells how sure it is."""
    lines = page_lines(page)
    known = {label for field in kind.fields for label in field.labels} | set(kind.other_labels)
    labels = without_guesses(kind, find_labels(lines, known))
    found = {one.id: candidates(one, labels_of(one, kind, labels), lines, labels) for one in kind.fields}
    chosen = {name: _best(some) for name, some in found.items()}
    values = {name: one.read.value if one and one.read.proven is not False else None for name, one in chosen.items()}
    agreed, disagreed = verdicts(values, kind.checks)
    labelled = [one for one in kind.fields if one.labels]
    familiar = sum(any(label.text in one.labels for label in labels) for one in labelled) / max(1, len(labelled))
    taken = [one for one in chosen.values() if one is not None]
    loose = loose_lines(lines, labels, taken)
    rows = []
    for one in kind.fields:
        best = chosen[one.id]
        known_of_it = None
        if best is not None and values[one.id] is not None:
            said = Said(agreed[one.id], disagreed[one.id], familiar, goes_on(best, lines, loose), set_in(best, taken))
            known_of_it = features(one, best, found[one.id], page, said=said, covered=covered)
        rows.append(Assessed(one, best, known_of_it))
    return rows


def _best(found: Sequence[Candidate]) -> Candidate | None:
    """The value that fits best: the first whose check doesn't fail."""
    fitting = [one for one in found if one.read.proven is not False]
    return next(iter(fitting or found), None)


def _field(row: Assessed, page: OcrOutput, fitted: Calibration) -> Field:
    candidate = row.candidate
    if candidate is None:
        return Field(row.field.id, None, "", 0.0, ())
    read = candidate.read
    confidence = 0.0 if row.features is None else probability(row.features, fitted)
    return Field(
        id=row.field.id,
        value=read.value,
        raw=printed(candidate.text),
        confidence=confidence,
        boxes=places(page, candidate.characters),
        proven=read.proven,
        repair=read.repair,
        # Under a seal only a number that proves itself is beyond doubt, however clearly the rest was read.
        sure=row.features is not None and confidence >= fitted.threshold and "covered_unproven" not in row.features,
        how=candidate.how,
        parts=dict(read.parts),
    )
