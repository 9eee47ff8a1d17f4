"""What the numbers are made of: the bare facts of every message in a period, read in one pass over one index, as columns.

Comes in: conditions on messages. Goes out: `Facts`, arrays of equal length without any text. Nothing is kept between two
readings, so that a late rating, a hand-off or a repeat counts at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Float, String, case, exists, func, select, type_coerce
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.consult.desk.tables import DeskHandover
from services.consult.tables import ConsultMessage
from services.consult.voice.tables import VoiceRating

NO_GRADE = 0
MICROSECONDS = 1_000_000
SLACK = timedelta(days=1)
"""A rating is never older than its message; the clocks of two processes may differ a little."""
UNANSWERED, WORDS_ONLY, DROPPED = 1, 2, 4
"""Bits of `Facts.flags`."""
FLAGS = 8
"""More than all the bits together."""
AT_ONCE = 1_000
BETWEEN = "\x1f"
"""Stands in no id, channel or status."""

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts as numbers: `names[codes[row]]`; what is missing is the empty text."""

    codes: Whole
    names: list[str]

    def code(self, name: str) -> int:
        """The number of a text; -1 if no row has it."""
        return self.names.index(name) if name in self.names else -1


@dataclass(frozen=True, slots=True)
class Facts:
    """Messages of a period. `at`: microseconds since 1970; `grade`: 1..5, or `NO_GRADE`; `clerk`: whether the conversation
    ever went to a clerk; `seconds`: how long the answer took."""

    session: Coded
    number: Whole
    at: Whole
    item: Coded
    channel: Coded
    status: Coded
    flags: Whole
    seconds: NDArray[np.float64]
    grade: Whole
    clerk: NDArray[np.bool_]


def read_facts(session: Session, where: Sequence[ColumnElement[bool]], begin: datetime, end: datetime) -> Facts:
    """The facts of the messages that `where` lets through, all of them from `begin` to before `end`."""
    message = ConsultMessage
    flags = (
        _bit(message.unanswered) * UNANSWERED
        + _bit(message.words_only) * WORDS_ONLY
        + _bit(message.dropped > 0) * DROPPED
    )
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    # Moments stay as SQLite keeps them, as text: numpy reads 200,000 of them in the time of a few thousand datetimes.
    at = (
        type_coerce(message.created_at, String)
        if on_sqlite
        else sql_cast(func.extract("epoch", message.created_at) * MICROSECONDS, BigInteger)
    )
    # What has few values travels as one: each column of each row costs as much as the reading itself.
    kind = func.coalesce(message.item_id, "") + BETWEEN + message.channel + BETWEEN + message.status
    rows = session.connection().execute(
        select(message.session_id, message.number * FLAGS + flags, at, kind, type_coerce(message.seconds, Float)).where(
            *where
        )
    )
    sessions: list[str] = []
    kinds: list[str] = []
    marks: list[Whole] = []
    moments: list[Whole] = []
    seconds: list[NDArray[np.float64]] = []
    # The driver's own rows: objects around 200,000 of them would double the time.
    cursor = cast("Any", rows.cursor)
    while part := cursor.fetchmany(AT_ONCE):
        columns = tuple(zip(*part, strict=True))
        sessions += columns[0]
        marks.append(np.array(columns[1], np.int64))
        moments.append(np.array(columns[2], "datetime64[us]" if on_sqlite else np.int64).astype(np.int64))
        kinds += columns[3]
        seconds.append(np.array(columns[4], np.float64))
    talks, kept = _coded(sessions), _coded(kinds)
    item, channel, status = (_part(kept, place) for place in range(3))
    mark = np.concatenate(marks) if marks else np.zeros(0, np.int64)
    number = mark // FLAGS
    return Facts(
        session=talks,
        number=number,
        at=np.concatenate(moments) if moments else mark,
        item=item,
        channel=channel,
        status=status,
        flags=mark % FLAGS,
        seconds=np.concatenate(seconds) if seconds else np.zeros(0),
        grade=_grades(session, talks, number, begin),
        clerk=_clerks(session, talks, begin, end),
    )


def _bit(condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _coded(texts: Sequence[str]) -> Coded:
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return Coded(np.fromiter(map(places.__getitem__, texts), np.int64, len(texts)), list(places))


def _part(kinds: Coded, place: int) -> Coded:
    """One of the columns that travelled together."""
    part = _coded([name.split(BETWEEN)[place] for name in kinds.names])
    return Coded(part.codes[kinds.codes] if part.names else kinds.codes, part.names)


def _grades(session: Session, talks: Coded, number: Whole, begin: datetime) -> Whole:
    """The grade of each message."""
    grades = np.full(len(number), NO_GRADE, np.int64)
    places = {name: code for code, name in enumerate(talks.names)}
    rated = session.connection().execute(
        select(VoiceRating.session_id, VoiceRating.number, VoiceRating.grade).where(
            VoiceRating.created_at >= begin - SLACK
        )
    )
    widest = int(number.max(initial=0)) + 1
    message = talks.codes * widest + number
    order = np.argsort(message)
    within = [(places[name] * widest + nth, grade) for name, nth, grade in rated if name in places and nth < widest]
    if within:
        wanted = np.array(within, np.int64)
        spots = np.searchsorted(message, wanted[:, 0], sorter=order).clip(max=len(order) - 1)
        found = order[spots]
        same = message[found] == wanted[:, 0]
        grades[found[same]] = wanted[same, 1]
    return grades


def _clerks(session: Session, talks: Coded, begin: datetime, end: datetime) -> NDArray[np.bool_]:
    """Whether each message's conversation ever went to a clerk, also before or after the period."""
    message = ConsultMessage
    within = exists().where(
        message.session_id == DeskHandover.session_id, message.created_at >= begin, message.created_at < end
    )
    handed = set(session.scalars(select(DeskHandover.session_id).where(within)))
    known = np.fromiter((name in handed for name in talks.names), np.bool_, len(talks.names))
    return known[talks.codes] if len(known) else np.zeros(0, np.bool_)
