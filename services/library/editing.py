"""What the editing routes share: who acts, and on which version."""

from __future__ import annotations

from core.errors import NotFound, shown
from knowledge_base.life.lifecycle import Actor
from knowledge_base.life.versions import Version
from knowledge_base.store import LibraryStore
from services.access import Caller


def actor(caller: Caller) -> Actor:
    """The caller as the library's history names them; four-eyes goes by the key."""
    return Actor(caller.id, caller.name)


async def open_version(store: LibraryStore, entry_id: str) -> Version:
    """The version that is being worked on. Raises NotFound (`entry_not_found`, `draft_not_found`)."""
    version = (await store.entry(entry_id)).open
    if version is None:
        raise NotFound(f"{shown(entry_id)} 没有正在修改的草稿。", code="draft_not_found")
    return version
