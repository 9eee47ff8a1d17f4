"""Bad photos told from good ones, with the reason."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest

from benchmarks.papers.damage import handed_in
from benchmarks.papers.kinds import drawn
from models.tasks import OcrLine, OcrOutput
from services.documents.page_care.quality import MESSAGES, FaultCode, judged


def photo(kind: str = "lease", level: str = "degraded", seed: int = 4) -> tuple[np.ndarray, OcrOutput]:
    """A photo and its true lines as if they were read."""
    image, page = handed_in(drawn(kind, "dev", seed), random.Random(seed), "dev", level)
    lines = tuple(OcrLine(line.text, 0.99, tuple((x, y) for x, y in line.quad)) for line in page.lines)  # type: ignore[misc]
    return image, OcrOutput(page.width, page.height, page.rotation, lines)


def codes(image: np.ndarray, output: OcrOutput) -> list[FaultCode]:
    return [fault.code for fault in judged(image, output)]


@pytest.mark.parametrize("kind", ["lease", "identity-card-face", "business-licence", "marriage-certificate"])
@pytest.mark.parametrize("level", ["clean", "degraded"])
def test_a_good_photo_has_no_fault(kind: str, level: str) -> None:
    assert codes(*photo(kind, level)) == []


def test_each_fault_has_its_reason() -> None:
    image, output = photo()
    assert codes((image * 0.12).astype(np.uint8), output) == [FaultCode.DARK]
    assert codes(cv2.GaussianBlur(image, (0, 0), 9), output) == [FaultCode.BLURRED]
    scale = 420 / max(image.shape[:2])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tiny = OcrOutput(small.shape[1], small.shape[0], output.rotation, output.lines)
    assert codes(np.asarray(small, dtype=np.uint8), tiny) == [FaultCode.SMALL]


def test_a_page_that_runs_out_of_the_image_is_cut() -> None:
    image, output = photo(seed=7)
    assert codes(image, output) == []
    part = image[: int(image.shape[0] * 0.6)]
    assert codes(part, OcrOutput(part.shape[1], part.shape[0], output.rotation, output.lines)) == [FaultCode.CUT]


def test_a_blank_page_is_empty() -> None:
    rng = np.random.default_rng(1)
    page = np.clip(235 + rng.normal(0, 8, (1200, 900, 3)), 0, 255).astype(np.uint8)
    assert codes(page, OcrOutput(900, 1200, 0, ())) in ([FaultCode.EMPTY], [FaultCode.BLURRED])


def test_every_fault_says_what_to_do() -> None:
    assert all(MESSAGES[code].endswith("。") and "请" in MESSAGES[code] for code in FaultCode)
