"""What search takes and gives: a question with its vector, sections and entries with their scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index.words import TermWeight
from knowledge_base.schema import Entry, ServiceItem
from knowledge_base.sections import Section


@dataclass(frozen=True, slots=True)
class Query:
    """A question with its vector: embed once, search several times. `version`: who made the vector.

    `text` is what is searched: pinyin that the names can read stands there in characters; `original`: as it was asked.
    """

    text: str
    vector: NDArray[np.float32]
    version: str
    original: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A section. `score` orders the hits of one question only. `words`: share of the question that the section holds,
    0..1. `vectors`: cosine, -1..1."""

    section: Section
    score: float
    words: float
    vectors: float


@dataclass(frozen=True, slots=True)
class ItemHit:
    """An entry of the library: an item, unless the filters ask for other kinds.

    `score` orders the hits of one question only. `matched`: its name or alias that is closest to the question.
    `coverage`: share (0..1) of the question's own words that stand in the entry's names. `vectors`: cosine of the question
    and `matched`. `section_vectors`: best cosine of the question and one of its sections, -1 if it has none.
    """

    entry: Entry
    score: float
    matched: str
    coverage: float
    vectors: float
    section_vectors: float

    @property
    def item(self) -> ServiceItem:
        """The entry, where only items were asked for. Raises TypeError for another kind."""
        if not isinstance(self.entry, ServiceItem):
            raise TypeError(f"{self.entry.id} is not a service item")
        return self.entry


@dataclass(frozen=True, slots=True)
class Found:
    """Entries and sections of one question, from one state of the library. `generation`: of that state."""

    generation: str
    items: tuple[ItemHit, ...]
    sections: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class ExplainedItem:
    """Why an entry stands where it does. `name_score`: of its name that is closest. `how`: in what way it matched.
    `section`: its best section's id and fused score, None if it has no section."""

    hit: ItemHit
    place: int
    name_score: float
    how: str
    section: str | None
    section_score: float | None


@dataclass(frozen=True, slots=True)
class ExplainedSection:
    """Why a section stands where it does. `own`: its fused score before its entry's is worked in. `entry_score`: that of
    its entry. `matched`: the question's terms that stand in it."""

    hit: Hit
    place: int
    own: float
    entry_score: float
    matched: tuple[TermWeight, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was found for a question and by what. `terms`: what the question weighs, term by term. `generation`, `version`:
    of the library and of the embedder. `entries`, `sections`, `names`: how many were compared."""

    terms: tuple[TermWeight, ...]
    items: tuple[ExplainedItem, ...]
    sections: tuple[ExplainedSection, ...]
    generation: str
    version: str
    compared_entries: int
    compared_sections: int
    compared_names: int
