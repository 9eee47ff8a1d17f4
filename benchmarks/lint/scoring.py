"""Labelled clauses against the checker: what it found, what it missed, what it took for a fault.

Comes in: clauses.yaml (`{words/rule}` marks what has to go). Each clause is put alone into a draft, in the field that it is
labelled with, and goes through the checker's public face. Goes out: counts by rule. A finding is right if its rule is the
mark's and their words overlap.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.guide_lint import CLAUSE_RULES, LintFinding, Place, lint_document
from knowledge_base.reading import load_yaml, read_file
from knowledge_base.terms import EntryKind

CLAUSES = Path(__file__).with_name("clauses.yaml")
MARK = re.compile(r"\{([^{}/]+)/([a-z_]+)\}")

FIELDS: Mapping[str, tuple[EntryKind, Place]] = {
    "material_name": (EntryKind.ITEM, ("materials", 0, "name")),
    "acceptance_standard": (EntryKind.ITEM, ("materials", 0, "acceptance_standard")),
    "filling_notes": (EntryKind.ITEM, ("materials", 0, "filling_notes")),
    "condition": (EntryKind.ITEM, ("conditions", 0, "text")),
    "exception": (EntryKind.ITEM, ("conditions", 0, "exceptions", 0)),
    "step": (EntryKind.ITEM, ("steps", 0, "text")),
    "fee": (EntryKind.ITEM, ("fee", "standard")),
    "limit_note": (EntryKind.ITEM, ("statutory_limit", "notes", 0)),
    "result_note": (EntryKind.ITEM, ("results", 0, "notes", 0)),
    "summary": (EntryKind.ITEM, ("summary",)),
    "option_label": (EntryKind.ITEM, ("situations", 0, "options", 0, "label")),
    "hours": (EntryKind.ITEM, ("hours", 0, "text")),
    "place": (EntryKind.ITEM, ("places", 0, "name")),
    "legal_basis": (EntryKind.ITEM, ("legal_basis", 0, "text")),
    "faq_answer": (EntryKind.FAQ, ("answer",)),
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One labelled clause. `marks`: rule, start, end of what has to go; empty for an innocent one."""

    department: str
    field: str
    text: str
    marks: tuple[tuple[str, int, int], ...]

    @property
    def split(self) -> str:
        """`dev` to look at while patterns are written, `test` to report: by a hash of the text, so it never changes."""
        return "test" if hashlib.sha256(self.text.encode()).digest()[0] % 2 else "dev"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A clause, and the checker's findings on it: right ones, wrong ones, and the marks that it missed."""

    clause: Clause
    right: tuple[str, ...]
    wrong: tuple[LintFinding, ...]
    missed: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one rule or of all."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Of what was reported, how much was right; 1 if nothing was."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Of what had to be found, how much was; 1 if there was nothing."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def read_clauses(path: Path = CLAUSES) -> list[Clause]:
    """Every labelled clause. Raises ContentInvalid or KeyError if the file is broken."""
    data = load_yaml(read_file(path), source=path.name)
    clauses = []
    for department, entries in data.items():
        for entry in entries:
            ((field, marked),) = entry.items()
            clauses.append(parsed(str(department), str(field), str(marked)))
    return clauses


def parsed(department: str, field: str, marked: str) -> Clause:
    """A clause from its marked form. Raises KeyError for an unknown field."""
    FIELDS[field]
    text, marks, position = "", [], 0
    for match in MARK.finditer(marked):
        text += marked[position : match.start()]
        marks.append((match[2], len(text), len(text) + len(match[1])))
        text += match[1]
        position = match.end()
    return Clause(department, field, text + marked[position:], tuple(marks))


def document(clause: Clause) -> tuple[EntryKind, dict[str, Any], Place]:
    """A draft that holds nothing but the clause."""
    kind, place = FIELDS[clause.field]
    value: Any = clause.text
    for key in reversed(place):
        value = {key: value} if isinstance(key, str) else [value]
    return kind, value, place


def judged(clause: Clause) -> Verdict:
    """Run the checker on one clause and compare."""
    kind, data, place = document(clause)
    findings = [
        finding for finding in lint_document(kind, data) if finding.place == place and finding.rule in CLAUSE_RULES
    ]
    missed = list(clause.marks)
    right, wrong = [], []
    for finding in findings:
        mark = next((mark for mark in missed if _same(mark, finding)), None)
        if mark is None:
            wrong.append(finding)
        else:
            missed.remove(mark)
            right.append(finding.rule)
    return Verdict(clause, tuple(right), tuple(wrong), tuple(missed))


def _same(mark: tuple[str, int, int], finding: LintFinding) -> bool:
    rule, start, end = mark
    return rule == finding.rule and start < finding.end and finding.start < end


def score(verdicts: Iterable[Verdict], rule: str | None = None) -> Score:
    """Counts over `verdicts`, of one rule or of all."""
    right = wrong = missed = 0
    for verdict in verdicts:
        right += sum(rule in (None, found) for found in verdict.right)
        wrong += sum(rule in (None, finding.rule) for finding in verdict.wrong)
        missed += sum(rule in (None, mark[0]) for mark in verdict.missed)
    return Score(right, wrong, missed)
