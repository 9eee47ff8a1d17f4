"""The pre-check of one case: match, run every rule, say what it comes to. Pure: the same case gives the same report.

Comes in: `Case`. Goes out: `Report`. Each rule runs by itself: one that breaks becomes an undetermined finding
(`rule_failed`), hides no other and never passes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial

import structlog

from knowledge_base.questionnaire import applies
from services.precheck.agreeing import disagreements
from services.precheck.claims import COMPANY, NAME, is_company, known_people, paper_claims, typed_claims
from services.precheck.facts import Case
from services.precheck.findings import Aspect, Finding, MatchedMaterial, Report, Severity, Verdict
from services.precheck.generic import CHECKS
from services.precheck.generic_policy import FOLDER, load_policy
from services.precheck.item_checks import own_findings
from services.precheck.marks import mark_findings
from services.precheck.matching import matched
from services.precheck.prefilling import form_of
from services.precheck.subject import Subject

ORDER = {Severity.DEFECT: 0, Severity.UNDETERMINED: 1, Severity.NOTE: 2}

log = structlog.get_logger("precheck")


def run_check(case: Case) -> Report:
    """Check a case; some milliseconds of one core. Never raises: what breaks is told as an undetermined finding."""
    try:
        return _run(case)
    except Exception as error:
        # Matching itself broke: nothing was checked, and nothing passes.
        log.error("check_failed", item=case.item.id, error=type(error).__name__)
        return Report(Verdict.TO_PERSON, (_broken("generic/matching"),), (), (), 0, versions(case))


def _run(case: Case) -> Report:
    policy = load_policy()
    needed = [one for one in case.item.materials if applies(one, case.answers) is not False]
    company = is_company(case.item, case.form, needed, policy)
    matching = matched(case, known_people(case, case.papers, company, policy), policy)
    claims = [*typed_claims(case, company, policy), *paper_claims(case, matching, company, policy)]
    subject = Subject(case, matching, claims, company, form_of(case.item, case.answers), policy)
    rules: dict[str, Callable[[], Iterable[Finding]]] = {
        f"generic/{name}": partial(check, subject) for name, check in CHECKS.items()
    }
    rules["generic/agree"] = lambda: disagreements(claims, subject.name, policy)
    rules["generic/marks"] = lambda: _marks(subject)
    for check in case.item.checks:
        rules[f"{case.item.id}/{check.id}"] = partial(own_findings, check, subject)
    findings: list[Finding] = []
    for name, rule in rules.items():
        try:
            findings += rule()
        except Exception as error:  # one broken rule hides no other
            log.error("rule_failed", rule=name, item=case.item.id, error=type(error).__name__)
            findings.append(_broken(name))
    places = {material.id: place for place, material in enumerate(case.item.materials)}
    findings.sort(key=lambda one: (places.get(one.material or "", len(places)), ORDER[one.severity], one.rule))
    return Report(
        _verdict(findings),
        tuple(findings),
        tuple(
            MatchedMaterial(one.id, matching.states[one.id], tuple(paper.key for paper in matching.papers(one.id)))
            for one in matching.materials
        ),
        tuple(paper.key for paper in matching.strangers),
        len(rules),
        versions(case),
    )


def _marks(subject: Subject) -> Iterable[Finding]:
    companies = [one.value for one in subject.claims if (one.subject, one.attribute) == (COMPANY, NAME)]
    for material in subject.matching.materials:
        for paper in subject.matching.papers(material.id):
            yield from mark_findings(
                paper,
                material.id,
                subject.name(material.id),
                material.acceptance_standard,
                companies,
                subject.company,
                subject.policy,
            )


def _verdict(findings: Iterable[Finding]) -> Verdict:
    severities = {one.severity for one in findings}
    if Severity.UNDETERMINED in severities:
        return Verdict.TO_PERSON
    return Verdict.TO_CORRECT if Severity.DEFECT in severities else Verdict.PASS


def _broken(rule: str) -> Finding:
    return Finding(
        rule,
        Aspect.STANDARD,
        Severity.UNDETERMINED,
        None,
        "有一条检查没有运行成功，请人工核对。",
        "有一处需要工作人员查看。",
        "不用处理，等待工作人员查看。",
        (),
        0.0,
        "rule_failed",
    )


def versions(case: Case) -> Mapping[str, str]:
    """Of everything that decided: the guide's, and the rules' own."""
    return {"item": f"{case.item.id}@{case.item.version}", "rules": _rules_version()}


@cache
def _rules_version() -> str:
    """Changes with any rule or word that every item is checked by."""
    files = sorted([*FOLDER.glob("*.py"), *FOLDER.glob("*.yaml")])
    return hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()[:12]
