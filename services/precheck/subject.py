"""What generic rules look at, and how they say what they found.

Comes in: a case, its matching, what papers and form claim. Goes out: `Subject`, and small readers of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge_base.checks import FormField
from services.documents.extraction.kinds import paper_kinds
from services.precheck.claims import APPLICANT, HEAD, Claim
from services.precheck.facts import Case, PaperFact
from services.precheck.findings import Aspect, Evidence, Finding, Severity
from services.precheck.generic_policy import Policy
from services.precheck.matching import Matching


@dataclass(frozen=True, slots=True)
class Subject:
    """What the functions look at. `claims`: of papers and form. `form_fields`: of the item's form."""

    case: Case
    matching: Matching
    claims: Sequence[Claim]
    company: bool
    form_fields: Sequence[FormField]
    policy: Policy

    def name(self, material: str | None) -> str:
        """What a material is called; the form for None."""
        found = next((one.name for one in self.case.item.materials if one.id == material), None)
        return f"《{found}》" if found else "填写的表单"

    def own(self, attribute: str) -> str | None:
        """The applicant's (or the head's) name or number as most say."""
        subject = HEAD if self.company else APPLICANT
        values = [one.value for one in self.claims if (one.subject, one.attribute) == (subject, attribute)]
        return max(values, key=values.count) if values else None


def finding(
    rule: str,
    aspect: Aspect,
    severity: Severity,
    material: str | None,
    clerk: str,
    applicant: str,
    mend: str,
    evidence: tuple[Evidence, ...] = (),
    reason: str | None = None,
) -> Finding:
    """With the confidence of its least sure evidence."""
    confidence = min((one.confidence for one in evidence), default=1.0)
    return Finding(f"generic/{rule}", aspect, severity, material, clerk, applicant, mend, evidence, confidence, reason)


def taken(subject: Subject) -> Iterator[tuple[str, PaperFact]]:
    """Every paper once, with the first material that it was taken for."""
    seen: set[str] = set()
    for material in subject.matching.materials:
        for paper in subject.matching.papers(material.id):
            if paper.key not in seen:
                seen.add(paper.key)
                yield material.id, paper


def value_of(paper: PaperFact, field: str) -> str:
    """Of a field; "" where nothing was read."""
    fact = paper.fields.get(field)
    return (fact.value or "") if fact is not None else ""


def field_name(kind: str, field: str) -> str:
    """What a field of a kind of paper is called."""
    known = paper_kinds().get(kind)
    return next((one.name for one in known.fields if one.id == field), field) if known else field
