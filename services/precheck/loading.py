"""From the database to `facts.Case`, and a sum over all that a check looks at. Functions on a session.

What staff have put right or confirmed is sure; what an applicant has is not, whatever was read there. A document that can't be
read, or isn't yet, is a paper with `unread`: it is never left out, so nothing passes for want of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge_base.questionnaire import read_answers
from knowledge_base.schema import ServiceItem
from services.access.tables import ApiKey
from services.documents.extraction.page_lines import quad_of
from services.documents.papers.storing import PaperState
from services.documents.papers.tables import DocumentCorrection, DocumentField, DocumentPaper
from services.documents.tables import Document, DocumentPage
from services.precheck.facts import Case, FieldFact, MarkFact, PaperFact, Place
from services.precheck.form_values import in_normal_form
from services.precheck.prefilling import form_of
from services.precheck.rights import STAFF
from services.precheck.tables import Submission, SubmissionPaper

OTHER = "other"
UNREAD = ("queued", "reading")


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A document of a submission with its papers."""

    link: SubmissionPaper
    document: Document
    papers: list[PaperState]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case as it stands. `basis`: see `basis_of`; `unread`: documents that are still to be read; `newest_correction`: its id."""

    case: Case
    basis: str
    unread: int
    newest_correction: int


def handed_in(session: Session, submission_id: str) -> list[HandedIn]:
    """All documents in the order in which they were handed in."""
    rows = session.execute(
        select(SubmissionPaper, Document)
        .join(Document, Document.id == SubmissionPaper.document_id)
        .where(SubmissionPaper.submission_id == submission_id)
        .order_by(SubmissionPaper.added_at, Document.id)
    )
    found = [(link, document) for link, document in rows]
    papers = _papers_of(session, [document.id for _, document in found])
    return [HandedIn(link, document, papers.get(document.id, [])) for link, document in found]


def _papers_of(session: Session, document_ids: Sequence[str]) -> dict[str, list[PaperState]]:
    """Papers with their fields by document, in two questions for eighty papers as for one."""
    fields: dict[tuple[str, int], list[DocumentField]] = {}
    for row in session.scalars(
        select(DocumentField).where(DocumentField.document_id.in_(document_ids)).order_by(DocumentField.place)
    ):
        fields.setdefault((row.document_id, row.paper), []).append(row)
    papers: dict[str, list[PaperState]] = {}
    for one in session.scalars(
        select(DocumentPaper).where(DocumentPaper.document_id.in_(document_ids)).order_by(DocumentPaper.number)
    ):
        state = PaperState(one, fields.get((one.document_id, one.number), []))
        papers.setdefault(one.document_id, []).append(state)
    return papers


def load(session: Session, submission: Submission, item: ServiceItem, today: date) -> Loaded:
    """The case of a submission. Its day of application is `today` as long as it hasn't been handed in."""
    documents = handed_in(session, submission.id)
    staff = _staff(session, documents)
    papers: list[PaperFact] = []
    marks = _marks_of(session, [one.document.id for one in documents])
    for one in documents:
        papers += _papers(one, marks.get(one.document.id, {}), staff)
    answers = read_answers(item.situations, submission.answers)
    case = Case(
        item=item,
        answers=answers,
        form=in_normal_form(form_of(item, answers), submission.form),
        papers=tuple(papers),
        applied_on=submission.applied_on or today,
    )
    newest = session.scalar(
        select(func.max(DocumentCorrection.id)).where(
            DocumentCorrection.document_id.in_([one.document.id for one in documents])
        )
    )
    unread = sum(one.document.status in UNREAD for one in documents)
    return Loaded(case, basis_of(submission, documents), unread, newest or 0)


