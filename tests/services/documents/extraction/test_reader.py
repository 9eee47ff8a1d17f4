"""Fields of read pages: each kind's own sample, kinds that are added, and what goes wrong on photos."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Invalid
from models.tasks import OcrLine, OcrOutput
from services.documents.extraction.kinds import PaperKind, Sample, paper_kinds, read_kind
from services.documents.extraction.reader import Field, read_fields

NEW_KIND = """
id: {id}
paper_type: 其他
title: 图书馆读者证
fields:
  - {{id: reader, name: 读者姓名, labels: [读者姓名], type: name}}
  - {{id: number, name: 证号, labels: [读者证号, 证号], pattern: "R[0-9]{{6}}"}}
  - {{id: issued, name: 发证日期, labels: [发证日期], type: date}}
"""


def page_of(sample: Sample, *, rotation: int = 0) -> OcrOutput:
    lines = []
    for line in sample.lines:
        left, top, right, bottom = line.box
        box = [(left, top), (right, top), (right, bottom), (left, bottom)]
        if rotation == 180:
            box = [(1 - x, 1 - y) for x, y in box]
        lines.append(OcrLine(line.text, 0.98, (box[0], box[1], box[2], box[3])))
    return OcrOutput(sample.width, sample.height, rotation, tuple(lines))


def lines_page(*lines: tuple[str, float, float, float]) -> OcrOutput:
    """Lines as (text, left, top, right), 0.03 high, on a square page."""
    boxes = tuple(
        OcrLine(text, 0.97, ((left, top), (right, top), (right, top + 0.03), (left, top + 0.03)))
        for text, left, top, right in lines
    )
    return OcrOutput(1000, 1000, 0, boxes)


def by_id(fields: tuple[Field, ...]) -> dict[str, Field]:
    return {field.id: field for field in fields}


@pytest.fixture
def new_kind(tmp_path: Path) -> PaperKind:
    path = tmp_path / "reader-card.yaml"
    path.write_text(NEW_KIND.format(id="reader-card"), encoding="utf-8")
    return paper_kinds(tmp_path)["reader-card"]


@pytest.mark.parametrize("rotation", [0, 180])
@pytest.mark.parametrize("kind", paper_kinds().values(), ids=lambda kind: kind.id)
def test_the_sample_of_each_kind_is_read(kind: PaperKind, rotation: int) -> None:
    assert kind.sample is not None
    found = by_id(read_fields(kind, page_of(kind.sample, rotation=rotation)))
    assert {name: found[name].value for name in kind.sample.fields} == dict(kind.sample.fields)


def test_a_misread_number_is_put_right_and_says_so() -> None:
    kind = paper_kinds()["identity-card-face"]
    assert kind.sample is not None
    number = by_id(read_fields(kind, page_of(kind.sample)))["number"]
    assert number.repair is not None
    assert (number.repair.read, number.repair.place, number.raw) == ("O", 15, "310107199203151O22")


def test_a_kind_is_added_by_a_file_alone(new_kind: PaperKind) -> None:
    page = lines_page(
        ("读者姓名：安晓宁", 0.1, 0.1, 0.5),
        ("证", 0.1, 0.2, 0.13),
        ("号", 0.22, 0.2, 0.25),
        ("R004217", 0.3, 0.2, 0.5),
        ("发证日期", 0.1, 0.3, 0.25),
        ("二〇二四年三月五日", 0.3, 0.3, 0.6),
    )
    found = by_id(read_fields(new_kind, page))
    assert [found[name].value for name in ("reader", "number", "issued")] == ["安晓宁", "R004217", "2024-03-05"]


def test_a_box_holds_the_value_and_not_its_label(new_kind: PaperKind) -> None:
    field = by_id(read_fields(new_kind, lines_page(("读者姓名：安晓宁", 0.1, 0.1, 0.5))))["reader"]
    ((first, second, _, _),) = field.boxes
    assert first[0] == pytest.approx(0.35)
    assert second[0] == pytest.approx(0.5)


def test_what_is_not_there_has_no_value(new_kind: PaperKind) -> None:
    found = by_id(read_fields(new_kind, lines_page(("读者姓名", 0.1, 0.1, 0.3), ("办理须知", 0.1, 0.6, 0.3))))
    assert all(field.value is None and not field.boxes and field.confidence == 0 for field in found.values())


def test_a_value_that_fails_its_check_is_not_trusted(new_kind: PaperKind) -> None:
    field = by_id(read_fields(new_kind, lines_page(("发证日期：2023年2月30日", 0.1, 0.1, 0.6))))["issued"]
    assert (field.value, field.confidence, field.raw) == (None, 0.0, "2023年2月30日")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id: [", "YAML"),
        (NEW_KIND.format(id="reader-card").replace("type: date", "type: day"), "fields.2.type"),
        (NEW_KIND.format(id="reader-card").replace("R[0-9]", "R([0-9]"), "fields.1.pattern"),
        (NEW_KIND.format(id="reader-card") + "colour: red\n", "colour"),
    ],
)
def test_a_bad_file_says_where(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "reader-card.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_kind(path)
    assert caught.value.code == "paper_kind_invalid"
    assert place in caught.value.message


def test_a_kind_has_its_files_name(tmp_path: Path) -> None:
    (tmp_path / "other-name.yaml").write_text(NEW_KIND.format(id="reader-card"), encoding="utf-8")
    with pytest.raises(Invalid, match="reader-card"):
        paper_kinds(tmp_path)


def test_a_date_behind_another_label_is_not_taken() -> None:
    page = lines_page(("成立日期：2012年05月21日", 0.1, 0.2, 0.6), ("登记机关", 0.1, 0.8, 0.3))
    found = by_id(read_fields(paper_kinds()["business-licence"], page))
    assert (found["founded"].value, found["issued"].value) == ("2012-05-21", None)


def test_the_value_of_another_label_is_not_taken() -> None:
    """A date under a seal that wasn't read: the founding date doesn't stand in for it, nor the next row for a second line."""
    page = lines_page(
        ("名称", 0.1, 0.1, 0.2),
        ("普陀区晓宁理发店", 0.3, 0.1, 0.6),
        ("类型", 0.1, 0.14, 0.2),
        ("个体工商户", 0.3, 0.14, 0.5),
        ("成立日期", 0.1, 0.2, 0.25),
        ("2018年03月05日", 0.3, 0.2, 0.5),
    )
    found = by_id(read_fields(paper_kinds()["business-licence"], page))
    assert (found["name"].value, found["founded"].value) == ("普陀区晓宁理发店", "2018-03-05")
    assert found["issued"].value is None
