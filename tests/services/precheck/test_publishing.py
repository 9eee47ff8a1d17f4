"""Checks are tried before a text is published: what names no field, or can't be worked out, is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge_base.library import read_folder
from knowledge_base.reading import ContentInvalid
from knowledge_base.schema import ServiceItem
from services.precheck.publishing import faults_of
from tests.services.precheck.cases import item, material

CONTENT = Path(__file__).parents[3] / "knowledge_base" / "content"
CHECK = {
    "id": "one",
    "aspect": "threshold",
    "of": ["lease"],
    "rule": "last_day(lease.term) > day(today)",
    "clerk": "租赁期已满。",
    "applicant": "租赁期已满。",
    "mend": "请续签。",
}


def test_the_shipped_content_is_in_order() -> None:
    entries = read_folder(CONTENT)
    assert {
        entry.id: [(one.field, one.expected) for one in faults_of(entry)] for entry in entries if list(faults_of(entry))
    } == {}
    items = [entry for entry in entries if isinstance(entry, ServiceItem)]
    assert sum(bool(one.checks) for one in items) >= 60
    assert sum(bool(one.form) for one in items) >= 30


@pytest.mark.parametrize(
    ("change", "place", "word"),
    [
        ({"rule": "last_day(lease.until) > day(today)"}, "checks.0.rule", "lease.until"),
        ({"rule": "last_day(contract.term) > day(today)"}, "checks.0.rule", "contract.term"),
        ({"rule": "lease.term > 3"}, "checks.0.rule", "算不出"),
        ({"rule": "lease.term"}, "checks.0.rule", "算不出"),
        ({"rule": "money(lease.tenant) > 3.0"}, "checks.0.rule", "算不出"),
        ({"only_if": "answers.nobody == 'x'"}, "checks.0.only_if", "answers.nobody"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(change: dict[str, Any], place: str, word: str) -> None:
    (fault,) = faults_of(item([CHECK | change]))
    assert fault.field == place
    assert word in fault.expected


DEED = ["不动产权证书", "房屋租赁合同"]
SITUATIONS = [
    {"id": "area", "question": "面积多少？", "kind": "number", "unit": "平方米", "minimum": 0},
    {
        "id": "kinds",
        "question": "经营什么？",
        "kind": "choices",
        "options": [{"value": "hot", "label": "热食"}, {"value": "cold", "label": "冷食"}],
    },
    {"id": "chain", "question": "是连锁吗？", "kind": "yes_no"},
]


def premises(**check: Any) -> ServiceItem:
    """An item whose premises are shown by a deed or a lease."""
    given = [material("premises", "场所证明", DEED, "写明坐落"), material("letter", "说明", [], "写明原因")]
    return item([CHECK | {"of": ["premises"]} | check], materials=given, situations=SITUATIONS)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        # Of the two kinds of paper only the lease has a day of signing and a tenant.
        ({"rule": "day(premises.signed) <= day(today)"}, "“场所证明”交不动产权证书"),
        ({"rule": "premises.area != '' || same_name(premises.tenant, 'x')"}, None),
        ({"rule": "day(premises.signed) <= day(today)", "only_if": "premises.kind == 'lease'"}, None),
        ({"rule": "day(premises.signed) <= day(today)", "only_if": "has(premises.signed)"}, None),
        ({"rule": "premises.kind == 'leese'"}, "不会是 leese，只会是 lease、property-certificate"),
        ({"rule": "premises.seal_count > 0 && has_seal_of(premises.seals, premises.location)"}, None),
        # Of its two values of a period one is open at its end.
        ({"rule": "premises.term.endsWith('1')"}, None),
        ({"rule": "number(premises.area) > answers.area"}, None),
        ({"rule": "number(premises.area) > answers.kinds"}, "算不出"),
        ({"rule": "'hot' in answers.kinds"}, None),
        ({"rule": "'warm' in answers.kinds"}, "warm 不是问题 kinds 的选项"),
        ({"rule": "answers.chain"}, None),
        ({"rule": "answers.area"}, "算不出"),
        ({"rule": "premises.location != ''", "only_if": "answers.area"}, "条件算不出"),
        ({"of": ["letter"], "rule": "letter.date != ''"}, "没有写能读取的证件种类"),
        ({"of": ["letter"], "rule": "letter.signature_count > 0"}, None),
        ({"rule": "letter.signature_count > 0"}, "of 里没有写"),
        ({"rule": "premises.location != '' || letter.seal_count > 0", "only_if": "has(letter.seal_count)"}, None),
        ({"rule": "form.credit_code != premises.location"}, None),
        ({"rule": "form.price != ''"}, "form.price"),
        # The general form leaves the address open.
        ({"rule": "same_address(form.address, premises.location)"}, "form.address 没有填"),
        ({"rule": "same_address(form.address, premises.location)", "only_if": "has(form.address)"}, None),
        # Never asked, and wrong all the same.
        ({"rule": "money(premises.owner) > 1.0", "only_if": "answers.area < 0.0"}, "算不出"),
    ],
)
def test_a_rule_is_worked_out_for_every_paper_that_its_material_may_be(
    check: dict[str, Any], words: str | None
) -> None:
    faults = [one.expected for one in faults_of(premises(**check))]
    assert len(faults) == (words is not None), faults
    assert words is None or words in faults[0]


def test_a_fixed_choice_has_to_be_one_that_is_printed() -> None:
    card = [material("id_card", "身份证", ["居民身份证人像面", "居民身份证国徽面"], "在有效期内")]

    def faults(rule: str) -> list[str]:
        check = CHECK | {"of": ["id_card"], "rule": rule}
        return [one.expected for one in faults_of(item([check], materials=card, situations=[]))]

    # Face and back are one card: the name stands on one, the term on the other.
    assert faults("id_card.sex == '女' && in_date(id_card.valid_period, today)") == []
    assert "男、女" in faults("id_card.sex in ['女性']")[0]


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ({"kind": "area", "from": ["lease.area"]}, None),
        ({"kind": "area", "from": ["lease.tenant"]}, "填不进"),
        ({"kind": "name", "from": ["lease.tenant", "profile.name", "answers.applicant"]}, None),
        ({"kind": "name", "from": ["answers.nobody"]}, "情形问题"),
        ({"from": ["contract.term"]}, "contract"),
        ({"from": ["lease"]}, "材料编号.字段"),
        ({"kind": "choice", "options": ["男", "女"], "from": ["agent_id_card.sex"]}, None),
        ({"kind": "choice", "options": ["先生", "女士"], "from": ["agent_id_card.sex"]}, "options"),
    ],
)
def test_a_form_can_be_filled_from_what_it_names(field: dict[str, Any], word: str | None) -> None:
    faults = [one.expected for one in faults_of(item(form=[{"id": "one", "name": "一项", **field}]))]
    assert len(faults) == (word is not None), faults
    assert word is None or word in faults[0]


def test_a_form_names_where_its_values_come_from() -> None:
    form = [
        {"id": "area", "name": "面积", "kind": "area", "from": ["lease.area"]},
        {"id": "rent", "name": "租金", "kind": "money", "from": ["lease.price", "profile.rent"]},
    ]
    (fault,) = faults_of(item(form=form))
    assert (fault.field, "lease.price" in fault.expected) == ("form.1.from", True)


@pytest.mark.parametrize(
    "change",
    [
        {"of": ["nothing"]},
        {"rule": "lease.term =="},
        {"rule": "lease.tags.exists(one, one == 'x')"},
        {"rule": "matches(lease.tenant, '(a+)+b')"},
        {"rule": " || ".join(["lease.tenant == 'x'"] * 40)},
        {"aspect": "whatever"},
    ],
)
def test_rules_that_could_run_long_or_make_no_sense_are_refused_on_reading(change: dict[str, Any]) -> None:
    with pytest.raises(ContentInvalid):
        item([CHECK | change])
