"""The index of one state of the library, made by one version of the embedder. Never changes once made.

Sections are scored by words and vectors (`knowledge_base.index.hybrid`, the code that the retrieval benchmark measures); entries by
their names and their best section (`knowledge_base.index.item_scoring`); a section's place also depends on its entry's.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge_base.entries import DirectoryItem
from knowledge_base.index.filters import Filters
from knowledge_base.index.fusion import z_normalise
from knowledge_base.index.hits import Hit, ItemHit, Query
from knowledge_base.index.hybrid import HybridIndex, Scores, WordScores
from knowledge_base.index.index_frame import IndexFrame
from knowledge_base.index.index_plan import Change, IndexPlan
from knowledge_base.index.item_scoring import score_by_words, score_entries
from knowledge_base.index.name_index import NameIndex
from knowledge_base.index.vectors import VectorIndex
from knowledge_base.index.words import WordIndex
from knowledge_base.schema import Entry, ServiceItem
from knowledge_base.terms import Element

ITEM_WEIGHT = 0.5
"""Share of the entry in a section's score. Sections of one item differ little from those of its neighbours (the same
materials, the same hours), so the item has to decide first."""


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
        frame: the rows. `sections`, `names`: their indexes. `version`: "model/version" of the embedder.
    """

    def __init__(self, frame: IndexFrame, sections: HybridIndex, names: HybridIndex, version: str) -> None:
        self.version = version
        self.frame = frame
        plan = frame.plan
        self.library = plan.library
        self.sections, self.section_keys, self.names = plan.sections, plan.section_keys, plan.names
        self.section_index, self.name_index = sections, names
        self.entries, self.place, self.about = frame.entries, frame.place, frame.about
        self.memberships, self.coverage, self.tolerant_names = frame.memberships, frame.coverage, frame.tolerant_names

    def quicken(self) -> None:
        """Make what answers quicker but isn't needed to answer: see `VectorIndex.quicken`. Raises what that raises."""
        self.section_index.vectors.quicken()
        self.name_index.vectors.quicken()
        self.tolerant_names.quicken()

    def extending(self, plan: IndexPlan) -> Extending:
        """The next index, for a plan that starts from this one, as far as it goes without vectors."""
        sections, names = plan.section_change, plan.name_change
        tolerant = self.tolerant_names.extended(names.removed, plan.new_names)
        return Extending(
            self,
            IndexFrame(plan, tolerant, self.frame),
            _grown(self.section_index.words, plan),
            self.name_index.words.extended(names.removed, plan.new_names),
            sections,
            names,
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

    def best_sections(
        self, scored: Scored, k: int, item_id: str | None, element: Element | None, filters: Filters
    ) -> list[int]:
        """Rows of the best `k` sections that may be found, best first."""
        admitted = self.frame.admitted(filters)
        if item_id is not None:
            entry = self.place[item_id]
            rows = np.sort(
                np.concatenate([self.memberships.sections.of(entry), self.memberships.faq_sections.of(entry)])
            )
            rows = rows[admitted[self.frame.entry_of_section[rows]]]
        else:
            rows = np.flatnonzero(admitted[self.frame.entry_of_section])
        if element is not None:
            rows = rows[self.frame.element_of_section[rows] == element.value]
        return best(scored.fused, rows, k)

    def best_entries(self, scored: Scored, k: int, filters: Filters) -> list[int]:
        """Places of the best `k` entries that may be found, best first."""
        return best(scored.entries, np.flatnonzero(self.frame.admitted(filters)), k)

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


@dataclass(frozen=True, slots=True)
class Beginning:
    """A first index on its way: all but the vectors is there."""

    frame: IndexFrame
    section_words: WordIndex
    name_words: WordIndex

    @classmethod
    def of(cls, plan: IndexPlan, words: WordIndex | None = None) -> Beginning:
        """`words`: an index of words from which the plan starts, if there is one."""
        with ThreadPoolExecutor(max_workers=1) as beside:
            counted = beside.submit(WordIndex.of, plan.name_texts)
            frame = IndexFrame(plan, NameIndex(plan.name_texts))
            grown = WordIndex.of(plan.section_texts) if words is None else _grown(words, plan)
            return cls(frame, grown, counted.result())

    def index(self, sections: VectorIndex, names: VectorIndex, version: str) -> SectionIndex:
        """The index with the vectors of the sections' texts and of the names', which `version` made."""
        words, name_words = self.section_words, self.name_words
        return SectionIndex(self.frame, HybridIndex(words, sections), HybridIndex(name_words, names), version)


@dataclass(frozen=True, slots=True)
class Extending:
    """An index on its way: all but the new vectors is there."""

    base: SectionIndex
    frame: IndexFrame
    section_words: WordIndex
    name_words: WordIndex
    sections: Change
    names: Change

    def index(self, vectors: NDArray[np.float32]) -> SectionIndex:
        """The index with `vectors`: of the new sections, then of the new names, made by the version of the index before."""
        before, count = self.base, self.sections.added
        sections = before.section_index.vectors.extended(self.sections.removed, vectors[:count])
        names = before.name_index.vectors.extended(self.names.removed, vectors[count:])
        return SectionIndex(
            self.frame,
            HybridIndex(self.section_words, sections),
            HybridIndex(self.name_words, names),
            before.version,
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
