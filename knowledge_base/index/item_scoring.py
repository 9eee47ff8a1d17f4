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

    def __init__(self, members: Sequence[int], owners: Sequence[int] | NDArray[np.intp], count: int) -> None:
        every = np.asarray(owners, dtype=np.intp)
        order = np.argsort(every, kind="stable")
        self.members: NDArray[np.intp] = np.array(members, dtype=np.intp)[order]
        sorted_owners = every[order]
        self.starts = np.searchsorted(sorted_owners, np.arange(count + 1))
        self._count = count
        # Most entries are FAQ with one name and one section: those are copied, which takes a third of comparing them.
        sizes = np.diff(self.starts)
        self._single = np.flatnonzero(sizes == 1)
        self._single_members = self.members[self.starts[:-1][self._single]]
        self._several = np.flatnonzero(sizes > 1)
        self._several_members = self.members[np.repeat(sizes > 1, sizes)]
        self._several_starts = np.append(0, np.cumsum(sizes[self._several]))[:-1]
        self._without = np.flatnonzero(sizes == 0)

    def maximum(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """The best score of each entry, (entries,); an entry without members gets the lowest score of all members.

        `scores`: (members that there are,).
        """
        if not self.members.size:
            return np.zeros(self._count, dtype=np.float32)
        alone, together = scores[self._single_members], scores[self._several_members]
        best: NDArray[np.float32] = np.empty(self._count, dtype=np.float32)
        if self._without.size:
            best[self._without] = min(part.min() for part in (alone, together) if part.size)
        best[self._single] = alone
        if together.size:
            best[self._several] = np.maximum.reduceat(together, self._several_starts)
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


def score_by_words(
    names: NDArray[np.float32],
    tolerant: NDArray[np.float32],
    sections: NDArray[np.float32],
    memberships: Memberships,
) -> NDArray[np.float32]:
    """float32 (entries,): what a question's text alone says for each entry. `names`, `sections`: the share that each name and
    each section holds (`Scores.words`); `tolerant`: what `NameIndex` gives each name although it is misspelt."""
    text = np.maximum(memberships.sections.maximum(sections), memberships.faq_sections.maximum(sections))
    scores: NDArray[np.float32] = (
        NAME_WORDS * memberships.names.maximum(names)
        + TOLERANT_NAMES * memberships.names.maximum(tolerant)
        + FAQ_WORDS * memberships.faq_names.maximum(names)
        + SECTION_WORDS * text
    )
    return scores


def score_entries(
    by_words: NDArray[np.float32],
    names: NDArray[np.float32],
    sections: NDArray[np.float32],
    memberships: Memberships,
) -> NDArray[np.float32]:
    """float32 (entries,): from `score_by_words` and the cosines of each name and each section (`Scores.vectors`). Shares
    count as they are, cosines as deviations among the entries."""
    meaning = np.maximum(memberships.sections.maximum(sections), memberships.faq_sections.maximum(sections))
    scores: NDArray[np.float32] = (
        by_words + z_normalise(memberships.names.maximum(names)) + SECTION_VECTORS * z_normalise(meaning)
    ).astype(np.float32)
    scores[memberships.directory] -= DIRECTORY_HANDICAP
    return scores
