"""What the check says of a clean case, and of each thing that can be wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from services.precheck import checking
from services.precheck.agreeing import SUBJECTS
from services.precheck.checking import run_check
from services.precheck.facts import FieldFact
from services.precheck.findings import Aspect, Finding, MaterialState, Report, Severity, Verdict
from services.precheck.generic_policy import FOLDER, load_policy
from tests.services.precheck.cases import AGENT, CODE, COMPANY, case, changed, form, item, mark, paper, papers

STRANGER = "杭州云帆商贸有限公司"
OTHER = {"name": "孟慧娜", "number": "440524188001010014"}


def told(report: Report) -> set[tuple[str, str | None, str]]:
    """Rule, material, severity of what isn't a note."""
    return {
        (one.rule.removeprefix("generic/"), one.material, one.severity.value)
        for one in report.findings
        if one.severity is not Severity.NOTE
    }


def with_papers(**changes: Any) -> Report:
    """The case with papers changed, or taken away (None)."""
    there = papers()
    for name, value in changes.items():
        if value is None:
            del there[name]
        else:
            there[name] = value
    return run_check(case(there))


def test_a_clean_case_passes() -> None:
    report = run_check(case())
    assert report.findings == ()
    assert report.verdict is Verdict.PASS
    assert {one.material: one.state for one in report.materials} == dict.fromkeys(
        ("application_form", "business_licence", "lease", "power_of_attorney", "agent_id_card"), MaterialState.MATCHED
    )
    assert report.versions["item"] == "venue-licence@1"


def test_what_nobody_needs_is_not_asked_for() -> None:
    there = papers()
    own = {name: there[name] for name in ("form", "lease")}
    typed = {name: value for name, value in form().items() if not name.startswith("agent")}
    report = run_check(case(own, typed, answers={"applicant": "self"}))
    assert report.verdict is Verdict.PASS
    states = {one.material: one.state for one in report.materials}
    assert states == {
        "application_form": MaterialState.MATCHED,
        "business_licence": MaterialState.EXEMPT,
        "lease": MaterialState.MATCHED,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"lease": None}, {("present", "lease", "defect")}),
        ({"back": None}, {("both-sides", "agent_id_card", "defect")}),
        ({"face": None}, {("both-sides", "agent_id_card", "defect")}),
        ({"back": changed(papers()["back"], valid_period="2015-03-01/2025-03-01")}, {("in-date", "agent_id_card", "defect")}),
        ({"attorney": changed(papers()["attorney"], term="2025-01-01/2026-01-01")}, {("in-date", "power_of_attorney", "defect")}),
        ({"attorney": changed(papers()["attorney"], term="2026-12-01/2027-01-01")}, {("in-date", "power_of_attorney", "defect")}),
        ({"form": replace(papers()["form"], signatures=())}, {("signed", "application_form", "defect")}),
        ({"form": replace(papers()["form"], seals=())}, {("sealed", "application_form", "defect")}),
        ({"form": replace(papers()["form"], seals=(mark(1, STRANGER),))}, {("seal-of-applicant", "application_form", "defect")}),
        ({"attorney": replace(papers()["attorney"], seals=())}, {("signed", "power_of_attorney", "defect")}),
        ({"lease": changed(papers()["lease"], tenant=STRANGER)}, {("agree-company", "lease", "defect")}),
        ({"lease": changed(papers()["lease"], location="静安区江宁路88号")}, {("agree-premises", "lease", "defect")}),
        ({"face": changed(papers()["face"], **OTHER)}, {("agree-agent", "agent_id_card", "defect")}),
        ({"form": changed(papers()["form"], number="310107199001010000")}, {("check-digits", "application_form", "defect")}),
        ({"lease": changed(papers()["lease"], term=None)}, {("complete", "lease", "undetermined")}),
    ],
)  # fmt: skip
def test_each_defect_is_told_and_nothing_else(changes: dict[str, Any], expected: set[tuple[str, str, str]]) -> None:
    report = with_papers(**changes)
    assert told(report) == expected
    assert report.verdict is not Verdict.PASS


