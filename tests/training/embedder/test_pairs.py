"""What the embedder learns from: out of the real library and questions, and what is kept out of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import Invalid
from knowledge_base.library import Library
from training.embedder.pairs import Pair, TrainingData, check_leakage, collected, held_out_questions
from training.written import is_dev, is_learnt


@pytest.fixture(scope="module")
def data(library: Library) -> TrainingData:
    return collected(library)


def test_only_questions_to_two_thirds_of_the_development_items_are_learnt(data: TrainingData) -> None:
    items = {pair.item for pair in data.pairs}
    assert len(items) > 30
    assert all(is_learnt(item) for item in items)
    left = [item for item in data.sections if is_dev(item) and item not in items]
    assert len(left) > 10, "items are left to fit decisions on"


def test_a_question_has_the_texts_of_its_item_that_answer_it(data: TrainingData) -> None:
    for pair in data.pairs:
        assert pair.question
        assert pair.answers
        own = {*data.sections[pair.item].values(), *data.names[pair.item]}
        faq = pair.origin == "faq"
        assert all(text in own for text in (pair.answers[1:] if faq else pair.answers)), pair
    asked = next(pair for pair in data.pairs if pair.origin == "asked" and pair.elements == ("materials",))
    assert asked.answers == (data.sections[asked.item]["materials"],)


def test_the_card_counts_by_origin_and_its_sum_is_of_the_content(data: TrainingData) -> None:
    card = data.card()
    assert sum(card["pairs"].values()) == len(data.pairs)
    assert {"aliases", "asked", "consult questions", "faq", "item questions"} == card["pairs"].keys()
    turned = replace(data, pairs=data.pairs[::-1], routes=data.routes[::-1])
    assert turned.card() == card
    changed = replace(data, pairs=(replace(data.pairs[0], question="另一个问题"), *data.pairs[1:]))
    assert changed.card()["sha256"] != card["sha256"]


def test_a_question_of_the_test_half_is_refused_however_it_is_written(data: TrainingData) -> None:
    held_out = held_out_questions()
    assert len(held_out) > 500
    check_leakage(data, held_out)
    question = held_out[0]
    sneaked = Pair(f" {question}？！", ("x",), data.pairs[0].item, (), "asked")
    with pytest.raises(Invalid) as caught:
        check_leakage(replace(data, pairs=(*data.pairs, sneaked)), held_out)
    assert caught.value.code == "test_in_training"
    assert question not in str(caught.value)
    outside = next(text for text in held_out if len(text) > 12)
    with pytest.raises(Invalid):
        check_leakage(replace(data, routes=(*data.routes, (outside, "complaint"))), held_out)


def test_a_set_in_beir_form_gives_its_development_questions_only(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "laws"
    folder.mkdir()
    questions = {f"q{number}": f"第{number}个问题怎么办" for number in range(20)}
    (folder / "corpus.jsonl").write_text(
        "\n".join(json.dumps({"_id": one, "id": one, "title": "", "text": f"答案{one}"}) for one in questions), "utf-8"
    )
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps({"id": one, "text": text}) for one, text in questions.items()), "utf-8"
    )
    (folder / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\n" + "\n".join(f"{one}\t{one}\t{int(one != 'q3')}" for one in questions), "utf-8"
    )
    found = collected(library, [folder])
    wanted = {text for one, text in questions.items() if is_dev(text) and one != "q3"}
    assert {pair.question for pair in found.beir} == wanted
    assert 0 < len(wanted) < 20
    assert all(pair.answers == (f"答案q{pair.question[1:-6]}",) for pair in found.beir)
    assert len(found.documents["laws"]) == 20
