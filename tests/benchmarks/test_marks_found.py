"""What is counted of a page's marks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.papers.marks_found import SEALED, Found, Seen, seen, table, told, turns
from benchmarks.papers.truth import Quad, TrueMark, TruePage

BOX: Quad = [[0.1, 0.1], [0.3, 0.1], [0.3, 0.3], [0.1, 0.3]]


def read(rotation: int = 0, *, said: int = 0, box: Quad = BOX, bad: bool = False, blamed: bool = False) -> Seen:
    faults = ["page_dark"] if bad else []
    level = "bad" if bad else "degraded"
    truth = TruePage(
        "a.jpg", "dev", level, [], 1000, 1000, rotation, faults, [], [], [TrueMark("章", BOX, "round")], []
    )
    marks = {"seals": [{"box": box}], "signatures": [{"box": BOX}], "faults": ["page_blurred"] if blamed else []}
    return Seen(truth, {"rotation": said, "marks": marks})


def test_a_seal_counts_where_it_shares_half_of_what_it_covers() -> None:
    beside: Quad = [[x + 0.15, y] for x, y in BOX]
    assert read().marks("seals", SEALED) == Found(1, 0, 0)
    assert read(box=beside).marks("seals", SEALED) == Found(0, 1, 1)
    assert read().marks("signatures", SEALED) == Found(0, 0, 1)


def test_f1_of_what_is_missed_and_made_up() -> None:
    assert (Found(8, 1, 3) + Found(0, 0, 0)).f1 == pytest.approx(0.8)
    assert Found().f1 == 1.0


def test_turns_count_alike_however_rare_they_are() -> None:
    pages = [read() for _ in range(8)] + [read(90, said=90), read(90, said=270)]
    # Of 90 one is found and one missed: 2/3; the pages that stand upright: 1. Nothing stands at 270.
    assert turns(pages) == pytest.approx((1 + 2 / 3) / 2)


def test_a_photo_is_told_whatever_the_reason() -> None:
    pages = [read(), read(blamed=True), read(bad=True, blamed=True), read(bad=True)]
    assert told(pages) == {(False, False): 1, (False, True): 1, (True, True): 1, (True, False): 1}
    assert table(pages).row_count == 3


def test_pages_that_were_read_without_care_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pages.jsonl").write_text(json.dumps({"file": "a.jpg"}) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="care"):
        list(seen(tmp_path, tmp_path / "pages.jsonl"))
