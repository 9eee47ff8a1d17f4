"""Who may see a document: by whose it is, by role, and by submission. Pure rules over a row and a caller."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.errors import Forbidden, Invalid
from services.access import Caller, Role
from services.documents.tables import Document

SubmissionRight = Callable[[Caller, str], bool]
"""Whether a clerk may see the papers of a submission."""
SUBMISSION_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SUBMITTERS = (Role.CLERK, Role.ADMIN)


def any_clerk(caller: Caller, submission_id: str) -> bool:
    """As long as nobody says which clerk handles which submission: every clerk handles all of them."""
    return caller.role is Role.CLERK


def may_see(document: Document, caller: Caller, handles: SubmissionRight) -> bool:
    """Whether a caller may be shown a document, and remove it.

    An anonymous caller's is open to who knows its id (128 random bits), also where it belongs to a submission: the applicant
    looks at the pages that a finding points to. A key's is open to that key and to admins; one that belongs to a submission also
    to the clerks who handle it. No other role opens anything.
    """
    if document.owner == caller.id or caller.role is Role.ADMIN:
        return True
    if document.submission_id is not None and caller.role is Role.CLERK and handles(caller, document.submission_id):
        return True
    return not document.owned


def may_see_views(document: Document, caller: Caller) -> bool:
    """Whether a caller may see who looked at a document: its owner and admins; of an anonymous one, who knows its id."""
    return caller.role is Role.ADMIN or document.owner == caller.id or not document.owned


def check_submission(caller: Caller, submission_id: str | None, handles: SubmissionRight) -> None:
    """Whether a caller may hand in papers for a submission.

    Raises:
        Forbidden: `submission_not_allowed`.
        Invalid: `submission_id_invalid`.
    """
    if submission_id is None:
        return
    if caller.role not in SUBMITTERS:
        raise Forbidden(
            "只有窗口人员可以把文件归入办件；请去掉 submission_id，或用窗口人员的密钥。", code="submission_not_allowed"
        )
    if SUBMISSION_FORM.fullmatch(submission_id) is None:
        raise Invalid(
            "submission_id 写法不对；应为 1 到 64 个字母、数字、点、横线或下划线。",
            code="submission_id_invalid",
            param="submission_id",
        )
    if caller.role is Role.CLERK and not handles(caller, submission_id):
        raise Forbidden("这个办件不由您经办，不能把文件归入其中。", code="submission_not_allowed")
