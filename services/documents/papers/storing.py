"""Papers and fields in the database, and back. Functions on a session; nothing here asks a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.tasks import OcrLine, OcrOutput
from services.documents.extraction.page_lines import Quad, quad_of
from services.documents.page_care.caring import ReadSeal, seals_of
from services.documents.papers.reading import PlacedField, ReadPage, ReadPaper
from services.documents.papers.sorting import Part
from services.documents.papers.tables import DocumentCorrection, DocumentField, DocumentPaper
from services.documents.tables import DocumentPage


@dataclass(frozen=True, slots=True)
class PaperState:
    """A paper as it holds now, with its fields in order."""

    paper: DocumentPaper
    fields: list[DocumentField]


def write_papers(session: Session, document_id: str, papers: Sequence[ReadPaper]) -> None:
    """Put the papers of a document in place of those it had; what people put right before is gone with them."""
    for table in (DocumentField, DocumentPaper, DocumentCorrection):
        session.execute(delete(table).where(table.document_id == document_id))
    for number, one in enumerate(papers, 1):
        session.add(
            DocumentPaper(
                document_id=document_id,
                number=number,
                kind=one.sorted.kind,
                chance=round(one.sorted.chance, 4),
                kind_by=None,
                parts=[{"page": part.number, "lines": list(part.lines)} for part in one.sorted.parts],
            )
        )
        session.flush()
        write_fields(session, document_id, number, one.fields)


def write_fields(session: Session, document_id: str, paper: int, fields: Sequence[PlacedField]) -> None:
    """Put the fields of one paper in place of those it had."""
    session.execute(delete(DocumentField).where(DocumentField.document_id == document_id, DocumentField.paper == paper))
    session.add_all(_row(document_id, paper, place, one) for place, one in enumerate(fields))
    session.flush()


def _row(document_id: str, paper: int, place: int, placed: PlacedField) -> DocumentField:
    field = placed.field
    return DocumentField(
        document_id=document_id,
        paper=paper,
        place=place,
        field=field.id,
        value=field.value,
        raw=field.raw,
        confidence=round(field.confidence, 4),
        sure=field.sure,
        proven=field.proven,
        boxes=boxes_of(placed.page, field.boxes),
        repair=None if field.repair is None else asdict(field.repair),
        parts=dict(field.parts) or None,
    )


def boxes_of(page: int | None, boxes: Sequence[Quad]) -> list[dict[str, Any]]:
    """Quads on page `page` as plain data."""
    return [{"page": page, "box": [[round(x, 5), round(y, 5)] for x, y in box]} for box in boxes]


def papers_of(session: Session, document_id: str) -> list[PaperState]:
    """The papers of a document in order."""
    fields: dict[int, list[DocumentField]] = {}
    for row in session.scalars(
        select(DocumentField).where(DocumentField.document_id == document_id).order_by(DocumentField.place)
    ):
        fields.setdefault(row.paper, []).append(row)
    papers = session.scalars(
        select(DocumentPaper).where(DocumentPaper.document_id == document_id).order_by(DocumentPaper.number)
    )
    return [PaperState(one, fields.get(one.number, [])) for one in papers]


def page_as_read(row: DocumentPage) -> OcrOutput:
    """A stored page as the reader gave it."""
    return OcrOutput(row.width, row.height, row.rotation, tuple(_line(one) for one in row.lines))


def _line(stored: Mapping[str, Any]) -> OcrLine:
    return OcrLine(str(stored["text"]), float(stored["confidence"]), quad_of(stored["box"]))


def read_pages(session: Session, document_id: str) -> list[ReadPage]:
    """The pages of a document as they were read, in order."""
    pages = session.scalars(
        select(DocumentPage).where(DocumentPage.document_id == document_id).order_by(DocumentPage.number)
    )
    return [ReadPage(one.number, page_as_read(one), seals_of(one.marks)) for one in pages]


def seals_on(session: Session, document_id: str) -> dict[int, tuple[ReadSeal, ...]]:
    """The seals of a document by page."""
    pages = session.scalars(select(DocumentPage).where(DocumentPage.document_id == document_id))
    return {one.number: seals_of(one.marks) for one in pages}


def parts_of(session: Session, paper: DocumentPaper) -> list[Part]:
    """The parts of a stored paper, with their lines as they were read."""
    parts = []
    for part in paper.parts:
        row = session.get(DocumentPage, (paper.document_id, part["page"]))
        if row is not None:
            page = page_as_read(row)
            kept = tuple(page.lines[one] for one in part["lines"] if one < len(page.lines))
            parts.append(
                Part(row.number, OcrOutput(page.width, page.height, page.rotation, kept), tuple(part["lines"]))
            )
    return parts
