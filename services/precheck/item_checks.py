"""An item's own rules, run over the materials that are there.

Comes in: the item's `checks:` and what the papers say. Goes out: findings. A rule whose materials aren't all there doesn't
run: what is missing is told already. A rule that fails on a field the reader wasn't sure of is for a person; one that can't
be worked out too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge_base.checks import Check
from services.precheck.claims import evidence_of
from services.precheck.expressions import Outcome, references, worked_out
from services.precheck.facts import FieldFact, PaperFact
from services.precheck.findings import Aspect, Evidence, Finding, Severity
from services.precheck.subject import Subject

Held = tuple[PaperFact, FieldFact]


def own_findings(check: Check, subject: Subject) -> Iterator[Finding]:
    """What one rule says: nothing if it holds, or doesn't apply."""
    if not all(subject.matching.papers(material) for material in check.of):
        return
    facts = {material: _facts(subject, material) for material in (one.id for one in subject.matching.materials)}
    variables = _variables(subject, facts)
    if check.only_if is not None:
        asked = worked_out(check.only_if, variables)
        if asked.holds is not True:
            # Not asked of this case; where that can't be told, a field is missing that is told elsewhere, or an answer.
            if asked.holds is None and asked.reason == "rule_failed":
                yield _finding(check, subject, asked, facts)
            return
    outcome = worked_out(check.rule, variables)
    if outcome.holds is not True:
        yield _finding(check, subject, outcome, facts)


def _facts(subject: Subject, material: str) -> dict[str, Held]:
    """The fields of a material: of its papers the first that has a value."""
    found: dict[str, Held] = {}
    for paper in subject.matching.papers(material):
        for name, fact in paper.fields.items():
            if fact.value and name not in found:
                found[name] = (paper, fact)
    return found


def _variables(subject: Subject, facts: Mapping[str, Mapping[str, Held]]) -> dict[str, Any]:
    variables: dict[str, Any] = {
        "form": {name: value for name, value in subject.case.form.items() if value},
        "answers": dict(subject.case.answers),
        "today": f"{subject.case.applied_on}",
    }
    for material, fields in facts.items():
        papers = subject.matching.papers(material)
        if not papers:
            continue
        values: dict[str, Any] = {name: fact.value for name, (_, fact) in fields.items()}
        values["kind"] = papers[0].kind
        if all(paper.seals is not None and paper.signatures is not None for paper in papers):
            seals = [seal.text for paper in papers for seal in paper.seals or ()]
            values |= {"seals": seals, "seal_count": len(seals)}
            values["signature_count"] = sum(len(paper.signatures or ()) for paper in papers)
        variables[material] = values
    return variables


def _finding(check: Check, subject: Subject, outcome: Outcome, facts: Mapping[str, Mapping[str, Held]]) -> Finding:
    evidence = []
    unsure = False
    for material, name in references(check.rule):
        if material in facts:
            held = facts[material].get(name)
            if held is not None:
                evidence.append(evidence_of(material, held[0], name, held[1]))
                unsure = unsure or not held[1].sure
        elif material == "form":
            evidence.append(Evidence(None, None, name, subject.case.form.get(name) or "", None))
    reason = outcome.reason if outcome.holds is None else "field_unsure" if unsure else None
    severity = Severity(check.severity)
    if severity is Severity.DEFECT and reason is not None:
        severity = Severity.UNDETERMINED
    clerk = check.clerk if outcome.holds is False else f"“{check.clerk}”这一条没有查成，请人工核对。"
    return Finding(
        f"{subject.case.item.id}/{check.id}",
        Aspect(check.aspect.value),
        severity,
        check.of[0],
        clerk,
        check.applicant,
        check.mend,
        tuple(evidence),
        min((one.confidence for one in evidence), default=1.0),
        reason,
    )
