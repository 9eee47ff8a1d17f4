"""What a question asks of an item: which sections answer it, and the one line that does, if there is one.

The words by which people ask for an element are one sign among several: how near each section is in meaning, how much of the
question's own wording one of its lines holds, an FAQ that is the question itself, and a trained head over the question's vector.
A small ranking over these, fitted on the development half (`python -m benchmarks.consult.fit_elements`), puts them together;
what is nearly as likely as the first is told as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.index.hits import Query
from knowledge_base.index.section_index import Scored, SectionIndex
from knowledge_base.schema import ServiceItem
from knowledge_base.sections import Section
from knowledge_base.terms import Element
from services.consult.asking import Asked
from services.consult.bigrams import bigrams
from services.consult.guide_lines import Line, Lines, further_lines, line_signs
from services.consult.guide_words import GuideWords
from services.consult.policy import DecidingEntry

SIGNS: tuple[str, ...] = (
    "meaning",
    "words",
    "line",
    "faq_meaning",
    "faq_words",
    "cue",
    "first_cue",
    "any_cue",
    "head",
    "no_cue_overview",
    "overview",
)
"""`meaning`: cosine behind the item's best section; `line`: share of the question that one line holds, beyond the item's name;
`cue`: the element is asked for in words; `any_cue`: its words stand there, though longer ones count; `head`: logarithm of the
trained head's probability."""
LINE = SIGNS.index("line")
UNLIKELY = 1e-4


@dataclass(frozen=True, slots=True)
class Asking:
    """`elements`: what is asked for, the likeliest first. `faq`: id of the FAQ's section that answers by itself, or None.
    `line`: the line that holds most of the question's wording, with its element; None if none holds much. `further`: lines of
    elements that aren't among `elements` that may be what is meant."""

    elements: tuple[Element, ...] = ()
    faq: str | None = None
    line: tuple[Element, str] | None = None
    further: tuple[tuple[Element, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for one element: the values in the order of `SIGNS`."""

    element: Element
    values: tuple[float, ...]
    line: str = ""


class ElementFinder:
    """Looks within one item. `words`: of the library that holds it."""

    def __init__(self, words: GuideWords, figures: DecidingEntry) -> None:
        self._figures = figures
        self._words = words

    def find(
        self,
        index: SectionIndex,
        query: Query,
        item: ServiceItem,
        asked: Asked,
        head: Mapping[str, float],
        scored: Scored | None = None,
        lines: Lines | None = None,
    ) -> Asking:
        """What the question asks of `item`, which `index` holds.

        Args:
            head: probability of each element by the trained head; empty without one.
            scored: the question's scores, if they were worked out already.
            lines: the item's lines with vectors of the query's version, if they are there.
        """
        signs, faq = self.signs(index, query, item, asked, head, scored)
        if not signs:
            return Asking()
        ranked = sorted(((self.likely(one), one) for one in signs), key=lambda pair: -pair[0])
        best = ranked[0][0]
        # Several elements that are asked for in so many words (材料和费用) are all told.
        named = [one.element for _, one in ranked if one.element in asked.elements] if len(asked.elements) > 1 else []
        chosen = [
            one.element
            for chance, one in ranked
            if chance >= self._figures.element_share * best
            or (one.element in named and chance >= self._figures.element_least)
        ][: self._figures.elements_most]
        nearest = max(signs, key=lambda one: one.values[LINE])
        line = (nearest.element, nearest.line) if nearest.values[LINE] >= self._figures.line_from else None
        if faq is not None and faq.element not in chosen:
            chosen = [faq.element, *chosen][: self._figures.elements_most]
        further: tuple[Line, ...] = ()
        if lines is not None:
            likely = {one.element: chance for chance, one in ranked}
            rows = line_signs(query.vector, beside_names(query.text, item), lines, self._words, likely, head)
            figures = self._figures
            further = further_lines(rows, lines, figures.further, chosen, figures.further_from, figures.further_most)
        found = tuple((one.element, one.text) for one in further)
        return Asking(tuple(chosen), faq.id if faq is not None else None, line, found)

    def signs(
        self,
        index: SectionIndex,
        query: Query,
        item: ServiceItem,
        asked: Asked,
        head: Mapping[str, float],
        scored: Scored | None = None,
    ) -> tuple[list[Signs], Section | None]:
        """What speaks for each of the item's elements, and the FAQ that is the question itself."""
        sections = (scored or index.scores(query)).sections
        place = index.place[item.id]
        own = [(index.sections[row], row) for row in index.memberships.sections.of(place).tolist()]
        faqs = [(index.sections[row], row) for row in index.memberships.faq_sections.of(place).tolist()]
        if not own:
            return [], None
        grams = beside_names(query.text, item)
        whole = self._words.weight_of(grams) or 1.0
        nearest = max(float(sections.vectors[row]) for _, row in own)
        found: list[Signs] = []
        for section, row in own:
            near = [(other, number) for other, number in faqs if other.element is section.element]
            held, line = self._best_line(section.text, grams)
            values = (
                float(sections.vectors[row]) - nearest,
                float(sections.words[row]),
                held / whole,
                max(
                    (max(0.0, float(sections.vectors[number]) - self._figures.faq_from) for _, number in near),
                    default=0.0,
                ),
                max((float(sections.words[number]) for _, number in near), default=0.0),
                float(section.element in asked.elements),
                float(bool(asked.elements) and asked.elements[0] is section.element),
                float(section.element in asked.cues),
                math.log(max(UNLIKELY, head.get(section.element.value, UNLIKELY))) if head else 0.0,
                float(not asked.elements and section.element is Element.OVERVIEW),
                float(section.element is Element.OVERVIEW),
            )
            found.append(Signs(section.element, values, line))
        best = max(faqs, key=lambda pair: float(sections.vectors[pair[1]]), default=None)
        faq = best[0] if best is not None and float(sections.vectors[best[1]]) >= self._figures.faq_near else None
        return found, faq

    def likely(self, signs: Signs) -> float:
        """How likely the element of `signs` is asked for, 0..1."""
        weights = self._figures.element
        total = weights["bias"] + sum(
            weights.get(name, 0.0) * value for name, value in zip(SIGNS, signs.values, strict=True)
        )
        return float(1 / (1 + np.exp(-total)))

    def _best_line(self, text: str, grams: frozenset[str]) -> tuple[float, str]:
        best, chosen = 0.0, ""
        for line in text.split("\n"):
            held = self._words.weight_of(grams & bigrams(line))
            if held > best:
                best, chosen = held, line
        return best, chosen


def beside_names(text: str, item: ServiceItem) -> frozenset[str]:
    """The pairs of characters in `text` that are no part of what the item is called."""
    return bigrams(text) - frozenset().union(*(bigrams(name) for name in (item.name, *item.aliases)))


def in_order(elements: Sequence[Element]) -> tuple[Element, ...]:
    """Elements once each, in the order given."""
    return tuple(dict.fromkeys(elements))
