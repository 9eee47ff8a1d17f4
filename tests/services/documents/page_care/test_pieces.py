"""A place of a page, cut out upright to be read again."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import Invalid
from models.tasks import OcrLine, OcrOutput
from services.documents.page_care.pieces import MARGIN, READ_HEIGHT, Region, cut_out, text_of


def page(width: int = 400, height: int = 300) -> np.ndarray:
    image = np.full((height, width, 3), 250, dtype=np.uint8)
    image[100:120, 50:150] = 20
    return image


def test_small_print_is_enlarged_and_framed_in_the_colour_of_the_paper() -> None:
    piece = cut_out(page(), 0, Region(40 / 400, 95 / 300, 160 / 400, 125 / 300))
    assert piece.shape[0] == READ_HEIGHT + 2 * MARGIN
    assert (piece[0, 0] == 250).all()
    assert piece.min() < 40


def test_a_turned_page_gives_an_upright_piece() -> None:
    upright = page()
    sent = np.ascontiguousarray(np.rot90(upright, -1))  # has to be turned 90 degrees counter-clockwise
    box = Region(1 - 125 / 300, 40 / 400, 1 - 95 / 300, 160 / 400)
    turned = cut_out(sent, 90, box)
    straight = cut_out(upright, 0, Region(40 / 400, 95 / 300, 160 / 400, 125 / 300))
    assert turned.shape == straight.shape
    assert np.abs(turned.astype(int) - straight.astype(int)).mean() < 2


@pytest.mark.parametrize(
    "box",
    [Region(0.5, 0.1, 0.4, 0.2), Region(0.1, 0.1, 0.1, 0.5), Region(0.1, 0.1, 0.11, 0.5), Region(-0.2, 0, 0.5, 0.5)],
)
def test_a_box_that_holds_nothing_is_refused(box: Region) -> None:
    with pytest.raises(Invalid) as refused:
        cut_out(page(), 0, box)
    assert refused.value.code == "region_invalid"


def test_lines_are_put_together_with_the_least_confidence() -> None:
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    output = OcrOutput(10, 10, 0, (OcrLine("武宁路", 0.9, corners), OcrLine("1235弄", 0.7, corners)))
    assert text_of(output) == ("武宁路1235弄", 0.7)
    assert text_of(OcrOutput(10, 10, 0, ())) == ("", 0.0)
