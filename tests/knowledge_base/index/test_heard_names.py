"""Sounds laid beside whole names, as tables."""

from __future__ import annotations

import pytest

from knowledge_base.index.heard_names import Heard, HeardNames

NAMES = ["公共场所卫生许可证", "水厂卫生许可证", "工厂设立登记", "公共场所安全", "工厂登记"]


def text(heard: Heard | None) -> str | None:
    return "".join(character for _, character in heard.characters) if heard else None


@pytest.mark.parametrize(
    ("sounds", "written", "expected"),
    [
        # By pairs 工厂 is likelier; no name holds it with the rest.
        ("gong chang wei sheng xu ke zheng", "工厂卫生许可证", "共场卫生许可证"),
        ("gong chang she li", "工厂设立", None),
        ("shui chang wei sheng", "水厂卫生", None),
        ("gong chang", "工厂", None),
    ],
)
def test_what_a_name_holds_more_of_is_better(sounds: str, written: str, expected: str | None) -> None:
    spelt = sounds.split()
    assert text(HeardNames(NAMES).better(spelt, written, 0, len(spelt))) == expected


def test_what_stands_beside_is_no_reason_to_read_a_whole_word_in_another_way() -> None:
    names = HeardNames(["公司设立", "特殊工时审批"])
    assert names.better(("特", "殊", "gong", "si", "审", "批"), "特殊公司审批", 2, 4) is None
    assert text(names.better(("特", "殊", "gong", "shi", "审", "批"), "特殊公时审批", 2, 4)) == "特殊工时审批"


@pytest.mark.parametrize(
    ("sounds", "expected"),
    [
        (tuple("ggcs"), "公共场所"),
        (tuple("gcwsxkz"), "公场卫生许可证"),
        (tuple("gcs"), "共场所"),
        (tuple("wsx"), "卫生许"),
        (tuple("scw"), None),  # three letters that one name alone has
        (tuple("xyz"), None),
        (("gong", "chang", *"wsxkz"), "共场卫生许可证"),
    ],
)
def test_initials(sounds: tuple[str, ...], expected: str | None) -> None:
    found = HeardNames(NAMES).heard(sounds)
    assert (text(found[0]) if found else None) == expected


def test_no_names_hear_nothing() -> None:
    assert HeardNames([]).heard(("gong", "chang")) == []
    assert HeardNames([]).better(("gong", "chang"), "工厂", 0, 2) is None
    assert HeardNames([""]).heard(tuple("gcs")) == []
