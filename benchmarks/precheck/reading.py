"""What the hub reads on drawn pages, kept as lines of JSON so that rules can be changed without reading again.

Comes in: pages. Goes out: rows (what OCR with page care gave), and facts made of rows as `services.documents` makes papers of
pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.ocr.readers import champion
from benchmarks.papers.read import row
from benchmarks.papers.sorting import classifier
from benchmarks.precheck.drawing import Page
from core.settings import Settings
from models.handle import CallResult, Timing
from models.tasks import OcrInput, OcrLine, OcrOutput
from services.documents.extraction.page_lines import quad_of
from services.documents.page_care.caring import marks_of, prepared, read_with_care, seals_of
from services.documents.papers.reading import PaperReader, ReadPage
from services.precheck.facts import FieldFact, MarkFact, PaperFact, Place

Row = dict[str, Any]


class PageReader:
    """Reads a page as a document's page is read. Args: threads of the model."""

    def __init__(self, threads: int) -> None:
        self._model = champion(threads, Settings().artifacts / "ocr-zh" / "1")

    def read(self, page: Page) -> Row:
        """Lines and marks of a page."""

        async def read(image: NDArray[np.uint8]) -> OcrOutput:
            (output,) = self._model.infer(self._model.prepare([OcrInput(image)]))
            assert isinstance(output, OcrOutput)
            return output

        cared = asyncio.run(read_with_care(prepared(page.image), read))
        return {**row(cared.output), "marks": marks_of(cared), "sha256": page.digest}


class _Kinds:
    """The model of paper kinds as a handle."""

    task = "page-classification"

    def __init__(self) -> None:
        self._model = classifier()

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        """As `models.handle.Handle`."""
        outputs = self._model.infer(self._model.prepare(list(inputs)))
        return CallResult(list(outputs), "paper-kind", "1", Timing(0, 0, 0))


class FactsOfRows:
    """Rows to facts; each page is a document of its own."""

    def __init__(self) -> None:
        self._papers = PaperReader(_Kinds())

    def of(self, rows: Sequence[Row]) -> tuple[PaperFact, ...]:
        """The papers of one submission."""
        return tuple(fact for number, one in enumerate(rows, 1) for fact in self._document(f"document-{number}", one))

    def _document(self, document: str, one: Row) -> list[PaperFact]:
        lines = tuple(OcrLine(str(text), float(sure), quad_of(box)) for text, sure, box in one["lines"])
        output = OcrOutput(one["width"], one["height"], one["rotation"], lines)
        marks: Mapping[str, Any] = one["marks"]
        seals = seals_of(marks)
        papers = asyncio.run(self._papers.read([ReadPage(1, output, seals)]))
        return [
            PaperFact(
                document,
                turn,
                paper.sorted.kind,
                paper.sorted.chance,
                fields={
                    one.field.id: FieldFact(
                        one.field.value,
                        one.field.confidence,
                        one.field.sure,
                        one.field.proven,
                        one.field.raw,
                        tuple(Place(document, 1, box) for box in one.field.boxes),
                    )
                    for one in paper.fields
                },
                seals=tuple(MarkFact(seal.text, seal.confidence, Place(document, 1, seal.quad)) for seal in seals),
                signatures=tuple(
                    MarkFact(str(mark["label"]), 1.0, Place(document, 1, quad_of(mark["box"])))
                    for mark in marks["signatures"]
                ),
                marks_sure=False,
                faults={1: tuple(marks["faults"])} if marks["faults"] else {},
                sha256=one_digest(one),
            )
            for turn, paper in enumerate(papers, 1)
        ]


def one_digest(row_: Row) -> str:
    """Of the page's pixels."""
    return str(row_["sha256"])
