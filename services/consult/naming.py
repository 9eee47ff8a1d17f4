"""How well a question's own words name an item, from 0 to 1, without any model.

An item's forms are its name, with and without its action (居住证申领, 居住证), and its aliases. Counted in character bigrams, weighted by how few items use them (卫生 tells
more than 许可), two things are looked at: how much of what the question says stands in the item's forms, and how much of
the item's best form stands in the question. Pure; all state is made once from the library.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from knowledge_base.schema import ServiceItem

_SIGNS = re.compile(r"[\W_]+")


def bigrams(text: str) -> frozenset[str]:
    """Character bigrams of `text` without signs, in lower case; of a single character, that character."""
    bare = _SIGNS.sub("", unicodedata.normalize("NFKC", text).lower())
    if len(bare) < 2:
        return frozenset({bare} if bare else ())
    return frozenset(bare[place : place + 2] for place in range(len(bare) - 1))


@dataclass(frozen=True, slots=True)
class Naming:
    """`told`: the share of the question's matter that the item's forms explain; `named`: the share of the item's best
    form that stands in the question; `whole`: the longest form that stands in the question in one piece, or ""."""

    told: float
    named: float
    whole: str


class NameMatcher:
    """Forms of all items, with their weights."""

    def __init__(self, items: Iterable[ServiceItem], family_of: Callable[[ServiceItem], str]) -> None:
        self._forms: dict[str, tuple[str, ...]] = {
            item.id: tuple(
                _SIGNS.sub("", unicodedata.normalize("NFKC", form).lower())
                for form in (item.name, family_of(item), *item.aliases)
            )
            for item in items
        }
        self._grams = {item_id: [bigrams(form) for form in forms] for item_id, forms in self._forms.items()}
        self._all = {item_id: frozenset().union(*grams) for item_id, grams in self._grams.items()}
        counts = Counter(gram for grams in self._all.values() for gram in grams)
        total = len(self._forms)
        self._weights = {gram: math.log(1 + total / count) for gram, count in counts.items()}
        self._unknown = math.log(1 + total)

    def grams(self, item_id: str) -> frozenset[str]:
        """The bigrams of all of the item's forms."""
        return self._all[item_id]

    def match(self, matter: str, item_id: str) -> Naming:
        """How well `matter` (a question without element words and fillers) names the item."""
        grams = bigrams(matter)
        told = self._share(grams, self._all[item_id])
        named = max((self._share(form, grams) for form in self._grams[item_id]), default=0.0)
        bare = _SIGNS.sub("", matter.lower())
        whole = max((form for form in self._forms[item_id] if form in bare), key=len, default="")
        return Naming(told, named, whole)

    def _share(self, part: frozenset[str], of: frozenset[str]) -> float:
        """The weighted share of `part` that stands in `of`."""
        weight = sum(self._weights.get(gram, self._unknown) for gram in part)
        if weight == 0:
            return 0.0
        return sum(self._weights.get(gram, self._unknown) for gram in part & of) / weight
