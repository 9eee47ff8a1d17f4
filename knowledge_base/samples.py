"""Labelled samples for training: questions, feedback, corrections, decisions and findings, without personal data.

Comes in: a text and its label with where it came from and on what ground it may be kept. Goes out: an iterator in a stable
order for training. Texts are redacted before they are stored, by a function that is handed in; whatever still looks like
an ID card number or a mobile number after that is refused, so that a gap in the redaction stores nothing.

The same sample from two people is kept once with two origins; it goes when the last origin is withdrawn.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import orjson
from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.check_digits import identity_number_holds
from core.database import Database, now
from core.errors import Conflict, Invalid
from knowledge_base.life.lifecycle import Actor
from knowledge_base.tables import Sample as SampleRow
from knowledge_base.tables import SampleOrigin

LONGEST_INPUT = 10_000
LONGEST_ORIGIN = 120
AT_ONCE = 500
ATTEMPTS = 3

_GAPS = re.compile(r"(?<=[0-9])[\s\-—_.·]+(?=[0-9Xx])")
_EIGHTEEN = re.compile(r"(?=([0-9]{17}[0-9Xx]))")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86)?1[3-9][0-9]{9}(?![0-9])")


class SampleKind(StrEnum):
    """What a sample teaches."""

    QUESTION = "question"
    FEEDBACK = "feedback"
    CORRECTION = "correction"
    DECISION = "decision"
    LINT = "lint"
    RULING = "ruling"
    """What a clerk said of a finding of the pre-check."""
    OUTCOME = "outcome"
    """How a case was decided, against what the pre-check had said."""


class Consent(StrEnum):
    """On what ground a sample may be kept."""

    GIVEN = "given"
    """The person it came from agreed."""
    STAFF = "staff"
    """Staff made it in their work."""
    PUBLIC = "public"
    """It stands in a public text."""


class Redacted(Protocol):
    """A text without personal data, and how many finds of each kind were taken out."""

    @property
    def text(self) -> str:
        """The text with marks in place of personal data."""

    @property
    def found(self) -> Mapping[str, int]:
        """How many of each kind."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample. `entries`: ids and versions of the texts it is about."""

    kind: SampleKind
    input: str
    label: Any
    entries: tuple[tuple[str, int], ...] = ()
    redaction: Mapping[str, int] = field(default_factory=dict)
    origins: tuple[str, ...] = ()
    id: int | None = None
    created_at: datetime | None = None


class Samples:
    """The samples of one database.

    Args:
        database: at the newest revision.
        redact: takes personal data out of a text (`services.consult.personal_data.mask`).
    """

    def __init__(self, database: Database, redact: Callable[[str], Redacted]) -> None:
        self.database = database
        self._redact = redact

    async def add(
        self,
        kind: SampleKind,
        text: str,
        label: Any,
        *,
        origin: str,
        consent: Consent,
        by: Actor,
        entries: Sequence[tuple[str, int]] = (),
    ) -> Sample:
        """Store a sample; the same one again only adds its origin. `label`: plain data; texts in it are redacted too.

        Raises:
            Invalid: `sample_empty`, `sample_too_long`, `sample_not_plain`, `sample_origin_invalid`, or `sample_not_redacted`: an
                ID card or mobile number is still there. Nothing is stored.
        """
        if not text.strip():
            raise Invalid("样本内容不能为空。", code="sample_empty", param="input")
        if len(text) > LONGEST_INPUT:
            raise Invalid(f"样本最多 {LONGEST_INPUT} 字。", code="sample_too_long", param="input")
        if not 1 <= len(origin) <= LONGEST_ORIGIN or holds_personal_number(origin):
            raise Invalid(
                "样本来源应为 1 到 120 个字符的编号，不能含个人信息。", code="sample_origin_invalid", param="origin"
            )
        found: Counter[str] = Counter()
        redacted = self._redacted(text, found)
        clean = self._walk(label, found)
        try:
            plain = orjson.dumps([kind.value, redacted, clean], option=orjson.OPT_SORT_KEYS)
        except (TypeError, orjson.JSONEncodeError):
            raise Invalid("样本里有存不了的数据。", code="sample_not_plain") from None
        if b"\\u0000" in plain:
            raise Invalid("样本里有存不了的字符。", code="sample_not_plain")
        # Over everything that is stored, so that a number split between a key and its value is seen as well.
        if any(holds_personal_number(one) for one in (redacted, *_texts(clean))):
            raise Invalid("样本里还有像身份证号或手机号的内容，没有保存；请先脱敏。", code="sample_not_redacted")
        row = {
            "digest": hashlib.sha256(plain).hexdigest(),
            "kind": kind.value,
            "input": redacted,
            "label": clean,
            "redaction": dict(found),
            "entries": [{"entry_id": entry_id, "number": number} for entry_id, number in entries],
        }
        for _ in range(ATTEMPTS):
            try:
                return await self.database.run(lambda session: _added(session, row, origin, consent, by))
            except IntegrityError:
                continue  # another process stored the same sample at the same moment
        raise Conflict("同一样本正在被反复写入，请稍后再试。", code="sample_busy")

    def _redacted(self, text: str, found: Counter[str]) -> str:
        result = self._redact(text)
        found.update(result.found)
        return result.text

    def _walk(self, value: Any, found: Counter[str]) -> Any:
        if isinstance(value, str):
            return self._redacted(value, found)
        if isinstance(value, Mapping):
            return {str(key): self._walk(part, found) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self._walk(part, found) for part in value]
        return value

    async def read(self, *, kind: SampleKind | None = None, entry_id: str | None = None) -> AsyncIterator[Sample]:
        """Every sample in the order in which it was stored; of one kind, about one entry. Reads in pages, so that training
        doesn't hold a transaction open."""
        after = 0
        while True:

            def next_page(session: Session, after: int = after) -> list[Sample]:
                return _page(session, kind, after)

            page = await self.database.run(next_page, read_only=True)
            for sample in page:
                if entry_id is None or any(entry == entry_id for entry, _ in sample.entries):
                    yield sample
            if len(page) < AT_ONCE:
                return
            after = page[-1].id or 0

    async def forget(self, origin: str) -> int:
        """Consent was withdrawn: remove what came from `origin` and from nowhere else; how many samples went."""
        return await self.database.run(lambda session: _forgotten(session, origin))


