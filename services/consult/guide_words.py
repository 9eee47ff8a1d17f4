"""What the guides' own words tell: how much a pair of characters weighs, and which pairs an item's guide uses at all.

A pair weighs the more, the fewer lines of the library hold it, so that 办理 tells next to nothing and 印刷 a lot.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from services.consult.bigrams import bigrams


class GuideWords:
    """The pairs of characters of `library`."""

    def __init__(self, library: Library) -> None:
        self._library = library
        counts: Counter[str] = Counter()
        lines = 0
        for section in library.sections():
            for line in section.text.split("\n"):
                counts.update(bigrams(line))
                lines += 1
        self._weights = {gram: math.log(1 + lines / (1 + count)) for gram, count in counts.items()}
        self._unknown = math.log(1 + lines)
        self._used: dict[str, frozenset[str]] = {}

    def weight(self, gram: str) -> float:
        """How much `gram` tells; one that no guide holds tells most."""
        return self._weights.get(gram, self._unknown)

    def weight_of(self, grams: Iterable[str]) -> float:
        """Of several together."""
        return sum(self.weight(gram) for gram in grams)

    def used_by(self, item: ServiceItem) -> frozenset[str]:
        """All pairs in the item's sections and names."""
        if item.id not in self._used:
            self._used[item.id] = frozenset().union(
                *(bigrams(section.text) for section in self._library.sections(item.id)),
                *(bigrams(name) for name in (item.name, *item.aliases)),
            )
        return self._used[item.id]

    def explained(self, text: str, item: ServiceItem) -> float:
        """Share, by weight, of the pairs of `text` that the item's guide uses; 1 if there is none."""
        grams = bigrams(text)
        whole = self.weight_of(grams)
        return self.weight_of(grams & self.used_by(item)) / whole if whole else 1.0
