"""From the database to `facts.Case`, and a sum over all that a check looks at. Functions on a session.

A document that can't be read, or isn't yet, is a paper with `unread`: it is never left out, so nothing passes for want of it.
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
from services.documents.extraction.page_lines import quad_of
from services.documents.papers.storing import PaperState, papers_of
from services.documents.papers.tables import DocumentCorrection, DocumentField
from services.documents.tables import Document, DocumentPage
from services.precheck.facts import Case, FieldFact, MarkFact, PaperFact, Place
from services.precheck.form_values import in_normal_form
from services.precheck.prefilling import form_of
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
    return [HandedIn(link, document, papers_of(session, document.id)) for link, document in rows]


def load(session: Session, submission: Submission, item: ServiceItem, today: date) -> Loaded:
    """The case of a submission. Its day of application is `today` as long as it hasn't been handed in."""
    documents = handed_in(session, submission.id)
    papers: list[PaperFact] = []
    for one in documents:
        papers += _papers(session, one)
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
        seen.append([one.document.id, one.document.status, one.link.material, papers])
    return hashlib.sha256(orjson.dumps(seen, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _seen(field: DocumentField) -> list[Any]:
    return [field.field, field.value, field.sure, field.proven, field.corrected_at]


def _papers(session: Session, one: HandedIn) -> list[PaperFact]:
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
    pages = {
        page.number: page.marks
        for page in session.scalars(select(DocumentPage).where(DocumentPage.document_id == document.id))
    }
    return [_paper(document, link, state, pages) for state in one.papers]


def _paper(
    document: Document, link: SubmissionPaper, state: PaperState, marks: Mapping[int, Mapping[str, Any] | None]
) -> PaperFact:
    paper = state.paper
    pages = tuple(dict.fromkeys(int(part["page"]) for part in paper.parts))
    looked_at = all(marks.get(page) is not None for page in pages)
    named = paper.kind_by is not None
    return PaperFact(
        document_id=document.id,
        number=paper.number,
        kind=paper.kind,
        chance=1.0 if named else paper.chance,
        named_by_person=named,
        pages=pages,
        fields={field.field: _field(document.id, field) for field in state.fields},
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


def _field(document_id: str, row: DocumentField) -> FieldFact:
    corrected = row.corrected_by is not None
    return FieldFact(
        value=row.value,
        confidence=1.0 if corrected else row.confidence,
        sure=row.sure or corrected,
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
