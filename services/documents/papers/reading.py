"""From a document's read pages to its papers with their fields.

Comes in: pages as read. Goes out: `ReadPaper`s. The kind is told by the model `paper-kind`, fields are read by what
`extraction/kinds/` knows. Without the model every page is a paper of kind `other` with chance 0: a person names it, and nothing is
guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog

from core.errors import HubError
from models.handle import Handle
from models.tasks import LabelsOutput, OcrOutput, PageTextInput
from services.documents.extraction.characters import comparable
from services.documents.extraction.kinds import PaperKind, paper_kinds
from services.documents.extraction.normalising import normalised
from services.documents.extraction.reader import Field, read_fields
from services.documents.page_care.caring import ReadSeal
from services.documents.papers.policy import Policy, load_policy
from services.documents.papers.sorting import OTHER, Guess, Part, SortedPaper, sort_pages

SEALED_CONFIDENCE = 0.5
AT_ONCE = 32
"""Pages and parts of pages in one call of the model."""

log = structlog.get_logger("documents")


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page: its number from 1, what was read, and its seals."""

    number: int
    page: OcrOutput
    seals: tuple[ReadSeal, ...] = ()


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
        seals = {one.number: one.seals for one in pages}
        papers = await sort_pages([(one.number, one.page) for one in pages], self._guess, self._policy)
        # Some 7 ms a page: of fifty pages too long to hold up the event loop.
        return await asyncio.to_thread(
            lambda: [ReadPaper(one, fields_of(one.kind, one.parts, seals)) for one in papers]
        )

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


def fields_of(kind: str, parts: Sequence[Part], seals: Mapping[int, Sequence[ReadSeal]]) -> tuple[PlacedField, ...]:
    """The fields of a paper of `kind` on its pages: each from the page where it is surest; who issued it from the seal, if nothing
    is printed. None for `other`."""
    known = paper_kinds().get(kind)
    if known is None:
        return ()
    best: dict[str, PlacedField] = {one.id: PlacedField(_missing(one.id), None) for one in known.fields}
    for part in parts:
        on_page = seals.get(part.number, ())
        found = read_fields(known, part.page, covered=[seal.quad for seal in on_page])
        for field in (*found, *_sealed(known, on_page)):
            before = best[field.id].field
            if _rank(field) > _rank(before):
                best[field.id] = PlacedField(field, part.number)
    return tuple(best.values())


def _sealed(kind: PaperKind, seals: Sequence[ReadSeal]) -> Iterator[Field]:
    """Fields that may stand in a seal alone. Never sure: a rim is read once, bent straight, without anything to check it by."""
    for field in kind.fields:
        if not field.sealed:
            continue
        for seal in seals:
            read = normalised(comparable(seal.text), field)
            if read.value is not None and read.proven is not False:
                yield Field(field.id, read.value, seal.text, SEALED_CONFIDENCE * seal.confidence, (seal.quad,))


def _rank(field: Field) -> tuple[bool, bool, float]:
    return field.value is not None, bool(field.boxes), field.confidence


def _missing(field_id: str) -> Field:
    return Field(field_id, None, "", 0.0, ())


def _likeliest(output: object) -> Guess:
    assert isinstance(output, LabelsOutput)
    place = int(output.probabilities.argmax())
    return output.labels[place], float(output.probabilities[place])
