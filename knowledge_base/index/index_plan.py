"""What changes between an index and the next one.

Comes in: a library and what the present index holds. Goes out: which rows stay, which go, and which documents come new; a
text that did not change is neither counted nor embedded again, whatever else was published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index.embedding import key_of
from knowledge_base.index.hybrid import Document
from knowledge_base.index.search_documents import Name, names_of_entry, section_document
from knowledge_base.library import Library
from knowledge_base.schema import Entry
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
    the rows before. `names_by_entry`: of every entry, by its id, for the plan after this one.
    """

    library: Library
    sections: tuple[Section, ...]
    documents: tuple[Document, ...]
    section_keys: tuple[str, ...]
    section_change: Change
    names: tuple[Name, ...]
    name_change: Change
    names_by_entry: Mapping[str, tuple[Name, ...]]

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

    def from_sections(self, keys: Sequence[str]) -> IndexPlan:
        """The same library's plan, made without a plan before it, from rows whose sections have these `keys`."""
        anew = change(keys, self.section_keys)
        return replace(
            self,
            sections=tuple([self.sections[place] for place in anew.order]),
            documents=tuple([self.documents[place] for place in anew.order]),
            section_keys=tuple([self.section_keys[place] for place in anew.order]),
            section_change=anew,
        )


def plan(library: Library, before: IndexPlan | None = None) -> IndexPlan:
    """The way to an index of `library`: from the rows of `before`, or from none.

    What the library shares with the one of `before` is not put together and hashed again, and hardly anything is made for it:
    the garbage collector would run over the whole library.
    """
    documents, keys = _documents(library, before)
    names_by_entry = _names(library, before)
    names = [name for own in names_by_entry.values() for name in own]
    section_change = change(before.section_keys if before else (), keys)
    name_change = change([name.text for name in before.names] if before else (), [name.text for name in names])
    sections = library.all_sections()
    return IndexPlan(
        library=library,
        sections=tuple([sections[place] for place in section_change.order]),
        documents=tuple([documents[place] for place in section_change.order]),
        section_keys=tuple([keys[place] for place in section_change.order]),
        section_change=section_change,
        names=tuple([names[place] for place in name_change.order]),
        name_change=name_change,
        names_by_entry=names_by_entry,
    )


def _documents(library: Library, before: IndexPlan | None) -> tuple[list[Document], list[str]]:
    """The document of each of the library's sections, and its key."""
    rows = {id(section): row for row, section in enumerate(before.sections)} if before else {}
    documents: list[Document] = []
    keys: list[str] = []
    for section in library.all_sections():
        row = rows.get(id(section))
        if row is not None and before is not None:
            documents.append(before.documents[row])
            keys.append(before.section_keys[row])
        else:
            document = section_document(section)
            documents.append(document)
            keys.append(key_of(document.full_text))
    return documents, keys


def _names(library: Library, before: IndexPlan | None) -> dict[str, tuple[Name, ...]]:
    """The names of each entry by its id."""
    entries: Mapping[str, Entry] = before.library.entries if before else {}
    known: Mapping[str, tuple[Name, ...]] = before.names_by_entry if before else {}
    # By identity: an entry never changes, a new text of it is a new object.
    return {
        entry_id: known[entry_id] if entries.get(entry_id) is entry else names_of_entry(entry)
        for entry_id, entry in library.entries.items()
    }
