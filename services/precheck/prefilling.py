"""预填: an item's form filled from the papers and the profile, each value with where it was read.

Comes in: a case and a profile. Goes out: one `Prefilled` a field that something is known of. Papers that say different
things are both shown and nothing is chosen: the person is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge_base.checks import FormField, FormFieldKind
from knowledge_base.questionnaire import applies
from knowledge_base.rules import Answer
from knowledge_base.schema import ServiceItem
from knowledge_base.terms import PaperType
from services.precheck.agreeing import ISSUED
from services.precheck.claims import (
    AGENT,
    APPLICANT,
    CODE,
    COMPANY,
    HEAD,
    NAME,
    NUMBER,
    PLACE,
    PREMISES,
    evidence_of,
    is_company,
    known_people,
    paper_claims,
)
from services.precheck.comparing import folded, same_address, same_number, same_party
from services.precheck.facts import Case
from services.precheck.findings import Evidence
from services.precheck.generic_policy import Policy, load_form, load_policy
from services.precheck.matching import Matching, matched, role_of

LEAST = 0.8
"""Confidence of a value that is shown to be confirmed; below, the person types."""


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A field's value and where it comes from. `value` None: `disputed` are the values of which the person has to choose."""

    field: str
    value: str | None
    source: str | None
    evidence: Evidence | None
    confidence: float
    sure: bool
    disputed: tuple[Evidence, ...] = ()


def form_of(item: ServiceItem, answers: Mapping[str, Answer]) -> tuple[FormField, ...]:
    """The item's own form, or the one of all items, for who applies; with the agent's fields where one acts."""
    if item.form:
        return item.form
    policy, form = load_policy(), load_form()
    needed = [one for one in item.materials if applies(one, answers) is True]
    agent = any(PaperType.POWER_OF_ATTORNEY in one.paper_types for one in needed)
    own = form.company if is_company(item, {}, needed, policy) else form.person
    return (*own, *(form.agent if agent else ()))


def prefilled(case: Case, profile: Mapping[str, str]) -> list[Prefilled]:
    """What is known for the form, in its order."""
    policy = load_policy()
    fields = form_of(case.item, case.answers)
    needed = [one for one in case.item.materials if applies(one, case.answers) is not False]
    company = is_company(case.item, {}, needed, policy) or any(field.id == "credit_code" for field in fields)
    unfilled = Case(case.item, case.answers, {}, case.papers, case.applied_on)
    matching = matched(unfilled, known_people(unfilled, case.papers, company, policy), policy)
    found = []
    for field in fields:
        known = list(_known(field, unfilled, matching, company, policy))
        if known:
            found.append(_chosen(field, known))
        elif (value := profile.get(field.id)) is not None:
            found.append(Prefilled(field.id, value, "profile", None, 1.0, False))
    return found


def _known(
    field: FormField, case: Case, matching: Matching, company: bool, policy: Policy
) -> Iterator[tuple[str, Evidence, bool, bool]]:
    """Values for a field: (value, where, sure, issued by an authority), the best sources first."""
    for source in field.sources:
        material, _, name = source.partition(".")
        for paper in matching.papers(material):
            fact = paper.fields.get(name)
            if fact is not None and fact.value:
                yield fact.value, evidence_of(material, paper, name, fact), fact.sure, paper.kind in ISSUED
    meaning = policy.meaning(field.id)
    wanted = {
        "name": (COMPANY if company and field.kind is not FormFieldKind.NAME else APPLICANT, NAME),
        "number": (HEAD if company else APPLICANT, NUMBER),
        "code": (COMPANY, CODE),
        "head": (HEAD, NAME),
        "agent": (AGENT, NAME),
        "agent_number": (AGENT, NUMBER),
        "premises": (PREMISES, PLACE),
    }.get(meaning or "")
    if wanted is not None:
        for claim in paper_claims(case, matching, company, policy):
            if (claim.subject, claim.attribute) == wanted:
                issued = claim.paper is not None and claim.paper.kind in ISSUED
                yield claim.value, claim.evidence, claim.fact.sure, issued
    who = "company" if company else "person"
    for source in policy.prefilled.get(field.id) or policy.prefilled.get(f"{who}.{field.id}", ()):
        kind, _, name = source.partition(".")
        for one in matching.materials:
            if role_of(one, policy) != "applicant":
                continue
            for paper in matching.papers(one.id):
                fact = paper.fields.get(name)
                if paper.kind == kind and fact is not None and fact.value:
                    yield fact.value, evidence_of(one.id, paper, name, fact), fact.sure, kind in ISSUED


def _chosen(field: FormField, known: list[tuple[str, Evidence, bool, bool]]) -> Prefilled:
    first, *rest = sorted(known, key=lambda one: (-one[2], -one[3]))
    odd = [one for one in rest if not _same(field.kind, first[0], one[0])]
    agreed = any(_same(field.kind, first[0], one[0]) for one in rest)
    value, evidence, sure, _ = first
    if field.kind is FormFieldKind.ADDRESS:
        # Two papers may well name two places (住所 and 经营场所): the better source counts.
        odd = []
    if odd and any(one[2] or not sure for one in odd):
        evidences = {folded(one.text): one for one in (evidence, *(other[1] for other in odd))}
        return Prefilled(field.id, None, None, None, 0.0, False, tuple(evidences.values()))
    if not sure and not agreed and evidence.confidence < LEAST:
        return Prefilled(field.id, None, None, None, evidence.confidence, False, (evidence,))
    source = f"{evidence.material}.{evidence.field}"
    return Prefilled(field.id, value, source, evidence, evidence.confidence, sure or agreed)


def _same(kind: FormFieldKind, one: str, other: str) -> bool:
    if kind in (FormFieldKind.IDENTITY_NUMBER, FormFieldKind.CREDIT_CODE):
        return same_number(one, other)
    if kind is FormFieldKind.ADDRESS:
        return same_address(one, other)
    return same_party(one, other)
