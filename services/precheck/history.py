"""What happened to a submission: only ever added to, each event chained to the one before by sha256.

Comes in: an event within the transaction that makes it true. Goes out: `SubmissionHistory` rows, and faults of a chain that was
tampered with. `detail` holds codes and numbers; what a person wrote stands beside it with a salt (`SubmissionWords`), so that it
can be removed with the submission while the chain still proves itself.

What a chain can't show: that its newest events were cut off together with the submission's own note of them (`history_digest`).
Whoever wants that notes `kaopu audit heads` elsewhere.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import now
from services.access import Caller
from services.precheck.outbox import put_out
from services.precheck.tables import Submission, SubmissionHistory, SubmissionWords

By = Literal["machine", "person", "law"]
AT_ONCE = 1000

TITLES: dict[str, str] = {
    "opened": "建立办件",
    "changed": "修改情形或表单",
    "paper_added": "交来文件",
    "paper_removed": "撤下文件",
    "paper_taken": "指明文件是哪份材料",
    "submit": "提交",
    "accept": "受理",
    "accept_by_law": "逾期未告知，依法视为受理",
    "correct": "一次性告知补正",
    "supplement": "补齐补正",
    "refuse": "不予受理",
    "complete": "办结",
    "return": "退件",
    "checked": "机器预审",
    "check_failed": "机器预审未能完成，交人工",
    "ruled": "核定发现",
    "own_finding": "人工发现",
    "claimed": "领取",
    "released": "放回",
    "automatic": "自动办理",
    "sampled": "自动办理抽查，交人工",
    "declined": "不自动办理，交人工",
    "removed": "保存期满，删除",
}


@dataclass(frozen=True, slots=True)
class Who:
    """Who does something. `id`, `name`: of a key; an anonymous applicant has neither."""

    by: By
    id: str
    name: str


MACHINE = Who("machine", "system:precheck", "系统")
LAW = Who("law", "system:law", "法律规定")


def person(caller: Caller) -> Who:
    """A caller. The id of an anonymous one comes from an address: it is left out."""
    return Who("person", "anonymous", "申请人") if caller.anonymous else Who("person", caller.id, caller.name)


def digest_of(previous: str, parts: tuple[Any, ...]) -> str:
    """Of one event. `parts`: submission, number, moment, what, by, who's id and name, detail."""
    text = orjson.dumps([previous, *parts], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()


def _parts(row: SubmissionHistory) -> tuple[Any, ...]:
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return (row.submission_id, row.number, at, row.what, row.by, row.who_id, row.who_name, row.detail)


def append(
    session: Session,
    submission: Submission,
    what: str,
    who: Who,
    detail: Mapping[str, Any] | None = None,
    *,
    words: str | None = None,
    at: datetime | None = None,
) -> SubmissionHistory:
    """Write an event down, and put it out to the webhooks. The submission's row is locked by now. An event is never earlier than
    the one before, even if the clock was set back."""
    assert what in TITLES
    moment = at or now()
    last = session.scalar(
        select(SubmissionHistory.at).where(
            SubmissionHistory.submission_id == submission.id, SubmissionHistory.number == submission.history_number
        )
    )
    facts = dict(detail or {})
    number = submission.history_number + 1
    if words:
        salt = secrets.token_hex(16)
        session.add(SubmissionWords(submission_id=submission.id, number=number, salt=salt, text=words))
        facts["words"] = words_digest(salt, words)
    row = SubmissionHistory(
        submission_id=submission.id,
        number=number,
        at=max(moment, last) if last is not None else moment,
        what=what,
        by=who.by,
        who_id=who.id,
        who_name=who.name,
        detail=facts,
        previous=submission.history_digest,
        digest="",
    )
    row.digest = digest_of(row.previous, _parts(row))
    session.add(row)
    submission.history_number, submission.history_digest = number, row.digest
    session.flush()
    put_out(session, submission, what, moment)
    return row


def words_digest(salt: str, text: str) -> str:
    """What the history holds of a text."""
    return hashlib.sha256(f"{salt}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def read_history(session: Session, submission_id: str) -> list[tuple[SubmissionHistory, str | None]]:
    """All events of a submission in order, with what was written at them."""
    words = {
        one.number: one.text
        for one in session.scalars(select(SubmissionWords).where(SubmissionWords.submission_id == submission_id))
    }
    rows = session.scalars(
        select(SubmissionHistory)
        .where(SubmissionHistory.submission_id == submission_id)
        .order_by(SubmissionHistory.number)
    )
    return [(row, words.get(row.number)) for row in rows]


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a chain doesn't hold: `changed` (an event isn't what its digest says), `gap` (one is missing), `cut` (the end isn't
    the one that the submission notes), `words` (what was written isn't what the event says)."""

    submission_id: str
    number: int
    kind: Literal["changed", "gap", "cut", "words"]


def faults(session: Session, submission_id: str | None = None) -> Iterator[Fault]:
    """Every fault of one chain, or of all."""
    wanted = select(SubmissionHistory).order_by(SubmissionHistory.submission_id, SubmissionHistory.number)
    if submission_id is not None:
        wanted = wanted.where(SubmissionHistory.submission_id == submission_id)
    current, number, digest = "", 0, ""
    ends: dict[str, tuple[int, str]] = {}
    for row in session.scalars(wanted.execution_options(yield_per=AT_ONCE)):
        if row.submission_id != current:
            current, number, digest = row.submission_id, 0, ""
        if row.number != number + 1 or row.previous != digest:
            yield Fault(current, row.number, "gap")
        if row.digest != digest_of(row.previous, _parts(row)):
            yield Fault(current, row.number, "changed")
        number, digest = row.number, row.digest
        ends[current] = number, digest
    yield from _cut(session, submission_id, ends)
    yield from _words(session, submission_id)


def _cut(session: Session, submission_id: str | None, ends: Mapping[str, tuple[int, str]]) -> Iterator[Fault]:
    wanted = select(Submission.id, Submission.history_number, Submission.history_digest)
    if submission_id is not None:
        wanted = wanted.where(Submission.id == submission_id)
    for one in session.execute(wanted):
        if ends.get(one.id, (0, "")) != (one.history_number, one.history_digest):
            yield Fault(one.id, one.history_number, "cut")


def _words(session: Session, submission_id: str | None) -> Iterator[Fault]:
    wanted = select(SubmissionWords, SubmissionHistory.detail).outerjoin(
        SubmissionHistory,
        (SubmissionHistory.submission_id == SubmissionWords.submission_id)
        & (SubmissionHistory.number == SubmissionWords.number),
    )
    if submission_id is not None:
        wanted = wanted.where(SubmissionWords.submission_id == submission_id)
    for row, detail in session.execute(wanted):
        if (detail or {}).get("words") != words_digest(row.salt, row.text):
            yield Fault(row.submission_id, row.number, "words")
