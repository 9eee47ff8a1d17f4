"""What a check says: findings, each with its rule, how bad it is, what to tell whom, and where it stands on the page.

A check that could not run gives a finding `undetermined`; an undetermined finding never passes (design.md). A defect that rests on
a field the reader wasn't sure of is `undetermined` too: a person looks before the applicant is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.precheck.facts import Place


class Severity(StrEnum):
    """How bad."""

    DEFECT = "defect"
    """Has to be put right; goes into the one notice (一次性补正告知书)."""
    UNDETERMINED = "undetermined"
    """Could not be checked, or rests on what was not read for sure. Blocks passing; a person looks."""
    NOTE = "note"
    """Worth knowing (a duplicate, a paper nobody asked for, 免于提交, 容缺后补). Blocks nothing."""


class Aspect(StrEnum):
    """What a rule looks at; reports group by it."""

    PRESENT = "present"
    LEGIBLE = "legible"
    RIGHT_KIND = "right_kind"
    COMPLETE = "complete"
    SIGNED = "signed"
    SEALED = "sealed"
    IN_DATE = "in_date"
    CHECK_DIGITS = "check_digits"
    HOLDER = "holder"
    """The applicant's own."""
    THRESHOLD = "threshold"
    """Amounts, areas, ages, spans of time against what the guide says."""
    FORM = "form"
    """Form against papers."""
    AGREEMENT = "agreement"
    """Paper against paper."""
    STANDARD = "standard"
    """The material's acceptance standard (受理标准) in other ways."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a finding rests on: a material's field or mark, what was read there, and where (None: nowhere, it is missing)."""

    material: str | None
    paper: str | None
    """`PaperFact.key`."""
    field: str | None
    text: str
    place: Place | None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, unclear or worth knowing.

    Attributes:
        rule: id of the rule, `generic/…` or `<item>/…`: stable, reports and overrules name it.
        aspect, severity: see there.
        material: id of the material that it is about, None if of the whole case.
        clerk: message to the clerk. applicant: message to the applicant. mend: what the applicant has to do. Chinese, without
            values of personal data beyond what the evidence shows.
        evidence: in the order of reading.
        confidence: 0..1 that the finding is right: by the least sure field that it rests on.
        reason: of an undetermined finding: code of why (`field_missing`, `field_unsure`, `page_unreadable`, `rule_failed`, ...).
    """

    rule: str
    aspect: Aspect
    severity: Severity
    material: str | None
    clerk: str
    applicant: str
    mend: str
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0
    reason: str | None = None

    @property
    def key(self) -> str:
        """The same finding in two runs: rule, material and the fields it rests on."""
        fields = ",".join(sorted({one.field for one in self.evidence if one.field}))
        return f"{self.rule}|{self.material or ''}|{fields}"


class MaterialState(StrEnum):
    """Of a material in a case."""

    MATCHED = "matched"
    PARTLY = "partly"
    """One side of a card is there, the other isn't."""
    MISSING = "missing"
    EXEMPT = "exempt"
    """免于提交: shared data hold it."""
    LATER = "later"
    """容缺后补: not there, and need not be yet."""
    NOT_NEEDED = "not_needed"
    """Optional, or of another situation."""
    OPEN = "open"
    """An answer is missing that decides whether it is needed."""
    BY_PERSON = "by_person"
    """The library knows no kind of paper for it: a person looks whether it is there."""


@dataclass(frozen=True, slots=True)
class MatchedMaterial:
    """What became of one required material. `papers`: keys of the papers that were taken for it."""

    material: str
    state: MaterialState
    papers: tuple[str, ...] = ()


class Verdict(StrEnum):
    """What the findings come to. A person decides; only an item's explicit policy lets PASS decide by itself."""

    PASS = "pass"  # noqa: S105  # a verdict
    TO_CORRECT = "to_correct"
    TO_PERSON = "to_person"


@dataclass(frozen=True, slots=True)
class Report:
    """One run of the check. `rules_run`: how many rules gave an answer; `strangers`: keys of papers that no material takes;
    `versions`: of everything that was involved (item, rules, models), for the samples."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    materials: tuple[MatchedMaterial, ...]
    strangers: tuple[str, ...]
    rules_run: int
    versions: Mapping[str, str]
