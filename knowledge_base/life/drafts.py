"""Drafts and their review: begin, save, submit, approve, send back. Every function works inside a session's transaction.

Two people may have the same draft open. Whoever saves second is told who saved first (`draft_changed`), and what they
wrote stays with them: nothing is overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.database import now
from core.errors import Conflict, Invalid, NotFound, shown
from knowledge_base.life.documents import checked_draft, digest_of, entry_of, named, new_id
from knowledge_base.life.history import event, record
from knowledge_base.life.lifecycle import OPEN, Action, Actor, check_four_eyes, is_in_use, moved
from knowledge_base.life.planning import not_found, outdated
from knowledge_base.schema import Entry
from knowledge_base.tables import LibraryEntry, LibraryVersion
from knowledge_base.terms import EntryKind, TextState

Check = Callable[[Entry], Iterable[Mapping[str, Any]]]
"""The checker of guides: what of a text must not be submitted, each as plain data with a `field` and a `reason`."""
LONGEST_NOTE = 1_000


def created(session: Session, kind: EntryKind, document: Mapping[str, Any], by: Actor) -> LibraryVersion:
    """A draft of a new entry; its id is the document's or made of its name.

    Raises:
        Conflict: `entry_exists`.
        ContentInvalid, TooLarge, Invalid: see `checked_draft`, `new_id`.
    """
    taken = set(session.scalars(select(LibraryEntry.id))) if document.get("id") is None else set()
    entry_id = new_id(document, taken)
    entry = session.get(LibraryEntry, entry_id, with_for_update=True)
    if entry is None:
        entry = LibraryEntry(id=entry_id, kind=kind.value, last_number=0, created_at=now())
        session.add(entry)
    elif session.execute(select(LibraryVersion.id).where(LibraryVersion.entry_id == entry_id).limit(1)).first():
        raise Conflict(f"编号 {shown(entry_id)} 已经存在；请换一个编号，或修改已有的内容。", code="entry_exists")
    entry.kind = kind.value
    return _begin(session, entry, {**document, "id": entry_id}, by, based_on=None, note=None)


def begun(session: Session, entry_id: str, by: Actor, *, restore: int | None, note: str | None) -> LibraryVersion:
    """A draft made of the text in force, or of an old version (`restore`); of the newest if nothing is in force.

    Raises:
        NotFound: `entry_not_found`, `version_not_found`.
        Conflict: `draft_exists`: there is one that is not through yet.
    """
    entry = session.get(LibraryEntry, entry_id, with_for_update=True)
    if entry is None:
        raise not_found(entry_id)
    every = session.execute(
        select(LibraryVersion.id, LibraryVersion.number, LibraryVersion.state).where(
            LibraryVersion.entry_id == entry_id
        )
    ).all()
    for row in every:
        if row.state in OPEN:
            raise Conflict(
                f"已经有第 {row.number} 版“{TextState(row.state).display_name}”，请先处理它。",
                code="draft_exists",
                detail={"number": row.number, "state": row.state},
            )
    current = next((row for row in every if row.state == TextState.PUBLISHED.value), None)
    newest = max(every, key=lambda row: row.number, default=None)
    source = next((row for row in every if row.number == restore), None) if restore is not None else current or newest
    if source is None:
        raise NotFound(f"{shown(entry_id)} 没有第 {restore} 版。", code="version_not_found")
    text = session.get_one(LibraryVersion, source.id)
    told = f"由第 {restore} 版恢复" if restore is not None else None
    told = "；".join(part for part in (told, noted(note)) if part) or None
    return _begin(session, entry, text.document, by, based_on=current.number if current else None, note=told)


def _begin(
    session: Session,
    entry: LibraryEntry,
    document: Mapping[str, Any],
    by: Actor,
    *,
    based_on: int | None,
    note: str | None,
) -> LibraryVersion:
    number = entry.last_number + 1
    moment = now()
    version = LibraryVersion(
        entry_id=entry.id,
        number=number,
        state=TextState.DRAFT.value,
        revision=1,
        based_on=based_on,
        note=note,
        editors=[by.id],
        author_id=by.id,
        author_name=by.name,
        created_at=moment,
    )
    _write(version, EntryKind(entry.kind), document, by)
    entry.last_number = number
    session.add(version)
    session.flush()
    record(session, event(entry.id, number, Action.CREATE, by, after=TextState.DRAFT, note=note, revision=1))
    return version


def _write(version: LibraryVersion, kind: EntryKind, document: Mapping[str, Any], by: Actor) -> None:
    version.faults = checked_draft(kind, document, version.entry_id, version.number)
    kept = {key: value for key, value in document.items() if key != "version"}
    version.document = {"id": version.entry_id, **kept}
    version.digest = digest_of(version.document)
    version.name = named(document, "name", version.entry_id)
    version.department = named(document, "department", "")
    version.updated_by_id, version.updated_by_name, version.updated_at = by.id, by.name, now()
    if by.id not in version.editors:
        version.editors = [*version.editors, by.id]
    # Dates of a draft that can be read; the rest is told by its faults.
    entry = None if version.faults else entry_of(kind, version.document, version.number)
    version.effective_date = entry.effective_date if entry else None
    version.cancel_date = entry.cancel_date if entry else None


def open_version(session: Session, entry_id: str) -> tuple[EntryKind, LibraryVersion]:
    """The version that is being worked on, locked. Raises NotFound (`entry_not_found`, `draft_not_found`)."""
    entry = session.get(LibraryEntry, entry_id, with_for_update=True)
    if entry is None:
        raise not_found(entry_id)
    version = session.execute(
        select(LibraryVersion)
        .where(LibraryVersion.entry_id == entry_id, LibraryVersion.state.in_([one.value for one in OPEN]))
        .with_for_update()
    ).scalar_one_or_none()
    if version is None:
        raise NotFound(f"{shown(entry_id)} 没有正在修改的草稿。", code="draft_not_found")
    return EntryKind(entry.kind), version


def saved(
    session: Session, entry_id: str, document: Mapping[str, Any], revision: int, by: Actor, *, based_on: int | None
) -> LibraryVersion:
    """The draft with its new text. `based_on`: the version in force that the text now takes into account.

    Raises:
        Conflict: `draft_changed`, `state_not_allowed`.
        ContentInvalid, TooLarge, Invalid: see `checked_draft`.
    """
    kind, version = open_version(session, entry_id)
    moved(Action.SAVE, TextState(version.state))
    check_revision(version, revision)
    _write(version, kind, document, by)
    version.revision += 1
    record(session, _event(version, Action.SAVE, by))
    if based_on is not None and based_on != version.based_on:
        current = _current(session, entry_id)
        if based_on != current:
            raise outdated(version, current or 0)
        entry = session.get_one(LibraryEntry, entry_id)
        entry.last_number += 1
        version.based_on, version.number = current, entry.last_number
        session.flush()
        record(session, _event(version, Action.REBASE, by, note=f"第 {current} 版"))
    return version


def deleted(session: Session, entry_id: str, by: Actor, *, revision: int | None) -> None:
    """Remove the draft; its number is not given again and its history stays. Raises as `saved`."""
    _, version = open_version(session, entry_id)
    moved(Action.DELETE, TextState(version.state))
    check_revision(version, revision)
    record(
        session, event(entry_id, version.number, Action.DELETE, by, before=TextState.DRAFT, revision=version.revision)
    )
    session.execute(delete(LibraryVersion).where(LibraryVersion.id == version.id))


def advanced(
    session: Session,
    entry_id: str,
    action: Action,
    by: Actor,
    *,
    today: date,
    revision: int | None = None,
    note: str | None = None,
    check: Check | None = None,
) -> LibraryVersion:
    """Submit, recall, approve, reject or schedule the open version.

    Raises:
        Conflict: `state_not_allowed`, `draft_changed`, `four_eyes`, `draft_outdated`.
        ContentInvalid: the text is not complete.
        Invalid: `findings_open` (the checker's errors stand in `detail`), `reason_missing`.
    """
    kind, version = open_version(session, entry_id)
    before = TextState(version.state)
    after = moved(action, before)
    check_revision(version, revision)
    note, moment = noted(note), now()
    if action is Action.SUBMIT:
        _check_complete(session, kind, version, check)
        version.submitted_by_id, version.submitted_by_name, version.submitted_at = by.id, by.name, moment
        version.note = note or version.note
    elif action is Action.APPROVE:
        check_four_eyes(by, version.editors)
        version.approved_by_id, version.approved_by_name, version.approved_at = by.id, by.name, moment
        if not is_in_use(version.effective_date, None, today):
            version.publish_on = version.effective_date
    elif action is Action.REJECT:
        if note is None:
            raise Invalid("退回时请写明原因，作者才知道改什么。", code="reason_missing", param="note")
        version.approved_by_id = version.approved_by_name = version.approved_at = version.publish_on = None
    elif action is Action.SCHEDULE:
        version.publish_on = version.effective_date
    version.state = after.value
    session.flush()
    record(session, _event(version, action, by, before=before, note=note))
    return version


def _check_complete(session: Session, kind: EntryKind, version: LibraryVersion, check: Check | None) -> None:
    entry = entry_of(kind, version.document, version.number)
    current = _current(session, version.entry_id)
    if current is not None and version.based_on != current:
        raise outdated(version, current)
    findings = list(check(entry)) if check else []
    if findings:
        raise Invalid(
            f"还有 {len(findings)} 处必须修改的问题，改好后再提交审核。",
            code="findings_open",
            detail={"findings": [dict(finding) for finding in findings]},
        )


def check_revision(version: LibraryVersion, revision: int | None) -> None:
    """Refuse to go on from a text that somebody has saved over since. Raises Conflict (`draft_changed`)."""
    if revision is not None and revision != version.revision:
        raise draft_changed(version.updated_by_name, version.updated_at, version.number, version.revision)


def draft_changed(name: str, at: datetime, number: int, revision: int) -> Conflict:
    """Somebody has saved the draft since it was opened; says who, when, and what its revision is now."""
    return Conflict(
        f"{shown(name)}在您打开之后保存过这份草稿；您写的还在页面里，请对照差异后再保存。",
        code="draft_changed",
        detail={"revision": revision, "number": number, "updated_by": name, "updated_at": at.isoformat()},
    )


def noted(note: str | None) -> str | None:
    """A note as it is kept. Raises Invalid (`note_too_long`)."""
    text = (note or "").replace("\0", "").strip()
    if len(text) > LONGEST_NOTE:
        raise Invalid(f"说明最多 {LONGEST_NOTE} 字。", code="note_too_long", param="note")
    return text or None


def _current(session: Session, entry_id: str) -> int | None:
    return session.execute(
        select(LibraryVersion.number).where(
            LibraryVersion.entry_id == entry_id, LibraryVersion.state == TextState.PUBLISHED.value
        )
    ).scalar_one_or_none()


def _event(
    version: LibraryVersion,
    action: Action,
    by: Actor,
    *,
    before: TextState | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    after = TextState(version.state)
    return event(
        version.entry_id,
        version.number,
        action,
        by,
        before=before or after,
        after=after,
        note=note,
        revision=version.revision,
    )