def _added(session: Session, values: Mapping[str, Any], origin: str, consent: Consent, by: Actor) -> Sample:
    moment = now()
    row = session.execute(select(SampleRow).where(SampleRow.digest == values["digest"])).scalar_one_or_none()
    if row is None:
        row = SampleRow(**values, created_at=moment)
        session.add(row)
        session.flush()
    else:
        known = {(one["entry_id"], one["number"]): one for one in (*row.entries, *values["entries"])}
        row.entries = list(known.values())
    if session.get(SampleOrigin, (row.id, origin)) is None:
        session.add(
            SampleOrigin(sample_id=row.id, origin=origin, consent=consent.value, actor_id=by.id, created_at=moment)
        )
        session.flush()
    return _samples(session, [row])[0]


def _page(session: Session, kind: SampleKind | None, after: int) -> list[Sample]:
    wanted = select(SampleRow).where(SampleRow.id > after).order_by(SampleRow.id).limit(AT_ONCE)
    if kind is not None:
        wanted = wanted.where(SampleRow.kind == kind.value)
    return _samples(session, list(session.scalars(wanted)))


def _samples(session: Session, rows: Sequence[SampleRow]) -> list[Sample]:
    origins: dict[int, list[str]] = {}
    for one in session.execute(
        select(SampleOrigin.sample_id, SampleOrigin.origin)
        .where(SampleOrigin.sample_id.in_([row.id for row in rows]))
        .order_by(SampleOrigin.origin)
    ):
        origins.setdefault(one.sample_id, []).append(one.origin)
    return [
        Sample(
            kind=SampleKind(row.kind),
            input=row.input,
            label=row.label,
            entries=tuple((one["entry_id"], one["number"]) for one in row.entries),
            redaction=row.redaction,
            origins=tuple(origins.get(row.id, ())),
            id=row.id,
            created_at=row.created_at,
        )
        for row in rows
    ]


def _forgotten(session: Session, origin: str) -> int:
    ids = list(session.scalars(select(SampleOrigin.sample_id).where(SampleOrigin.origin == origin)))
    session.execute(delete(SampleOrigin).where(SampleOrigin.origin == origin))
    gone = 0
    for start in range(0, len(ids), AT_ONCE):
        orphans = select(SampleRow.id).where(
            SampleRow.id.in_(ids[start : start + AT_ONCE]), ~exists().where(SampleOrigin.sample_id == SampleRow.id)
        )
        some = list(session.scalars(orphans))
        session.execute(delete(SampleRow).where(SampleRow.id.in_(some)))
        gone += len(some)
    return gone


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for key, part in value.items() for text in (str(key), *_texts(part))]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def holds_personal_number(text: str) -> bool:
    """Whether an ID card number with a check digit that holds, or a mobile number, stands in the text; also in groups
    (110105 19491231 002X)."""
    for joined in (text, _GAPS.sub("", text)):
        if _MOBILE.search(joined) or any(identity_number_holds(match[1]) for match in _EIGHTEEN.finditer(joined)):
            return True
    return False
