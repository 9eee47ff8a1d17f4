"""What the checker's routes take and give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from knowledge_base.guide_lint import LintFinding, Severity, lint_rules
from knowledge_base.terms import EntryKind


class LintRequest(BaseModel):
    """A draft, finished or not, as the editor holds it."""

    kind: EntryKind
    document: Annotated[dict[str, Any], Field(description="字段与 YAML 相同；可以不完整")]


class FindingView(BaseModel):
    """One finding. `start`, `end`: characters of `words` in the text at `place`; both 0 if the whole place is meant."""

    rule: str
    title: str
    severity: Severity
    place: list[str | int]
    field: str
    start: int
    end: int
    words: str
    reason: str
    suggestion: str

    @classmethod
    def of(cls, finding: LintFinding) -> Self:
        """One of the checker's findings."""
        return cls(
            rule=finding.rule,
            title=lint_rules()[finding.rule].title,
            severity=finding.severity,
            place=list(finding.place),
            field=finding.field,
            start=finding.start,
            end=finding.end,
            words=finding.words,
            reason=finding.reason,
            suggestion=finding.suggestion,
        )


class LintReport(BaseModel):
    """What is wrong with one draft; `counts` by severity, each of them present."""

    counts: dict[Severity, int]
    findings: list[FindingView]


class EntryReport(BaseModel):
    """What is wrong with one entry of the library."""

    entry_id: str
    kind: EntryKind
    name: str
    department: str
    counts: dict[Severity, int]
    findings: list[FindingView]


class RuleCount(BaseModel):
    """One rule, and how often it was broken."""

    rule: str
    title: str
    count: int


class LibraryLintReport(BaseModel):
    """The whole library: entries with findings, worst first. `counts` and `rules` count what the filters let through."""

    generation: str
    checked: int
    counts: dict[Severity, int]
    rules: list[RuleCount]
    entries: list[EntryReport]


def counted(findings: Iterable[LintFinding]) -> dict[Severity, int]:
    """How many of each severity, worst first."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts


def report(findings: list[LintFinding]) -> LintReport:
    """One draft's findings."""
    return LintReport(counts=counted(findings), findings=[FindingView.of(finding) for finding in findings])
