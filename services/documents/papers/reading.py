"""From a document's read pages to its papers with their fields.

Comes in: pages as read. Goes out: `ReadPaper`s. The kind is told by the model `paper-kind`, fields are read by what
`extraction/kinds/` knows. Without the model every page is a paper of kind `other` with chance 0: a person names it, and nothing is
guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from core.errors import HubError
from models.handle import Handle
from models.tasks import LabelsOutput, OcrOutput, PageTextInput
from services.documents.extraction.kinds import paper_kinds
from services.documents.extraction.page_lines import Quad
from services.documents.extraction.reader import Field, read_fields
from services.documents.papers.policy import Policy, load_policy
from services.documents.papers.sorting import OTHER, Guess, Part, SortedPaper, sort_pages

AT_ONCE = 32
"""Pages and parts of pages in one call of the model."""

log = structlog.get_logger("documents")


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page: its number from 1, what was read, and where seals lie on it."""

    number: int
    page: OcrOutput
    covered: tuple[Quad, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedField:
    """A field and the page that it stands on (None if it wasn't found)."""

    field: Field
    page: int | None


@dataclass(frozen=True, slots=True)
class ReadPaper:
    """A paper with its fields in the order of its kind."""

    sorted: SortedPaper
    fields: tuple[PlacedField, ...]


class PaperReader:
    """Args: classifier: of a model of task `page-classification`."""

    def __init__(self, classifier: Handle, policy: Policy | None = None) -> None:
        self._classifier = classifier
        self._policy = policy or load_policy()

    async def read(self, pages: Sequence[ReadPage]) -> list[ReadPaper]:
        """The papers on `pages`, which are in order."""
        covered = {one.number: one.covered for one in pages}
        papers = await sort_pages([(one.number, one.page) for one in pages], self._guess, self._policy)
        return [ReadPaper(one, fields_of(one.kind, one.parts, covered)) for one in papers]

    async def _guess(self, pages: Sequence[OcrOutput]) -> list[Guess]:
        guesses: list[Guess] = []
        try:
            for start in range(0, len(pages), AT_ONCE):
                result = await self._classifier.call([PageTextInput(one) for one in pages[start : start + AT_ONCE]])
                guesses += [_likeliest(one) for one in result.outputs]
        except HubError as error:
            log.warning("paper_kind_not_told", code=error.code)
            return [(OTHER, 0.0)] * len(pages)
        return guesses


def fields_of(kind: str, parts: Sequence[Part], covered: Mapping[int, Sequence[Quad]]) -> tuple[PlacedField, ...]:
    """The fields of a paper of `kind` on its pages: each from the page where it is surest. None for `other`."""
    known = paper_kinds().get(kind)
    if known is None:
        return ()
    best: dict[str, PlacedField] = {one.id: PlacedField(_missing(one.id), None) for one in known.fields}
    for part in parts:
        for field in read_fields(known, part.page, covered=covered.get(part.number, ())):
            before = best[field.id].field
            if _rank(field) > _rank(before):
                best[field.id] = PlacedField(field, part.number)
    return tuple(best.values())


def _rank(field: Field) -> tuple[bool, bool, float]:
    return field.value is not None, bool(field.boxes), field.confidence


def _missing(field_id: str) -> Field:
    return Field(field_id, None, "", 0.0, ())


def _likeliest(output: object) -> Guess:
    assert isinstance(output, LabelsOutput)
    place = int(output.probabilities.argmax())
    return output.labels[place], float(output.probabilities[place])
