"""Texts in one form, and their pairs of characters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SIGNS = re.compile(r"[\W_]+")
REMEMBERED = 1 << 14
"""Texts whose form is remembered: the lines of guides come again with every question."""
LONGEST = 300
"""A longer text is worked out each time, so that what is remembered stays a few megabytes."""


def bare(text: str) -> str:
    """`text` in one form: NFKC, lower case, without signs and blanks."""
    return _remembered(text) if len(text) <= LONGEST else _form(text)


def _form(text: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).lower())


_remembered = lru_cache(REMEMBERED)(_form)


def bigrams(text: str) -> frozenset[str]:
    """Character bigrams of `text` without signs and blanks, in lower case; of a single character, that character.

    They go on across blanks: two words that stand apart in no name make a question foreign, not familiar.
    """
    plain = bare(text)
    if len(plain) < 2:
        return frozenset({plain} if plain else ())
    return frozenset(plain[place : place + 2] for place in range(len(plain) - 1))
