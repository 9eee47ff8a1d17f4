"""What the editing routes share: who acts, and on which version."""

from __future__ import annotations

from typing import Any

from core.errors import NotFound, shown
from knowledge_base.drafts import Check
from knowledge_base.guide_lint import Severity, lint_entry
from knowledge_base.lifecycle import Actor
from knowledge_base.publication import LibrarySearch
from knowledge_base.schema import Entry
from knowledge_base.store import LibraryStore
from knowledge_base.versions import Version
from services.access import Caller
from services.library.lint_schemas import FindingView


def actor(caller: Caller) -> Actor:
    """The caller as the library's history names them; four-eyes goes by the key."""
    return Actor(caller.id, caller.name)


async def open_version(store: LibraryStore, entry_id: str) -> Version:
    """The version that is being worked on. Raises NotFound (`entry_not_found`, `draft_not_found`)."""
    version = (await store.entry(entry_id)).open
    if version is None:
        raise NotFound(f"{shown(entry_id)} 没有正在修改的草稿。", code="draft_not_found")
    return version


def lint_check(search: LibrarySearch) -> Check:
    """What the checker refuses to let into review: its findings of severity error, against the library in force."""

    def check(entry: Entry) -> list[dict[str, Any]]:
        findings = lint_entry(entry, library=search.library)
        return [FindingView.of(one).model_dump(mode="json") for one in findings if one.severity is Severity.ERROR]

    return check
