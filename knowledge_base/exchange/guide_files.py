"""DOCX and HTML to blocks: paragraphs and tables in their order. Images, links, scripts and text boxes are not read, and said."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.table import Table
from selectolax.lexbor import LexborHTMLParser

from core.errors import Invalid, TooLarge
from knowledge_base.exchange.containers import FileKind, file_kind
from knowledge_base.exchange.guide_blocks import Block, GuideDraft
from knowledge_base.exchange.guides import read_guide
from knowledge_base.exchange.html_blocks import html_blocks

MOST_BLOCKS = 5_000
MOST_HTML_BYTES = 2 * 1024 * 1024
MOST_CELLS = 20_000


def read_docx(content: bytes) -> GuideDraft:
    """A DOCX guide.

    Raises:
        Invalid, TooLarge: unsafe, damaged, or too long (`guide_too_long`).
    """
    if file_kind(content) is not FileKind.DOCX:
        raise Invalid("这不是 .docx 文档。", code="file_kind_unknown", param="file")
    try:
        return read_guide(_limited(_docx_blocks(Document(io.BytesIO(content)))))
    except (KeyError, ValueError, AttributeError, IndexError, SyntaxError, TypeError):
        raise Invalid("文档损坏，读不了；请用文字处理软件打开后重新保存。", code="file_damaged", param="file") from None


def _limited(blocks: Iterator[Block]) -> list[Block]:
    found: list[Block] = []
    cells = 0
    for block in blocks:
        found.append(block)
        cells += sum(len(row) for row in block.rows)
        if len(found) > MOST_BLOCKS or cells > MOST_CELLS:
            raise TooLarge(f"文档超过 {MOST_BLOCKS:,} 段；一份文档只写一个事项。", code="guide_too_long", param="file")
    return found


def _docx_table(table: Table) -> Block:
    """A merged cell shows in every place that it covers; where it reaches down from the row above, `continued` says so."""
    rows: list[tuple[str, ...]] = []
    continued: set[tuple[int, int]] = set()
    above: list[Any] = []
    for number, row in enumerate(table.rows):
        # A row may begin later or end sooner than the others.
        cells = [None] * row.grid_cols_before + list(row.cells) + [None] * row.grid_cols_after
        rows.append(tuple("" if cell is None else cell.text.strip() for cell in cells))
        parts = [None if cell is None else cell._tc for cell in cells]
        continued |= {
            (number, column)
            for column, (upper, lower) in enumerate(zip(above, parts, strict=False))
            if lower is not None and upper is lower
        }
        above = parts
    return Block(rows=tuple(rows), continued=frozenset(continued))


def _docx_blocks(document: Any) -> Iterator[Block]:
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            yield _docx_table(part)
            continue
        found = part._p.xpath(".//w:txbxContent")
        if found:
            yield Block(
                text="".join(text.text or "" for text in found[0].iter() if text.tag.endswith("}t")),
                dropped="文本框没有读",
            )
        if part._p.xpath(".//w:drawing[not(.//w:txbxContent)] | .//w:pict[not(.//w:txbxContent)]"):
            yield Block(dropped="图片没有读")
        for line in part.text.split("\n"):
            if line.strip():
                style = (part.style.name or "") if part.style is not None else ""
                runs = [run for run in part.runs if run.text.strip()]
                bold = bool(runs) and all(run.bold for run in runs) and len(line) <= 30
                yield Block(text=line.strip(), heading=style.startswith(("Heading", "标题", "Title")) or bold)


def read_html(content: bytes) -> GuideDraft:
    """An HTML guide. Nothing of it is run, loaded or shown.

    Raises:
        TooLarge: `guide_too_long`.
    """
    if len(content) > MOST_HTML_BYTES:
        raise TooLarge("网页超过 2 MB；请只保存指南的部分。", code="guide_too_long", param="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    body = LexborHTMLParser(text).body
    return read_guide(_limited(html_blocks(body)) if body is not None else [])
