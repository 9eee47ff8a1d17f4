"""How well lines were read: character errors and exact lines against the truth.

Each truth line is held against its best match in all that was read, one line run into the next, so that neither a label
and its value read as one line nor a line read in two halves counts as an error in itself. Text that stands in no truth line
(a seal, a watermark) is not counted. Spaces don't count, and full-width forms equal half-width ones (NFKC), for every
engine alike.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Score:
    """Of one page or many; add them up with `+`."""

    characters: int = 0
    errors: int = 0
    lines: int = 0
    exact: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.characters + other.characters,
            self.errors + other.errors,
            self.lines + other.lines,
            self.exact + other.exact,
        )

    @property
    def character_error_rate(self) -> float:
        """Edits per character of the truth, 0..1."""
        return self.errors / max(1, self.characters)

    @property
    def exact_share(self) -> float:
        """Share of truth lines that were read as exactly one line without an error."""
        return self.exact / max(1, self.lines)


def normal(text: str) -> str:
    """What is compared: NFKC, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def best_match(line: str, read: str) -> int:
    """Least number of edits (Levenshtein) that turn `line` into some part of `read` (Sellers, 1980)."""
    if not read:
        return len(line)
    codes = np.frombuffer(read.encode("utf-32-le"), dtype=np.uint32)
    places = np.arange(len(codes) + 1)
    row = np.zeros(len(codes) + 1, dtype=np.int64)
    for done, character in enumerate(line, 1):
        best = np.empty_like(row)
        best[0] = done
        best[1:] = np.minimum(row[:-1] + (codes != ord(character)), row[1:] + 1)
        # An inserted character costs one more than its left neighbour: the running minimum of (cost - place).
        row = np.minimum.accumulate(best - places) + places
    return int(row.min())


def score(truth: Sequence[str], read: Sequence[str]) -> Score:
    """One page: its true lines against the lines that were read, in reading order."""
    lines = [normal(line) for line in truth if normal(line)]
    found = [normal(line) for line in read]
    whole, alone = "".join(found), set(found)
    return Score(
        characters=sum(len(line) for line in lines),
        errors=sum(best_match(line, whole) for line in lines),
        lines=len(lines),
        exact=sum(line in alone for line in lines),
    )
