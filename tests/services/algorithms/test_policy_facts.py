from datetime import date

import pytest

from core.errors import Invalid
from services.algorithms.policy_facts.amounts import amounts
from services.algorithms.policy_facts.ends import ends
from services.algorithms.policy_facts.facts import Text, read_facts, run


def test_a_sentence_with_all_four() -> None:
    (fact,) = read_facts("对首次创业人员，给予最高不超过8万元的一次性创业补贴，申请截止时间为2026年6月30日。")
    assert fact.who == ("首次创业人员",)
    assert fact.what == ("一次性创业补贴",)
    assert [(one.value, one.unit, one.bound) for one in fact.much] == [(80000, "元", "most")]
    assert fact.until == (date(2026, 6, 30),)


@pytest.mark.parametrize(
    ("text", "value", "unit", "each", "bound"),
    [
        ("每人每月300元", 300, "元", "每人每月", ""),
        ("1,500元/人·月", 1500, "元", "每人每月", ""),
        ("不低于30%", 30, "%", "", "least"),
        ("最高可达1.2亿元", 1.2e8, "元", "", "most"),
        ("五万元", 50000, "元", "", ""),
    ],
)
def test_sums(text: str, value: float, unit: str, each: str, bound: str) -> None:
    (one,) = amounts(text)
    assert (one.value, one.unit, one.each, one.bound) == (value, unit, each, bound)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("自2024年7月1日起施行，有效期5年", [date(2029, 6, 30)]),
        ("自2024年7月1日起施行，有效期至2026年6月30日", [date(2026, 6, 30)]),
        ("执行期限为2024年1月1日至2025年12月31日", [date(2025, 12, 31)]),
        ("2026年3月底前申报", [date(2026, 3, 31)]),
        ("会议于2024年5月6日召开", []),
        ("截至2025年2月30日", []),
    ],
)
def test_ends(text: str, wanted: list[date]) -> None:
    assert list(ends(text)) == wanted


def test_sentences_without_a_fact_are_passed_over() -> None:
    facts = run(Text(text="各部门要加强协同。\n对低保家庭发放临时救助金，标准为2000元。")).facts
    assert len(facts) == 1
    assert facts[0].start == 10


def test_nothing_to_read_is_refused() -> None:
    with pytest.raises(Invalid):
        run(Text(text="\n"))
