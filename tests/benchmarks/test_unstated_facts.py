"""The reader of claims, and that a wrong answer is found out."""

from __future__ import annotations

import pytest

from benchmarks.consult.claims import claims_in
from benchmarks.consult.unstated_facts import UnstatedFacts, without_right_counts
from services.consult.policy import load_policy
from services.consult.schemas import Citation, MessageAnswer

ITEM = "public-venue-hygiene-cancel"


def values(text: str) -> set[tuple[str, str]]:
    return {(claim.kind, claim.value) for claim in claims_in(text)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("收费２０元", "收费 20 元"),
        ("补贴1.5万元", "补贴 15,000 元"),
        ("2026年3月5日起", "2026-03-05 起"),
        ("三十个工作日", "30 工作日"),
        ("年满十八周岁", "年满 18 岁"),
        ("电话021－52564588", "电话 021-52564588"),
        ("上午09:00", "上午 9：00"),
    ],
)
def test_forms_come_out_as_one(one, other):
    assert values(one) == values(other) != set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5 个工作日", "5 个自然日"),
        ("3 份", "3 张"),
        ("20 元", "20 万元"),
        ("2026年3月5日", "2026年3月6日"),
        ("9:00", "9:30"),
    ],
)
def test_what_differs_stays_apart(one, other):
    assert not values(one) & values(other)


def test_names_addresses_and_laws():
    found = values("依据《公共场所卫生管理条例》，到大渡河路1668号普陀区市场监督管理局办理。")
    assert ("law", "《公共场所卫生管理条例》") in found
    assert any(kind == "address" and value.endswith("大渡河路1668号") for kind, value in found)
    assert any(kind == "organisation" and value.endswith("管理局") for kind, value in found)


def test_a_heading_counts_what_follows():
    assert without_right_counts("申请材料共 2 项：\n1. 甲。\n2. 乙。")[1] == []
    assert without_right_counts("申请材料共 3 项：\n1. 甲。\n2. 乙。")[1] == [3]


def answer(library, text: str) -> MessageAnswer:
    section = library.section(f"{ITEM}/materials@1")
    citation = Citation(section_id=section.id, item_name=section.item_name, element="materials", quote=text)
    return MessageAnswer(
        session_id="0" * 32, number=1, status="answered", route="guide", text=text, parts=[], item=None, element=None,
        citations=[citation], suggestions=[],
    )  # fmt: skip


def test_a_figure_that_the_section_lacks_is_found_out(library):
    reader = UnstatedFacts(library, load_policy())
    section = library.section(f"{ITEM}/materials@1")
    reader.read("要什么材料", answer(library, section.text))
    assert reader.report.unstated == []
    reader.read("要什么材料", answer(library, section.text + "\n收费 731 元，电话 021-99887766，到长寿路987号。"))
    told = "\n".join(reader.report.unstated)
    assert "731元" in told
    assert "02199887766" in told
    assert "长寿路987号" in told


def test_a_fixed_sentence_is_told_apart(library):
    reader = UnstatedFacts(library, load_policy())
    reader.read("要什么材料", answer(library, library.section(f"{ITEM}/materials@1").text + "\n请拨打 12345。"))
    assert (reader.report.unstated, reader.report.fixed) == ([], 1)
