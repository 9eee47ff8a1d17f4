from __future__ import annotations

import pytest

from core.errors import Invalid
from services.inference import fields


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "field_missing"),
        ({"model": None}, "field_invalid"),
        ({"model": ""}, "field_invalid"),
        ({"model": 1}, "field_invalid"),
    ],
)
def test_text_is_required(document: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        fields.text(document, "model")
    assert caught.value.code == code
    assert caught.value.param == "model"


@pytest.mark.parametrize("value", [0, -1, True, 1.0, "1", [1]])
def test_positive_refuses(value: object) -> None:
    with pytest.raises(Invalid):
        fields.positive({"top_n": value}, "top_n")


def test_null_counts_as_not_given() -> None:
    assert fields.positive({"top_n": None}, "top_n") is None
    assert fields.choice({"kind": None}, "kind", {"a": 1, "b": 2}, "b") == 2
    assert fields.flag({"wanted": None}, "wanted", default=True) is True


@pytest.mark.parametrize("value", ["c", 1, ["a"], {"a": 1}])
def test_choice_names_what_may_be(value: object) -> None:
    with pytest.raises(Invalid, match="a、b"):
        fields.choice({"kind": value}, "kind", {"a": 1, "b": 2}, "a")


@pytest.mark.parametrize("value", [0, 1, "true", []])
def test_flag_refuses(value: object) -> None:
    with pytest.raises(Invalid):
        fields.flag({"wanted": value}, "wanted", default=False)
