"""Why search finds what it finds: the hit test of content staff (检索测试).

Comes in: an index and a question. Goes out: the best entries and sections with the raw scores of every ranker, and the
question's terms with what each weighs.
"""

from __future__ import annotations

from knowledge_base.index.filters import Filters
from knowledge_base.index.hits import ExplainedItem, ExplainedSection, Explanation, Query
from knowledge_base.index.section_index import Scored, SectionIndex
from knowledge_base.index.words import TermWeight, normalise, terms

SAME_VECTOR = 0.85
"""A name whose cosine reaches this counts as meant, if none of its words is there."""


def explain(index: SectionIndex, query: Query, k: int, filters: Filters) -> Explanation:
    """The best `k` entries and sections with their reasons."""
    scored = index.scores(query)
    weights = tuple(index.section_index.words.weights(query.text))
    rows = index.best_sections(scored, k, None, None, filters)
    entries = index.best_entries(scored, k, filters)
    return Explanation(
        terms=tuple(sorted(weights, key=lambda weight: -weight.rarity)),
        items=tuple(_item(index, query, scored, entry, place) for place, entry in enumerate(entries, 1)),
        sections=tuple(_section(index, scored, weights, row, place) for place, row in enumerate(rows, 1)),
        generation=index.library.generation,
        version=index.version,
        compared_entries=len(index.entries),
        compared_sections=len(index.sections),
        compared_names=len(index.names),
    )


def _item(index: SectionIndex, query: Query, scored: Scored, entry: int, place: int) -> ExplainedItem:
    own = index.memberships.sections.of(entry)
    best = int(own[scored.sections.fused[own].argmax()]) if own.size else None
    name = index.closest_name(scored, entry)
    return ExplainedItem(
        hit=index.item_hit(query, scored, entry),
        place=place,
        name_score=float(scored.names.fused[name]),
        how=how_matched(query.text, index.names[name].text, float(scored.names.vectors[name])),
        section=index.sections[best].id if best is not None else None,
        section_score=float(scored.sections.fused[best]) if best is not None else None,
    )


def _section(
    index: SectionIndex, scored: Scored, weights: tuple[TermWeight, ...], row: int, place: int
) -> ExplainedSection:
    held = set(terms(index.section_index.documents[row].full_text))
    matched = sorted((weight for weight in weights if weight.term in held), key=lambda weight: -weight.rarity)
    return ExplainedSection(
        hit=index.hit(scored, row),
        place=place,
        own=float(scored.sections.fused[row]),
        entry_score=float(scored.entries[index.about[row]]),
        matched=tuple(matched),
    )


def how_matched(question: str, name: str, cosine: float) -> str:
    """In what way a name fits a question: exact, part (a piece of it stands in the question), meaning, or none."""
    asked, named = normalise(question), normalise(name)
    if named and named in asked:
        return "exact"
    if set(terms(asked)) & {term for term in terms(named) if len(term) > 1}:
        return "part"
    return "meaning" if cosine >= SAME_VECTOR else "none"
