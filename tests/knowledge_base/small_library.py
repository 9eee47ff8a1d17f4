"""A few small entries, and a real if simple search over them, for tests of the store and of publishing."""

from __future__ import annotations

import asyncio
from typing import Any

from knowledge_base.library import Library
from knowledge_base.life.lifecycle import Actor
from knowledge_base.reading import parse_entry
from knowledge_base.schema import Entry
from knowledge_base.terms import EntryKind

ANNA = Actor("key-anna", "安娜")
BO = Actor("key-bo", "博文")
CHEN = Actor("key-chen", "陈晨")


def item_document(item_id: str = "dog-licence", **more: Any) -> dict[str, Any]:
    return {
        "id": item_id,
        "name": f"事项{item_id}",
        "item_type": "行政许可",
        "level": "县（区）",
        "department": "公安分局",
        "authority": "公安分局",
        "applicant_kinds": ["自然人"],
        "handling_kind": "承诺件",
        "summary": "饲养犬只应当办理登记",
        "materials": [
            {
                "id": "vaccination",
                "name": "免疫证明",
                "necessity": "必要",
                "kind": "原件",
                "copies": 1,
                "source": "其他",
                "acceptance_standard": "在有效期内",
            }
        ],
        "legal_basis": [{"law": "示例条例"}],
        **more,
    }


def item(item_id: str = "dog-licence", **more: Any) -> Entry:
    return parse_entry(EntryKind.ITEM, item_document(item_id, **more))


def faq(faq_id: str, item_id: str, **more: Any) -> Entry:
    return parse_entry(
        EntryKind.FAQ,
        {
            "id": faq_id,
            "name": f"问题{faq_id}",
            "department": "公安分局",
            "item": item_id,
            "element": "materials",
            "answer": "带免疫证明",
            **more,
        },
    )


def life_event(event_id: str, *items: str) -> Entry:
    return parse_entry(
        EntryKind.LIFE_EVENT,
        {
            "id": event_id,
            "name": f"一件事{event_id}",
            "department": "公安分局",
            "summary": "养犬从头到尾",
            "items": [{"item": one} for one in items],
        },
    )


class PairSearch:
    """Finds sections by pairs of characters. Fulfils `knowledge_base.publication.LibrarySearch`."""

    def __init__(self, library: Library) -> None:
        self._state = self._index(library)
        self.staged = 0
        self.failing: Exception | None = None

    @staticmethod
    def _index(library: Library) -> tuple[Library, dict[str, set[str]]]:
        pairs: dict[str, set[str]] = {}
        for section in library.all_sections():
            for place in range(len(section.text) - 1):
                pairs.setdefault(section.text[place : place + 2], set()).add(section.id)
        return library, pairs

    @property
    def library(self) -> Library:
        return self._state[0]

    async def stage(self, library: Library) -> Any:
        await asyncio.sleep(0)
        self.staged += 1
        if self.failing is not None:
            raise self.failing
        return self._index(library)

    def switch(self, staged: Any) -> None:
        self._state = staged

    def find(self, text: str) -> list[str]:
        """Ids of sections that hold every pair of the text."""
        wanted = [self._state[1].get(text[place : place + 2], set()) for place in range(len(text) - 1)]
        return sorted(set.intersection(*wanted)) if wanted else []
