"""The content folder into the database, at start.

An empty library takes the whole folder, published by "系统导入". Later, entries that nobody but the hub has ever touched
follow the folder when it changes; what a person has edited stays as the person left it, and the log says how many such
entries differ. Nothing is read but a hash while the folder stays the same. Several processes may start at once: the first
one to lock the generation's row imports, the others find it done.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import now
from knowledge_base import entries as entry_models
from knowledge_base import rendering, sections
from knowledge_base.entries import kind_of
from knowledge_base.library import Library, items_named, read_folder
from knowledge_base.life.documents import digest_of, document_of
from knowledge_base.life.history import touched_by_people
from knowledge_base.life.in_force import Parsed, entries_in_force, locked_generation
from knowledge_base.life.kept_sections import keep_sections
from knowledge_base.life.lifecycle import SYSTEM_IMPORT
from knowledge_base.life.planning import ImportReport
from knowledge_base.schema import Entry
from knowledge_base.store import LibraryStore
from knowledge_base.tables import LibraryGeneration
from knowledge_base.terms import EntryKind

_logger = structlog.get_logger("library")


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a start did. `kept`: entries that a person has touched and that read otherwise than in the folder. `report` is None
    if the folder was the same as at the last import."""

    report: ImportReport | None
    kept: tuple[str, ...] = ()


def folder_hash(folder: Path) -> str:
    """sha256 over names and bytes of every YAML file in the folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*/*.yaml")):
        content = path.read_bytes()
        digest.update(f"{path.parent.name}/{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def rendering_hash() -> str:
    """sha256 over the code that makes sections of entries: when it changes, texts may read otherwise."""
    digest = hashlib.sha256()
    files = [Path(module.__file__ or "") for module in (sections, entry_models)]
    for path in [*files, *sorted(Path(rendering.__path__[0]).glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def seed(store: LibraryStore, folder: Path) -> Seeded:
    """Import the folder if it has changed since the last start; blocks. Run before `store.read_library()`.

    Raises:
        HubError, ContentInvalid: the folder can't be read; nothing has changed.
        Unavailable: the database can't be used.
    """
    found = folder_hash(folder)
    with store.database.session(read_only=True) as session:
        same = session.execute(select(LibraryGeneration.folder)).scalar_one() == found
        rendered = session.execute(select(LibraryGeneration.rendering)).scalar_one() == rendering_hash()
    # Read before the row is locked: the YAML takes seconds, the comparison doesn't.
    if same and rendered:
        return Seeded(None)
    entries = None if same else read_folder(folder)
    with store.database.session() as session:
        seeded = Seeded(None)
        if entries is not None:
            generation = locked_generation(session)
            if generation.folder != found:  # another process may have been faster
                seeded = _import(session, store, entries)
                generation.folder = found
        if not rendered:
            _keep_rendering(session)
    if seeded.report is not None:
        _logger.info(
            "library_seeded",
            created=len(seeded.report.created),
            changed=len(seeded.report.changed),
            withdrawn=len(seeded.report.withdrawn),
            edited_here_and_different=len(seeded.kept),
        )
    return seeded


def _import(session: Session, store: LibraryStore, entries: list[Entry]) -> Seeded:
    touched = touched_by_people(session)
    _, in_force = entries_in_force(session, store.parsed)
    ours = [entry for entry in entries if entry.id not in touched]
    kept = tuple(
        entry.id
        for entry in entries
        if entry.id in touched
        and (entry.id not in in_force or digest_of(document_of(in_force[entry.id])) != digest_of(document_of(entry)))
    )
    # What a person has withdrawn or renamed can take the ground from under an entry of the folder: that one stays behind.
    after = {**in_force, **{entry.id: entry for entry in ours}}
    items = {entry.id for entry in after.values() if kind_of(entry) is EntryKind.ITEM}
    names = {after[item].name: item for item in sorted(items) if item in touched}
    fit = [
        entry
        for entry in ours
        if items.issuperset(items_named(entry))
        and not (kind_of(entry) is EntryKind.ITEM and names.get(entry.name, entry.id) != entry.id)
    ]
    if len(fit) < len(ours):
        _logger.warning("library_seed_left_out", entries=sorted({one.id for one in ours} - {one.id for one in fit}))
    gone = {entry_id for entry_id in in_force if entry_id not in touched} - {entry.id for entry in entries}
    needed = {item for entry in after.values() if entry.id not in gone for item in items_named(entry)}
    report = store.put_in(session, fit, SYSTEM_IMPORT, leaving=sorted(gone - needed), note="随程序提供的内容")
    return Seeded(report, kept)


def _keep_rendering(session: Session) -> None:
    """The code that renders sections is another than at the last start: keep what reads otherwise now, as a generation of
    its own, since answers will cite it."""
    generation = locked_generation(session)
    if generation.rendering == rendering_hash():
        return
    base, entries = entries_in_force(session, Parsed())
    written = keep_sections(session, Library(entries.values(), str(base)), entries, base + 1) if entries else 0
    if written:
        generation.counter = base + 1
        generation.updated_at = now()
    generation.rendering = rendering_hash()
