from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import HubError
from services.consult.desk.rules import FILE, load_rules


@pytest.mark.parametrize(
    "text", ["要人工", "转人工", "人工", "我要找个真人", "请接客服", "不想跟机器人说", "人工客服在吗", "我想找工作人员"]
)
def test_a_person_is_asked_for(text: str) -> None:
    assert load_rules().reason(text) == "asked"


@pytest.mark.parametrize(
    "text", ["人工费要多少", "人工授精要什么证明", "劳务派遣工作人员怎么备案", "居住证怎么办", "", "人力资源服务许可"]
)
def test_a_person_is_not_asked_for(text: str) -> None:
    assert load_rules().reason(text) is None


def test_items(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(FILE.read_text(encoding="utf-8").replace("items: []", "items: [legal-aid]"), encoding="utf-8")
    rules = load_rules(file)
    assert rules.reason("法律援助", item_id="legal-aid") == "rule"
    assert rules.reason("法律援助", item_id="dog-registration") is None
    # What was asked for outright outweighs the rest.
    assert rules.reason("转人工", item_id="legal-aid") == "asked"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("failures: 2", "failures: 0", "failures"),
        ("    - 不(想", "    - 不((想", "正则"),
        ("  called:", "  calld:", "say"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HubError, match=told) as caught:
        load_rules(file)
    assert caught.value.code == "policy_invalid"


def test_a_name_is_never_read_as_a_template() -> None:
    assert "{hours}" in load_rules().say("attended", clerk="{hours}")
