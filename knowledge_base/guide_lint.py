"""The checker of guides: what makes an entry unclear, contradictory or incomplete, with the place, the reason and what to do.

Comes in: an entry, an unfinished draft (a mapping as in YAML), or the whole library. Goes out: `LintFinding`s in the order of
the entry's fields; none means nothing to object to. Pure and fast (about 5 ms an entry): the editor calls it while somebody
types. Rules, reasons and suggestions are data: knowledge_base/lint/rules.yaml and clauses.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from knowledge_base.entries import ENTRY_TYPES
from knowledge_base.extra_faults import ExtraFaults, no_faults
from knowledge_base.library import Library
from knowledge_base.lint.checks import check_faults
from knowledge_base.lint.clauses import CLAUSE_RULES, vague_clauses
from knowledge_base.lint.context import Context
from knowledge_base.lint.contradictions import number_contradictions
from knowledge_base.lint.draft import Draft
from knowledge_base.lint.elements import element_faults
from knowledge_base.lint.finding import LintFinding, LintRule, Place, Severity, lint_rules
from knowledge_base.lint.forms import form_faults
from knowledge_base.lint.naming import name_faults
from knowledge_base.lint.paths import situation_faults
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

CHECKS: tuple[Callable[[Draft, Context], Iterable[LintFinding]], ...] = (
    vague_clauses,
    element_faults,
    situation_faults,
    number_contradictions,
    name_faults,
    form_faults,
    check_faults,
)
"""Everything that looks at an entry."""
_FIELDS = {name: number for model in ENTRY_TYPES.values() for number, name in enumerate(model.model_fields)}


def lint_entry(
    entry: Entry,
    *,
    library: Library | None = None,
    catalogue_names: Sequence[str] | None = None,
    today: date | None = None,
    extra_faults: ExtraFaults = no_faults,
) -> list[LintFinding]:
    """What is wrong with one entry.

    Args:
        entry: of any kind.
        library: holds an FAQ against its item, and aliases against those of other items.
        catalogue_names: the official names of items; those that are nearly one of them are reported.
        today: decides what has expired; the real date if it is not given.
        extra_faults: what those upstairs know of an item's checks.
    """
    return _linted(Draft.of(entry), Context(library, catalogue_names, today or date.today(), extra_faults))


def lint_document(
    kind: EntryKind,
    document: Mapping[str, Any],
    *,
    library: Library | None = None,
    catalogue_names: Sequence[str] | None = None,
    today: date | None = None,
    extra_faults: ExtraFaults = no_faults,
) -> list[LintFinding]:
    """What is wrong with a draft, finished or not: works on what is there and never raises because of what is missing."""
    return _linted(Draft(kind, document), Context(library, catalogue_names, today or date.today(), extra_faults))


def lint_library(
    library: Library,
    *,
    catalogue_names: Sequence[str] | None = None,
    today: date | None = None,
    extra_faults: ExtraFaults = no_faults,
) -> list[LintFinding]:
    """What is wrong with every entry, in the order of entries; each finding has its `entry_id`."""
    context = Context(library, catalogue_names, today or date.today(), extra_faults)
    return [
        finding
        for entry in library.entries.values()
        for finding in _linted(context.item(entry.id) or Draft.of(entry), context)
    ]


def _linted(draft: Draft, context: Context) -> list[LintFinding]:
    found = [replace(finding, entry_id=draft.id) for check in CHECKS for finding in check(draft, context)]
    return sorted(found, key=_order)


def _order(finding: LintFinding) -> tuple[int, tuple[tuple[int, str], ...], int]:
    """By the field's place in the form, then by the place inside it, then by the words."""
    first = _FIELDS.get(str(finding.place[0]), 0) if finding.place else 0
    inside = tuple((part, "") if isinstance(part, int) else (-1, part) for part in finding.place[1:])
    return first, inside, finding.start
