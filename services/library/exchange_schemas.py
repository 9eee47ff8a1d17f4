"""What the import, export and print routes give."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from knowledge_base.exchange.guide_blocks import GuideDraft
from knowledge_base.exchange.reports import ImportFault, ImportReading
from knowledge_base.life.planning import ImportReport


class FaultView(BaseModel):
    """One thing that is wrong. `place`: a cell (材料!C7), a line or a field."""

    place: str
    message: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    @classmethod
    def of(cls, fault: ImportFault) -> FaultView:
        """The fault as it goes out."""
        return cls(place=fault.place, message=fault.message, sheet=fault.sheet, row=fault.row, column=fault.column)


class BlockView(BaseModel):
    """A part of a document and the field that it went to; `not_understood` is left for people."""

    text: str
    field: str
    title: str
    reason: str | None = None


class MissingView(BaseModel):
    """A field that a complete guide still wants."""

    field: str
    expected: str


class GuidePreview(BaseModel):
    """A draft read from a DOCX or HTML guide; nothing is stored. `document` goes to POST /api/library/entries when mended."""

    document: dict[str, Any]
    blocks: list[BlockView]
    not_understood: int
    missing: list[MissingView]
    notices: list[str]

    @classmethod
    def of(cls, draft: GuideDraft) -> GuidePreview:
        """The draft as it goes out."""
        blocks = [BlockView(text=one.text, field=one.field, title=one.title, reason=one.reason) for one in draft.blocks]
        return cls(
            document=draft.document,
            blocks=blocks,
            not_understood=sum(block.field == "not_understood" for block in blocks),
            missing=[MissingView(field=name, expected=expected) for name, expected in draft.missing],
            notices=draft.notices,
        )


class ImportView(BaseModel):
    """What became of a file. `stored`: drafts were made of it. `preview` for DOCX and HTML only."""

    kind: str
    sound: bool
    stored: bool
    entries: int = 0
    created: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    fault_count: int = 0
    faults: list[FaultView] = []
    notices: list[FaultView] = []
    preview: GuidePreview | None = None

    @classmethod
    def of(cls, kind: str, reading: ImportReading, report: ImportReport | None, *, stored: bool) -> ImportView:
        """The reading and what the store made of it."""
        return cls(
            kind=kind,
            sound=reading.sound,
            stored=stored,
            entries=len(reading.entries),
            created=list(report.created) if report else [],
            changed=list(report.changed) if report else [],
            unchanged=list(report.unchanged) if report else [],
            fault_count=reading.fault_count,
            faults=[FaultView.of(fault) for fault in reading.faults],
            notices=[FaultView.of(fault) for fault in reading.notices],
        )
