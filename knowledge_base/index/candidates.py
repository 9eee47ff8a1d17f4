"""The entries that a question can be about, each with everything that speaks for it: what a decision is made by.

The order alone doesn't tell whether the first is right, or whether anything is: a model's nearest item is always some item. So
each candidate comes with its raw scores, comparable across questions, for the caller to weigh (`services.consult.deciding`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.index.hits import Query
from knowledge_base.index.section_index import Scored, SectionIndex, best
from knowledge_base.schema import Entry, ServiceItem


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry and what speaks for it.

    `score` orders the candidates of one question. From 0 to 1: `name_words` (share of the question in one of its names),
    `tolerant` (the same by characters and sounds), `faq_words`, `section_words`, `coverage` (share of the question in all of its
    names). Cosines: `name_vectors`, `section_vectors`. `matched`: its name that is closest.
    """

    entry: Entry
    score: float
    name_words: float
    tolerant: float
    faq_words: float
    section_words: float
    coverage: float
    name_vectors: float
    section_vectors: float
    matched: str

    @property
    def item(self) -> ServiceItem:
        """The entry. Raises TypeError for a directory entry."""
        if not isinstance(self.entry, ServiceItem):
            raise TypeError(f"{self.entry.id} is not a service item")
        return self.entry


@dataclass(frozen=True, slots=True)
class Candidates:
    """`items`: the best items, best first. `directory`: the best entry that has a name but no guide, if there is one. `scored`: all
    scores of the question, for who looks further."""

    items: tuple[Candidate, ...]
    directory: Candidate | None
    scored: Scored


def candidates(index: SectionIndex, query: Query, k: int, also: Sequence[str] = ()) -> Candidates:
    """The best `k` items for `query`, then those of `also` (ids) that are not among them, and the best directory entry."""
    scored = index.scores(query)
    own = index.memberships
    name_words, name_tolerant = own.names.maximum(scored.names.words), own.names.maximum(scored.tolerant)
    name_vectors = own.names.maximum(scored.names.vectors)
    faq_words = own.faq_names.maximum(scored.names.words)
    section_words = np.maximum(
        own.sections.maximum(scored.sections.words), own.faq_sections.maximum(scored.sections.words)
    )
    section_vectors = np.maximum(
        own.sections.maximum(scored.sections.vectors), own.faq_sections.maximum(scored.sections.vectors)
    )

    def candidate(place: int) -> Candidate:
        return Candidate(
            entry=index.entries[place],
            score=float(scored.entries[place]),
            name_words=float(name_words[place]),
            tolerant=float(name_tolerant[place]),
            faq_words=float(faq_words[place]),
            section_words=float(section_words[place]),
            coverage=index.coverage.share(query.text, place),
            name_vectors=float(name_vectors[place]),
            section_vectors=float(section_vectors[place]),
            matched=index.names[index.closest_name(scored, place)].text,
        )

    rows = best(scored.entries, index.items_in_use, k)
    chosen = [index.place[entry] for entry in also if entry in index.place]
    beside = best(scored.entries, index.listed, 1) if index.listed.size else []
    return Candidates(
        items=tuple(candidate(place) for place in dict.fromkeys([*rows, *chosen])),
        directory=candidate(beside[0]) if beside else None,
        scored=scored,
    )