def test_a_wrong_code_is_told_by_its_check_digit_and_by_the_others() -> None:
    report = with_papers(form=changed(papers()["form"], credit_code="91310107MA1T000053"))
    assert ("check-digits", "application_form", "defect") in told(report)
    assert ("agree-company", "application_form", "defect") in told(report)


def test_the_typed_form_is_held_against_the_papers() -> None:
    report = run_check(case(form_=form() | {"name": STRANGER}))
    (found,) = report.findings
    assert (found.aspect, found.severity) == (Aspect.FORM, Severity.DEFECT)
    assert {one.material for one in found.evidence} == {None, "application_form"}


def test_an_empty_form_is_one_finding() -> None:
    report = run_check(case(form_={}))
    assert told(report) == {("form-complete", None, "defect")}


def unsure(value: str, confidence: float = 0.9) -> FieldFact:
    """As a reader gives it that has its doubts."""
    return FieldFact(value, confidence, sure=False)


def test_a_defect_that_a_misreading_explains_is_for_a_person() -> None:
    report = with_papers(face=changed(papers()["face"], name=unsure("何佳軌")))
    assert told(report) == {("agree-agent", "agent_id_card", "undetermined")}
    assert report.verdict is Verdict.TO_PERSON
    report = with_papers(back=changed(papers()["back"], valid_period=unsure("2015-03-01/2025-03-01")))
    assert told(report) == {("in-date", "agent_id_card", "undetermined")}


def test_what_holds_but_was_hardly_read_does_not_pass() -> None:
    assert (
        with_papers(back=changed(papers()["back"], valid_period=unsure("2016-03-01/长期", 0.85))).verdict
        is Verdict.PASS
    )
    report = with_papers(back=changed(papers()["back"], valid_period=unsure("2016-03-01/长期", 0.5)))
    assert told(report) == {("in-date", "agent_id_card", "undetermined")}


def test_a_photo_that_can_not_be_read() -> None:
    blurred = replace(papers()["lease"], fields={}, faults={1: ("page_blurred",)})
    report = with_papers(lease=blurred)
    assert told(report) == {("legible", "lease", "defect")}
    assert "模糊" in report.findings[0].applicant


def test_a_fault_of_the_photo_that_hides_nothing_is_for_a_person() -> None:
    report = with_papers(lease=replace(papers()["lease"], faults={1: ("page_cut",)}))
    assert told(report) == {("legible", "lease", "undetermined")}


def test_a_document_that_was_not_read_stops_the_case() -> None:
    report = with_papers(lease=replace(papers()["lease"], kind="other", fields={}, unread="document_unreadable"))
    assert {one[2] for one in told(report)} == {"undetermined"}
    assert report.verdict is Verdict.TO_PERSON


def test_marks_that_nobody_looked_for_are_undetermined() -> None:
    report = with_papers(form=replace(papers()["form"], seals=None, signatures=None))
    assert told(report) == {("marks-unseen", "application_form", "undetermined")}


def test_handed_in_as_something_else() -> None:
    report = with_papers(
        lease=replace(paper(3, "marriage-certificate", {"registered": "2020-01-01"}), material="lease")
    )
    assert told(report) == {("right-kind", "lease", "defect")}


def test_the_same_paper_twice_and_a_stranger_are_notes() -> None:
    there = papers()
    again = replace(there["form"], document_id="document-9")
    stranger = paper(8, "marriage-certificate", {"registered": "2020-01-01"})
    report = run_check(case({**there, "again": again, "stranger": stranger}))
    assert report.verdict is Verdict.PASS
    assert {one.rule for one in report.findings} == {"generic/duplicate", "generic/stranger"}
    assert report.strangers == ("document-8/1",)


def test_eighty_papers_are_checked() -> None:
    many = {f"{number}": paper(100 + number, "lease", {"tenant": COMPANY}) for number in range(80)}
    report = run_check(case({**papers(), **many}))
    assert sum(one.rule == "generic/stranger" for one in report.findings) == 80


