"""The index of one state of the library, made by one version of the embedder. Never changes once made.

Sections are scored by words and vectors (`knowledge_base.index.hybrid`, the code that the retrieval benchmark measures); entries by
their names and their best section (`knowledge_base.index.item_scoring`); a section's place also depends on its entry's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge_base.entries import DirectoryItem, Faq
from knowledge_base.index.coverage import NameCoverage
from knowledge_base.index.filters import Filters
from knowledge_base.index.fusion import z_normalise
from knowledge_base.index.hits import Hit, ItemHit, Query
from knowledge_base.index.hybrid import HybridIndex, Scores, WordScores
from knowledge_base.index.index_plan import IndexPlan
from knowledge_base.index.item_scoring import Groups, Memberships, score_by_words, score_entries
from knowledge_base.index.name_index import NameIndex
from knowledge_base.index.search_documents import names_of
from knowledge_base.index.vectors import VectorIndex
from knowledge_base.index.words import WordIndex
from knowledge_base.schema import Entry, ServiceItem
from knowledge_base.terms import Element, EntryKind

ITEM_WEIGHT = 0.5
"""Share of the entry in a section's score. Sections of one item differ little from those of its neighbours (the same
materials, the same hours), so the item has to decide first."""
REMEMBERED_FILTERS = 64


@dataclass(frozen=True, slots=True)
class Scored:
    """All scores of one question: raw ones of sections and of names (`tolerant`: those of misspelt ones), then of entries, then
    of sections within entries."""

    sections: Scores
    names: Scores
    tolerant: NDArray[np.float32]
    entries: NDArray[np.float32]
    fused: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Worded:
    """What is known of a question from its text alone: its words in the sections and in the names, its misspelt names, and
    what that says for each entry."""

    text: str
    sections: WordScores
    names: WordScores
    tolerant: NDArray[np.float32]
    entries: NDArray[np.float32]


class SectionIndex:
    """Everything that depends on the library's state and on the embedder's version.

    Args:
        plan: the rows. `sections`, `names`: their indexes. `version`: "model/version" of the embedder. `like`: the index
            of an earlier state; what it has worked out of entries and names that are still the same is taken over.
    """

    def __init__(
        self,
        plan: IndexPlan,
        sections: HybridIndex,
        names: HybridIndex,
        version: str,
        tolerant: NameIndex | None = None,
        like: SectionIndex | None = None,
    ) -> None:
        self.version = version
        self.library = plan.library
        self.sections, self.section_keys, self.names = plan.sections, plan.section_keys, plan.names
        self.documents = plan.documents
        self.section_index, self.name_index = sections, names
        self.entries = tuple(plan.library.entries.values())
        place = {entry.id: number for number, entry in enumerate(self.entries)}
        self.entry_of_section = np.array([place[section.entry_id] for section in self.sections], dtype=np.intp)
        # An FAQ's section stands with the item that it is about.
        self.about = np.array([place.get(section.item_id, place[section.entry_id]) for section in self.sections])
        self.element_of_section = np.array([section.element.value for section in self.sections], dtype="U16")
        self.memberships = self._memberships(place)
        self.tolerant_names = tolerant or NameIndex([name.text for name in plan.names])
        self.coverage: NameCoverage = NameCoverage(
            [() if isinstance(entry, Faq) else names_of(entry) for entry in self.entries],
            like.coverage if like else None,
        )
        self.place = place
        self._admitted: dict[Filters, NDArray[np.bool_]] = {}
        self._admit(Filters(), like)

    @classmethod
    def of(
        cls, plan: IndexPlan, vectors: NDArray[np.float32], version: str, words: WordIndex | None = None
    ) -> SectionIndex:
        """An index with new vectors: `vectors` of the sections' texts, then of the names'. `words`: an index of words
        from which the plan starts, if there is one."""
        count = len(plan.sections)
        words = WordIndex.of(plan.texts(count)) if words is None else _grown(words, plan)
        names = HybridIndex.of(plan.name_texts, vectors[count:])
        return cls(plan, HybridIndex(words, VectorIndex.of(vectors[:count])), names, version)

    def extended(self, plan: IndexPlan, vectors: NDArray[np.float32]) -> SectionIndex:
        """The next index, for a plan that starts from this one. `vectors`: of the new sections, then of the new names,
        made by this index's version."""
        sections, names = plan.section_change, plan.name_change
        fresh = plan.new_names
        return SectionIndex(
            plan,
            self.section_index.extended(sections.removed, plan.texts(sections.added), vectors[: sections.added]),
            self.name_index.extended(names.removed, fresh, vectors[sections.added :]),
            self.version,
            self.tolerant_names.extended(names.removed, fresh),
            self,
        )

    def worded(self, text: str) -> Worded:
        """What the text alone tells; `text` is a query's (`Query.text`)."""
        sections, names = self.section_index.word_scores(text), self.name_index.word_scores(text)
        tolerant = self.tolerant_names.scores(text)
        entries = score_by_words(names.shares, tolerant, sections.shares, self.memberships)
        return Worded(text, sections, names, tolerant, entries)

    def scores(self, query: Query, worded: Worded | None = None) -> Scored:
        """Score everything. `worded`: what this index has told of the query's text, if it was asked before."""
        if worded is None or worded.text != query.text:
            worded = self.worded(query.text)
        sections = self.section_index.scores(query.text, query.vector, worded.sections)
        names = self.name_index.scores(query.text, query.vector, worded.names)
        entries = score_entries(worded.entries, names.vectors, sections.vectors, self.memberships)
        fused = ITEM_WEIGHT * z_normalise(entries)[self.about] + (1 - ITEM_WEIGHT) * z_normalise(sections.fused)
        return Scored(sections, names, worded.tolerant, entries, fused)

    @cached_property
    def items_in_use(self) -> NDArray[np.intp]:
        """Places of the service items that have sections, ascending."""
        return np.array(
            [
                place
                for place in self._places(ServiceItem).tolist()
                if self.library.sections_of_entry(self.entries[place].id)
            ],
            dtype=np.intp,
        )

    @cached_property
    def listed(self) -> NDArray[np.intp]:
        """Places of the directory's entries, ascending."""
        return self._places(DirectoryItem)

    def _places(self, kind: type[Entry]) -> NDArray[np.intp]:
        return np.array([place for place, entry in enumerate(self.entries) if isinstance(entry, kind)], dtype=np.intp)

    def admitted(self, filters: Filters) -> NDArray[np.bool_]:
        """Which entries `filters` admit, bool (entries,)."""
        known = self._admitted.get(filters)
        return self._admit(filters, None) if known is None else known

    def _admit(self, filters: Filters, like: SectionIndex | None) -> NDArray[np.bool_]:
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

    def best_sections(
        self, scored: Scored, k: int, item_id: str | None, element: Element | None, filters: Filters
    ) -> list[int]:
        """Rows of the best `k` sections that may be found, best first."""
        admitted = self.admitted(filters)
        if item_id is not None:
            entry = self.place[item_id]
            rows = np.sort(
                np.concatenate([self.memberships.sections.of(entry), self.memberships.faq_sections.of(entry)])
            )
            rows = rows[admitted[self.entry_of_section[rows]]]
        else:
            rows = np.flatnonzero(admitted[self.entry_of_section])
        if element is not None:
            rows = rows[self.element_of_section[rows] == element.value]
        return best(scored.fused, rows, k)

    def best_entries(self, scored: Scored, k: int, filters: Filters) -> list[int]:
        """Places of the best `k` entries that may be found, best first."""
        return best(scored.entries, np.flatnonzero(self.admitted(filters)), k)

    def hit(self, scored: Scored, row: int) -> Hit:
        """The section at `row` as a hit."""
        return Hit(
            section=self.sections[row],
            score=float(scored.fused[row]),
            words=float(scored.sections.words[row]),
            vectors=float(scored.sections.vectors[row]),
        )

    def item_hit(self, query: Query, scored: Scored, entry: int) -> ItemHit:
        """The entry at `entry` as a hit."""
        closest = self.closest_name(scored, entry)
        own = self.memberships.sections.of(entry)
        return ItemHit(
            entry=self.entries[entry],
            score=float(scored.entries[entry]),
            matched=self.names[closest].text,
            coverage=self.coverage.share(query.text, entry),
            vectors=float(scored.names.vectors[closest]),
            section_vectors=float(scored.sections.vectors[own].max()) if own.size else -1.0,
        )

    def closest_name(self, scored: Scored, entry: int) -> int:
        """The row of the entry's own name that is closest to the question."""
        own = self.memberships.names.of(entry)
        return int(own[np.argmax(scored.names.fused[own])])

    def _memberships(self, place: dict[str, int]) -> Memberships:
        count = len(self.entries)
        faq_names = [(row, place[name.item_id]) for row, name in enumerate(self.names) if name.item_id in place]
        faq_sections = [
            (row, int(self.about[row]))
            for row, section in enumerate(self.sections)
            if section.kind is EntryKind.FAQ and section.item_id in place
        ]
        return Memberships(
            names=Groups(range(len(self.names)), [place[name.entry_id] for name in self.names], count),
            sections=Groups(range(len(self.sections)), self.entry_of_section.tolist(), count),
            faq_names=Groups([row for row, _ in faq_names], [owner for _, owner in faq_names], count),
            faq_sections=Groups([row for row, _ in faq_sections], [owner for _, owner in faq_sections], count),
            directory=np.array([isinstance(entry, DirectoryItem) for entry in self.entries], dtype=np.bool_),
        )


def best(scores: NDArray[np.float32], rows: NDArray[np.intp], k: int) -> list[int]:
    """The `k` of `rows` (ascending) with the best scores, best first; equal scores in the order of rows."""
    own = scores[rows]
    if 0 < k < len(rows):
        # Only what can be among the first is sorted: of 40,000 that takes longer than scoring them.
        reached = np.partition(own, len(own) - k)[len(own) - k]
        rows = rows[own >= reached]
        own = scores[rows]
    return [int(row) for row in rows[np.argsort(-own, kind="stable")[:k]]]


def _grown(words: WordIndex, plan: IndexPlan) -> WordIndex:
    """The sections' words for `plan`, which starts from those of `words`."""
    return words.extended(plan.section_change.removed, plan.texts(plan.section_change.added))
