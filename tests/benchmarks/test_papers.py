"""The bench of papers: what it draws says the truth about itself."""

from __future__ import annotations

import random

import numpy as np
import pytest

from benchmarks.papers.damage import handed_in
from benchmarks.papers.kinds import KINDS, drawn
from benchmarks.papers.made_up import capital_money
from benchmarks.papers.truth import TruePage
from core.check_digits import credit_code_holds, food_licence_holds, identity_number_holds
from core.numerals import read_capital_money


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_value_and_a_place_on_the_sheet(kind: str) -> None:
    for half in ("dev", "test"):
        for seed in range(KINDS[kind][1]):
            sheet = drawn(kind, half, seed)
            assert sheet.kind == kind
            assert bool(sheet.fields) == (kind != "other")
            for name, field in sheet.fields.items():
                assert field.value, name
                assert field.quads or not field.printed, f"{name} of {sheet.layout} stands nowhere"
            for line in sheet.lines:
                xs, ys = [x for x, _ in line.quad], [y for _, y in line.quad]
                assert 0 <= min(xs) <= max(xs) <= sheet.width, line.text
                assert 0 <= min(ys) <= max(ys) <= sheet.height, line.text


def test_numbers_hold() -> None:
    for seed in range(12):
        assert identity_number_holds(drawn("identity-card-face", "dev", seed).fields["number"].value)
        assert credit_code_holds(drawn("business-licence", "test", seed).fields["credit_code"].value)
        assert food_licence_holds(drawn("food-licence", "test", seed).fields["licence_number"].value)


@pytest.mark.parametrize("yuan", [1500, 2000, 10_500, 12_000, 60_000, 203_040, 1_000_000, 5_000_000])
def test_sums_in_capitals_say_the_sum(yuan: int) -> None:
    assert read_capital_money(capital_money(yuan)) == yuan


@pytest.mark.parametrize("level", ["clean", "degraded", "bad"])
def test_the_truth_moves_with_the_page(level: str, tmp_path) -> None:
    sheet = drawn("application-form", "dev", 0)
    image, page = handed_in(sheet, random.Random(5), "dev", level)
    assert (page.height, page.width) == image.shape[:2]
    assert bool(page.faults) == (level == "bad")
    page.write(tmp_path / "page.json")
    assert TruePage.read(tmp_path / "page.json") == page


def test_the_ink_lies_in_the_boxes() -> None:
    """Text is darker than the paper around it, wherever the page was turned and seen from."""
    for seed in range(2):
        sheet = drawn("application-form", "test", seed)
        image, page = handed_in(sheet, random.Random(seed), "test", "clean")
        grey = image.mean(axis=2)
        inside = np.zeros(grey.shape, dtype=bool)
        for line in page.lines:
            xs = [int(x * page.width) for x, _ in line.quad]
            ys = [int(y * page.height) for _, y in line.quad]
            inside[max(0, min(ys)) : max(ys), max(0, min(xs)) : max(xs)] = True
        assert (grey[inside] < 110).mean() > 8 * (grey[~inside] < 110).mean(), seed
