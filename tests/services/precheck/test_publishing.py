"""Checks are tried before a text is published: what names no field, or can't be worked out, is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge_base.library import read_folder
from knowledge_base.reading import ContentInvalid
from knowledge_base.schema import ServiceItem
from services.precheck.publishing import faults_of
from tests.services.precheck.cases import item

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
    checked = [entry for entry in entries if isinstance(entry, ServiceItem) and entry.checks]
    assert len(checked) >= 60


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
