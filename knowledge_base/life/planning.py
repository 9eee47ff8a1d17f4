"""Work out what a publication, an import or a withdrawal would do, and refuse what would leave the library broken.

Comes in: a session that only reads (or the one of the transaction itself) and what somebody wants. Goes out: a
`knowledge_base.life.in_force.Change` that holds every version's number and the library afterwards. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotFound, shown
from knowledge_base.entries import kind_of
from knowledge_base.extra_faults import ExtraFaults, no_faults, refuse_faulty
from knowledge_base.library import Library, items_named
from knowledge_base.life.carried import carried
from knowledge_base.life.documents import digest_of, document_of, entry_of
from knowledge_base.life.in_force import Change, Coming, Parsed, entries_in_force
from knowledge_base.life.kept_sections import chunks
from knowledge_base.life.lifecycle import OPEN, Action, is_in_use, moved
from knowledge_base.schema import Entry
from knowledge_base.tables import LibraryEntry, LibraryVersion
from knowledge_base.terms import EntryKind, TextState

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, by entry id. `waiting`: stored, and put in force on their effective date."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


def plan_publication(
    session: Session,
    parsed: Parsed,
    wanted: Sequence[tuple[str, int]],
    today: date,
    extra_faults: ExtraFaults = no_faults,
) -> Change:
    """Put stored, approved versions in force.

    Raises:
        NotFound: `entry_not_found`, `version_not_found`.
        Conflict: `state_not_allowed`, `draft_outdated`, `cancel_date_passed`, `effective_date_ahead`, `name_taken`,
            `item_not_in_force`.
        ContentInvalid: the kept text no longer passes the schema, or `extra_faults` says what can't work.
    """
    base, entries = entries_in_force(session, parsed)
    coming = []
    for entry_id, number in wanted:
        kind, version = stored(session, entry_id, number)
        moved(Action.PUBLISH, TextState(version.state))
        current = entries.get(entry_id)
        if current is not None and version.based_on != current.version:
            raise outdated(version, current.version)
        if version.cancel_date is not None and version.cancel_date <= today:
            raise Conflict("这一版的取消日期已过，不能发布；请退回修改日期。", code="cancel_date_passed")
        if not is_in_use(version.effective_date, None, today):
            raise Conflict("这一版的生效日期还没有到。", code="effective_date_ahead")
        coming.append(Coming(entry_of(kind, version.document, number), kind, stored=(version.id, version.revision)))
    refuse_faulty((one.entry for one in coming), extra_faults)
    return _change(parsed, base, entries, coming)


def plan_withdrawal(session: Session, parsed: Parsed, entry_ids: Sequence[str], *, force: bool) -> Change:
    """Take entries out of force.

    Raises:
        NotFound: `entry_not_found`.
        Conflict: `state_not_allowed` (nothing is published), `entry_in_use` (others name it; not with `force`).
    """
    base, entries = entries_in_force(session, parsed)
    for entry_id in entry_ids:
        if entry_id not in entries:
            if session.get(LibraryEntry, entry_id) is None:
                raise not_found(entry_id)
            raise Conflict(
                f"{shown(entry_id)} 没有已发布的版本，不用撤下。", code="state_not_allowed", detail={"state": None}
            )
    leaving = set(entry_ids)
    naming = [
        entry for entry in entries.values() if entry.id not in leaving and leaving.intersection(items_named(entry))
    ]
    if naming and not force:
        listed = "、".join(f"“{shown(entry.name)}”" for entry in naming[:3])
        raise Conflict(
            f"还有 {len(naming)} 条内容指向它({listed}{'等' if len(naming) > 3 else ''})；"
            "请先修改或撤下它们，或者确认一并撤下后仍要继续。",
            code="entry_in_use",
            detail={
                "entries": [
                    {"id": entry.id, "kind": kind_of(entry).value, "name": entry.name} for entry in naming[:MOST_LISTED]
                ],
                "count": len(naming),
            },
        )
    for entry_id in leaving:
        del entries[entry_id]
    library = Library(entries.values(), str(base + 1), like=parsed.library)
    return Change(base, library, leaving=tuple(entry_ids))


def plan_import(
    session: Session,
    parsed: Parsed,
    imported: Iterable[Entry],
    today: date,
    *,
    leaving: Sequence[str] = (),
    keeping: Sequence[str] = (),
    extra_faults: ExtraFaults = no_faults,
) -> tuple[Change, ImportReport]:
    """Put whole entries in force, all or none; text that is in force already (or waits for its day) makes no new version.

    `keeping`: fields that the import can't hold and that stay as the library has them. Raises:
        Invalid: `entry_repeated`.
        ContentInvalid: what is kept doesn't go with the new text, or `extra_faults` says what can't work.
        Conflict: `entry_kind_differs`, `draft_exists` (a text that has to wait meets an open draft), `name_taken`,
            `item_not_in_force`.
    """
    every: dict[str, Entry] = {}
    for entry in carried(session, list(imported), keeping, {TextState.PUBLISHED}):
        if entry.id in every:
            raise Invalid(f"编号 {shown(entry.id)} 在导入内容里出现了两次。", code="entry_repeated", param="id")
        every[entry.id] = entry
    base, entries = entries_in_force(session, parsed)
    numbers, kinds, digests = _kept(session, every)
    coming: list[Coming] = []
    created: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    waiting: list[str] = []
    for entry_id, entry in every.items():
        kind = kind_of(entry)
        if entry_id in kinds and kinds[entry_id] is not kind:
            raise Conflict(
                f"编号 {shown(entry_id)} 在库里是“{kinds[entry_id].display_name}”，不能改成“{kind.display_name}”。",
                code="entry_kind_differs",
            )
        own = digests.get(entry_id, {})
        digest = digest_of(document_of(entry))
        cancelled = not is_in_use(None, entry.cancel_date, today)
        same = (TextState.PUBLISHED, TextState.APPROVED, *((TextState.WITHDRAWN,) if cancelled else ()))
        if any(own.get(one) == digest for one in same):
            unchanged.append(entry_id)
            continue
        state = TextState.PUBLISHED
        if not is_in_use(entry.effective_date, None, today):
            state = TextState.APPROVED
            waiting.append(entry_id)
            if any(one in own for one in OPEN):
                raise Conflict(
                    f"“{shown(entry.name)}”要到生效日期才发布，但它还有没处理完的草稿；请先处理草稿。",
                    code="draft_exists",
                )
        elif cancelled:
            state = TextState.WITHDRAWN
        (changed if entry_id in entries else created).append(entry_id)
        last = numbers.get(entry_id)
        number = entry.version if not last else last + 1
        coming.append(Coming(entry.model_copy(update={"version": number}), kind, state))
    refuse_faulty((one.entry for one in coming if one.state is not TextState.WITHDRAWN), extra_faults)
    gone = tuple(entry_id for entry_id in leaving if entry_id in entries)
    report = ImportReport(tuple(created), tuple(changed), tuple(unchanged), tuple(waiting), gone)
    return _change(parsed, base, entries, coming, gone, numbers), report


def _kept(
    session: Session, ids: Iterable[str]
) -> tuple[dict[str, int], dict[str, EntryKind], dict[str, dict[TextState, str]]]:
    """Last numbers, kinds, and digests by state of what is stored under these ids."""
    numbers: dict[str, int] = {}
    kinds: dict[str, EntryKind] = {}
    digests: dict[str, dict[TextState, str]] = {}
    states = [state.value for state in (TextState.PUBLISHED, TextState.WITHDRAWN, *OPEN)]
    for some in chunks(ids):
        for entry in session.execute(select(LibraryEntry).where(LibraryEntry.id.in_(some))).scalars():
            numbers[entry.id] = entry.last_number
        rows = session.execute(
            select(LibraryVersion.entry_id, LibraryVersion.state, LibraryVersion.digest, LibraryEntry.kind)
            .join(LibraryEntry, LibraryEntry.id == LibraryVersion.entry_id)
            .where(LibraryVersion.entry_id.in_(some), LibraryVersion.state.in_(states))
            .order_by(LibraryVersion.number)
        )
        for row in rows:
            kinds[row.entry_id] = EntryKind(row.kind)
            digests.setdefault(row.entry_id, {})[TextState(row.state)] = row.digest
    return numbers, kinds, digests


def _change(
    parsed: Parsed,
    base: int,
    before: Mapping[str, Entry],
    coming: Sequence[Coming],
    leaving: Sequence[str] = (),
    numbers: Mapping[str, int] | None = None,
) -> Change:
    after = dict(before)
    for entry_id in leaving:
        after.pop(entry_id, None)
    for one in coming:
        if one.state is TextState.PUBLISHED:
            after[one.entry.id] = one.entry
        elif one.state is TextState.WITHDRAWN:
            after.pop(one.entry.id, None)
    new = [one.entry for one in coming if one.state is TextState.PUBLISHED]
    _check_names(after, new)
    for entry in new:
        for item in items_named(entry):
            if item not in after or kind_of(after[item]) is not EntryKind.ITEM:
                raise Conflict(
                    f"“{shown(entry.name)}”指向的事项 {shown(item)} 没有已发布的版本；请先发布该事项。",
                    code="item_not_in_force",
                    detail={"entry": entry.id, "item": item},
                )
    moves = bool(leaving) or any(one.state is not TextState.APPROVED for one in coming)
    library = Library(after.values(), str(base + moves), like=parsed.library)
    return Change(base, library, tuple(coming), tuple(leaving), dict(numbers or {}))


def _check_names(after: Mapping[str, Entry], new: Iterable[Entry]) -> None:
    items = {entry.id: entry.name for entry in after.values() if kind_of(entry) is EntryKind.ITEM}
    by_name: dict[str, list[str]] = {}
    for entry_id, name in items.items():
        by_name.setdefault(name, []).append(entry_id)
    for entry in new:
        others = [one for one in by_name.get(entry.name, ()) if one != entry.id]
        if entry.id in items and others:
            raise Conflict(
                f"事项名称“{shown(entry.name)}”已被 {others[0]} 使用；事项名称应各不相同。",
                code="name_taken",
                param="name",
                detail={"entry": entry.id, "other": others[0]},
            )


def stored(session: Session, entry_id: str, number: int) -> tuple[EntryKind, LibraryVersion]:
    """One version and its entry's kind. Raises NotFound (`entry_not_found`, `version_not_found`)."""
    entry = session.get(LibraryEntry, entry_id)
    if entry is None:
        raise not_found(entry_id)
    version = session.execute(
        select(LibraryVersion).where(LibraryVersion.entry_id == entry_id, LibraryVersion.number == number)
    ).scalar_one_or_none()
    if version is None:
        raise NotFound(f"{shown(entry_id)} 没有第 {number} 版。", code="version_not_found")
    return EntryKind(entry.kind), version


def not_found(entry_id: str) -> NotFound:
    """There is no such entry."""
    return NotFound(f"没有编号为 {shown(entry_id)} 的内容。", code="entry_not_found")


def outdated(version: LibraryVersion, current: int) -> Conflict:
    """The draft was begun from a text that has been replaced since."""
    begun = f"第 {version.based_on} 版" if version.based_on else "没有发布过的内容"
    return Conflict(
        f"这一稿从{begun}改来，而现在发布的是第 {current} 版；请对照差异，把草稿改为以第 {current} 版为基础后再继续。",
        code="draft_outdated",
        detail={"based_on": version.based_on, "current": current},
    )
