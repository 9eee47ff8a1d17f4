"""What papers and the form say about whom: one subject's name on four papers has to be one name.

Comes in: a case and its matching. Goes out: claims (subject, attribute, value, where it stands). Subjects are the applicant
(a person), the company, its head, the agent, the guardian, the premises. Which field of which kind says what stands in
generic.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.check_digits import identity_number_holds
from knowledge_base.schema import ServiceItem
from knowledge_base.terms import ApplicantKind, PaperType
from services.precheck.facts import Case, FieldFact, PaperFact
from services.precheck.findings import Evidence
from services.precheck.generic_policy import PersonFields, Policy
from services.precheck.matching import Matching, role_of

APPLICANT, COMPANY, HEAD, AGENT, PREMISES = "applicant", "company", "head", "agent", "premises"
NAME, NUMBER, CODE, PLACE = "name", "number", "code", "place"
CREDIT_CODE_LENGTH = 18


@dataclass(frozen=True, slots=True)
class Claim:
    """One value about a subject. `material`, `paper`: None if it was typed into the form."""

    subject: str
    attribute: str
    value: str
    material: str | None
    paper: PaperFact | None
    field: str
    fact: FieldFact

    @property
    def evidence(self) -> Evidence:
        """Where it stands."""
        return evidence_of(self.material, self.paper, self.field, self.fact)


def evidence_of(material: str | None, paper: PaperFact | None, field: str, fact: FieldFact) -> Evidence:
    """A field as evidence; its first place."""
    place = fact.places[0] if fact.places else None
    return Evidence(material, paper.key if paper else None, field, fact.value or "", place, fact.confidence)


def is_company(item: ServiceItem, form: Mapping[str, str], materials: Sequence[object], policy: Policy) -> bool:
    """Whether an organisation applies: by the form if it says, else by the item and what it asks for."""
    if any(policy.meaning(field) == "code" and value for field, value in form.items()):
        return True
    if ApplicantKind.PERSON not in item.applicant_kinds:
        return True
    if len(item.applicant_kinds) == 1:
        return any(
            PaperType.BUSINESS_LICENCE in one.paper_types for one in item.materials
        ) and item.department.endswith("市场监督管理局")
    return any(
        PaperType.BUSINESS_LICENCE in one.paper_types or "公章" in one.acceptance_standard
        for one in item.materials
        if one in materials
    )


def typed_claims(case: Case, company: bool, policy: Policy) -> Iterator[Claim]:
    """What was typed into the form."""
    about: dict[str, tuple[str, str]] = {
        "name": (COMPANY if company else APPLICANT, NAME),
        "number": (HEAD if company else APPLICANT, NUMBER),
        "code": (COMPANY, CODE),
        "head": (HEAD, NAME),
        "agent": (AGENT, NAME),
        "agent_number": (AGENT, NUMBER),
        "premises": (PREMISES, PLACE),
    }
    for field, value in case.form.items():
        meaning = policy.meaning(field)
        if meaning in about and value:
            subject, attribute = about[meaning]
            yield Claim(subject, attribute, value, None, None, field, FieldFact(value))


def paper_claims(case: Case, matching: Matching, company: bool, policy: Policy) -> Iterator[Claim]:
    """What the matched papers say."""
    seen: set[tuple[str, str]] = set()
    changing = any(word in case.item.name for word in policy.changing)
    for material in matching.materials:
        role = role_of(material, policy)
        for paper in matching.papers(material.id):
            if (paper.key, role) in seen:
                continue
            seen.add((paper.key, role))
            yield from _of_paper(paper, material.id, role, company, changing, policy)


def _of_paper(
    paper: PaperFact, material: str, role: str, company: bool, changing: bool, policy: Policy
) -> Iterator[Claim]:
    kind = policy.kind(paper.kind)

    def said(subject: str, attribute: str, field: str | None) -> Iterator[Claim]:
        fact = paper.fields.get(field or "")
        if field and fact is not None and fact.value:
            yield Claim(subject, attribute, fact.value, material, paper, field, fact)

    own = HEAD if company else APPLICANT
    for person in kind.people:
        subject = {"applicant": own, "agent": AGENT, "guardian": "guardian"}.get(role)
        if subject is not None:
            yield from said(subject, NAME, person.name)
            yield from said(subject, NUMBER, person.number)
    if company and kind.company is not None and not (kind.older and changing):
        yield from said(COMPANY, NAME, kind.company.name)
        yield from said(COMPANY, CODE, kind.company.code)
        yield from said(HEAD, NAME, kind.company.head)
    if kind.tenant is not None:
        yield from said(COMPANY if company else APPLICANT, NAME, kind.tenant)
    if kind.premises is not None and (company or paper.kind == "lease"):
        yield from said(PREMISES, PLACE, kind.premises)
    if kind.agent is not None:
        yield from said(AGENT, NAME, kind.agent.name)
        yield from said(AGENT, NUMBER, kind.agent.number)
    if kind.principal is not None and role != "guardian":
        yield from _principal(paper, material, own, kind.principal, said)
    if kind.form is not None:
        yield from said(COMPANY if company else APPLICANT, NAME, kind.form.name)
        if company:
            yield from said(COMPANY, CODE, kind.form.code)
            yield from said(HEAD, NAME, kind.form.head)
        yield from said(own, NUMBER, kind.form.number)


def _principal(paper: PaperFact, material: str, own: str, fields: PersonFields, said: object) -> Iterator[Claim]:
    """A power of attorney is given by the company or by the person: the number beside the name says which."""
    name, number = paper.fields.get(fields.name), paper.fields.get(fields.number or "")
    value = (number.value or "") if number is not None else ""
    company = len(value) == CREDIT_CODE_LENGTH and not identity_number_holds(value) and "*" not in value
    if not value:
        company = bool(name and name.value and len(name.value) > 4)
    for fact, field, attribute in ((name, fields.name, NAME), (number, fields.number, CODE if company else NUMBER)):
        if fact is not None and fact.value and field:
            yield Claim(COMPANY if company else own, attribute, fact.value, material, paper, field, fact)


def known_people(
    case: Case, papers: Sequence[PaperFact], company: bool, policy: Policy
) -> dict[str, list[tuple[str, str]]]:
    """Who is who before anything is matched: from the typed form, powers of attorney, forms and licences. Role -> (name,
    number)."""
    people: dict[str, dict[str, str]] = {}
    for claim in typed_claims(case, company, policy):
        people.setdefault(claim.subject, {}).setdefault(claim.attribute, claim.value)
    found: dict[str, list[tuple[str, str]]] = {"applicant": [], "agent": [], "couple": []}
    own = people.get(HEAD if company else APPLICANT, {})
    if own:
        found["applicant"].append((own.get(NAME, ""), own.get(NUMBER, "")))
    if AGENT in people:
        found["agent"].append((people[AGENT].get(NAME, ""), people[AGENT].get(NUMBER, "")))

    def value(paper: PaperFact, field: str | None) -> str:
        fact = paper.fields.get(field or "")
        return (fact.value or "") if fact is not None else ""

    for paper in papers:
        kind = policy.kind(paper.kind)
        if kind.agent is not None:
            found["agent"].append((value(paper, kind.agent.name), value(paper, kind.agent.number)))
        if kind.form is not None:
            name = value(paper, kind.form.head if company else kind.form.name)
            found["applicant"].append((name, value(paper, kind.form.number)))
        if kind.company is not None and company and kind.company.head:
            found["applicant"].append((value(paper, kind.company.head), ""))
        if kind.principal is not None and identity_number_holds(value(paper, kind.principal.number)):
            found["applicant"].append((value(paper, kind.principal.name), value(paper, kind.principal.number)))
        for one in kind.one_of:
            found["couple"].append((value(paper, one.name), value(paper, one.number)))
    return {role: [one for one in known if any(one)] for role, known in found.items()}
