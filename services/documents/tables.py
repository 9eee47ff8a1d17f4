"""Tables of documents, their pages and who saw them. The originals lie in `var/documents/` (see `files.py`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UtcDateTime


class Document(Base):
    """One file that somebody handed in.

    `id`: 128 random bits, URL-safe: who knows it may read an anonymous caller's document. `owner`: `Caller.id`; `owned` is
    False for anonymous callers, whose id says nothing about them after a restart. `status`: queued, reading, done, failed.
    `resumed`: how often a start of the hub found it half read. `submission_id`: whose papers it belongs to, given by a clerk.
    `expires_at`: when it is removed with all that was read (None: from before there was a term; the next start sets one).
    `reused`: its pages were copied from the same caller's same file.
    """

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80), index=True)
    owned: Mapped[bool]
    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    page_count: Mapped[int]
    status: Mapped[str] = mapped_column(String(10), index=True)
    resumed: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submission_id: Mapped[str | None] = mapped_column(String(64), index=True)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    reused: Mapped[bool] = mapped_column(default=False, server_default=false())


class DocumentPage(Base):
    """What was read on one page. `number` counts from 1; `width`, `height` in pixels of the page's image; `lines` is a list
    of {"text", "confidence", "box"} as in `schemas.LineView`. `source`: image, pdf_text (the PDF's own text) or pdf_rendered;
    `text_layer`: why a PDF's own text was not taken (see `text_layer.Refusal`). `read_by`: name/version of the model that
    read it; None for a PDF's own text. `marks`: {"seals": [{"box", "text", "confidence"}], "signatures": [{"box", "label"}],
    "faults": [code]}, None where the
    page wasn't looked at."""

    __tablename__ = "document_pages"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    width: Mapped[int]
    height: Mapped[int]
    rotation: Mapped[int]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    marks: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(12), default="image", server_default="image")
    text_layer: Mapped[str | None] = mapped_column(String(20))
    read_by: Mapped[str | None] = mapped_column(String(80))


class DocumentViewing(Base):
    """One time that somebody was shown something of a document. Rows are only added; the database refuses anything else.

    No foreign key: the record outlives the document. `viewer`: a key's id, or "anonymous". `what`: document (its state, before
    anything was read), page (a page's image, `page`), result (text), search.
    """

    __tablename__ = "document_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(String(22), index=True)
    viewer: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(String(10))
    page: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
