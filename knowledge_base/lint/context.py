"""What a check may know beside the entry itself: the library around it, the official names, the date.

Comes in: once per run. Goes out: look-ups that are made once and shared by all entries of the run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from knowledge_base.extra_faults import ExtraFaults, no_faults
from knowledge_base.library import Library
from knowledge_base.lint.draft import Draft
from knowledge_base.schema import ServiceItem

_NO_MEANING = re.compile(r"[\s（）()“”\"'·、，,。\-—]+")


def folded(name: str) -> str:
    """A name without what makes no difference to people: width, case, spaces, brackets, commas."""
    return _NO_MEANING.sub("", unicodedata.normalize("NFKC", name)).casefold()


@dataclass(frozen=True)
class Context:
    """One run of the checker. `today` decides what has expired; `extra_faults` says what those upstairs know of an item."""

    library: Library | None = None
    catalogue_names: Sequence[str] | None = None
    today: date = field(default_factory=date.today)
    extra_faults: ExtraFaults = no_faults

    @cached_property
    def names(self) -> Mapping[str, tuple[ServiceItem, ...]]:
        """Items by each of their names and aliases, folded."""
        found: dict[str, list[ServiceItem]] = {}
        for item in self.library.items.values() if self.library else ():
            for name in {folded(name) for name in (item.name, *item.aliases)}:
                found.setdefault(name, []).append(item)
        return {name: tuple(items) for name, items in found.items()}

    @cached_property
    def official(self) -> Mapping[str, str]:
        """The catalogue's names by their folded form, 许可证 written as 许可."""
        return {licence_folded(name): name for name in self.catalogue_names or ()}

    @cached_property
    def _drafts(self) -> dict[str, Draft]:
        return {}

    def item(self, item_id: str) -> Draft | None:
        """An item of the library as a draft; made once for all its FAQ."""
        if self.library is None or item_id not in self.library.items:
            return None
        if item_id not in self._drafts:
            self._drafts[item_id] = Draft.of(self.library.items[item_id])
        return self._drafts[item_id]


def licence_folded(name: str) -> str:
    """Folded, and 许可证 as 许可: the commonest difference between a guide's name and the catalogue's."""
    return folded(name).replace("许可证", "许可").replace("审批", "许可").replace("办理", "")