def test_cards_go_to_whom_they_belong() -> None:
    two = item(
        materials=[
            {**_card("id_card", "法定代表人身份证件")},
            {**_card("agent_id_card", "代理人身份证件")},
            *(
                one.model_dump(mode="json", exclude_none=True)
                for one in item().materials
                if one.id == "power_of_attorney"
            ),
        ],
        situations=[one.model_dump(mode="json", exclude_none=True) for one in item().situations],
    )
    there = papers()
    own = {
        "face": there["face"],
        "back": there["back"],
        "own_face": paper(7, "identity-card-face", {"name": "安晓宁", "number": "310107199203151022"}),
        "own_back": paper(8, "identity-card-back", {"valid_period": "2020-01-01/2040-01-01"}),
        "attorney": there["attorney"],
    }
    report = run_check(case(own, item_=two))
    taken = {one.material: one.papers for one in report.materials}
    assert taken["id_card"] == ("document-7/1", "document-8/1")
    assert taken["agent_id_card"] == ("document-5/1", "document-6/1")


def _card(name: str, title: str) -> dict[str, Any]:
    (found,) = (one for one in item().materials if one.id == "agent_id_card")
    kept = found.model_dump(mode="json", exclude_none=True, exclude={"when", "rule"})
    return kept | {"id": name, "name": title}


OWN = {
    "id": "lease_lasts",
    "aspect": "threshold",
    "of": ["lease"],
    "rule": "last_day(lease.term) - day(today) >= 365",
    "clerk": "租赁合同剩余不足一年。",
    "applicant": "租赁合同剩余的期限不足一年。",
    "mend": "请续签后提交。",
}


def test_rules_of_the_item_run_over_its_papers() -> None:
    assert run_check(case(item_=item([OWN]))).verdict is Verdict.PASS
    there = papers()
    there["lease"] = changed(there["lease"], term="2024-01-01/2027-06-30")
    report = run_check(case(there, item_=item([OWN])))
    (found,) = report.findings
    assert (found.rule, found.severity, found.material) == ("venue-licence/lease_lasts", Severity.DEFECT, "lease")
    assert [(one.field, one.text) for one in found.evidence] == [("term", "2024-01-01/2027-06-30")]
    assert found.evidence[0].place is not None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rule": "lease.rent == '1.00'"}, "field_missing"),
        ({"rule": "day(lease.tenant) > 1"}, "rule_failed"),
        ({"rule": "lease.tenant"}, "rule_failed"),
    ],
)
def test_a_rule_that_can_not_be_worked_out_never_passes(change: dict[str, Any], reason: str) -> None:
    broken = {**OWN, **change, "id": "broken"}
    report = run_check(case(item_=item([broken, {**OWN, "rule": "false"}])))
    by_rule = {one.rule: one for one in report.findings}
    assert by_rule["venue-licence/broken"].reason == reason
    assert by_rule["venue-licence/broken"].severity is Severity.UNDETERMINED
    assert by_rule["venue-licence/lease_lasts"].severity is Severity.DEFECT
    assert report.verdict is Verdict.TO_PERSON


def test_a_rule_of_another_situation_is_not_asked() -> None:
    report = run_check(case(item_=item([{**OWN, "rule": "false", "only_if": "answers.applicant == 'self'"}])))
    assert report.verdict is Verdict.PASS


def test_a_rule_that_breaks_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> Iterable[Finding]:
        raise ZeroDivisionError

    monkeypatch.setitem(checking.CHECKS, "in-date", broken)
    report = with_papers(lease=None)
    assert told(report) == {("present", "lease", "defect"), ("in-date", None, "undetermined")}


def test_what_breaks_altogether_passes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(checking, "matched", broken)
    report = run_check(case())
    assert report.verdict is Verdict.TO_PERSON
    assert [one.severity for one in report.findings] == [Severity.UNDETERMINED]


def test_no_message_says_a_person_s_number() -> None:
    report = with_papers(face=changed(papers()["face"], **OTHER))
    for one in report.findings:
        for text in (one.clerk, one.applicant, one.mend):
            assert AGENT not in text
            assert CODE not in text
            assert "440524" not in text


def test_every_rule_has_a_title() -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    rules = set(re.findall(r'"generic/([a-z-]+)"', written)) | set(re.findall(r"finding\(\s*\"([a-z-]+)\"", written))
    rules |= {f"agree-{subject}" for subject in SUBJECTS} | {"signed", "sealed"}
    assert rules - load_policy().titles.keys() == set()
