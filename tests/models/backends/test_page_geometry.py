from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.backends.page_geometry import reading_order, skew, turn_back, turn_upright


def box(left: float, top: float, width: float, height: float) -> list[list[float]]:
    return [[left, top], [left + width, top], [left + width, top + height], [left, top + height]]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_pixel_finds_its_way_back(rotation: int) -> None:
    """Against numpy's own turn of a real array, not against our formula."""
    sent = np.zeros((30, 50))
    sent[4, 41] = 1
    upright = np.rot90(sent, rotation // 90)
    row, column = np.argwhere(upright)[0]
    height, width = upright.shape
    point = np.array([[[(column + 0.5) / width, (row + 0.5) / height]]])
    assert turn_back(point, rotation)[0, 0] == pytest.approx([41.5 / 50, 4.5 / 30])
    assert turn_upright(turn_back(point, rotation), rotation) == pytest.approx(point)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([0, 90, 180, 270]))
def test_turning_back_stays_on_the_page(x: float, y: float, rotation: int) -> None:
    turned = turn_back(np.array([[[x, y]]]), rotation)
    assert turned.min() >= 0
    assert turned.max() <= 1


FORM = [
    box(100, 100, 120, 30),
    box(300, 104, 400, 30),
    box(800, 97, 200, 30),
    box(100, 150, 120, 30),
    box(300, 152, 400, 30),
    box(100, 200, 900, 30),
]


@given(st.permutations(range(len(FORM))), st.floats(-0.035, 0.035))
def test_rows_are_read_from_left_to_right_on_a_slanted_page_too(order: list[int], angle: float) -> None:
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    quads = np.array([FORM[index] for index in order]) @ turn
    assert [order[index] for index in reading_order(quads)] == list(range(len(FORM)))


def test_no_lines_have_no_order() -> None:
    assert reading_order(np.zeros((0, 4, 2))) == []


def test_lone_characters_say_nothing_about_the_slant() -> None:
    assert skew(np.array([[[0, 0], [10, 10], [0, 20], [-10, 10]]], dtype=float)) == 0.0
