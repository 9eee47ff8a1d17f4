"""What an answer was about, by its id, as the library in force has it: a service item, or a life event (一件事) as a whole."""

from __future__ import annotations

from collections.abc import Callable

from knowledge_base.entries import LifeEvent
from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from services.consult.schemas import ItemReference

ItemNames = Callable[[str | None], ItemReference | None]
"""The id of an item or a life event with its name now; None for no id."""


def subject_of(library: Library, entry_id: str) -> ServiceItem | LifeEvent | None:
    """The item or life event with this id; None if the library has none."""
    entry = library.entries.get(entry_id)
    return entry if isinstance(entry, ServiceItem | LifeEvent) else None


def item_names(library: Callable[[], Library]) -> ItemNames:
    """`library` gives the one in force."""

    def name(item_id: str | None) -> ItemReference | None:
        if item_id is None:
            return None
        subject = subject_of(library(), item_id)
        return ItemReference(id=item_id, name=subject.name if subject is not None else "已撤下的事项")

    return name
