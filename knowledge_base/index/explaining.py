"""Why search finds what it finds: the hit test of content staff (检索测试).

Comes in: an index and a question. Goes out: the best entries and sections with the raw scores of every ranker, and the
question's terms with what each weighs.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from knowledge_base.index.filters import Filters
from knowledge_base.index.hits import ExplainedItem, ExplainedSection, Explanation, Query
from knowledge_base.index.name_index import Way
from knowledge_base.index.section_index import Scored, SectionIndex
from knowledge_base.index.sound import fold_table
from knowledge_base.index.spelling import expanded, number_of_sound, searchable
from knowledge_base.index.words import TermWeight, terms

LITERAL = frozenset({Way.EXACT, Way.TYPO, Way.SOUND, Way.PINYIN})
"""Ways in which a whole name stands in the question."""
SAME_VECTOR = 0.70
"""A name whose cosine reaches this counts as meant, if none of its words is there."""


def explain(index: SectionIndex, query: Query, k: int, filters: Filters) -> Explanation:
    """The best `k` entries and sections with their reasons."""
    scored = index.scores(query)
    tolerant = index.tolerant_names.scores(query.text)
    weights = tuple(index.section_index.words.weights(query.text))
    rows = index.best_sections(scored, k, None, None, filters)
    entries = index.best_entries(scored, k, filters)
    return Explanation(
        terms=tuple(sorted(weights, key=lambda weight: -weight.rarity)),
        items=tuple(_item(index, query, scored, tolerant, entry, place) for place, entry in enumerate(entries, 1)),
        sections=tuple(_section(index, scored, weights, row, place) for place, row in enumerate(rows, 1)),
        generation=index.library.generation,
        version=index.version,
        compared_entries=len(index.entries),
        compared_sections=len(index.sections),
        compared_names=len(index.names),
    )


def _item(
    index: SectionIndex, query: Query, scored: Scored, tolerant: NDArray[np.float32], entry: int, place: int
) -> ExplainedItem:
    own = index.memberships.sections.of(entry)
    best = int(own[scored.sections.fused[own].argmax()]) if own.size else None
    hit, name = index.item_hit(query, scored, entry), index.closest_name(scored, entry)
    how = how_matched(index, query, name, float(scored.names.vectors[name]))
    if how not in LITERAL:
        # Words and vectors know nothing of slips: another of its names may be the one that was misspelt.
        names = index.memberships.names.of(entry)
        other = int(names[np.argmax(tolerant[names])])
        told = how_matched(index, query, other, float(scored.names.vectors[other]))
        if told in LITERAL:
            name, how = other, told
            hit = replace(hit, matched=index.names[name].text, vectors=float(scored.names.vectors[name]))
    return ExplainedItem(
        hit=hit,
        place=place,
        name_score=float(scored.names.fused[name]),
        how=how,
        section=index.sections[best].id if best is not None else None,
        section_score=float(scored.sections.fused[best]) if best is not None else None,
    )


def _section(
    index: SectionIndex, scored: Scored, weights: tuple[TermWeight, ...], row: int, place: int
) -> ExplainedSection:
    held = set(terms(index.frame.plan.documents[row].full_text))
    matched = sorted((weight for weight in weights if weight.term in held), key=lambda weight: -weight.rarity)
    return ExplainedSection(
        hit=index.hit(scored, row),
        place=place,
        own=float(scored.sections.fused[row]),
        entry_score=float(scored.entries[index.about[row]]),
        matched=tuple(matched),
    )


def how_matched(index: SectionIndex, query: Query, name: int, cosine: float) -> str:
    """In what way the name at row `name` fits a question.

    exact: it stands there whole; pinyin, sound (characters of the same sound), typo: it stands there misspelt; part: a
    piece of it stands there; meaning: the vectors alone are close; none: its text was found, not its name.
    """
    written = searchable(index.names[name].text)
    way = index.tolerant_names.match(query.original, name).way
    if way in (Way.EXACT, Way.PINYIN):
        return way.value
    asked = expanded(searchable(query.text))
    if way in (Way.TYPO, Way.SOUND):
        # Close isn't misspelt yet: of a long name, the question may leave out the end.
        if is_misheard(written, asked):
            return Way.SOUND.value
        if is_misspelt(written, asked):
            return Way.TYPO.value
    if set(terms(asked)) & {term for term in terms(written) if len(term) > 1}:
        # What was read out of Latin letters, and is only a piece of the name.
        spelt = set(terms(searchable(query.original)))
        read = {term for term in terms(asked) if len(term) > 1 and term in written} - spelt
        return Way.PINYIN.value if query.text != query.original and read else Way.PART.value
    return "meaning" if cosine >= SAME_VECTOR else Way.NONE.value


def is_misspelt(name: str, asked: str) -> bool:
    """Whether `name` stands in `asked` with a wrong, missing, doubled or swapped character inside it. Both searchable.

    Being close is not enough: who leaves out the word at the end (许可证 for 许可证新办) has misspelt nothing. So what is
    different must stand between characters that are the same.
    """
    steps = list(Levenshtein.opcodes(name, asked))
    for before, step, after in zip(steps, steps[1:], steps[2:], strict=False):
        if before.tag != "equal" or after.tag != "equal":
            continue
        own, theirs = name[step.src_start : step.src_end], asked[step.dest_start : step.dest_end]
        wrong_or_missing = len(own) == 1 and len(theirs) <= 1
        doubled = not own and len(theirs) == 1 and theirs in name[step.src_start - 1 : step.src_start + 1]
        if wrong_or_missing or doubled:
            return True
    return _has_swapped(name, asked)


def is_misheard(name: str, asked: str) -> bool:
    """Whether a character of `name` stands in `asked` as another one of the same sound, in its place. Both searchable."""
    # 怎 and 证 are confused by ear; in 怎么办 it is no slip.
    asked = re.sub("怎[么样]", "  ", asked)
    length = len(name)
    windows = [asked[start : start + length] for start in range(len(asked) - length + 1)]
    if windows:  # the piece of the question that has most of the name's characters in their places
        closest = max(windows, key=lambda window: sum(map(str.__eq__, name, window)))
        if any(map(_sounds_alike, name, closest)):
            return True
    return any(
        any(map(_sounds_alike, name[step.src_start : step.src_end], asked[step.dest_start : step.dest_end]))
        for step in Levenshtein.opcodes(name, asked)
        if step.tag == "replace"
    )


def _sounds_alike(one: str, other: str) -> bool:
    """Whether two different characters have the same sound, as people confuse sounds."""
    folds = fold_table()
    first, second = number_of_sound(one), number_of_sound(other)
    return one != other and first > 0 and second > 0 and bool(folds[first] == folds[second])


def _has_swapped(name: str, asked: str) -> bool:
    """Whether two neighbours of `name` stand in `asked` the other way round, with the character before or after them."""
    for place in range(len(name) - 1):
        swapped = name[place + 1] + name[place]
        if name[place] == name[place + 1] or swapped in name or name[place : place + 2] in asked:
            continue
        before, after = name[place - 1 : place] if place else "", name[place + 2 : place + 3]
        if (before and before + swapped in asked) or (after and swapped + after in asked):
            return True
    return False
