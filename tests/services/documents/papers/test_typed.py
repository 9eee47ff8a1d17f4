"""What people type, brought to a field's normal form; what a sample may say of it."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from services.documents.extraction.kinds import FieldKind, paper_kinds
from services.documents.papers.corrections import misread, typed
from services.documents.papers.policy import load_policy


def field(kind: str, field_id: str) -> FieldKind:
    return next(one for one in paper_kinds()[kind].fields if one.id == field_id)


@pytest.mark.parametrize(
    ("kind", "name", "written", "value"),
    [
        ("business-licence", "founded", "2018年3月5日", "2018-03-05"),
        ("business-licence", "founded", "2018-03-05", "2018-03-05"),
        ("identity-card-back", "valid_period", "2019-04-01/长期", "2019-04-01/长期"),
        ("identity-card-back", "valid_period", "2019.04.01-2039.04.01", "2019-04-01/2039-04-01"),
        ("identity-card-face", "number", "31010719920315102 2", "310107199203151022"),
        ("identity-card-face", "sex", "女", "女"),
        ("identity-card-face", "address", " 上海市普陀区武宁路1235弄7号 ", "上海市普陀区武宁路1235弄7号"),
        ("identity-card-face", "name", "", None),
        ("lease", "rent", "27900.00", "27900.00"),
        ("lease", "rent", "12,000", "12000.00"),
        ("lease", "rent", "壹万贰仟元整", "12000.00"),
        ("lease", "area", "86.5", "86.5"),
        ("lease", "area", "86.5㎡", "86.5"),
    ],
)
def test_any_form_is_taken(kind: str, name: str, written: str, value: str | None) -> None:
    assert typed(written, field(kind, name)).value == value


def test_a_number_that_a_person_typed_is_kept_and_told_to_be_wrong() -> None:
    read = typed("310107199203151O22", field("identity-card-face", "number"))
    assert read.proven is False
    assert read.repair is None


@pytest.mark.parametrize(
    ("kind", "name", "written"),
    [("business-licence", "founded", "不清楚"), ("identity-card-face", "sex", "未知"), ("lease", "area", "很大")],
)
def test_what_has_no_normal_form_is_refused_with_what_is_expected(kind: str, name: str, written: str) -> None:
    with pytest.raises(Invalid) as refused:
        typed(written, field(kind, name))
    assert refused.value.code == "field_value_invalid"
    assert "应为" in refused.value.message


def test_a_sample_says_which_characters_were_misread_and_no_more() -> None:
    assert misread("安晓宇", "安晓宁") == [["宇", "宁"]]
    assert misread("", "安晓宁") == []
    # Another value altogether is nothing that was misread.
    assert misread("上海市普陀区武宁路1235弄", "北京市海淀区西三环北路") == []


def test_public_fields_are_fields() -> None:
    kinds = paper_kinds()
    for kind, names in load_policy().public_fields.items():
        assert names <= {one.id for one in kinds[kind].fields}, kind
    for kind in load_policy().several_pages | load_policy().shared_page.kinds:
        assert kind in kinds
