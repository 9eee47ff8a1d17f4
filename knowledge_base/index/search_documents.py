"""The documents that a library is searched by: its sections and its names.

Comes in: a library. Goes out: every section under its entry's and element's name and the words that people ask for it with,
and every name that people may call an entry by. The same library always gives the same documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from knowledge_base.entries import Faq, kind_of
from knowledge_base.index.hybrid import Document
from knowledge_base.library import Library
from knowledge_base.schema import Entry
from knowledge_base.sections import Section
from knowledge_base.terms import Element, EntryKind

ASKED: dict[Element, tuple[str, ...]] = {
    Element(element): tuple(phrases)
    for element, phrases in YAML(typ="safe").load(Path(__file__).with_name("element_questions.yaml")).items()
}
"""How people ask for each element."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an entry. `item_id`: for an FAQ's question, the item that it is about."""

    entry_id: str
    text: str
    item_id: str | None = None


def names_of(entry: Entry) -> tuple[str, ...]:
    """The entry's name, then its aliases."""
    return (entry.name, *entry.aliases)


def section_document(section: Section) -> Document:
    """What a section is indexed as. An FAQ's text begins with its question; the element's phrases would only blur it."""
    asked = () if section.kind is EntryKind.FAQ else ASKED.get(section.element, ())
    return Document(section.id, " ".join((section.item_name, section.title, *asked)), section.text)


def sections_of_library(library: Library) -> list[tuple[Section, Document]]:
    """Every section of every kind with its document."""
    return [(section, section_document(section)) for section in library.all_sections()]


def names_of_entry(entry: Entry) -> tuple[Name, ...]:
    """Every name of `entry`."""
    about = entry.item if isinstance(entry, Faq) else None
    return tuple(Name(entry.id, text, about) for text in names_of(entry))


def names_of_library(library: Library) -> list[Name]:
    """Every name of every entry, of suspended ones too: a filter can ask for those."""
    return [name for entry in library.entries.values() for name in names_of_entry(entry)]


def kinds_of(library: Library) -> dict[str, EntryKind]:
    """The kind of each entry by its id."""
    return {entry.id: kind_of(entry) for entry in library.entries.values()}
