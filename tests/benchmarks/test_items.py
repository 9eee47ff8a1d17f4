"""The item benchmark's questions: slips are always the same ones, change something, and halves share no item."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pypinyin import lazy_pinyin

from benchmarks.items.perturbing import KINDS, content_places, homophone, key_phrase, perturbed, spelt, typo
from benchmarks.items.reading import Question, of_half, read_directory, read_questions

QUESTIONS = read_questions()
NAMES = ("公共场所卫生许可证新办", "开理发店要办什么证")


@pytest.mark.parametrize("kind", KINDS)
def test_a_slip_is_the_same_every_time_and_changes_something(kind: str) -> None:
    unchanged = []
    for question in QUESTIONS:
        slipped = perturbed(kind, question.text, NAMES)
        assert slipped == perturbed(kind, question.text, NAMES)
        if slipped == question.text:
            unchanged.append(question.text)
    assert unchanged == []


def test_a_typo_is_one_slip() -> None:
    for question in QUESTIONS[:200]:
        text, slipped = question.text, typo(question.text)
        assert abs(len(slipped) - len(text)) <= 1
        if len(slipped) == len(text):
            different = [place for place in range(len(text)) if text[place] != slipped[place]]
            swapped = len(different) == 2 and different[1] == different[0] + 1 and sorted(text) == sorted(slipped)
            assert len(different) == 1 or swapped
        else:
            shorter, longer = sorted((text, slipped), key=len)
            assert any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def test_a_homophone_sounds_the_same_and_is_another_character() -> None:
    heard = 0
    for question in QUESTIONS[:200]:
        text, slipped = question.text, homophone(question.text)
        (place,) = [place for place in range(len(text)) if text[place] != slipped[place]]
        assert place in content_places(text)
        # In its context a character may be read otherwise than alone (行, 长), so not every one can be compared.
        heard += lazy_pinyin(text)[place : place + 1] == lazy_pinyin(slipped)[place : place + 1]
    assert heard >= 190


def test_pinyin_spells_the_name_or_a_piece_of_the_question() -> None:
    assert spelt("卫生许可证", spaces=False) == "weishengxukezheng"
    assert spelt("办A证", spaces=True) == "ban A zheng"
    assert key_phrase("我想问理发店要什么", NAMES) == "理发店要"
    for question in QUESTIONS[:200]:
        assert re.search("[a-z]{2}", perturbed("pinyin", question.text, NAMES))


def test_what_has_no_chinese_stays() -> None:
    assert (typo("abc"), homophone("abc")) == ("abc", "abc")


def test_the_halves_share_no_item_and_hold_every_question() -> None:
    halves = {half: of_half(QUESTIONS, half) for half in ("dev", "test")}
    items = {half: {question.item for question in questions} for half, questions in halves.items()}
    assert not items["dev"] & items["test"]
    assert sum(map(len, halves.values())) == len(QUESTIONS) >= 500
    assert min(map(len, halves.values())) >= 0.3 * len(QUESTIONS)
    assert len({(question.item, question.text) for question in QUESTIONS}) == len(QUESTIONS)


def test_questions_are_read_in_the_order_of_files(tmp_path: Path) -> None:
    (tmp_path / "questions-b.yaml").write_text("questions:\n- item: two\n  questions: [三]\n", "utf-8")
    (tmp_path / "questions-a.yaml").write_text("questions:\n- item: one\n  questions: [一, 二]\n", "utf-8")
    assert read_questions(tmp_path) == [Question("one", "一"), Question("one", "二"), Question("two", "三")]


def test_a_catalogue_has_each_name_once_without_its_levels(tmp_path: Path) -> None:
    rows = ("养犬登记（市级/县级）", "养犬登记", "护照（首次）申领", "拍卖许可(省级)（市级）")
    path = tmp_path / "catalogue.jsonl"
    path.write_text("\n".join(json.dumps({"name": name, "department": "公安局"}) for name in rows), "utf-8")
    items = read_directory(path)
    assert [item.name for item in items] == ["养犬登记", "护照（首次）申领", "拍卖许可"]
    assert len({item.id for item in items}) == 3
