"""CEL rules: true, false, or open while an answer is missing; what doesn't compile is refused with its place."""

from __future__ import annotations

import pytest

from knowledge_base.rules import RuleInvalid, compiled, holds, variables


@pytest.mark.parametrize(
    ("rule", "answers", "expected"),
    [
        ("area >= 200.0", {"area": 200.0}, True),
        ("area >= 200", {"area": 199.5}, False),
        ("area >= 200.0", {}, None),
        ("kind == 'new'", {"kind": "new"}, True),
        ("kind in ['new', 'renew']", {"kind": "renew"}, True),
        ("'food' in sold", {"sold": ["food", "drink"]}, True),
        ("size(sold) > 1", {"sold": ["food"]}, False),
        ("agent", {"agent": True}, True),
        ("!agent", {}, None),
        # What is known can be enough, whichever side it stands on.
        ("agent || area >= 200.0", {"agent": True}, True),
        ("area >= 200.0 || agent", {"agent": True}, True),
        ("area >= 200.0 && agent", {"agent": False}, False),
        ("agent && area >= 200.0", {"agent": True}, None),
    ],
)
def test_a_rule_holds_or_not_or_is_open(rule: str, answers: dict[str, object], expected: bool | None) -> None:
    assert holds(rule, answers) is expected


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("area >=", "写法不对"),
        ("area >= 200 &&& x", "写法不对"),
        ("kind.matches('(a+)+$')", "不能用函数 matches"),
        ("duration(kind) > x", "不能用函数 duration"),
        ("[1, 2].exists(x, x > 1)", "逐个枚举"),
        ("a" * 600, "太长"),
    ],
)
def test_what_does_not_compile_or_could_run_long_is_refused(rule: str, said: str) -> None:
    with pytest.raises(RuleInvalid, match=said):
        compiled(rule)


@pytest.mark.parametrize(("rule", "answers"), [("kind > 3", {"kind": "x"}), ("kind", {"kind": "x"})])
def test_a_rule_that_gives_no_yes_or_no_is_refused(rule: str, answers: dict[str, object]) -> None:
    with pytest.raises(RuleInvalid):
        holds(rule, answers)


def test_a_rule_tells_its_questions() -> None:
    assert variables("area >= 200.0 && kind in ['a'] || !agent") == {"area", "kind", "agent"}
