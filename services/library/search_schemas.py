"""What the search routes take and give."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.entries import kind_of
from knowledge_base.index.filters import ITEMS_ONLY, Filters
from knowledge_base.index.hits import ExplainedItem, ExplainedSection, Explanation, Hit, ItemHit
from knowledge_base.index.words import TermWeight
from knowledge_base.terms import ApplicantKind, Element, EntryKind, ItemStatus

SHOWN_TERMS = 20
"""Terms shown of one section, and of the question."""


class FilterFields(BaseModel):
    """What a search is narrowed by; what is left out narrows nothing."""

    model_config = ConfigDict(extra="forbid")

    kinds: Annotated[list[EntryKind], Field(min_length=1, max_length=5, description="内容种类")] = [EntryKind.ITEM]
    department: Annotated[str | None, Field(max_length=80, description="负责部门全称")] = None
    applicant: Annotated[ApplicantKind | None, Field(description="服务对象")] = None
    channel: Annotated[str | None, Field(max_length=40, description="线上渠道名称或其中几个字")] = None
    status: Annotated[ItemStatus | None, Field(description="状态；不填只找在用的")] = None
    on: Annotated[date | None, Field(description="在这一天有效")] = None

    def filters(self) -> Filters:
        """As search takes them."""
        return Filters(
            kinds=frozenset(self.kinds) or ITEMS_ONLY,
            department=self.department or None,
            applicant=self.applicant,
            channel=self.channel or None,
            status=self.status,
            effective_on=self.on,
        )


class EntryFound(BaseModel):
    """An entry. `score` orders the entries of this answer only; `coverage` (0..1) and `cosine` say how well it fits."""

    id: str
    kind: EntryKind
    name: str
    department: str
    version: int
    matched: str
    score: float
    coverage: float
    cosine: float

    @classmethod
    def of(cls, hit: ItemHit) -> EntryFound:
        """From a hit."""
        entry = hit.entry
        return cls(
            id=entry.id,
            kind=kind_of(entry),
            name=entry.name,
            department=entry.department,
            version=entry.version,
            matched=hit.matched,
            score=round(hit.score, 4),
            coverage=round(hit.coverage, 4),
            cosine=round(hit.vectors, 4),
        )


class SectionFound(BaseModel):
    """A section. `words`: share (0..1) of the question that it holds."""

    id: str
    entry: str
    kind: EntryKind
    item: str
    item_name: str
    element: Element
    title: str
    text: str
    score: float
    words: float
    cosine: float

    @classmethod
    def of(cls, hit: Hit) -> SectionFound:
        """From a hit."""
        section = hit.section
        return cls(
            id=section.id,
            entry=section.entry_id,
            kind=section.kind,
            item=section.item_id,
            item_name=section.item_name,
            element=section.element,
            title=section.title,
            text=section.text,
            score=round(hit.score, 4),
            words=round(hit.words, 4),
            cosine=round(hit.vectors, 4),
        )


class SearchAnswer(BaseModel):
    """What was found, best first. `generation`: of the library that was searched."""

    generation: str
    entries: list[EntryFound]
    sections: list[SectionFound]


class ExplainRequest(FilterFields):
    """A question whose result is to be explained."""

    text: Annotated[str, Field(min_length=1, max_length=500, description="问题")]
    k: Annotated[int, Field(ge=1, le=50)] = 10


class Term(BaseModel):
    """A word of the question: in how many sections it stands, and what it weighs (Lucene's idf)."""

    term: str
    asked: int
    sections: int
    weight: float

    @classmethod
    def of(cls, weight: TermWeight) -> Term:
        """From the index's own."""
        return cls(term=weight.term, asked=weight.asked, sections=weight.texts, weight=round(weight.rarity, 3))


class EntryExplained(EntryFound):
    """An entry with its reasons. `how`: exact, typo, sound, pinyin, part, meaning or none; `how_shown` in Chinese."""

    place: int
    name_score: float
    how: str
    how_shown: str
    best_section: str | None
    best_section_score: float | None

    @classmethod
    def from_explained(cls, explained: ExplainedItem) -> EntryExplained:
        """From search's own."""
        return cls(
            **EntryFound.of(explained.hit).model_dump(),
            place=explained.place,
            name_score=round(explained.name_score, 4),
            how=explained.how,
            how_shown=HOW_SHOWN.get(explained.how, explained.how),
            best_section=explained.section,
            best_section_score=None if explained.section_score is None else round(explained.section_score, 4),
        )


class SectionExplained(SectionFound):
    """A section with its reasons. `own_score`: before its entry's is worked in."""

    place: int
    own_score: float
    entry_score: float
    terms: list[Term]

    @classmethod
    def from_explained(cls, explained: ExplainedSection) -> SectionExplained:
        """From search's own."""
        return cls(
            **SectionFound.of(explained.hit).model_dump(),
            place=explained.place,
            own_score=round(explained.own, 4),
            entry_score=round(explained.entry_score, 4),
            terms=[Term.of(weight) for weight in explained.matched[:SHOWN_TERMS]],
        )


class ExplainAnswer(BaseModel):
    """What was found and why. `embedder`: "model/version" that made the vectors."""

    generation: str
    embedder: str
    compared_entries: int
    compared_sections: int
    compared_names: int
    terms: list[Term]
    entries: list[EntryExplained]
    sections: list[SectionExplained]

    @classmethod
    def of(cls, explanation: Explanation) -> ExplainAnswer:
        """From search's own."""
        return cls(
            generation=explanation.generation,
            embedder=explanation.version,
            compared_entries=explanation.compared_entries,
            compared_sections=explanation.compared_sections,
            compared_names=explanation.compared_names,
            terms=[Term.of(weight) for weight in explanation.terms[:SHOWN_TERMS]],
            entries=[EntryExplained.from_explained(one) for one in explanation.items],
            sections=[SectionExplained.from_explained(one) for one in explanation.sections],
        )


HOW_SHOWN = {
    "exact": "名称整体出现在问题里",
    "part": "名称的一部分出现在问题里",
    "typo": "问题里有错字、漏字或颠倒的字",
    "sound": "问题里有读音相同的别字",
    "pinyin": "问题里是拼音",
    "meaning": "字面不同，意思相近",
    "none": "名称不相近，靠正文找到",
}
"""How a name matched, as the page shows it."""
