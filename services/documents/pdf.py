"""PDF pages through pdfium: their images, and the characters that they bring along.

pdfium is not thread-safe, not even for different documents, so every use of it in a process goes through one lock; the hub
itself opens none, but has it done by `pdf_process.py`. The build that pypdfium2 ships has no script engine: scripts in a
document are never run, whatever triggers them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw
from numpy.typing import NDArray

from core.errors import Invalid
from services.documents.images import Source
from services.documents.pdf_characters import PageCharacters, read_characters

DOTS_PER_INCH = 200
"""Enough for small print; at 300 the recogniser reads no more and everything takes twice as long."""
POINTS_PER_INCH = 72
LONGEST_SIDE = 3000
"""Pixels; a plan on A0 is rendered no larger than this."""

_pdfium = threading.Lock()


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as it is drawn, uint8 (height, width, 3), RGB, and its own characters."""

    pixels: NDArray[np.uint8]
    characters: PageCharacters


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError as error:
            if error.err_code in (pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY):
                raise Invalid(
                    "这份 PDF 设了打开密码，读不了；请去掉密码后再传。", code="pdf_encrypted", param="file"
                ) from None
            raise Invalid(
                "这份 PDF 已损坏或没有页面，打不开；请重新导出后再传。", code="file_damaged", param="file"
            ) from None
        try:
            yield document
        finally:
            document.close()


def count_pages(source: Source) -> int:
    """Pages of the PDF.

    Raises:
        Invalid: `pdf_encrypted` (a password is needed to open it), `file_damaged` (or it has no
            pages), `pdf_dynamic_form`.
    """
    with _opened(source) as document:
        if document.get_formtype() == pypdfium2.raw.FORMTYPE_XFA_FULL:
            # Its pages are made by its scripts; without them there is one, which says "please wait".
            raise Invalid(
                "这是动态表单(XFA)，页面要由脚本生成，读不了；请打印成新的 PDF 再传。",
                code="pdf_dynamic_form",
                param="file",
            )
        return len(document)


def render_page(source: Source, number: int) -> NDArray[np.uint8]:
    """Page `number` (from 1) on white, filled-in form fields and annotations included: uint8 (height, width, 3), RGB.

    Raises:
        Invalid: as `count_pages`, and `page_damaged` if this one page can't be drawn.
    """
    with _opened(source) as document, _page(document, number) as page:
        return _draw(page)


def draw_page(source: Source, number: int) -> DrawnPage:
    """As `render_page`, with the page's own characters. Raises the same."""
    with _opened(source) as document, _page(document, number) as page:
        return DrawnPage(_draw(page), read_characters(page))


@contextmanager
def _page(document: Any, number: int) -> Iterator[Any]:
    try:
        # Without this the values of form fields are not drawn.
        document.init_forms()
        yield document[number - 1]
    except (pypdfium2.PdfiumError, IndexError, ValueError) as error:
        raise Invalid(
            f"第 {number} 页已损坏，画不出来；请重新导出后再传。", code="page_damaged", param="file"
        ) from error


def _draw(page: Any) -> NDArray[np.uint8]:
    width, height = page.get_size()
    longest = max(width, height, 1.0)
    scale = min(DOTS_PER_INCH / POINTS_PER_INCH, LONGEST_SIDE / longest)
    bitmap = page.render(scale=scale, rev_byteorder=True)
    # A copy: the bitmap's memory goes with the document.
    image = np.array(bitmap.to_numpy(), dtype=np.uint8)
    if image.ndim == 2 or image.shape[2] == 1:
        return np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    return np.ascontiguousarray(image[:, :, :3])
