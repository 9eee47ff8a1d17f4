"""Tables of documents and their pages. The originals lie beside the database, in `var/documents/` (see `files.py`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UtcDateTime


class Document(Base):
    """One file that somebody handed in.

    `id`: 128 random bits, URL-safe: who knows it may read an anonymous caller's document. `owner`: `Caller.id`; `owned` is
    False for anonymous callers, whose id says nothing about them after a restart. `status`: queued, reading, done, failed.
    `resumed`: how often a start of the hub found it half read.
    """

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80), index=True)
    owned: Mapped[bool]
    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    page_count: Mapped[int]
    status: Mapped[str] = mapped_column(String(10), index=True)
    resumed: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DocumentPage(Base):
    """What was read on one page. `number` counts from 1; `width`, `height` in pixels of the page's image; `lines` is a list
    of {"text", "confidence", "box"} as in `schemas.LineView`."""

    __tablename__ = "document_pages"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    width: Mapped[int]
    height: Mapped[int]
    rotation: Mapped[int]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
