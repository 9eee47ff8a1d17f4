"""Numbers as guides write them: 30, ３０, 三十, 两."""

from __future__ import annotations

import unicodedata

from core.numerals import read_integer

DIGITS = r"(?:\d+|[一二两三四五六七八九十]{1,3})"
"""A number in Arabic or Chinese figures, up to 99 in Chinese."""


def number_of(written: str) -> int | None:
    """The number; None if it isn't one. `number_of("二十五") == 25`."""
    return read_integer(unicodedata.normalize("NFKC", written).strip())
