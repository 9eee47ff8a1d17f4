"""Do papers and form agree about each subject? One finding for each paper (or the form) that says something else than the rest.

Comes in: claims. Goes out: findings. What most say counts, papers by who issued them before what the applicant wrote; the one that
differs is told with the other beside it. A difference that one misread character explains, on a field that the reader wasn't sure
of, is for a person to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.precheck.claims import AGENT, APPLICANT, CODE, COMPANY, HEAD, NAME, NUMBER, PLACE, PREMISES, Claim
from services.precheck.comparing import alike, same_address, same_name, same_number, same_party
from services.precheck.findings import Aspect, Finding, Severity
from services.precheck.generic_policy import Policy

SAME: dict[str, Callable[[str, str], bool]] = {NUMBER: same_number, CODE: same_number, PLACE: same_address}
SUBJECTS = {
    APPLICANT: "申请人",
    COMPANY: "申请单位",
    HEAD: "法定代表人（负责人）",
    AGENT: "代理人",
    PREMISES: "经营场所",
    "guardian": "监护人",
}
ATTRIBUTES = {NAME: "姓名或名称", NUMBER: "证件号码", CODE: "统一社会信用代码", PLACE: "地址"}
ISSUED = ("identity-card-face", "business-licence", "residence-permit", "food-licence", "hygiene-licence")
"""Kinds that an authority printed: what they say is believed before what was filled in."""


@dataclass(frozen=True, slots=True)
class _Difference:
    subject: str
    attribute: str
    odd: Claim
    other: Claim


def same(attribute: str, subject: str, one: str, other: str) -> bool:
    """Whether two values of an attribute are one."""
    if attribute == NAME:
        return same_party(one, other) if subject == COMPANY else same_name(one, other)
    return SAME[attribute](one, other)


def disagreements(claims: Sequence[Claim], names: Callable[[str | None], str], policy: Policy) -> Iterator[Finding]:
    """All differences, those of one subject on one paper together. `names`: what a material is called."""
    found: dict[tuple[str, str | None, str | None], list[_Difference]] = {}
    for subject, attribute in dict.fromkeys((claim.subject, claim.attribute) for claim in claims):
        about = [one for one in claims if (one.subject, one.attribute) == (subject, attribute)]
        for difference in _differences(subject, attribute, about):
            odd = difference.odd
            found.setdefault((subject, odd.material, odd.paper.key if odd.paper else None), []).append(difference)
    for (subject, _, _), differences in found.items():
        yield _finding(subject, differences, names, policy)


def _differences(subject: str, attribute: str, claims: Sequence[Claim]) -> Iterator[_Difference]:
    groups: list[list[Claim]] = []
    for claim in claims:
        fitting = next((one for one in groups if same(attribute, subject, one[0].value, claim.value)), None)
        if fitting is None:
            groups.append([claim])
        else:
            fitting.append(claim)
    if len(groups) < 2:
        return
    groups.sort(key=_weight, reverse=True)
    # A paper shows more than what was typed: it is told beside the one that differs.
    reference = next((claim for claim in groups[0] if claim.paper is not None), groups[0][0])
    for group in groups[1:]:
        for claim in group:
            yield _Difference(subject, attribute, claim, reference)


def _weight(group: Sequence[Claim]) -> tuple[int, int, float]:
    """More papers, then more that were issued, then surer ones."""
    issued = sum(claim.paper is not None and claim.paper.kind in ISSUED for claim in group)
    return len(group), issued, max(claim.fact.confidence for claim in group)


def _finding(
    subject: str, differences: Sequence[_Difference], names: Callable[[str | None], str], policy: Policy
) -> Finding:
    odd, other = differences[0].odd, differences[0].other
    attributes = "、".join(dict.fromkeys(ATTRIBUTES[one.attribute] for one in differences))
    sure = any(_certain(one, policy) for one in differences)
    here, there = names(odd.material), names(other.material)
    who = SUBJECTS[subject]
    evidence = tuple(side.evidence for one in differences for side in (one.odd, one.other))
    return Finding(
        f"generic/agree-{subject}",
        _aspect(subject, odd, other),
        Severity.DEFECT if sure else Severity.UNDETERMINED,
        odd.material if odd.material is not None else other.material,
        f"{here}与{there}上{who}的{attributes}不一致。",
        f"{here}上{who}的{attributes}与{there}不一致。",
        f"请核对{who}的{attributes}，更正填写的内容，或者换交一致的材料。",
        evidence,
        min(one.confidence for one in evidence),
        None if sure else "field_unsure",
    )


def _certain(difference: _Difference, policy: Policy) -> bool:
    """Both were read for sure, or they are too different for a misreading."""
    if difference.odd.fact.sure and difference.other.fact.sure:
        return True
    return alike(difference.odd.value, difference.other.value) < policy.misread_from


def _aspect(subject: str, odd: Claim, other: Claim) -> Aspect:
    if odd.paper is None or other.paper is None:
        return Aspect.FORM
    person = odd.paper.kind in ("identity-card-face", "residence-permit")
    return Aspect.HOLDER if subject != PREMISES and (person or odd.field == "tenant") else Aspect.AGREEMENT
