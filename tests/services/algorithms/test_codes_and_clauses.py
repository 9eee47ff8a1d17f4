from datetime import date

import pytest

from core.errors import HubError
from services.algorithms.codes.codes import Code, Codes, Kind, checked
from services.algorithms.codes.codes import run as check
from services.algorithms.tagging.tagging import Text as Named
from services.algorithms.tagging.tagging import run as tag
from services.algorithms.vague_clauses.vague_clauses import Text, run


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("11010519491231002x", Kind.IDENTITY),
        ("91310107ma1t000052", Kind.CREDIT),
        ("6222 0218 0448 9040", Kind.BANK_CARD),
    ],
)
def test_a_number_is_told_by_its_form(number: str, kind: Kind) -> None:
    found = checked(Code(number=number))
    assert (found.kind, found.holds, found.fault) == (kind, True, "")


def test_an_identity_number_says_whose_it_is() -> None:
    found = checked(Code(number="11010519491231002X"))
    assert (found.region, found.born, found.sex) == ("110105", date(1949, 12, 31), "女")


@pytest.mark.parametrize(
    ("number", "kind", "fault"),
    [
        ("310107199001010000", None, "校验位不符"),
        ("31010719850229001X", None, "出生日期"),
        ("91350100M000100Y4Z", None, "校验位不符"),
        ("12", Kind.IDENTITY, "形式"),
        ("?", None, "认不出"),
    ],
)
def test_what_is_wrong_is_said(number: str, kind: Kind | None, fault: str) -> None:
    found = checked(Code(number=number, kind=kind))
    assert not found.holds
    assert fault in found.fault


def test_one_misread_character_is_offered() -> None:
    found = checked(Code(number="9131O107MA1T000052", kind=Kind.CREDIT))
    assert found.suggestion == "91310107MA1T000052"


def test_no_one_is_born_tomorrow() -> None:
    assert not checked(Code(number="11010519491231002X"), today=date(1949, 12, 30)).holds


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        (Codes(codes=()), "codes_empty"),
        (Codes(codes=(Code(number=" "),)), "code_empty"),
        (Codes(codes=(Code(number="1" * 121),)), "code_too_long"),
        (Codes(codes=(Code(number="1"),) * 1001), "codes_too_many"),
    ],
)
def test_codes_are_limited(codes: Codes, code: str) -> None:
    with pytest.raises(HubError) as caught:
        check(codes)
    assert caught.value.code == code


def test_vague_clauses_are_marked_with_what_to_write() -> None:
    text = "提交身份证和相关材料，法律法规规定的其他材料。"
    found = run(Text(text=text)).clauses
    assert {clause.rule for clause in found} >= {"vague_reference", "catch_all"}
    assert all(text[clause.start : clause.end] == clause.words and clause.suggestion for clause in found)
    assert run(Text(text="提交身份证原件。")).clauses == ()


def test_names_are_tagged_as_they_stand() -> None:
    text = "王丽华的儿子在曹杨新村第一小学读书，家住上海市普陀区，邻居是陈老师"
    found = [(tag.kind, tag.words) for tag in tag(Named(text=text)).tags]
    assert found == [("person", "王丽华"), ("organisation", "曹杨新村第一小学"), ("place", "上海市普陀区")]
