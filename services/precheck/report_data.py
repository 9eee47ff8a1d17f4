"""A report as plain data for the database, and back. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import orjson

from services.documents.extraction.page_lines import quad_of
from services.precheck.facts import Case, Place
from services.precheck.findings import (
    Aspect,
    Evidence,
    Finding,
    MatchedMaterial,
    MaterialState,
    Report,
    Severity,
    Verdict,
)


def to_data(report: Report) -> dict[str, Any]:
    """JSON-ready."""
    data: dict[str, Any] = orjson.loads(orjson.dumps(asdict(replace(report, versions=dict(report.versions)))))
    return data


def from_data(data: Mapping[str, Any]) -> Report:
    """What `to_data` gave."""
    return Report(
        verdict=Verdict(data["verdict"]),
        findings=tuple(_finding(one) for one in data["findings"]),
        materials=tuple(
            MatchedMaterial(one["material"], MaterialState(one["state"]), tuple(one["papers"]))
            for one in data["materials"]
        ),
        strangers=tuple(data["strangers"]),
        rules_run=data["rules_run"],
        versions=dict(data["versions"]),
    )


def _finding(data: Mapping[str, Any]) -> Finding:
    return Finding(
        rule=data["rule"],
        aspect=Aspect(data["aspect"]),
        severity=Severity(data["severity"]),
        material=data["material"],
        clerk=data["clerk"],
        applicant=data["applicant"],
        mend=data["mend"],
        evidence=tuple(_evidence(one) for one in data["evidence"]),
        confidence=data["confidence"],
        reason=data["reason"],
    )


def _evidence(data: Mapping[str, Any]) -> Evidence:
    place = data["place"]
    return Evidence(
        material=data["material"],
        paper=data["paper"],
        field=data["field"],
        text=data["text"],
        place=None if place is None else Place(place["document_id"], place["page"], quad_of(place["box"])),
        confidence=data["confidence"],
    )


def imprint_of(finding: Finding) -> str:
    """Of what a finding says and rests on: a ruling holds for this and nothing else."""
    rests_on = [[one.paper, one.field, one.text] for one in finding.evidence]
    return hashlib.sha256(orjson.dumps([finding.severity, finding.reason, finding.clerk, rests_on])).hexdigest()


def keyed(findings: tuple[Finding, ...]) -> list[tuple[str, Finding]]:
    """Findings with keys that are all different: the second of the same key is `...#2`."""
    seen: dict[str, int] = {}
    result = []
    for finding in findings:
        number = seen[finding.key] = seen.get(finding.key, 0) + 1
        result.append((finding.key if number == 1 else f"{finding.key}#{number}", finding))
    return result


def surety_of(case: Case, report: Report) -> float:
    """0..1: the least sure thing that the report rests on: kinds of the papers that were taken for a material, and evidence."""
    papers = {paper.key: paper for paper in case.papers}
    taken = [papers[key].chance for one in report.materials for key in one.papers if key in papers]
    said = [one.confidence for finding in report.findings for one in finding.evidence]
    return min([1.0, *taken, *said])
