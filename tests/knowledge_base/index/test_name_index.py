"""Names found although they are misspelt, as tables."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.index.name_index import NameIndex, Way
from knowledge_base.index.sound import folded, split_syllables
from knowledge_base.index.spelling import searchable

NAMES = ["公共场所卫生许可证", "居住证申领", "个体工商户注销登记", "养老金申领", "住房公积金提取", "结婚登记"]


@pytest.mark.parametrize(
    ("question", "best", "way"),
    [
        ("公共场所卫生许可证怎么办", 0, Way.EXACT),
        ("公共场所卫生许可正怎么办", 0, Way.SOUND),
        ("公共场所卫牛许可证怎么办", 0, Way.TYPO),
        ("gongong changsuo weisheng xukezheng", 0, None),
        ("gonggong changsuo weisheng xukezheng", 0, Way.PINYIN),
        ("juzhuzhengshenling", 1, Way.PINYIN),
        ("居住證申領", 1, Way.EXACT),
        ("居住申证领", 1, None),
        ("公积金怎么提取", 4, None),
        ("结昏登记", 5, Way.SOUND),
        ("yang lao jin 怎么领", 3, None),
    ],
)
def test_the_best_name_and_how_it_matched(question: str, best: int, way: Way | None) -> None:
    index = NameIndex(NAMES)
    scores = index.scores(question)
    assert scores.shape == (len(NAMES),)
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert int(scores.argmax()) == best
    if way is not None:
        assert index.match(question, best).way is way


@pytest.mark.parametrize("question", ["", "？？", "abc xyz", "12345"])
def test_nothing_in_common_is_nothing(question: str) -> None:
    assert not NameIndex(NAMES).scores(question).any()


def test_names_come_and_go() -> None:
    index = NameIndex(NAMES * 4).extended(np.array([0, 1]), ["食品经营许可"])
    assert len(index) == len(NAMES) * 4 - 1
    assert int(index.scores("食品经营许可").argmax()) == len(index) - 1
    assert int(index.scores("个体工商户注销登记").argmax()) == 0


def test_chinese_and_english_words_stay_as_they_are() -> None:
    index = NameIndex(NAMES)
    assert index.readable("怎么办居住证，wifi 密码") == "怎么办居住证，wifi 密码"
    assert index.readable("gonggong changsuo 怎么办") == "公共场所怎么办"
    assert index.readable("kpz ppt") == "kpz ppt"


@pytest.mark.parametrize(
    ("question", "readable"),
    [
        ("gōnggòng chǎngsuǒ", "公共场所"),
        ("gong1gong4 chang3suo3", "公共场所"),
        ("gong1gong4chang3suo3怎么办", "公共场所怎么办"),
        ("ge3ti3 v2", "ge3ti3 v2"),  # a version is no tone
        ("ggcs", "公共场所"),
        ("gonggong cs", "公共场所"),
        ("gcwsxkz", "公场卫生许可证"),
        ("jzz shenling", "居住证申领"),
    ],
)
def test_tones_and_initials_are_read(question: str, readable: str) -> None:
    assert NameIndex([*NAMES, "居住证签注"]).readable(question) == readable


@pytest.mark.parametrize(
    ("letters", "expected"),
    [("juzhuzheng", ("ju", "zhu", "zheng")), ("wifi", None), ("lvyou", ("lv", "you")), ("xian", ("xian",))],
)
def test_split_syllables(letters: str, expected: tuple[str, ...] | None) -> None:
    assert split_syllables(letters) == expected


@pytest.mark.parametrize(("one", "other"), [("zhang", "zan"), ("nan", "lan"), ("ling", "lin"), ("shi", "si")])
def test_sounds_that_people_confuse_are_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_searchable() -> None:
    assert searchable("  ＡＢＣ，居住證！") == "abc 居住证"
