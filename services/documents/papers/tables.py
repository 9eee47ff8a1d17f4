"""Tables of papers, their fields, and what people put right. What is printed on papers stands here in clear, like the lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UtcDateTime


class DocumentPaper(Base):
    """One paper in a document. `number` counts from 1 in the order of the pages; `kind` as in `extraction/kinds/`, or `other`;
    `chance` 0..1 as the model gave it; `kind_by`: id of the caller who named the kind, None if the model did. `parts`: list of
    {"page", "lines"}: page numbers and the places of the paper's lines in `DocumentPage.lines`."""

    __tablename__ = "document_papers"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(60))
    chance: Mapped[float]
    kind_by: Mapped[str | None] = mapped_column(String(80))
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class DocumentField(Base):
    """One field of a paper as it holds now. `value` in normal form, None if there is none; `raw` as read; `confidence` 0..1;
    `sure`: above the automatic threshold; `proven`: True, False or unknown (`extraction.normalising`). `boxes`: list of {"page",
    "box"}; `repair`, `parts`: plain data or None. `corrected_by`: id of the caller whose decision this value is;
    `confirmed_by`: of the last one who looked at it and left it as it was, None if it was changed since."""

    __tablename__ = "document_fields"
    __table_args__ = (
        ForeignKeyConstraint(
            ["document_id", "paper"], ["document_papers.document_id", "document_papers.number"], ondelete="CASCADE"
        ),
    )

    document_id: Mapped[str] = mapped_column(String(22), primary_key=True)
    paper: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(60))
    value: Mapped[str | None] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float]
    sure: Mapped[bool]
    proven: Mapped[bool | None]
    boxes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    repair: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    parts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    corrected_by: Mapped[str | None] = mapped_column(String(80))
    corrected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(80))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DocumentCorrection(Base):
    """What was put right, by whom and when; rows are added and go only with their document. `field` None: the paper's kind."""

    __tablename__ = "document_corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    paper: Mapped[int]
    field: Mapped[str | None] = mapped_column(String(60))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
