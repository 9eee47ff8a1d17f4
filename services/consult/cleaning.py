"""Turn what a person sent into plain text that rules can read.

Comes in: any string. Goes out: NFKC, without invisible, control and bidirectional characters, decimal digits of every
script as 0-9, blanks run together, and whether anything is left to answer. Pure functions.
"""

from __future__ import annotations

import re
import unicodedata

# Unicode categories that print nothing: Cc controls, Cf formats (zero-width, bidirectional, soft hyphen, tags),
# Co private use, Cs lone surrogates (they can't be stored), Cn unassigned.
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
# Letters by category that show as a blank all the same, and the variation selectors (category Mn).
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f") | {chr(point) for point in range(0xFE00, 0xFE10)}
_BLANKS = re.compile(r"\s+")


def clean(text: str) -> str:
    """Plain text of `text`; "" if nothing visible is in it. Line breaks become single spaces."""
    kept: list[str] = []
    for character in text:
        if character.isspace():
            kept.append(" ")
        elif character not in _BLANK_LETTERS and unicodedata.category(character) not in _INVISIBLE:
            kept.append(character)
    normal = unicodedata.normalize("NFKC", "".join(kept))
    return _BLANKS.sub(" ", "".join(_plain_digit(character) for character in normal)).strip()


def _plain_digit(character: str) -> str:
    """Arabic-Indic and other digits as 0-9, so that a number can't hide from masking in another script."""
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def has_words(text: str) -> bool:
    """Whether a letter, a character or a digit is in it: a message of emoji or signs alone asks nothing."""
    return any(unicodedata.category(character)[0] in "LN" for character in text)
