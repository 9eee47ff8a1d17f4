"""What fields of one paper say about each other. All numbers are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Invalid
from services.documents.extraction.cross_checks import verdicts
from services.documents.extraction.kinds import CrossCheck, Rule, read_kind

NUMBER = "310107199203151022"
"""A woman, born on 15 March 1992."""


@pytest.mark.parametrize(
    ("rule", "values", "years", "agrees"),
    [
        ("birth_in_number", ["1992-03-15", NUMBER], (), True),
        ("birth_in_number", ["1992-03-16", NUMBER], (), False),
        ("birth_in_number", ["1992-03-15", "310107199203151023"], (), None),
        ("sex_in_number", ["女", NUMBER], (), True),
        ("sex_in_number", ["男", NUMBER], (), False),
        ("sex_in_number", ["安", NUMBER], (), None),
        ("age_in_number", ["33", NUMBER, "2025-03-15"], (), True),
        ("age_in_number", ["32", NUMBER, "2025-03-14"], (), True),
        ("age_in_number", ["33", NUMBER, "2025-03-14"], (), True),
        ("age_in_number", ["32", NUMBER, "2025-03-15"], (), False),
        ("in_order", ["2020-01-01", "2020-01-01/2025-01-01"], (), True),
        ("in_order", ["2020-01-02", "2020-01-01/2025-01-01"], (), False),
        ("starts", ["2020-01-01", "2020-01-01/2024-12-31"], (), True),
        ("starts", ["2020-01-02", "2020-01-01/2024-12-31"], (), False),
        ("lasts", ["2020-01-01/2024-12-31"], (4, 5), True),
        ("lasts", ["2020-01-01", "2025-01-01"], (5,), True),
        ("lasts", ["2020-02-29/2024-02-28"], (4,), True),
        ("lasts", ["2020-02-29/2025-02-28"], (5,), True),
        ("lasts", ["2020-01-01/2025-01-02"], (5,), False),
        ("lasts", ["2020-01-01/长期"], (5,), None),
        ("same", ["安晓宁", "安晓宁"], (), True),
        ("same", ["安晓宁", "安晓"], (), False),
        ("one_of", ["安晓宁", "高明远", "安晓宁"], (), True),
        ("one_of", ["安晓", "高明远", "安晓宁"], (), False),
        ("year_in", ["J310107-2018-004217", "2018-05-20"], (), True),
        ("year_in", ["J310107-2018-004217", "2019-05-20"], (), False),
    ],
)
def test_rules(rule: str, values: list[str], years: tuple[int, ...], agrees: bool | None) -> None:
    names = [f"field_{place}" for place in range(len(values))]
    check = CrossCheck(rule=Rule(rule), of=tuple(names), years=years)
    agreed, disagreed = verdicts(dict(zip(names, values, strict=True)), [check])
    assert (dict(agreed), dict(disagreed)) == (
        dict.fromkeys(names, 1) if agrees else {},
        dict.fromkeys(names, 1) if agrees is False else {},
    )


def test_every_rule_is_carried_out() -> None:
    for rule in Rule:
        verdicts({"a": None}, [CrossCheck(rule=rule, of=("a",))])


def test_what_was_not_read_says_nothing() -> None:
    agreed, disagreed = verdicts(
        {"birth": None, "number": NUMBER}, [CrossCheck(rule=Rule.BIRTH_IN_NUMBER, of=("birth", "number"))]
    )
    assert not agreed
    assert not disagreed


def test_a_check_names_fields_of_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "reader-card.yaml"
    path.write_text(
        "id: reader-card\npaper_type: 其他\ntitle: 读者证\nfields: [{id: name, name: 姓名}]\n"
        "checks: [{rule: same, of: [name, nickname]}]\n",
        encoding="utf-8",
    )
    with pytest.raises(Invalid, match="nickname"):
        read_kind(path)
