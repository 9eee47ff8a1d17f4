"""The table of checklists. Answers to questionnaires only: nobody's name, number or words, and no conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UtcDateTime


class ConsultChecklist(Base):
    """A checklist as it was made, whatever becomes of its item. `token`: 128 random bits, the only way to it. `library`: the
    generation it was made from. `content`: a `services.consult.checklists.checklist.Checklist` as plain data."""

    __tablename__ = "consult_checklists"
    __table_args__ = (Index("ix_consult_checklists_created_at", "created_at"),)

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(80))
    item_version: Mapped[int] = mapped_column(Integer)
    library: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(16))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