def basis_of(submission: Submission, documents: Sequence[HandedIn]) -> str:
    """A sum over everything that a check looks at: a report whose basis is another one is stale."""
    seen: list[Any] = [
        submission.item_id,
        submission.item_version,
        submission.answers,
        submission.form,
        submission.applied_on,
    ]
    for one in documents:
        papers = [
            [state.paper.number, state.paper.kind, state.paper.kind_by, [_seen(field) for field in state.fields]]
            for state in one.papers
        ]
        seen.append([one.document.id, one.document.status, one.document.error_code, one.link.material, papers])
    return hashlib.sha256(orjson.dumps(seen, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _seen(field: DocumentField) -> list[Any]:
    return [field.field, field.value, field.sure, field.proven, field.corrected_at, field.confirmed_by is not None]


def _staff(session: Session, documents: Sequence[HandedIn]) -> frozenset[str]:
    """Those among the people who put something right whose word counts: an applicant's doesn't make a reading sure."""
    said = {state.paper.kind_by for one in documents for state in one.papers}
    for one in documents:
        for state in one.papers:
            said |= {by for field in state.fields for by in (field.corrected_by, field.confirmed_by)}
    known = [one for one in said if one is not None]
    if not known:
        return frozenset()
    wanted = select(ApiKey.id).where(ApiKey.id.in_(known), ApiKey.role.in_([role.value for role in STAFF]))
    return frozenset(session.scalars(wanted))


def _marks_of(session: Session, document_ids: Sequence[str]) -> dict[str, dict[int, Mapping[str, Any] | None]]:
    """What was seen beside the text, by document and page; not the text, which is long."""
    marks: dict[str, dict[int, Mapping[str, Any] | None]] = {}
    wanted = select(DocumentPage.document_id, DocumentPage.number, DocumentPage.marks)
    for row in session.execute(wanted.where(DocumentPage.document_id.in_(document_ids))):
        marks.setdefault(row.document_id, {})[row.number] = row.marks
    return marks


def _papers(one: HandedIn, marks: Mapping[int, Mapping[str, Any] | None], staff: frozenset[str]) -> list[PaperFact]:
    document, link = one.document, one.link
    if document.status != "done" or not one.papers:
        reason = "document_not_read" if document.status in UNREAD else document.error_code or "document_empty"
        return [
            PaperFact(
                document.id,
                1,
                OTHER,
                chance=0.0,
                pages=tuple(range(1, document.page_count + 1)),
                seals=None,
                signatures=None,
                sha256=document.sha256,
                material=link.material,
                unread=reason,
            )
        ]
    return [_paper(document, link, state, marks, staff) for state in one.papers]


def _paper(
    document: Document,
    link: SubmissionPaper,
    state: PaperState,
    marks: Mapping[int, Mapping[str, Any] | None],
    staff: frozenset[str],
) -> PaperFact:
    paper = state.paper
    pages = tuple(dict.fromkeys(int(part["page"]) for part in paper.parts))
    looked_at = all(marks.get(page) is not None for page in pages)
    named = paper.kind_by in staff
    return PaperFact(
        document_id=document.id,
        number=paper.number,
        kind=paper.kind,
        # A kind that the applicant named is taken at the applicant's word: as one that nobody is sure of.
        chance=1.0 if named else paper.chance if paper.kind_by is None else 0.0,
        named_by_person=named,
        pages=pages,
        fields={field.field: _field(document.id, field, staff) for field in state.fields},
        seals=_marks(document.id, pages, marks, "seals", "text") if looked_at else None,
        signatures=_marks(document.id, pages, marks, "signatures", "label") if looked_at else None,
        marks_sure=False,  # found in pixels, all of them
        faults={
            page: tuple((marks.get(page) or {}).get("faults", ()))
            for page in pages
            if (marks.get(page) or {}).get("faults")
        },
        sha256=document.sha256,
        material=link.material,
    )


def _field(document_id: str, row: DocumentField, staff: frozenset[str]) -> FieldFact:
    said = row.corrected_by in staff or row.confirmed_by in staff
    applicants = row.corrected_by is not None and not said
    return FieldFact(
        value=row.value,
        confidence=1.0 if said else row.confidence,
        sure=said or (row.sure and not applicants),
        proven=row.proven,
        raw=row.raw,
        places=tuple(
            Place(document_id, one["page"], quad_of(one["box"])) for one in row.boxes if one["page"] is not None
        ),
    )


def _marks(
    document_id: str,
    pages: Sequence[int],
    marks: Mapping[int, Mapping[str, Any] | None],
    kind: str,
    text: str,
) -> tuple[MarkFact, ...]:
    return tuple(
        MarkFact(str(one[text]), float(one.get("confidence", 1.0)), Place(document_id, page, quad_of(one["box"])))
        for page in pages
        for one in (marks.get(page) or {}).get(kind, ())
    )
