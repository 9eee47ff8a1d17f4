"""From a plan to the facts that the pre-check sees: of the truth (every field as it stands on the paper), or read by the hub.

Both draw the same sheets with the layouts of the half. What is true of a sheet is known from drawing it; what is read goes through
`handed_in` (a scan or a phone's photo), page care, OCR, the model of paper kinds and the extraction of fields, as a document does.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.papers.damage import handed_in
from benchmarks.papers.kinds import KINDS
from benchmarks.papers.made_up import Story
from benchmarks.papers.sheet import Sheet
from benchmarks.papers.truth import Quad as DrawnQuad
from benchmarks.papers.truth import TrueField, TrueMark, TruePage, TruePaper
from benchmarks.precheck.planning import Plan, Planned
from services.documents.extraction.page_lines import Quad, quad_of
from services.precheck.facts import FieldFact, MarkFact, PaperFact, Place


@dataclass(frozen=True, slots=True)
class Page:
    """One drawn paper: uint8 (height, width, 3) RGB, and its truth."""

    paper: Planned
    image: NDArray[np.uint8]
    truth: TruePage

    @property
    def digest(self) -> str:
        """SHA-256 of the pixels."""
        return hashlib.sha256(self.image.tobytes()).hexdigest()


def drawn_pages(plan: Plan, half: str, level: str | None) -> list[Page]:
    """All papers of a plan, one page each; `level` None: as they were drawn, without scan or photo. The same plan gives the same
    pages."""
    pages = []
    for number, paper in enumerate(plan.papers):
        seed = f"{plan.name}-{number}-{paper.kind}"
        draw, layouts = KINDS[paper.kind]
        # One layout of the business licence prints no period of operation.
        layout = int(paper.given.get("layout", random.Random(seed).randrange(layouts)))
        sheet = draw(Story(seed, **paper.given), half, layout)
        if level is None:
            pages.append(Page(paper, np.asarray(sheet.image), flat(sheet, half, paper.fault)))
            continue
        faulty = "bad" if paper.fault else level
        image, truth = handed_in(sheet, random.Random(seed + "/photo"), half, faulty)
        pages.append(Page(paper, image, truth))
    return pages


def flat(sheet: Sheet, half: str, fault: str) -> TruePage:
    """The truth of a sheet as it lies there, as shares of its size."""

    def shared(corners: DrawnQuad) -> DrawnQuad:
        return [[x / sheet.width, y / sheet.height] for x, y in corners]

    fields = {
        name: TrueField(one.value, one.raw, [shared(each) for each in one.quads], one.printed)
        for name, one in sheet.fields.items()
    }
    edge: DrawnQuad = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    return TruePage(
        "",
        half,
        "clean",
        [],
        sheet.width,
        sheet.height,
        0,
        [fault] if fault else [],
        [TruePaper(sheet.kind, sheet.layout, edge, fields)],
        [],
        [TrueMark(one.text, shared(one.quad), one.shape) for one in sheet.seals],
        [TrueMark(one.text, shared(one.quad), one.shape) for one in sheet.signatures],
    )


def true_facts(pages: Sequence[Page]) -> tuple[PaperFact, ...]:
    """What a reader that makes no mistake sees."""
    return tuple(_true(one, number) for number, one in enumerate(pages, 1))


def _true(page: Page, number: int) -> PaperFact:
    document = f"document-{number}"
    faults = {1: tuple(page.truth.faults)} if page.truth.faults else {}
    fields: Mapping[str, FieldFact] = {}
    if not faults and page.truth.papers:
        fields = {
            name: FieldFact(one.value, raw=one.raw, places=tuple(Place(document, 1, quad(each)) for each in one.quads))
            for name, one in page.truth.papers[0].fields.items()
        }
    return PaperFact(
        document,
        1,
        page.paper.kind,
        fields=fields,
        seals=tuple(MarkFact(one.text, 1.0, Place(document, 1, quad(one.quad))) for one in page.truth.seals),
        signatures=tuple(MarkFact(one.text, 1.0, Place(document, 1, quad(one.quad))) for one in page.truth.signatures),
        faults=faults,
        sha256=page.digest,
    )


def quad(drawn: DrawnQuad) -> Quad:
    """A drawn quad as the hub has it."""
    return quad_of(drawn)
