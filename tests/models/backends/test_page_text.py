"""What kind of paper a page is: its numbers, its model, its training."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from safetensors.numpy import save

from core.errors import ArtifactMismatch, Invalid
from models.backends.page_geometry import turn_back
from models.backends.page_text import FACTS, WEIGHTS, PageTextClassifier, shares
from models.backends.page_text_features import LENGTH, vector
from models.gate import judge, smoke_inputs
from models.model import ModelConfig
from models.tasks import TASKS, OcrLine, OcrOutput, PageTextInput
from training.paper_kinds import LabelledPage, seen_again, train


def box(left: float, top: float, right: float, bottom: float):
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def page(*lines: tuple[str, float, float, float], width: int = 1000, height: int = 1400) -> OcrOutput:
    """Lines as (text, left, top, height)."""
    return OcrOutput(
        width,
        height,
        0,
        tuple(
            OcrLine(text, 0.99, box(left, top, left + 0.02 * len(text), top + tall)) for text, left, top, tall in lines
        ),
    )


LICENCE = page(
    ("营业执照", 0.4, 0.1, 0.06), ("名称上海某某有限公司", 0.1, 0.3, 0.02), ("住所上海市普陀区", 0.1, 0.4, 0.02)
)
LEASE = page(("房屋租赁合同", 0.4, 0.1, 0.05), ("出租方甲方张三", 0.1, 0.3, 0.02), ("承租方乙方李四", 0.1, 0.4, 0.02))
LETTER = page(("今天下午的足球比赛", 0.1, 0.1, 0.02), ("推迟到晚上八点", 0.1, 0.2, 0.02))


def turned(one: OcrOutput, rotation: int) -> OcrOutput:
    """The same page as it looks when sent turned."""
    lines = []
    for line in one.lines:
        corners = turn_back(np.array([line.box]), rotation)[0].tolist()
        lines.append(OcrLine(line.text, line.confidence, tuple((x, y) for x, y in corners)))
    width, height = (one.height, one.width) if rotation in (90, 270) else (one.width, one.height)
    return OcrOutput(width, height, rotation, tuple(lines))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_is_the_same_page(rotation):
    assert vector(turned(LICENCE, rotation)) == pytest.approx(vector(LICENCE), abs=1e-6)


def test_numbers_tell_nothing_about_whose_they_are():
    one, other = page(("1990年1月2日", 0.1, 0.1, 0.02)), page(("2003年5月7日", 0.1, 0.1, 0.02))
    assert vector(one) == pytest.approx(vector(other))


def test_large_print_counts_apart():
    large = page(("营业执照", 0.4, 0.1, 0.06), ("名称", 0.1, 0.3, 0.02), ("住所", 0.1, 0.4, 0.02))
    small = page(("营业执照", 0.4, 0.1, 0.02), ("名称", 0.1, 0.3, 0.02), ("住所", 0.1, 0.4, 0.02))
    assert np.abs(vector(large) - vector(small)).max() > 0.1


def test_an_empty_page_has_numbers():
    found = vector(OcrOutput(10, 10, 0, ()))
    assert found.shape == (LENGTH,)
    assert np.isfinite(found).all()


def test_chances_sum_to_one_and_none_is_an_answer():
    found = shares(np.array([[-9.0, -9.0], [6.0, -6.0], [6.0, 6.0]], dtype=np.float32))
    assert found.sum(axis=1) == pytest.approx(1.0)
    assert found[0].argmax() == 2
    assert found[1].argmax() == 0
    assert found[2, 0] == pytest.approx(found[2, 1])
    # Two sure answers that exclude each other are no sure answer.
    assert found[2].max() < 0.51


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    dice = random.Random(1)
    pages = [
        LabelledPage(seen_again(one, dice), kind, f"{kind}/{number}")
        for one, kind in ((LICENCE, "business-licence"), (LEASE, "lease"), (LETTER, "other"))
        for number in range(6)
    ]
    report = train(pages, folder, guides=12)
    model = PageTextClassifier(ModelConfig("paper-kind", "1", "page-classification", folder))
    model.load()
    return model, report


def test_what_was_learnt_is_told(trained):
    model, report = trained
    outputs = model.infer(model.prepare([PageTextInput(one) for one in (LICENCE, LEASE, LETTER)]))
    labels = [output.labels[int(output.probabilities.argmax())] for output in outputs]
    assert labels == ["business-licence", "lease", "other"]
    assert report["pages"] == 18
    assert model.describe() == {"labels": ["business-licence", "lease", "other"]}


def test_the_gate_lets_it_through(trained):
    model, _ = trained
    outputs = model.infer(model.prepare(smoke_inputs("page-classification")))
    judge("page-classification", outputs, model.describe(), None)


def test_tensors_and_back(trained):
    model, _ = trained
    task = TASKS["page-classification"]
    tensors = {
        "text": np.array([line.text.encode() for line in LEASE.lines], dtype=object),
        "box": np.array([line.box for line in LEASE.lines], dtype=np.float32),
        "page": np.array([1000, 1400, 0], dtype=np.int32),
    }
    found = task.to_tensors(model.infer(model.prepare(task.from_tensors(tensors))))
    assert found["label"][found["probability"][0].argmax()].decode() == "lease"
    for name, wrong in (("page", [1000, 1400, 45]), ("page", [0, 1400, 0]), ("box", np.zeros((1, 4, 2)))):
        with pytest.raises(Invalid):
            task.from_tensors({**tensors, name: np.array(wrong)})


def test_a_box_without_numbers(trained):
    model, _ = trained
    nowhere = OcrOutput(10, 10, 0, (OcrLine("字", 1.0, box(0.1, 0.1, float("nan"), 0.2)),))
    with pytest.raises(Invalid):
        model.prepare([PageTextInput(nowhere)])


@pytest.mark.parametrize("broken", ["facts", "weights", "length", "missing"])
def test_files_that_do_not_fit(tmp_path, broken):
    weights = np.zeros((LENGTH if broken != "length" else 5, 1), dtype=np.float16)
    tensors = save({"weights": weights, "bias": np.zeros(1, dtype=np.float32)})
    (tmp_path / WEIGHTS).write_bytes(tensors[:40] if broken == "weights" else tensors)
    if broken != "missing":
        facts = "[]" if broken == "facts" else json.dumps({"kinds": ["lease"], "other": "other"})
        (tmp_path / FACTS).write_text(facts, encoding="utf-8")
    with pytest.raises(ArtifactMismatch):
        PageTextClassifier(ModelConfig("paper-kind", "1", "page-classification", tmp_path)).load()
