"""What a check is about: an item's version, the applicant's situation and form, and the papers as they were read.

Comes in: from the database (`loading.py`), a portal form, or a benchmark's truth. Goes out: frozen data that the check
(`checking.py`) reads. Nothing here knows how a page was read: a field has a value, how sure the reader was, and where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from knowledge_base.rules import Answer
from knowledge_base.schema import ServiceItem
from services.documents.extraction.page_lines import Quad


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: document, page from 1, corners 0..1 of the page (clockwise from the text's upper left)."""

    document_id: str
    page: int
    box: Quad


@dataclass(frozen=True, slots=True)
class FieldFact:
    """One field of a paper. `value` in normal form (`services/documents/extraction`), None if nothing was read. `confidence` 0..1:
    that the value is exactly right. `sure`: above the automatic threshold, or said by a person. `proven`: by a check digit or form;
    None where there is nothing to prove."""

    value: str | None
    confidence: float = 1.0
    sure: bool = True
    proven: bool | None = None
    raw: str = ""
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkFact:
    """A seal (`text`: what its rim says) or a signature (`text`: the label it stands beside), and where."""

    text: str
    confidence: float
    place: Place


@dataclass(frozen=True, slots=True)
class PaperFact:
    """One paper of a document.

    Attributes:
        document_id, number: which paper of which document; `key` names it.
        kind: id of `services/documents/extraction/kinds`, or `other`.
        chance: of the kind, 0..1; 1 where a person named it (`named_by_person`).
        pages: page numbers in the document.
        fields: by field id of the kind.
        seals, signatures: found on its pages. None: the pages were not looked at, so nothing can be said of them.
        marks_sure: whether a mark that was not found is certainly not there. A finder of signatures on photos isn't certain.
        faults: page -> codes of what is wrong with the photo (`page_care/thresholds.yaml`).
        sha256: of the file; two papers of the same file and pages are the same paper.
        material: id of the material it was handed in as, if the applicant or a clerk said so.
        unread: why it could not be read (a code of core/errors), None if it was.
    """

    document_id: str
    number: int
    kind: str
    chance: float = 1.0
    named_by_person: bool = False
    pages: tuple[int, ...] = (1,)
    fields: Mapping[str, FieldFact] = field(default_factory=dict)
    seals: tuple[MarkFact, ...] | None = ()
    signatures: tuple[MarkFact, ...] | None = ()
    marks_sure: bool = True
    faults: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    sha256: str = ""
    material: str | None = None
    unread: str | None = None

    @property
    def key(self) -> str:
        """ "document/number"."""
        return f"{self.document_id}/{self.number}"


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a check may look at.

    Attributes:
        item: the version that was in force when the case was opened; an edited or withdrawn guide doesn't change it.
        answers: to the item's situations, as `knowledge_base.questionnaire.read_answers` gives them.
        form: field id -> value in normal form, of the item's form; an empty form is an empty mapping.
        papers: all that were handed in, in order.
        applied_on: the day of application, in the zone of the office. What has to be in date has to be on this day.
    """

    item: ServiceItem
    answers: Mapping[str, Answer]
    form: Mapping[str, str]
    papers: tuple[PaperFact, ...]
    applied_on: date
