"""What a page of an original looks like, and the text that it brings along itself."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from models.tasks import OcrOutput
from services.documents.files import DocumentFiles
from services.documents.images import read_page
from services.documents.intake import PDF
from services.documents.pdf import render_page
from services.documents.turns import Source, Turn


@dataclass(frozen=True, slots=True)
class Sight:
    """A page: `pixels` uint8 (height, width, 3), RGB. `text`: a PDF's own text, if it is to be trusted; else `text_layer` says
    why not."""

    pixels: NDArray[np.uint8]
    source: Source
    text: OcrOutput | None = None
    text_layer: str | None = None


class Sights:
    """Looks at pages of originals. Blocking."""

    def __init__(self, files: DocumentFiles, *, max_pixels: int) -> None:
        self._files = files
        self._max_pixels = max_pixels

    def look(self, document_id: str, turn: Turn) -> Sight:
        """The page of a turn.

        Raises:
            As `DocumentFiles.read`, `read_page` and `render_page`.
        """
        original = self._files.read(document_id, turn.sha256)
        if turn.media_type == PDF.media_type:
            return Sight(render_page(BytesIO(original), turn.page), "pdf_rendered")
        return Sight(self.pixels(original, turn.media_type, turn.page), "image")

    def pixels(self, original: bytes, media_type: str, number: int) -> NDArray[np.uint8]:
        """Page `number` of an original: uint8 (height, width, 3), RGB."""
        if media_type == PDF.media_type:
            return render_page(BytesIO(original), number)
        return read_page(BytesIO(original), number, max_pixels=self._max_pixels)
