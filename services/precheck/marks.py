"""Signed and sealed, as the acceptance standard (受理标准) says in its own words.

Comes in: the standard's text and what was seen on the paper. Goes out: which marks are asked for, and findings for those
that are not there, or are somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.precheck.comparing import same_name, seal_says
from services.precheck.facts import PaperFact
from services.precheck.findings import Aspect, Evidence, Finding, Severity
from services.precheck.generic_policy import MarkWords, Policy

SURE_RIM = 0.9
"""Confidence from which on a seal's rim was read for sure."""
_AGENT = re.compile("受托|被委托|受委托|代理人")
_CLAUSES = re.compile("[，。；;,]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Marks that one clause asks for: any of `signature`, `seal` does. `organisations`: of organisations only."""

    signature: bool
    seal: bool
    organisations: bool


@lru_cache(maxsize=2_048)
def wanted(standard: str, words: MarkWords) -> tuple[Wanted, ...]:
    """What a standard asks for, clause by clause."""
    found = []
    for clause in _CLAUSES.split(standard):
        either = any(word in clause for word in words.either)
        signature = either or any(word in clause for word in words.signature)
        seal = either or any(word in clause for word in words.seal)
        if not signature and not seal:
            continue
        organisations = seal and any(word in clause for word in words.of_organisations)
        if signature and seal and not either and not any(word in clause for word in words.either_words):
            # 签字并盖章: both.
            found += [Wanted(True, False, False), Wanted(False, True, organisations)]
        else:
            found.append(Wanted(signature, seal, organisations and not signature))
    return tuple(dict.fromkeys(found))


def mark_findings(
    paper: PaperFact, material: str, name: str, standard: str, companies: Sequence[str], company: bool, policy: Policy
) -> Iterator[Finding]:
    """Marks that are missing, and seals that are a stranger's. `companies`: names that a seal may say."""
    if paper.kind not in policy.marks.kinds:
        return
    asked = [one for one in wanted(standard, policy.marks) if company or not one.organisations]
    if not asked:
        return
    if paper.seals is None or paper.signatures is None:
        yield _unseen(paper, material, name)
        return
    signed, who = _signed(paper)
    for one in asked:
        if (one.signature and signed) or (one.seal and paper.seals):
            continue
        if one.seal and not one.signature and not company:
            continue  # a person has no seal
        yield _missing(one, paper, material, name, who)
    if company and companies and paper.seals and any(one.seal for one in asked):
        yield from _strange(paper, material, name, companies)


def _strange(paper: PaperFact, material: str, name: str, companies: Sequence[str]) -> Iterator[Finding]:
    """Nobody's seal is the applicant's. A rim that could not be read says nothing against it."""
    assert paper.seals is not None
    read = [seal for seal in paper.seals if seal.text]
    if any(seal_says(seal.text, company) for seal in read for company in companies):
        return
    sure = bool(read) and all(seal.confidence >= SURE_RIM for seal in read)
    evidence = tuple(Evidence(material, paper.key, "seal", one.text, one.place, one.confidence) for one in paper.seals)
    yield Finding(
        "generic/seal-of-applicant",
        Aspect.SEALED,
        Severity.DEFECT if sure else Severity.UNDETERMINED,
        material,
        f"{name}上的印章文字与申请单位名称对不上。"
        if read
        else f"{name}上的印章文字没有读出，请看是不是申请单位的公章。",
        f"{name}上加盖的不是申请单位的公章。",
        f"请在{name}上加盖申请单位的公章。",
        evidence,
        min((one.confidence for one in read), default=0.0),
        None if sure else "seal_unsure",
    )


def _signed(paper: PaperFact) -> tuple[bool, str]:
    """Whether the one who has to has signed, and who that is. On a power of attorney the agent's own signature gives nothing."""
    signatures = paper.signatures or ()
    principal = paper.fields.get("principal")
    if paper.kind != "power-of-attorney" or principal is None:
        return bool(signatures), ""
    agent = paper.fields.get("agent")

    def is_agents(text: str) -> bool:
        named = agent is not None and agent.value is not None and same_name(text, agent.value)
        return named or _AGENT.search(text) is not None

    theirs = [one for one in signatures if not is_agents(one.text)]
    return bool(theirs), "委托人"


def _missing(one: Wanted, paper: PaperFact, material: str, name: str, who: str) -> Finding:
    what = who + ("签字或者盖章" if one.signature and one.seal else "签字" if one.signature else "盖章")
    mend = "由本人签字或者加盖公章" if one.signature and one.seal else "签字" if one.signature else "加盖公章"
    sure = paper.marks_sure and not paper.faults
    return Finding(
        f"generic/{'signed' if one.signature else 'sealed'}",
        Aspect.SIGNED if one.signature else Aspect.SEALED,
        Severity.DEFECT if sure else Severity.UNDETERMINED,
        material,
        f"{name}上没有看到{what}。",
        f"{name}没有{what}。",
        f"请在{name}上{mend}后重新提交。",
        (Evidence(material, paper.key, None, "", None),),
        1.0 if sure else 0.9,
        None if sure else "mark_not_seen",
    )


def _unseen(paper: PaperFact, material: str, name: str) -> Finding:
    return Finding(
        "generic/marks-unseen",
        Aspect.SIGNED,
        Severity.UNDETERMINED,
        material,
        f"没有检查{name}上的签字和印章，请人工查看。",
        f"{name}的签字和印章需要工作人员查看。",
        "不用处理，等待工作人员查看。",
        (Evidence(material, paper.key, None, "", None),),
        0.0,
        "page_not_looked_at",
    )
