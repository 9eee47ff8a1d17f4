"""A submission as callers see it: functions on a session. An applicant is told what to put right, not what clerks say to each
other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from knowledge_base.schema import ServiceItem
from services.access import Caller
from services.documents.extraction.kinds import paper_kinds
from services.documents.papers.schemas import OTHER_TITLE
from services.precheck import rights, timers
from services.precheck.cases import Office
from services.precheck.findings import Evidence, Report, Verdict
from services.precheck.loading import HandedIn, handed_in
from services.precheck.prefilling import form_of
from services.precheck.reporting import Current, current_report
from services.precheck.ruled import Ruled, ruled
from services.precheck.schemas import (
    DocumentView,
    EvidenceView,
    FindingView,
    MaterialView,
    PaperLine,
    ReportView,
    SubmissionView,
    TimerView,
)
from services.precheck.states import State
from services.precheck.tables import Submission


def view_of(
    session: Session, office: Office, submission: Submission, caller: Caller, moment: datetime
) -> SubmissionView:
    """All of a submission."""
    item = office.items.of(session, submission)
    documents = handed_in(session, submission.id)
    current = current_report(session, submission, documents)
    staff = rights.is_staff(caller)
    has_it = rights.claim_holds(submission, moment, office.policy)
    return SubmissionView(
        id=submission.id,
        item_id=submission.item_id,
        item_name=submission.item_name,
        item_version=submission.item_version,
        item_withdrawn=office.items.withdrawn(submission),
        state=State(submission.state),
        state_title=State(submission.state).display_name,
        answers=submission.answers,
        form=submission.form,
        applied_on=submission.applied_on,
        created_at=submission.created_at,
        revision=submission.revision,
        documents=[_document(one, current.report if current else None) for one in documents],
        report=None if current is None else report_view(session, submission, item, documents, current, caller),
        timers=timer_views(office, submission, moment),
        claimed_by=submission.claimed_name if has_it and staff else None,
        claimed_by_me=has_it and submission.claimed_by == caller.id,
        claimed_until=submission.claimed_until if has_it and staff else None,
        allowed=rights.allowed_steps(submission, caller),
        decided_by="machine" if submission.decided_by == "machine" else "person" if submission.decided_by else None,
        situations=[one.model_dump(mode="json", exclude={"said_yes", "said_no"}) for one in item.situations],
        form_fields=[one.model_dump(mode="json") for one in form_of(item, submission.answers)],
        external_id=submission.external_id,
    )


def timer_views(office: Office, submission: Submission, moment: datetime) -> list[TimerView]:
    """The terms as they stand at `moment`."""
    today = office.calendar.day_of(moment)
    return [
        TimerView(
            name=one.name,
            title=timers.TITLES[one.name],
            due_on=one.due_on,
            working_days_left=one.left,
            stopped=one.stopped,
            overdue=one.overdue,
        )
        for one in timers.timers_of(submission, office.calendar, today)
    ]


def _document(one: HandedIn, report: Report | None) -> DocumentView:
    taken = {} if report is None else {key: match.material for match in report.materials for key in match.papers}
    return DocumentView.model_validate(
        {
            "id": one.document.id,
            "file_name": one.document.file_name,
            "status": one.document.status,
            "page_count": one.document.page_count,
            "material": one.link.material,
            "papers": [
                PaperLine(
                    number=state.paper.number,
                    kind=state.paper.kind,
                    title=_title(state.paper.kind),
                    pages=list(dict.fromkeys(int(part["page"]) for part in state.paper.parts)),
                    material=taken.get(f"{one.document.id}/{state.paper.number}"),
                )
                for state in one.papers
            ],
        }
    )


def _title(kind: str) -> str:
    known = paper_kinds().get(kind)
    return known.title if known else OTHER_TITLE


def report_view(
    session: Session,
    submission: Submission,
    item: ServiceItem,
    documents: list[HandedIn],
    current: Current,
    caller: Caller,
) -> ReportView:
    """The newest report with what was said of its findings; an applicant sees the machine's findings alone, in words meant for
    them. Of a blind sample the machine's verdict isn't told to whoever is to decide."""
    staff = rights.is_staff(caller)
    report = current.report
    found = ruled(session, submission.id, report)
    if not staff:
        found = [Ruled(one.key, one.finding, one.by) for one in found if one.by == "machine"]
    blind = submission.blind and not State(submission.state).final
    kinds = {f"{one.document.id}/{state.paper.number}": state.paper.kind for one in documents for state in one.papers}
    return ReportView(
        number=current.number,
        run_at=current.run_at,
        verdict=Verdict.TO_PERSON if blind else report.verdict,
        findings=[_finding(one, item, kinds, staff=staff) for one in found],
        materials=_materials(item, report),
        strangers=list(report.strangers),
        rules_run=report.rules_run,
        stale=current.stale,
        versions=dict(report.versions),
    )


def _materials(item: ServiceItem, report: Report) -> list[MaterialView]:
    known = {material.id: material for material in item.materials}
    return [
        MaterialView(
            id=one.material,
            name=known[one.material].name,
            necessity=known[one.material].necessity.value,
            acceptance_standard=known[one.material].acceptance_standard,
            when=known[one.material].when,
            state=one.state,
            papers=list(one.papers),
        )
        for one in report.materials
        if one.material in known
    ]


def _finding(one: Ruled, item: ServiceItem, kinds: dict[str, str], *, staff: bool) -> FindingView:
    finding = one.finding
    names = {material.id: material.name for material in item.materials}
    return FindingView(
        key=one.key,
        rule=finding.rule,
        aspect=finding.aspect,
        severity=finding.severity,
        material=finding.material,
        material_name=names.get(finding.material or ""),
        clerk=finding.clerk if staff else finding.applicant,
        applicant=finding.applicant,
        mend=finding.mend,
        evidence=[evidence_view(each, kinds) for each in finding.evidence],
        confidence=finding.confidence,
        reason=finding.reason,
        by=one.by,
        ruling=one.ruling,
        ruled_by=one.ruled_by,
        ruled_at=one.ruled_at,
        ruling_reason=one.reason,
    )


def evidence_view(one: Evidence, kinds: dict[str, str]) -> EvidenceView:
    """What a finding rests on. `kinds`: of the papers, by key: a field's name is known by its kind."""
    document_id, _, number = (one.paper or "").rpartition("/")
    kind = paper_kinds().get(kinds.get(one.paper or "", ""))
    fields: dict[str, Any] = {field.id: field.name for field in kind.fields} if kind else {}
    return EvidenceView(
        material=one.material,
        document_id=one.place.document_id if one.place else document_id or None,
        paper=int(number) if number.isdigit() else None,
        page=one.place.page if one.place else None,
        box=list(one.place.box) if one.place else None,
        field=one.field,
        field_name=fields.get(one.field or ""),
        text=one.text,
        confidence=one.confidence,
    )
