"""/api/library/lint: the checker, for a draft in the editor and for the whole library."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query

from core.errors import Invalid, shown
from knowledge_base.entries import DirectoryItem, kind_of
from knowledge_base.extra_faults import ExtraFaults, no_faults
from knowledge_base.guide_lint import LintFinding, Severity, lint_document, lint_library, lint_rules
from knowledge_base.library import Library
from services.access import Access, Caller, Role
from services.library.lint_schemas import (
    EntryReport,
    FindingView,
    LibraryLintReport,
    LintReport,
    LintRequest,
    RuleCount,
    counted,
    report,
)


class InForce(Protocol):
    """Whatever knows the library in force: the search index."""

    @property
    def library(self) -> Library:
        """What is in force right now."""


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over the whole library: true as long as library and date are the same."""

    library: Library
    today: date
    findings: list[LintFinding]


def add_lint_routes(router: APIRouter, access: Access, search: InForce, extra_faults: ExtraFaults = no_faults) -> None:
    """Add the routes to the router of /api/library. `search.library` is what drafts are held against."""
    editor = Depends(access.guard(Role.EDITOR))
    kept: dict[bool, _Run] = {}

    async def whole(library: Library, catalogue: bool) -> list[LintFinding]:
        run, today = kept.get(catalogue), date.today()
        if run is None or run.library is not library or run.today != today:
            names = _catalogue(library) if catalogue else None
            findings = await asyncio.to_thread(
                lint_library, library, catalogue_names=names, today=today, extra_faults=extra_faults
            )
            run = kept[catalogue] = _Run(library, today, findings)
        return run.findings

    @router.post("/lint", summary="检查一份草稿", tags=["内容库"])
    async def lint(
        request: LintRequest,
        catalogue: Annotated[bool, Query(description="事项名称是否与库里的目录事项核对")] = False,
        caller: Caller = editor,
    ) -> LintReport:
        """Findings on a draft, in the order of its fields. Nothing is stored."""
        library = search.library
        names = _catalogue(library) if catalogue else None
        return report(
            await asyncio.to_thread(
                lint_document,
                request.kind,
                request.document,
                library=library,
                catalogue_names=names,
                extra_faults=extra_faults,
            )
        )

    @router.get("/lint", summary="检查全部内容", tags=["内容库"])
    async def lint_all(
        severity: Annotated[list[Severity] | None, Query(description="只看这些级别，可以写多个")] = None,
        rule: Annotated[list[str] | None, Query(description="只看这些规则，可以写多个")] = None,
        department: Annotated[str | None, Query(max_length=80)] = None,
        catalogue: Annotated[bool, Query(description="事项名称是否与库里的目录事项核对")] = False,
        caller: Caller = editor,
    ) -> LibraryLintReport:
        """Findings on everything in force, by entry, worst first. Raises 422 (`lint_rule_unknown`)."""
        unknown = [code for code in rule or () if code not in lint_rules()]
        if unknown:
            raise Invalid(
                f"没有名为 {shown(unknown[0])} 的检查规则；可用的有 {'、'.join(lint_rules())}。",
                code="lint_rule_unknown",
                param="rule",
            )
        library = search.library
        chosen = [
            finding
            for finding in await whole(library, catalogue)
            if (not severity or finding.severity in severity)
            and (not rule or finding.rule in rule)
            and (department is None or library.entries[finding.entry_id].department == department)
        ]
        return _library_report(library, chosen, department)


def _catalogue(library: Library) -> list[str]:
    """The official names: those of the directory entries."""
    return [entry.name for entry in library.entries.values() if isinstance(entry, DirectoryItem)]


def _library_report(library: Library, chosen: list[LintFinding], department: str | None) -> LibraryLintReport:
    by_entry: dict[str, list[LintFinding]] = defaultdict(list)
    for finding in chosen:
        by_entry[finding.entry_id].append(finding)
    entries = [
        EntryReport(
            entry_id=entry_id,
            kind=kind_of(library.entries[entry_id]),
            name=library.entries[entry_id].name,
            department=library.entries[entry_id].department,
            counts=counted(findings),
            findings=[FindingView.of(finding) for finding in findings],
        )
        for entry_id, findings in by_entry.items()
    ]
    entries.sort(key=lambda entry: (*(-count for count in entry.counts.values()), entry.entry_id))
    rules = Counter(finding.rule for finding in chosen)
    return LibraryLintReport(
        generation=library.generation,
        checked=sum(department in (None, entry.department) for entry in library.entries.values()),
        counts=counted(chosen),
        rules=[
            RuleCount(rule=code, title=lint_rules()[code].title, count=count) for code, count in rules.most_common()
        ],
        entries=entries,
    )
