"""How the scores of names and of sections become scores of entries: pure functions over arrays.

Comes in: for one question the score of every name and of every section, and which entry each belongs to. Goes out: one score
for each entry, which orders the entries of that question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index.fusion import z_normalise
from knowledge_base.index.hybrid import Scores

# Weights against one deviation of the names' cosines; tuned on the dev items of benchmarks/items only.
NAME_WORDS = 14.0
TOLERANT_NAMES = 8.0
"""Of a name's score by characters and sounds: what lets a misspelt name count."""
FAQ_WORDS = 8.0
"""A question of the FAQ speaks for the item that it is bound to by its words only: by its vector it drew away too many."""
SECTION_WORDS = 20.0
SECTION_VECTORS = 1.3
DIRECTORY_HANDICAP = 5.0
"""What a directory entry is held back by: a full guide of the same matter comes first."""


class Groups:
    """Members (names, sections) by the entry that they belong to; a member may belong to several.

    Args:
        members: places of members. `owners`: the entry of each. `count`: how many entries there are.
    """

    def __init__(self, members: Sequence[int], owners: Sequence[int], count: int) -> None:
        order = np.argsort(np.array(owners, dtype=np.intp), kind="stable")
        self.members: NDArray[np.intp] = np.array(members, dtype=np.intp)[order]
        sorted_owners = np.array(owners, dtype=np.intp)[order]
        self.starts = np.searchsorted(sorted_owners, np.arange(count + 1))
        self._filled = np.flatnonzero(np.diff(self.starts))
        self._count = count
        self._in_place = bool(np.array_equal(self.members, np.arange(len(self.members))))

    def maximum(self, scores: NDArray[np.float32], weights: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """The best score of each entry, (entries,); an entry without members gets the lowest score of all.

        `scores`: (members that there are,). `weights`: of each membership, in the order of `members`.
        """
        if not self._filled.size:
            return np.zeros(self._count, dtype=np.float32)
        # Sections and names mostly stand in the order of their entries: 40,000 scores needn't be copied then.
        own = scores if self._in_place and len(scores) == len(self.members) else scores[self.members]
        if weights is not None:
            own = own * weights
        best = np.full(self._count, own.min(), dtype=np.float32)
        best[self._filled] = np.maximum.reduceat(own, self.starts[:-1][self._filled])
        return best

    def of(self, entry: int) -> NDArray[np.intp]:
        """The members of one entry."""
        return self.members[self.starts[entry] : self.starts[entry + 1]]


@dataclass(frozen=True, slots=True)
class Memberships:
    """Which names and sections speak for which entries.

    `names`, `sections`: an entry's own. `faq_names`, `faq_sections`: those of the FAQ bound to an item. `directory`: bool
    (entries,), entries without a guide.
    """

    names: Groups
    sections: Groups
    faq_names: Groups
    faq_sections: Groups
    directory: NDArray[np.bool_]


def score_entries(
    names: Scores, tolerant: NDArray[np.float32], sections: Scores, memberships: Memberships
) -> NDArray[np.float32]:
    """float32 (entries,): from the raw scores of each name and each section, and `tolerant`, what `NameIndex` gives each
    name although it is misspelt. Shares count as they are, cosines as deviations among the entries."""
    text = np.maximum(memberships.sections.maximum(sections.words), memberships.faq_sections.maximum(sections.words))
    meaning = np.maximum(
        memberships.sections.maximum(sections.vectors), memberships.faq_sections.maximum(sections.vectors)
    )
    scores: NDArray[np.float32] = (
        NAME_WORDS * memberships.names.maximum(names.words)
        + TOLERANT_NAMES * memberships.names.maximum(tolerant)
        + FAQ_WORDS * memberships.faq_names.maximum(names.words)
        + SECTION_WORDS * text
        + z_normalise(memberships.names.maximum(names.vectors))
        + SECTION_VECTORS * z_normalise(meaning)
    ).astype(np.float32)
    scores[memberships.directory] -= DIRECTORY_HANDICAP
    return scores
