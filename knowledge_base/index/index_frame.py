"""What an index needs beside its rankers and can have before any vector is there: who owns which row, who may be found.

Comes in: a plan. Goes out: arrays over the plan's rows and entries. So a publication makes it while new texts are embedded. What
an earlier frame has worked out of entries and names that are still the same is taken over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from knowledge_base.entries import DirectoryItem, Faq
from knowledge_base.index.coverage import NameCoverage
from knowledge_base.index.filters import Filters
from knowledge_base.index.index_plan import IndexPlan
from knowledge_base.index.item_scoring import Groups, Memberships
from knowledge_base.index.name_index import NameIndex
from knowledge_base.index.search_documents import names_of
from knowledge_base.terms import EntryKind

REMEMBERED_FILTERS = 64


class IndexFrame:
    """Rows and entries of one state of the library. Its arrays never change once made.

    Args:
        plan: the rows. `tolerant`: the index of the plan's names. `like`: the frame of an earlier state.
    """

    def __init__(self, plan: IndexPlan, tolerant: NameIndex, like: IndexFrame | None = None) -> None:
        self.plan = plan
        self.tolerant_names = tolerant
        self.entries = tuple(plan.library.entries.values())
        self.place = {entry_id: number for number, entry_id in enumerate(plan.library.entries)}
        place = self.place
        self.entry_of_section = np.array([place[section.entry_id] for section in plan.sections], dtype=np.intp)
        # An FAQ's section stands with the item that it is about.
        self.about = np.array(
            [place.get(section.item_id, place[section.entry_id]) for section in plan.sections], dtype=np.intp
        )
        self.element_of_section = np.array([section.element.value for section in plan.sections], dtype="U16")
        self.memberships = self._memberships()
        self.coverage: NameCoverage = NameCoverage(
            [() if isinstance(entry, Faq) else names_of(entry) for entry in self.entries],
            like.coverage if like else None,
        )
        self._admitted: dict[Filters, NDArray[np.bool_]] = {}
        self._admit(Filters(), like)

    def admitted(self, filters: Filters) -> NDArray[np.bool_]:
        """Which entries `filters` admit, bool (entries,)."""
        known = self._admitted.get(filters)
        return self._admit(filters, None) if known is None else known

    def _admit(self, filters: Filters, like: IndexFrame | None) -> NDArray[np.bool_]:
        before = like._admitted.get(filters) if like else None
        if like is None or before is None:
            told = [filters.admits(entry) for entry in self.entries]
        else:
            # By identity: an entry never changes, a new text of it is a new object.
            known = dict(zip(map(id, like.entries), before.tolist(), strict=True))
            told = [
                filters.admits(entry) if (admits := known.get(id(entry))) is None else admits for entry in self.entries
            ]
        admitted = np.array(told, dtype=np.bool_)
        if len(self._admitted) >= REMEMBERED_FILTERS:
            self._admitted.clear()
        self._admitted[filters] = admitted
        return admitted

    def _memberships(self) -> Memberships:
        plan, place, count = self.plan, self.place, len(self.entries)
        names = [row for row, name in enumerate(plan.names) if name.item_id in place]
        sections = [
            row
            for row, section in enumerate(plan.sections)
            if section.kind is EntryKind.FAQ and section.item_id in place
        ]
        return Memberships(
            names=Groups(range(len(plan.names)), [place[name.entry_id] for name in plan.names], count),
            sections=Groups(range(len(plan.sections)), self.entry_of_section, count),
            faq_names=Groups(names, [place[str(plan.names[row].item_id)] for row in names], count),
            faq_sections=Groups(sections, self.about[sections], count),
            directory=np.array([isinstance(entry, DirectoryItem) for entry in self.entries], dtype=np.bool_),
        )
