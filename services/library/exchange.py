"""Import and export as the routes need them: files to reports and drafts, the library in force to files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import HubError, Invalid, shown
from knowledge_base.entries import kind_of
from knowledge_base.exchange.continuing import continue_item
from knowledge_base.exchange.guide_blocks import GuideDraft
from knowledge_base.exchange.intake import read_file
from knowledge_base.exchange.reports import ImportFault
from knowledge_base.library import Library
from knowledge_base.life.lifecycle import Actor
from knowledge_base.schema import AnswerKind, Entry, Situation
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind
from services.library.exchange_schemas import GuidePreview, ImportView


async def import_file(store: LibraryStore, library: Library, content: bytes, by: Actor, *, dry_run: bool) -> ImportView:
    """Read a file; without `dry_run` make drafts of all its entries in one transaction, or of none. `library`: in force; a guide
    of one of its items goes on from what that item has and no document says.

    Raises:
        HubError: the file can't be read at all; drafts are open where new ones would be made.
    """
    kind, found = await asyncio.to_thread(read_file, content)
    if isinstance(found, GuideDraft):
        item = next((one for one in library.items.values() if one.name == found.document.get("name")), None)
        if item is not None:
            continue_item(found, item)
        preview = GuidePreview.of(found)
        return ImportView(kind=kind.value, sound=not preview.missing, stored=False, entries=1, preview=preview)
    report = None
    if found.sound and dry_run:
        try:
            _, report = await store.plan_import(found.entries, keeping=found.keeping)
        except HubError as error:
            found.fault(ImportFault("内容库", error.message))
    elif found.sound:
        report = await store.put(found.entries, by, publish=False, note="由文件导入", keeping=found.keeping)
    return ImportView.of(kind.value, found, report, stored=found.sound and not dry_run)


def chosen(library: Library, kinds: Sequence[EntryKind], department: str | None, ids: Sequence[str]) -> list[Entry]:
    """The entries in force that the filters let through; an empty filter lets everything through."""
    return [
        entry
        for entry in library.entries.values()
        if (not kinds or kind_of(entry) in kinds)
        and (department is None or entry.department == department)
        and (not ids or entry.id in ids)
    ]


def given_answers(situations: Sequence[Situation], given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Query parameters as answers: true and false, numbers, one or several options.

    Raises:
        Invalid: a value is no answer to its question (code `answer_invalid`).
    """
    kinds = {situation.id: situation.kind for situation in situations}
    answers: dict[str, Any] = {}
    for name, values in given.items():
        kind = kinds.get(name)
        if kind is AnswerKind.CHOICES:
            answers[name] = [value for value in values if value]
            continue
        value: Any = values[-1]
        if kind is AnswerKind.YES_NO:
            value = {"true": True, "false": False}.get(value, value)
        elif kind is AnswerKind.NUMBER:
            try:
                value = float(value)
            except ValueError:
                raise Invalid(f"{shown(name)} 应为数字。", code="answer_invalid", param=shown(name)) from None
        answers[name] = value
    return answers
