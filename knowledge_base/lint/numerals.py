"""Numbers as guides write them: 30, ３０, 三十, 两."""

from __future__ import annotations

import unicodedata

DIGITS = r"(?:\d+|[一二两三四五六七八九十]{1,3})"
"""A number in Arabic or Chinese figures, up to 99 in Chinese."""
_FIGURES = {figure: value for value, figure in enumerate("零一二三四五六七八九")} | {"两": 2}


def number_of(written: str) -> int | None:
    """The number; None if it isn't one. `number_of("二十五") == 25`."""
    written = unicodedata.normalize("NFKC", written).strip()
    if written.isdecimal():
        return int(written)
    tens, ten, ones = written.partition("十")
    if not ten:
        return _FIGURES.get(written)
    if any(part and part not in _FIGURES for part in (tens, ones)):
        return None
    return (_FIGURES[tens] if tens else 1) * 10 + (_FIGURES[ones] if ones else 0)
