from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ocr.people import CREDIT_ALPHABET, credit_code, identity_number
from benchmarks.ocr.scoring import best_match, score


def plain_best_match(line: str, read: str) -> int:
    """The same by trying every part of `read`: slow, and plainly right."""

    def distance(first: str, second: str) -> int:
        row = list(range(len(second) + 1))
        for i, one in enumerate(first, 1):
            row, before = [i], row
            for j, other in enumerate(second, 1):
                row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (one != other)))
        return row[-1]

    return min(distance(line, read[a:b]) for a in range(len(read) + 1) for b in range(a, len(read) + 1))


@given(st.text("ab张", max_size=6), st.text("ab张", max_size=7))
def test_best_match_against_trying_everything(line: str, read: str) -> None:
    assert best_match(line, read) == plain_best_match(line, read)


@pytest.mark.parametrize(
    ("truth", "read", "errors", "exact"),
    [
        (["名称:张三"], ["名称：张三"], 0, 1),
        (["名称 张三"], ["名称", "张三"], 0, 0),
        (["名称", "张三"], ["名称张三"], 0, 0),
        (["张三"], ["李四"], 2, 0),
        (["张三"], [], 2, 0),
        (["张三"], ["印章", "张三", "水印"], 0, 1),
        (["310107199001010002"], ["31010719900101002"], 1, 0),
        (["", " "], ["x"], 0, 0),
    ],
)
def test_scores(truth: list[str], read: list[str], errors: int, exact: int) -> None:
    found = score(truth, read)
    assert (found.errors, found.exact) == (errors, exact)


def test_made_up_numbers_have_valid_check_digits() -> None:
    dice = random.Random(1)
    for _ in range(200):
        number = identity_number(dice)
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        assert "10X98765432"[sum(w * int(d) for w, d in zip(weights, number[:17], strict=True)) % 11] == number[17]
        code = credit_code(dice)
        total = sum(CREDIT_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(code))
        # ISO 7064: with the check digit's weight 1 (3^17 mod 31 is not 1), so take it by its own rule.
        body = total - CREDIT_ALPHABET.index(code[17]) * pow(3, 17, 31)
        assert (body + CREDIT_ALPHABET.index(code[17])) % 31 == 0
