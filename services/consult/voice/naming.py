"""Items by their ids, as the library in force has them."""

from __future__ import annotations

from collections.abc import Callable

from knowledge_base.library import Library
from services.consult.schemas import ItemReference

ItemNames = Callable[[str | None], ItemReference | None]
"""An item's id with its name now; None for no id."""


def item_names(library: Callable[[], Library]) -> ItemNames:
    """`library` gives the one in force."""

    def name(item_id: str | None) -> ItemReference | None:
        if item_id is None:
            return None
        item = library().items.get(item_id)
        return ItemReference(id=item_id, name=item.name if item is not None else "已撤下的事项")

    return name
