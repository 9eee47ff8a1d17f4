"""Seals are found, lifted and unrolled; emblems, portraits and circles are not taken for them."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.papers.marks import seal
from benchmarks.papers.seals import box_of, shared
from benchmarks.papers.sheet import Sheet
from services.documents.page_care.seal_text import joined, unrolled
from services.documents.page_care.seals import find_seals, lifted

Pixels = NDArray[np.uint8]


def stamped(shape: str = "round", text: str = "某某市某某区市场监督管理局") -> tuple[Pixels, list[list[float]]]:
    """A sheet with one dark line under a seal, and the seal's true box 0..1."""
    sheet = Sheet.blank("other", "test")
    sheet.draw.rectangle((760, 1190, 1040, 1212), fill=(28, 27, 30))
    seal(sheet, random.Random(3), "dev", 900, 1200, text, radius=120, shape=shape)
    true = [[x / sheet.width, y / sheet.height] for x, y in sheet.seals[0].quad]
    return np.asarray(sheet.image), true


@pytest.mark.parametrize("shape", ["round", "oval", "square"])
def test_a_seal_is_found_with_its_shape(shape: str) -> None:
    image, true = stamped(shape)
    (found,) = find_seals(image)
    assert found.shape == shape
    assert found.red
    assert shared(box_of(found.quad), box_of(true)) > 0.7


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_page_keeps_its_seal(turns: int) -> None:
    (found,) = find_seals(np.ascontiguousarray(np.rot90(stamped()[0], turns)))
    assert found.shape == "round"


def test_a_copy_s_grey_seal_is_found() -> None:
    grey = cv2.cvtColor(stamped()[0], cv2.COLOR_RGB2GRAY)
    (found,) = find_seals(np.repeat(grey[..., None], 3, axis=2))
    assert not found.red


def test_circles_blocks_and_noise_are_no_seals() -> None:
    page = np.full((1700, 1200, 3), 250, np.uint8)
    cv2.circle(page, (300, 300), 100, (200, 30, 30), 4)
    cv2.circle(page, (800, 300), 100, (200, 30, 30), -1)
    cv2.rectangle(page, (200, 800), (400, 1000), (200, 30, 30), -1)
    cv2.ellipse(page, (800, 900), (100, 140), 0, 0, 360, (40, 40, 40), 3)
    assert find_seals(page) == ()
    noise = np.random.default_rng(1).integers(0, 255, (800, 800, 3)).astype(np.uint8)
    assert find_seals(noise) == ()


def test_lifting_takes_the_red_and_leaves_the_print() -> None:
    image, _ = stamped()
    clear = lifted(image, find_seals(image))
    before, after = (one[1080:1320, 780:1020].astype(int) for one in (image, clear))
    assert (before[..., 0] - before[..., 1] > 60).mean() > 0.1
    assert (after[..., 0] - after[..., 1] > 60).mean() < 0.001
    assert clear[1195:1208, 840:960].mean() < 70
    # Bare ground inside the rim is nearly paper again.
    assert np.median(after.min(axis=2)) > 230


def test_a_page_without_seals_is_given_back_as_it_is() -> None:
    page = np.full((400, 300, 3), 255, np.uint8)
    assert lifted(page, ()) is page


def test_the_rim_becomes_a_strip() -> None:
    image, _ = stamped()
    (strip,) = unrolled(image, find_seals(image)[0])
    assert strip.shape[1] > 4 * strip.shape[0]
    assert 0.03 < (strip.min(axis=2) < 128).mean() < 0.5


def test_pieces_are_joined_from_left_to_right_without_what_is_no_word() -> None:
    parts = [(0.5, "监督管理局g", 0.98), (0.1, "80某某市场", 0.95), (0.9, "AMASA", 0.9), (0.8, "用尊", 0.4)]
    assert joined(parts).text == "某某市场监督管理局"
    assert joined([]).text == ""
