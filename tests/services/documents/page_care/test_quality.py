"""Bad photos are told with their reason; good pages, scans and drawn pages pass."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.papers.damage import handed_in
from benchmarks.papers.kinds import drawn
from models.tasks import OcrLine, OcrOutput
from services.documents.page_care.quality import MESSAGES, judged

Pixels = NDArray[np.uint8]
BOX = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.12), (0.1, 0.12))


def read(count: int, confidence: float = 0.99) -> OcrOutput:
    return OcrOutput(1240, 1754, 0, tuple(OcrLine("已经读出的一行", confidence, BOX) for _ in range(count)))


def page(level: str = "clean", seed: int = 1) -> Pixels:
    return handed_in(drawn("lease", "dev", seed), random.Random(seed), "dev", level)[0]


def codes(image: Pixels, lines: OcrOutput) -> list[str]:
    return [fault.code for fault in judged(image, lines)]


@pytest.mark.parametrize("level", ["clean", "degraded"])
def test_good_pages_pass(level: str) -> None:
    assert codes(page(level), read(20)) == []


def test_each_fault_has_its_code() -> None:
    good = page()
    assert codes(cv2.resize(good, (300, 420)).astype(np.uint8), read(5)) == ["page_small"]
    assert codes((good * 0.12).astype(np.uint8), read(5)) == ["page_dark"]
    assert codes(cv2.GaussianBlur(good, (0, 0), 9).astype(np.uint8), read(0)) == ["page_blurred"]


def test_a_blank_page_and_a_photo_without_paper() -> None:
    assert codes(np.full((1700, 1200, 3), 250, np.uint8), read(0)) == ["page_blank"]
    desk = np.random.default_rng(2).normal(90, 12, (1200, 1600, 3)).clip(0, 255).astype(np.uint8)
    assert codes(desk, read(0)) == ["no_paper"]


def test_a_drawn_page_white_all_over_is_not_burnt_out() -> None:
    white = np.full((1754, 1240, 3), 255, np.uint8)
    for row in range(100, 500, 60):
        cv2.putText(white, "0123456789 ABCDEF", (100, row), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)
    assert codes(white, read(7)) == []


def test_messages_name_the_page_and_what_to_do() -> None:
    (fault,) = judged(np.full((300, 300, 3), 200, np.uint8), read(0))
    assert fault.message(2).startswith("第 2 页")
    assert all("{page}" in text for text in MESSAGES.values())
