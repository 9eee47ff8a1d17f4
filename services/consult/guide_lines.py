"""The single lines of a guide, with vectors: so that the one line that answers is told although its section wasn't asked for.

An item's lines are embedded beside everything else when the item is first asked about, and remembered on disk like the vectors of
sections; until they are there, the answer goes without.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import HubError
from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from knowledge_base.search import SectionSearch
from knowledge_base.terms import ELEMENT_TITLES, Element
from services.consult.bigrams import bigrams
from services.consult.deciding import log_odds
from services.consult.guide_words import GuideWords

_NUMBER = re.compile(r"^\d+\. ")
LINE_SIGNS: tuple[str, ...] = (
    "meaning",
    "lead",
    "words",
    "words_lead",
    "element",
    "head",
    "length",
    "heading",
    "likeliest",
    "nearest",
)
"""`meaning`: cosine of the question and the line under its item's and element's names; `words`: share, by weight, of the question's
pairs that the line holds; leads are over the item's best line, so 0 at most. `element` and `head`: logarithmic odds that the line's
element is asked for, by the ranking of elements and by the trained head. `length`: logarithm of the line's characters;
`heading`: it announces other lines; `likeliest`: its element is the likeliest; `nearest`: no line is nearer."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the section of `element`, its number in a list aside."""

    element: Element
    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """An item's lines, with their vectors, float32 (lines, dimension), made by `version`."""

    item: ServiceItem
    lines: tuple[Line, ...]
    vectors: NDArray[np.float32]
    version: str


class GuideLines:
    """Keeps the lines of the items of `library` that were asked about. `made`: of earlier states of the library; an item that is
    still the same needn't be read again."""

    def __init__(self, library: Library, search: SectionSearch, made: dict[str, Lines] | None = None) -> None:
        self._library = library
        self._search = search
        self._made: dict[str, Lines] = made if made is not None else {}
        self._making: dict[str, asyncio.Task[None]] = {}

    def of(self, item: ServiceItem, version: str) -> Lines | None:
        """The lines of `item` with vectors of `version` ("model/version"); None while they are still being made."""
        made = self._made.get(item.id)
        if made is not None and made.version == version and made.item is item:
            return made
        if item.id not in self._making:
            task = asyncio.get_running_loop().create_task(self.make(item))
            self._making[item.id] = task
            task.add_done_callback(lambda _: self._making.pop(item.id, None))
        return None

    async def make(self, *items: ServiceItem, progress: Callable[[int, int], None] | None = None) -> None:
        """Embed the items' lines. Where the model can't help now, the next question about one of them tries again."""
        by_item = [(item, lines) for item in items if (lines := lines_of(self._library, item))]
        if not by_item:
            return
        try:
            texts = [titled(item, line) for item, lines in by_item for line in lines]
            made = await self._search.passages(texts, progress)
        except HubError:
            return
        start = 0
        for item, lines in by_item:
            end = start + len(lines)
            self._made[item.id] = Lines(item, lines, made.vectors[start:end], made.version)
            start = end

    async def make_all(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Embed the lines of all items, or read them from disk."""
        await self.make(*self._library.items.values(), progress=progress)


def lines_of(library: Library, item: ServiceItem) -> tuple[Line, ...]:
    """The lines of the item's sections, in their order."""
    return tuple(
        Line(section.element, _NUMBER.sub("", line))
        for section in library.sections(item.id)
        for line in section.text.split("\n")
        if line.strip()
    )


def titled(item: ServiceItem, line: Line) -> str:
    """The text that is embedded for a line."""
    return f"{item.name} {ELEMENT_TITLES[line.element]}：{line.text}"


def line_signs(
    vector: NDArray[np.float32],
    grams: frozenset[str],
    lines: Lines,
    words: GuideWords,
    likely: Mapping[Element, float],
    head: Mapping[str, float],
) -> NDArray[np.float64]:
    """(lines, signs) in the order of `LINE_SIGNS`.

    Args:
        vector: of the question, by the version of `lines`.
        grams: the question's pairs of characters beside the item's names.
        likely: of each element, how likely it is asked for; head: the same by the trained head alone, by the element's value.
    """
    meaning = lines.vectors @ vector
    whole = words.weight_of(grams) or 1.0
    held = np.array([words.weight_of(grams & bigrams(line.text)) / whole for line in lines.lines])
    best, most = float(meaning.max()), max(likely.values(), default=0.0)
    return np.array(
        [
            (
                float(near),
                float(near) - best,
                share,
                share - held.max(),
                log_odds(likely.get(line.element, 0.0)),
                log_odds(head.get(line.element.value, 0.0)),
                math.log(1 + len(line.text)),
                float(line.text.endswith("：")),
                float(likely.get(line.element, 0.0) == most),
                float(near == best),
            )
            for near, share, line in zip(meaning, held, lines.lines, strict=True)
        ]
    )


def further_lines(
    signs: NDArray[np.float64],
    lines: Lines,
    weights: Mapping[str, float],
    told: Sequence[Element],
    least: float,
    most: int,
) -> tuple[Line, ...]:
    """The likeliest lines of elements that aren't `told`, at least `least` likely, at most so many; no headings."""
    totals = signs @ np.array([weights.get(name, 0.0) for name in LINE_SIGNS]) + weights["bias"]
    chances = 1 / (1 + np.exp(-totals))
    order = sorted(range(len(lines.lines)), key=lambda row: -chances[row])
    found = [
        lines.lines[row]
        for row in order
        if chances[row] >= least and lines.lines[row].element not in told and not lines.lines[row].text.endswith("：")
    ]
    return tuple(found[:most])
