"""How sure a field is: what makes it surer or less sure, and what no weight can outdo. All people are made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from models.tasks import OcrLine, OcrOutput
from services.documents.extraction.confidence import FILE, Calibration, calibration, probability
from services.documents.extraction.kinds import paper_kinds
from services.documents.extraction.names import looks_like_a_party, looks_like_a_person
from services.documents.extraction.reader import Field, assessed, read_fields

ROWS = (
    "姓名 安晓宁",
    "性别 女",
    "民族 汉",
    "出生 1992年3月15日",
    "住址 上海市普陀区武宁路1235弄7号302室",
    "公民身份号码 310107199203151022",
)
FLAT = Calibration(
    threshold=0.9, intercept=4.0, weights={"disagreed": -6.0, "doubt": -1.0, "covered": -5.0, "loose": -3.0}
)


def card(rows: tuple[str, ...] = ROWS, confidence: float = 0.99) -> OcrOutput:
    lines = []
    for place, text in enumerate(rows):
        top, right = 0.1 + 0.12 * place, 0.1 + 0.04 * len(text)
        lines.append(OcrLine(text, confidence, ((0.1, top), (right, top), (right, top + 0.06), (0.1, top + 0.06))))
    return OcrOutput(1000, 1000, 0, tuple(lines))


def read(page: OcrOutput, **more: object) -> dict[str, Field]:
    return {field.id: field for field in read_fields(paper_kinds()["identity-card-face"], page, **more)}  # type: ignore[arg-type]


def test_a_clear_card_is_sure() -> None:
    found = read(card())
    assert all(field.sure and 0.9 < field.confidence < 1 for field in found.values())


def test_a_birth_date_that_the_number_gainsays_is_less_sure_and_stays_as_it_was_read() -> None:
    rows = (*ROWS[:3], "出生 1992年3月16日", *ROWS[4:])
    right, wrong = read(card(), fitted=FLAT), read(card(rows), fitted=FLAT)
    assert wrong["birth"].value == "1992-03-16"
    assert wrong["birth"].confidence < 0.2 < 0.9 < right["birth"].confidence
    assert wrong["birth"].sure is False


def test_a_check_that_failed_leaves_no_confidence() -> None:
    found = read(card((*ROWS[:5], "公民身份号码 310107199203151055")))["number"]
    assert (found.confidence, found.sure, found.proven) == (0.0, False, False)


def test_what_the_reader_doubted_is_less_sure() -> None:
    assert read(card(confidence=0.6), fitted=FLAT)["name"].confidence < read(card(), fitted=FLAT)["name"].confidence


def test_what_a_seal_covers_is_less_sure() -> None:
    seal = ((0.2, 0.05), (0.5, 0.05), (0.5, 0.2), (0.2, 0.2))
    found = read(card(), fitted=FLAT, covered=[seal])
    assert found["name"].confidence < 0.5 < found["nation"].confidence


def test_a_value_that_may_go_on_is_less_sure() -> None:
    """A lone character two heights behind the name: part of it or not, nobody can tell."""
    stray = OcrLine("辉", 0.99, ((0.46, 0.1), (0.52, 0.1), (0.52, 0.16), (0.46, 0.16)))
    whole = card()
    known = {
        one.field.id: one.features
        for one in assessed(paper_kinds()["identity-card-face"], replace(whole, lines=(*whole.lines, stray)))
    }
    assert known["name"] is not None
    assert known["nation"] is not None
    assert "loose" in known["name"]
    assert "loose" not in known["nation"]


def known_of(rows: tuple[str, ...], kind: str, field: str) -> Mapping[str, float]:
    found = {one.field.id: one.features for one in assessed(paper_kinds()[kind], card(rows))}
    features = found[field]
    assert features is not None
    return features


@pytest.mark.parametrize("end", ["1235弄", "1235弄7号302", "1235弄7号2单元"])
def test_an_address_that_stops_short_is_less_sure(end: str) -> None:
    assert "open_end" in known_of(
        (*ROWS[:4], f"住址 上海市普陀区武宁路{end}", ROWS[5]), "identity-card-face", "address"
    )
    assert "open_end" not in known_of(ROWS, "identity-card-face", "address")


def test_a_sentence_that_stops_at_the_end_of_its_line_is_less_sure() -> None:
    """The line between wasn't read: what the sentence goes on to say is missing."""
    rows = (
        "授权委托书",
        "委托人:安晓宁",
        "受托人:李静",
        "兹委托李静办理居住证签注,委托权限为提交和领",
        "委托期限:2024年5月6日至2025年5月5日。",
    )
    whole = (*rows[:3], "兹委托李静办理居住证签注,委托权限为提交材料。", rows[4])
    assert "open_end" in known_of(rows, "power-of-attorney", "powers")
    assert "open_end" not in known_of(whole, "power-of-attorney", "powers")


def test_the_file_is_whole() -> None:
    fitted = calibration(FILE)
    assert 0.5 < fitted.threshold < 1
    assert all(fitted.weights[name] < 0 for name in ("covered_unproven", "misread_label", "unlike", "rivals", "loose"))


def test_probability() -> None:
    assert probability({}, FLAT) == pytest.approx(0.982, abs=1e-3)
    assert probability({"disagreed": 1.0, "unknown": 9.0}, FLAT) == pytest.approx(0.119, abs=1e-3)
    assert probability({"disagreed": 1e6}, FLAT) < 1e-12


@pytest.mark.parametrize("name", ["安晓宁", "欧阳静", "司马云海", "阿依古丽·买买提", "王丽"])
def test_names_of_people(name: str) -> None:
    assert looks_like_a_person(name)


@pytest.mark.parametrize("name", ["间飞颖", "安", "安晓宁宁宁", "晓宁公司", "安晓8", ""])
def test_what_is_no_name_of_a_person(name: str) -> None:
    assert not looks_like_a_person(name)


def test_names_of_parties() -> None:
    assert looks_like_a_party("上海晓宁（集团）信息科技有限公司")
    assert looks_like_a_party("安晓宁")
    assert not looks_like_a_party("上海晓宁信息科技有限公M")
