"""The checker of guides: what makes an entry unclear, contradictory or incomplete, with the place, the reason and what to do.

Comes in: an entry, an unfinished draft (a mapping as in YAML), or the whole library. Goes out: `LintFinding`s in the order of
the entry's fields; none means nothing to object to. Pure and fast (about 5 ms an entry): the editor calls it while somebody
types. Rules, reasons and suggestions are data: knowledge_base/lint/rules.yaml and clauses.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from knowledge_base.library import Library
from knowledge_base.lint.clauses import CLAUSE_RULES, vague_clauses
from knowledge_base.lint.draft import Draft
from knowledge_base.lint.finding import LintFinding, LintRule, Place, Severity, lint_rules
from knowledge_base.schema import Entry
from knowledge_base.terms import EntryKind

__all__ = [
    "CLAUSE_RULES",
    "LintFinding",
    "LintRule",
    "Place",
    "Severity",
    "lint_document",
    "lint_entry",
    "lint_library",
    "lint_rules",
]

CHECKS: tuple[Callable[[Draft], Iterable[LintFinding]], ...] = (vague_clauses,)
"""What looks at one entry alone."""


def lint_entry(
    entry: Entry, *, library: Library | None = None, catalogue_names: Sequence[str] | None = None
) -> list[LintFinding]:
    """What is wrong with one entry. `library`: to hold an FAQ against its item; `catalogue_names`: the official names."""
    return _linted(Draft.of(entry), library, catalogue_names)


def lint_document(
    kind: EntryKind,
    document: Mapping[str, Any],
    *,
    library: Library | None = None,
    catalogue_names: Sequence[str] | None = None,
) -> list[LintFinding]:
    """What is wrong with a draft, finished or not: works on what is there and never raises because of what is missing."""
    return _linted(Draft(kind, document), library, catalogue_names)


def lint_library(library: Library, *, catalogue_names: Sequence[str] | None = None) -> list[LintFinding]:
    """What is wrong with every entry, in the order of entries; each finding has its `entry_id`."""
    return [
        finding
        for entry in library.entries.values()
        for finding in lint_entry(entry, library=library, catalogue_names=catalogue_names)
    ]


def _linted(draft: Draft, library: Library | None, names: Sequence[str] | None) -> list[LintFinding]:
    found = [replace(finding, entry_id=draft.id) for check in CHECKS for finding in check(draft)]
    return sorted(found, key=_order)


def _order(finding: LintFinding) -> tuple[Any, ...]:
    return (*(str(part).zfill(4) for part in finding.place[:1]),)
