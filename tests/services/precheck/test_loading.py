"""From the database to the facts of a case: fields, marks, faults, what could not be read, and whose word counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.database import Database
from services.access import Role
from services.access.keys import create_key
from services.documents.papers.tables import DocumentCorrection, DocumentField, DocumentPaper
from services.documents.tables import Document, DocumentPage
from services.precheck.facts import PaperFact
from services.precheck.loading import Loaded, load
from services.precheck.tables import SubmissionPaper
from tests.services.precheck.conftest import MONDAY, item
from tests.services.precheck.test_history import submission

BOX = [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2], [0.1, 0.2]]
QUAD = tuple((x, y) for x, y in BOX)
MARKS = {
    "seals": [{"box": BOX, "text": "示例局", "confidence": 0.8}],
    "signatures": [{"box": BOX, "label": "签名"}],
    "faults": ["blurred"],
}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/hub.sqlite3"


def document(session: Session, document_id: str, status: str = "done", **more: Any) -> None:
    session.add(
        Document(
            id=document_id, owner="key_1", owned=True, file_name="纸.png", media_type="image/png", sha256=document_id * 8,
            size=1, page_count=2, status=status, created_at=MONDAY, submission_id=f"{1:032x}", **more,
        )
    )  # fmt: skip
    session.flush()
    session.add(
        SubmissionPaper(
            submission_id=f"{1:032x}", document_id=document_id, material="identity", added_at=MONDAY, added_by="key_1"
        )
    )
    session.flush()


def paper(session: Session, document_id: str, *, marks: Any = None, kind_by: str | None = None, **field: Any) -> None:
    for number in (1, 2):
        session.add(
            DocumentPage(document_id=document_id, number=number, width=1, height=1, rotation=0, lines=[], marks=marks)
        )
    session.add(
        DocumentPaper(
            document_id=document_id, number=1, kind="business-licence", chance=0.97, kind_by=kind_by,
            parts=[{"page": 1, "lines": []}],
        )
    )  # fmt: skip
    session.flush()
    values = {"value": "甲公司", "confidence": 0.7, "sure": False, **field}
    session.add(
        DocumentField(
            document_id=document_id, paper=1, place=0, field="name", raw="甲公司", proven=None,
            boxes=[{"page": 1, "box": BOX}], **values,
        )
    )  # fmt: skip
    session.flush()


def loaded(session: Session) -> Loaded:
    from services.precheck.tables import Submission

    one = session.get(Submission, f"{1:032x}")
    assert one is not None
    return load(session, one, item(), MONDAY.date())


@pytest.fixture
def session(database: Database) -> Any:
    with database.session() as session:
        session.add(submission())
        session.flush()
        yield session


def only(session: Session) -> PaperFact:
    (fact,) = loaded(session).case.papers
    return fact


def test_what_was_read_and_seen_on_the_papers_pages(session: Session) -> None:
    document(session, "a")
    paper(session, "a", marks=MARKS)
    fact = only(session)
    assert (fact.key, fact.kind, fact.chance, fact.pages, fact.material) == (
        "a/1",
        "business-licence",
        0.97,
        (1,),
        "identity",
    )
    field = fact.fields["name"]
    assert (field.value, field.confidence, field.sure, field.places[0].box) == ("甲公司", 0.7, False, QUAD)
    assert fact.seals is not None
    assert [(mark.text, mark.confidence, mark.place.page) for mark in fact.seals] == [("示例局", 0.8, 1)]
    assert fact.signatures is not None
    assert [mark.text for mark in fact.signatures] == ["签名"]
    assert fact.faults == {1: ("blurred",)}


def test_pages_that_nobody_looked_at_say_nothing_of_seals(session: Session) -> None:
    document(session, "a")
    paper(session, "a", marks=None)
    assert (only(session).seals, only(session).signatures) == (None, None)


@pytest.mark.parametrize(
    ("status", "more", "unread"),
    [
        ("queued", {}, "document_not_read"),
        ("reading", {}, "document_not_read"),
        ("failed", {"error_code": "pdf_broken"}, "pdf_broken"),
        ("done", {}, "document_empty"),
    ],
)
def test_what_could_not_be_read_is_never_left_out(
    session: Session, status: str, more: dict[str, str], unread: str
) -> None:
    document(session, "a", status, **more)
    fact = only(session)
    assert (fact.unread, fact.kind, fact.chance, fact.seals, fact.pages) == (unread, "other", 0.0, None, (1, 2))
    assert loaded(session).unread == (unread == "document_not_read")


@pytest.mark.parametrize(
    ("role", "sure"), [(Role.CLERK, True), (Role.ADMIN, True), (Role.CITIZEN, False), (None, False)]
)
def test_whose_word_makes_a_reading_sure(session: Session, role: Role | None, sure: bool) -> None:
    by = create_key(session, name="某", role=role)[0].id if role is not None else "anonymous:1"
    document(session, "a")
    # The reader was sure of what it read; an applicant's word in its place is not what was read.
    paper(session, "a", kind_by=by, sure=True, corrected_by=by, corrected_at=MONDAY)
    fact = only(session)
    assert (fact.fields["name"].sure, fact.named_by_person, fact.chance) == (sure, sure, 1.0 if sure else 0.0)


def test_what_staff_confirmed_of_an_applicants_word_is_sure(session: Session) -> None:
    anna = create_key(session, name="安娜", role=Role.CLERK)[0].id
    document(session, "a")
    paper(session, "a", corrected_by="anonymous:1", corrected_at=MONDAY, confirmed_by=anna, confirmed_at=MONDAY)
    assert (only(session).fields["name"].sure, only(session).fields["name"].confidence) == (True, 1.0)


def test_the_basis_changes_with_whatever_a_check_looks_at(session: Session) -> None:
    document(session, "a")
    paper(session, "a", marks=MARKS)
    one = loaded(session)
    seen = {one.basis}
    field = session.get(DocumentField, ("a", 1, 0))
    row = session.get(Document, "a")
    link = session.get(SubmissionPaper, (f"{1:032x}", "a"))
    kind = session.get(DocumentPaper, ("a", 1))
    assert None not in (field, row, link, kind)
    for thing, name, value in (
        (field, "value", "乙公司"), (field, "sure", True), (field, "corrected_at", MONDAY), (field, "confirmed_by", "x"),
        (kind, "kind", "other"), (link, "material", "lease"), (row, "status", "reading"),
    ):  # fmt: skip
        setattr(thing, name, value)
        session.flush()
        seen.add(loaded(session).basis)
    assert len(seen) == 8
    assert loaded(session).basis == loaded(session).basis


def test_the_newest_correction_is_known(session: Session) -> None:
    document(session, "a")
    paper(session, "a")
    assert loaded(session).newest_correction == 0
    session.add(DocumentCorrection(document_id="a", paper=1, field="name", before="a", after="b", by="x", at=MONDAY))
    session.flush()
    assert loaded(session).newest_correction == 1
