"""What a run of the pre-check was worth: defects found, false findings, clean ones passed, boxes that cover the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.precheck.defects import Planted
from benchmarks.precheck.drawing import Page, quad
from services.documents.extraction.page_lines import Quad
from services.precheck.findings import Aspect, Finding, Report, Severity, Verdict

COVERED = 0.5
"""Intersection over union from which on a box counts as covering."""
FREE = {Aspect.PRESENT, Aspect.LEGIBLE, Aspect.COMPLETE, Aspect.RIGHT_KIND}


@dataclass
class Score:
    """Counts over submissions. `found`: a finding of the right aspect names the right material, as a defect; `told`: or as
    undetermined, which stops the case all the same and has a person look at the very place."""

    clean: int = 0
    clean_passed: int = 0
    false_defects: int = 0
    false_undetermined: int = 0
    defective: int = 0
    defective_passed: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    boxes: int = 0
    boxes_covering: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, name: str, planted: Sequence[Planted], report: Report, pages: Sequence[Page]) -> None:
        """Count one submission."""
        if not planted:
            self.clean += 1
            self.clean_passed += report.verdict is Verdict.PASS
            wrong = [one for one in report.findings if one.severity is Severity.DEFECT]
            unsure = [one for one in report.findings if one.severity is Severity.UNDETERMINED]
            self.false_defects += len(wrong)
            self.false_undetermined += len(unsure)
            self.misses += [f"false {one.severity.value}: {name}: {described(one)}" for one in (*wrong, *unsure)]
            return
        self.defective += 1
        if report.verdict is Verdict.PASS:
            self.defective_passed += 1
            self.misses.append(f"PASSED: {name}: {', '.join(one.name for one in planted)}")
        for one in planted:
            self.planted[one.name] += 1
            fitting = [finding for finding in report.findings if fits(finding, one, pages)]
            found = any(finding.severity is Severity.DEFECT for finding in fitting)
            told = found or any(finding.severity is Severity.UNDETERMINED for finding in fitting)
            self.found[one.name] += found
            self.told[one.name] += told
            if not told:
                self.misses.append(f"missed: {name}: {one.name} at {'/'.join(sorted(one.materials))}")
            if told and one.field:
                self._box(one, fitting, pages)

    def _box(self, planted: Planted, findings: Sequence[Finding], pages: Sequence[Page]) -> None:
        """Whether a finding's box covers the place where the defect stands."""
        places = true_places(planted, pages)
        if not places:
            return
        self.boxes += 1
        self.boxes_covering += any(
            evidence.place is not None
            and evidence.place.document_id in places
            and overlap([evidence.place.box], places[evidence.place.document_id]) >= COVERED
            for finding in findings
            for evidence in finding.evidence
        ) or any(
            overlap(boxes, places[document]) >= COVERED for document, boxes in _boxes(findings) if document in places
        )


def _boxes(findings: Iterable[Finding]) -> list[tuple[str, list[Quad]]]:
    grouped: dict[tuple[str, str | None], list[Quad]] = {}
    for finding in findings:
        for one in finding.evidence:
            if one.place is not None:
                grouped.setdefault((one.place.document_id, one.field), []).append(one.place.box)
    return [(document, boxes) for (document, _), boxes in grouped.items()]


def fits(finding: Finding, planted: Planted, pages: Sequence[Page]) -> bool:
    """Whether a finding tells a planted defect: of the right aspect, and about the material or a field of its very paper (a card of
    nobody known may be taken for either of two people's)."""
    if finding.severity is Severity.NOTE or finding.aspect not in planted.aspects:
        return False
    named = {finding.material} | {one.material for one in finding.evidence}
    if not planted.materials or named & planted.materials:
        return True
    papers = {f"document-{number}" for number, page in enumerate(pages, 1) if page.paper.material in planted.materials}
    return any(one.field and one.paper and one.paper.split("/")[0] in papers for one in finding.evidence)


def true_places(planted: Planted, pages: Sequence[Page]) -> Mapping[str, list[Quad]]:
    """By document: where the field of a defect truly stands."""
    found: dict[str, list[Quad]] = {}
    for number, page in enumerate(pages, 1):
        if page.paper.material in planted.materials and page.truth.papers:
            known = page.truth.papers[0].fields.get(planted.field)
            if known is not None and known.quads:
                found[f"document-{number}"] = [quad(one) for one in known.quads]
    return found


def overlap(one: Sequence[Quad], other: Sequence[Quad]) -> float:
    """Intersection over union of the upright boxes around two lists of quads."""
    a, b = _around(one), _around(other)
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_size(a) + _size(b) - shared)


def _around(quads: Sequence[Quad]) -> tuple[float, float, float, float]:
    xs = [x for quad_ in quads for x, _ in quad_]
    ys = [y for quad_ in quads for _, y in quad_]
    return min(xs), min(ys), max(xs), max(ys)


def _size(box: tuple[float, float, float, float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def described(finding: Finding) -> str:
    """A finding in one line."""
    read = "; ".join(f"{one.field}={one.text}" for one in finding.evidence if one.field)
    return f"{finding.rule} [{finding.material}] {finding.reason or ''} {read}"
