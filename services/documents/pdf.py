"""PDF pages as images, through pdfium.

pdfium is not thread-safe, not even for different documents, so every use of it in this process goes through one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw
from numpy.typing import NDArray

from core.errors import Invalid
from services.documents.images import Source

DOTS_PER_INCH = 200
"""Enough for small print; at 300 the recogniser reads no more and everything takes twice as long."""
POINTS_PER_INCH = 72
LONGEST_SIDE = 3000
"""Pixels; a plan on A0 is rendered no larger than this."""

_pdfium = threading.Lock()


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
        Invalid: `pdf_encrypted` (a password is needed to open it), `file_damaged`.
    """
    with _opened(source) as document:
        return len(document)


def render_page(source: Source, number: int) -> NDArray[np.uint8]:
    """Page `number` (from 1) on white, filled-in form fields and annotations included: uint8 (height, width, 3), RGB.

    Raises:
        Invalid: as `count_pages`, and `page_damaged` if this one page can't be drawn.
    """
    with _opened(source) as document:
        try:
            # Without this the values of form fields are not drawn.
            document.init_forms()
            page = document[number - 1]
            width, height = page.get_size()
            longest = max(width, height, 1.0)
            scale = min(DOTS_PER_INCH / POINTS_PER_INCH, LONGEST_SIDE / longest)
            bitmap = page.render(scale=scale, rev_byteorder=True)
            # A copy: the bitmap's memory goes with the document.
            image = np.array(bitmap.to_numpy(), dtype=np.uint8)
        except (pypdfium2.PdfiumError, IndexError, ValueError) as error:
            raise Invalid(
                f"第 {number} 页已损坏，画不出来；请重新导出后再传。", code="page_damaged", param="file"
            ) from error
    if image.ndim == 2 or image.shape[2] == 1:
        return np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    return np.ascontiguousarray(image[:, :, :3])
