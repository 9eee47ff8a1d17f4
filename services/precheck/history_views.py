"""The history as callers see it. An applicant isn't told which clerk did what, and nobody who decides is told that a case is
held back as a sample."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.access import Caller
from services.precheck import rights
from services.precheck.history import TITLES, read_history
from services.precheck.schemas import HistoryLine
from services.precheck.states import State
from services.precheck.tables import Submission

OFFICE = "工作人员"
INSIDE = frozenset({"ruled", "own_finding", "claimed", "released", "sampled", "declined"})
"""Events that are the office's own business."""
BLIND = frozenset({"sampled", "declined", "automatic"})


def history_lines(session: Session, submission: Submission, caller: Caller) -> list[HistoryLine]:
    """All events in order, as far as the caller may see them. `detail.words`: what was written then."""
    staff = rights.is_staff(caller)
    blind = submission.blind and not State(submission.state).final
    lines = []
    for row, words in read_history(session, submission.id):
        if (not staff and row.what in INSIDE) or (blind and row.what in BLIND):
            continue
        own = row.who_id in (caller.id, "anonymous") or row.by != "person"
        detail = {name: value for name, value in row.detail.items() if name != "words"}
        if words is not None:
            detail["words"] = words
        lines.append(
            HistoryLine(
                number=row.number,
                at=row.at,
                what=row.what,
                title=TITLES[row.what],
                by="machine" if row.by == "machine" else "law" if row.by == "law" else "person",
                who=row.who_name if staff or own else OFFICE,
                detail=detail,
                digest=row.digest,
            )
        )
    return lines
