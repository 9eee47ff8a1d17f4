"""What is to be done next for a document, and writing down what was done: functions over one database session.

The same caller's same file (by sha256) is read once: a later document waits for the earlier one and copies its pages. Each
keeps its own id, term and fate; removing one leaves the other (docs/decisions/0026-the-same-file-twice.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.database import now
from core.errors import HubError
from models.tasks import OcrOutput
from services.documents.tables import Document, DocumentPage

MOST_RESUMED = 3
"""A document that was being read at so many crashes of the hub is the likely reason for them."""
UNFINISHED = ("queued", "reading")

Source = Literal["image", "pdf_text", "pdf_rendered"]


@dataclass(frozen=True, slots=True)
class Turn:
    """Page `page` (from 1) is to be read. `sha256`: of the original."""

    sha256: str
    media_type: str
    page_count: int
    page: int


@dataclass(frozen=True, slots=True)
class Behind:
    """Another document of the same file is being read; wait for it."""

    document_id: str


@dataclass(frozen=True, slots=True)
class AllRead:
    """Every page is written; the document is to be finished."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing is to be done: deleted, or finished already."""


Step = Turn | Behind | AllRead | Gone


@dataclass(frozen=True, slots=True)
class PageRead:
    """What was read on a page, from what, and by which model (`name/version`; None: no model was asked). `text_layer`: why a
    PDF's own text was not taken."""

    output: OcrOutput
    source: Source
    text_layer: str | None = None
    read_by: str | None = None


def take_up(session: Session) -> list[str]:
    """Ids to read, oldest first; marks what was being read too often when the hub stopped as failed."""
    ids = []
    for document in session.scalars(
        select(Document).where(Document.status.in_(UNFINISHED)).order_by(Document.created_at, Document.id)
    ):
        if document.status == "reading":
            document.resumed += 1
        if document.resumed > MOST_RESUMED:
            document.status = "failed"
            document.error_code = "document_interrupted"
            document.error_message = "多次识读这份文件时服务中断，已停止识读；请重新拍摄或导出后再传。"
            document.finished_at = now()
        else:
            ids.append(document.id)
    return ids


def next_step(session: Session, document_id: str, pending: Callable[[str], bool]) -> Step:
    """What to do next. `pending`: whether this process is about to read a document; only such are waited for."""
    document = session.get(Document, document_id)
    if document is None or document.status not in UNFINISHED:
        return Gone()
    read = session.scalar(select(func.count()).select_from(DocumentPage).where(DocumentPage.document_id == document_id))
    if not read:
        twin = _twin(session, document, pending)
        if twin is not None and twin.status != "done":
            return Behind(twin.id)
        if twin is not None:
            _copy_pages(session, twin, document)
            read = document.page_count
    if document.status == "queued":
        document.status = "reading"
        document.started_at = now()
    if (read or 0) >= document.page_count:
        return AllRead()
    return Turn(document.sha256, document.media_type, document.page_count, (read or 0) + 1)


def _twin(session: Session, document: Document, pending: Callable[[str], bool]) -> Document | None:
    """An earlier document of the same caller's same file: a read one, or one that is about to be."""
    earlier = or_(
        Document.created_at < document.created_at,
        (Document.created_at == document.created_at) & (Document.id < document.id),
    )
    twins = session.scalars(
        select(Document)
        .where(
            Document.sha256 == document.sha256,
            Document.owner == document.owner,
            Document.owned.is_(document.owned),
            Document.page_count == document.page_count,
            Document.id != document.id,
            or_(Document.status == "done", Document.status.in_(UNFINISHED) & earlier),
        )
        .order_by(Document.created_at, Document.id)
    ).all()
    return next(
        (twin for twin in twins if twin.status == "done"), next((twin for twin in twins if pending(twin.id)), None)
    )


def _copy_pages(session: Session, twin: Document, document: Document) -> None:
    for page in session.scalars(select(DocumentPage).where(DocumentPage.document_id == twin.id)):
        session.add(
            DocumentPage(
                document_id=document.id,
                number=page.number,
                width=page.width,
                height=page.height,
                rotation=page.rotation,
                lines=page.lines,
                source=page.source,
                text_layer=page.text_layer,
                read_by=page.read_by,
            )
        )
    document.reused = True


def write_page(session: Session, document_id: str, turn: Turn, page: PageRead) -> None:
    """Keep a page that was read, unless the document was deleted meanwhile."""
    if session.get(Document, document_id) is None:
        return
    output = page.output
    session.merge(
        DocumentPage(
            document_id=document_id,
            number=turn.page,
            width=output.width,
            height=output.height,
            rotation=output.rotation,
            lines=[
                {
                    "text": line.text,
                    "confidence": round(line.confidence, 4),
                    "box": [[round(x, 5), round(y, 5)] for x, y in line.box],
                }
                for line in output.lines
            ],
            source=page.source,
            text_layer=page.text_layer,
            read_by=page.read_by,
        )
    )


def mark_done(session: Session, document_id: str) -> bool:
    """All of it was read. False if it was deleted meanwhile, or is finished already."""
    document = session.get(Document, document_id)
    if document is None or document.status not in UNFINISHED:
        return False
    document.status = "done"
    document.finished_at = now()
    return True


def mark_failed(session: Session, document_id: str, error: HubError) -> None:
    """It can't be read, and why."""
    document = session.get(Document, document_id)
    if document is not None:
        document.status = "failed"
        document.error_code, document.error_message = error.code, error.message[:300]
        document.finished_at = now()
