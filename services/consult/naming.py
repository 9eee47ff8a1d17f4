"""How well a question's own words name an item, from 0 to 1, without any model.

An item's forms are its name, with and without its action (居住证申领, 居住证), and its aliases. Counted in character
bigrams, weighted by how few items use them (卫生 tells more than 许可), two things are looked at: how much of what the
question says stands in the item's forms, and how much of the item's best form stands in the question. Pure; all state is
made once from the library, as an inverted index: a question costs by its length, not by the size of the catalogue.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_SIGNS = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """`text` in one form: NFKC, lower case, without signs and blanks."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).lower())


def bigrams(text: str) -> frozenset[str]:
    """Character bigrams of `text` without signs and blanks, in lower case; of a single character, that character.

    They go on across blanks: two words that stand apart in no name make a question foreign, not familiar.
    """
    plain = bare(text)
    if len(plain) < 2:
        return frozenset({plain} if plain else ())
    return frozenset(plain[place : place + 2] for place in range(len(plain) - 1))


@dataclass(frozen=True, slots=True)
class Naming:
    """`told`: the share of the question's matter that the item's forms explain; `named`: the share of the item's best
    form that stands in the question; `whole`: the longest form that stands in the question in one piece, or ""."""

    told: float = 0.0
    named: float = 0.0
    whole: str = ""


NOT_NAMED = Naming()


class NameMatcher:
    """Forms of all items by their ids, with weights; `common`: words that tell little about which item is meant."""

    def __init__(self, forms_of: Mapping[str, Iterable[str]], common: Iterable[str] = ()) -> None:
        self._forms: list[tuple[str, str]] = []  # form, item id
        self._forms_with: dict[str, list[int]] = defaultdict(list)
        self._grams: dict[str, frozenset[str]] = {}
        grams_of_forms = []
        for item_id, texts in forms_of.items():
            forms = dict.fromkeys(filter(None, map(bare, texts)))
            for form in forms:
                grams_of_forms.append(bigrams(form))
                for gram in grams_of_forms[-1]:
                    self._forms_with[gram].append(len(self._forms))
                self._forms.append((form, item_id))
            self._grams[item_id] = frozenset().union(*(bigrams(form) for form in forms))
        self._items_with: dict[str, list[str]] = defaultdict(list)
        for item_id, grams in self._grams.items():
            for gram in grams:
                self._items_with[gram].append(item_id)
        total = len(self._grams)
        self._weights = {gram: math.log(1 + total / len(holders)) for gram, holders in self._items_with.items()}
        for gram in frozenset().union(*map(bigrams, common)):
            self._weights[gram] = math.log(2)
        # What stands in no item's forms counts like the rarest: it is what makes a question foreign.
        self._unknown = math.log(1 + total)
        self._form_weights = [self._weight(grams) for grams in grams_of_forms]

    @property
    def vocabulary(self) -> frozenset[str]:
        """The bigrams of all forms of all items."""
        return frozenset(self._items_with)

    def grams(self, item_id: str) -> frozenset[str]:
        """The bigrams of all of the item's forms."""
        return self._grams[item_id]

    def match(self, matter: str) -> Mapping[str, Naming]:
        """How well `matter` (a question without element words and fillers) names each item; without those it doesn't."""
        grams = bigrams(matter)
        asked = self._weight(grams)
        told: dict[str, float] = defaultdict(float)
        shared: dict[int, float] = defaultdict(float)
        for gram in grams:
            for item_id in self._items_with.get(gram, ()):
                told[item_id] += self._weights[gram]
            for place in self._forms_with.get(gram, ()):
                shared[place] += self._weights[gram]
        named: dict[str, float] = defaultdict(float)
        whole: dict[str, str] = defaultdict(str)
        plain = bare(matter)
        for place, weight in shared.items():
            form, item_id = self._forms[place]
            named[item_id] = max(named[item_id], weight / self._form_weights[place])
            if len(form) > len(whole[item_id]) and form in plain:
                whole[item_id] = form
        return {item_id: Naming(weight / asked, named[item_id], whole[item_id]) for item_id, weight in told.items()}

    def _weight(self, grams: Iterable[str]) -> float:
        return sum(self._weights.get(gram, self._unknown) for gram in grams)
