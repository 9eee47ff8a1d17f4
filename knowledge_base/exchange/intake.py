"""Any file that the library takes in, by its content: the one door for the interface and the command line."""

from __future__ import annotations

from knowledge_base.exchange.containers import FileKind, file_kind
from knowledge_base.exchange.guide_blocks import GuideDraft
from knowledge_base.exchange.guide_files import read_docx, read_html
from knowledge_base.exchange.reports import ImportReading
from knowledge_base.exchange.texts import read_json, read_yaml
from knowledge_base.exchange.workbook_reading import read_workbook


def read_file(content: bytes, *, source: str = "文件") -> tuple[FileKind, ImportReading | GuideDraft]:
    """What the file is and what was read: entries of workbooks, YAML and JSON; a draft of a DOCX or HTML guide.

    Raises:
        HubError: it can't be read at all.
    """
    kind = file_kind(content)
    if kind is FileKind.XLSX:
        return kind, read_workbook(content)
    if kind is FileKind.JSON:
        return kind, read_json(content, source=source)
    if kind is FileKind.YAML:
        return kind, read_yaml(content, source=source)
    return kind, read_docx(content) if kind is FileKind.DOCX else read_html(content)
