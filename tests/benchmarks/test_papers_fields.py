"""The bench of fields: what counts as right, and that what was fitted says what it promises."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from benchmarks.papers.field_scoring import Status, by, outcomes, same, tally
from benchmarks.papers.fields import measured, quad
from benchmarks.papers.fit_confidence import Example, across, examples, fitted, kept, threshold, written
from benchmarks.papers.kinds.more import MORE, drawn_more
from benchmarks.papers.truth import TrueField, TrueLine, TruePage, TruePaper
from models.backends.page_geometry import reading_order
from models.tasks import OcrLine, OcrOutput
from services.documents.extraction.confidence import calibration, probability
from services.documents.extraction.kinds import paper_kinds
from services.documents.extraction.reader import Field, read_fields

NAME = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.2], [0.1, 0.2]]


def page(**fields: TrueField) -> TruePage:
    lines = [TrueLine("姓名安晓宁", NAME, "seal"), TrueLine("性别女", [[x, y + 0.2] for x, y in NAME])]
    paper = TruePaper("identity-card-face", "dev-0", NAME, fields)
    return TruePage("a.jpg", "dev", "clean", [], 1000, 1000, 0, [], [paper], lines, [], [])


def found(name: str, value: str | None, *, sure: bool = False) -> Field:
    return Field(name, value, value or "", 0.5, (), sure=sure)


def test_what_became_of_each_field() -> None:
    truth = page(
        name=TrueField("安晓宁", "安晓宁", [NAME]),
        sex=TrueField("女", "女", [[[x, y + 0.2] for x, y in NAME]]),
        nation=TrueField("汉", "汉"),
        issuer=TrueField("普陀区公安局", "", printed=False),
    )
    rows = outcomes(
        truth, [found("name", "安 晓宁", sure=True), found("sex", "男", sure=True), found("birth", "1992-03-15")]
    )
    assert {row.field.id: row.status for row in rows} == {
        "name": Status.RIGHT,
        "sex": Status.WRONG,
        "nation": Status.MISSING,
        "issuer": Status.MISSING,
        "birth": Status.INVENTED,
    }
    assert [row.field.id for row in rows if row.covered] == ["name"]
    sums = tally(rows)
    assert (sums.right, sums.wrong, sums.missing, sums.invented, sums.printed) == (1, 1, 1, 1, 3)
    assert (sums.sure, sums.sure_right, sums.sure_exact) == (2, 1, 0.5)
    assert next(iter(by(rows, "kind", "field"))) == ("identity-card-face", "name")


def test_what_stands_in_the_seal_only_is_no_miss_but_may_be_wrong() -> None:
    truth = page(issuer=TrueField("普陀区公安局", "", printed=False))
    assert tally(outcomes(truth, [found("issuer", None)])).printed == 0
    assert tally(outcomes(truth, [found("issuer", "陀区公安局")])).invented == 1


def test_width_and_spaces_do_not_count() -> None:
    assert same("上海（普陀）", "上海 (普陀)")
    assert not same("12000.00", "1200.00")


def test_a_folder_is_measured_and_learned_from(tmp_path: Path) -> None:
    truth = page(name=TrueField("安晓宁", "安晓宁", [NAME]), sex=TrueField("男", "男"))
    (tmp_path / "a.json").write_text(json.dumps(asdict(truth), ensure_ascii=False), encoding="utf-8")
    lines = [[line.text, 0.98, line.quad] for line in truth.lines]
    row = {"file": "a.jpg", "kind": "identity-card-face", "width": 1000, "height": 1000, "rotation": 0, "lines": lines}
    pages = tmp_path / "pages.jsonl"
    pages.write_text("\n".join(json.dumps(one) for one in (row, {**row, "kind": "other"})), encoding="utf-8")
    assert [(row.field.id, row.status) for row in measured(pages, tmp_path)] == [
        ("name", Status.RIGHT),
        ("sex", Status.WRONG),
    ]
    learned, printed = examples(pages, tmp_path)
    assert printed == 4
    assert {(one.right, one.group) for one in learned if not one.strange} == {(True, "dev-0"), (False, "dev-0")}


def made_up(count: int = 4000) -> list[Example]:
    """Values that are right as often as a known formula says."""
    chance = np.random.default_rng(3)
    rows = []
    for place in range(count):
        loose, doubt = float(chance.random() < 0.3), float(chance.random())
        right = chance.random() < 1 / (1 + np.exp(-(4 - 3 * loose - 2 * doubt)))
        rows.append(
            Example({"loose": loose, "doubt": doubt, "near_seal": doubt}, bool(right), f"dev-{place % 3}", False)
        )
    return rows


def test_weights_are_found_again_and_say_how_often_a_value_is_right(tmp_path: Path) -> None:
    rows = made_up()
    learned = fitted(rows)
    assert learned.weights["loose"] == pytest.approx(-3, abs=0.5)
    chances, right = across(rows), np.array([row.right for row in rows])
    for low, high in ((0.2, 0.6), (0.6, 0.9), (0.9, 1.0)):
        inside = (chances >= low) & (chances < high)
        assert right[inside].mean() == pytest.approx(chances[inside].mean(), abs=0.06)
    (tmp_path / "weights.yaml").write_text(written(learned), encoding="utf-8")
    assert calibration(tmp_path / "weights.yaml") == learned
    assert probability(rows[0].features, learned) == pytest.approx(chances[0], abs=0.05)


def test_a_weight_of_the_wrong_sign_is_left_out() -> None:
    rows = [Example({"covered": 1.0}, True, "dev-0", False)] * 50 + [Example({}, True, "dev-0", False)] * 30
    rows += [Example({}, False, "dev-0", False)] * 20
    assert "covered" not in fitted(rows).weights


def test_the_threshold() -> None:
    chances = np.array([0.9, 0.8, 0.7, 0.6])
    assert threshold(chances, np.array([True, True, False, True]), 0.74) == 0.6
    assert threshold(chances, np.array([True, True, False, True]), 0.9) == 0.8
    assert threshold(chances, np.array([False, False, False, False]), 0.9) == 1.0
    assert kept(chances, 4, 0.5) == 0.8
    assert kept(chances, 8, 0.9) == 0.0


@pytest.mark.parametrize(("kind", "layout"), [(kind, layout) for kind in MORE for layout in range(MORE[kind][1])])
def test_forms_of_other_offices_are_read_whole(kind: str, layout: int) -> None:
    """Further dev layouts, as if every line was read without a slip: whatever is missing then is missing in the YAML."""
    sheet = drawn_more(kind, layout)
    pixels = np.array([line.quad for line in sheet.lines], dtype=np.float64)
    boxes = pixels / (sheet.width, sheet.height)
    lines = tuple(OcrLine(sheet.lines[number].text, 0.998, quad(boxes[number])) for number in reading_order(pixels))
    found = read_fields(paper_kinds()[kind], OcrOutput(sheet.width, sheet.height, 0, lines))
    values = {field.id: field.value for field in found}
    for name, field in sheet.fields.items():
        if field.printed:
            assert same(values[name] or "", field.value), name
