"""What changes between an index and the next one.

Comes in: a library and what the present index holds. Goes out: which rows stay, which go, and which documents come new; a
text that did not change is neither counted nor embedded again, whatever else was published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index.embedding import key_of
from knowledge_base.index.hybrid import Document
from knowledge_base.index.search_documents import Name, names_of_library, section_document
from knowledge_base.library import Library
from knowledge_base.sections import Section


@dataclass(frozen=True, slots=True)
class Change:
    """`order`: places of the new documents in the order of the new rows; the last `added` of them are new, those before
    stay in the order of the old rows. `removed`: places of the old rows that go, ascending."""

    order: tuple[int, ...]
    removed: NDArray[np.intp]
    added: int


def change(old: Sequence[str], new: Sequence[str]) -> Change:
    """The change from rows with the keys `old` to documents with the keys `new`; a key may stand several times."""
    # Two dictionaries of numbers, not a list a key: 70,000 lists would have the garbage collector run over the library.
    waiting: dict[str, int] = {}
    next_alike: dict[int, int] = {}
    for place in range(len(new) - 1, -1, -1):
        later = waiting.get(new[place])
        if later is not None:
            next_alike[place] = later
        waiting[new[place]] = place
    kept: list[int] = []
    removed: list[int] = []
    for row, key in enumerate(old):
        taken = waiting.pop(key, None)
        if taken is None:
            removed.append(row)
            continue
        kept.append(taken)
        if taken in next_alike:
            waiting[key] = next_alike[taken]
    added = list(waiting.values())
    for place in added:  # grows while it is walked: every one alike follows its first
        if place in next_alike:
            added.append(next_alike[place])
    added.sort()
    return Change((*kept, *added), np.array(removed, dtype=np.intp), len(added))


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """The rows of the next index and how they come about.

    `sections`, `documents`, `section_keys`: in the order of rows; `names` likewise. `section_change`, `name_change`: from
    the rows that were given.
    """

    library: Library
    sections: tuple[Section, ...]
    documents: tuple[Document, ...]
    section_keys: tuple[str, ...]
    section_change: Change
    names: tuple[Name, ...]
    name_change: Change

    @property
    def section_texts(self) -> list[str]:
        """Texts of the sections' rows."""
        return self.texts(len(self.documents))

    def texts(self, last: int) -> list[str]:
        """Texts of the `last` rows of sections."""
        return [document.full_text for document in self.documents[len(self.documents) - last :]]

    @property
    def name_texts(self) -> list[str]:
        """Texts of the names' rows."""
        return [name.text for name in self.names]

    @property
    def new_names(self) -> list[str]:
        """Texts of the names that come new."""
        return [name.text for name in self.names[len(self.names) - self.name_change.added :]]


@dataclass(frozen=True, slots=True)
class IndexRows:
    """The sections of an index in the order of its rows, what they are indexed as, and the keys of that."""

    sections: Sequence[Section]
    documents: Sequence[Document]
    keys: Sequence[str]


def plan(
    library: Library, section_keys: Sequence[str] = (), names: Sequence[str] = (), known: IndexRows | None = None
) -> IndexPlan:
    """The way to an index of `library` from one whose rows have these keys of sections and texts of names.

    `known`: rows of which the library may share sections; for those nothing is put together and hashed again.
    """
    rows = {id(section): row for row, section in enumerate(known.sections)} if known else {}
    sections: list[tuple[Section, Document]] = []
    keys: list[str] = []
    for section in library.all_sections():
        row = rows.get(id(section))
        if row is not None and known is not None:
            sections.append((section, known.documents[row]))
            keys.append(known.keys[row])
        else:
            document = section_document(section)
            sections.append((section, document))
            keys.append(key_of(document.full_text))
    section_change = change(section_keys, keys)
    all_names = names_of_library(library)
    name_change = change(names, [name.text for name in all_names])
    return IndexPlan(
        library=library,
        sections=tuple(sections[place][0] for place in section_change.order),
        documents=tuple(sections[place][1] for place in section_change.order),
        section_keys=tuple(keys[place] for place in section_change.order),
        section_change=section_change,
        names=tuple(all_names[place] for place in name_change.order),
        name_change=name_change,
    )
