"""An entry's elements as text: the same entry always gives the same sections, word for word.

`Section` is the unit of search and of citation. Nothing is cut and nothing is added: thresholds, exceptions, acceptance
standards and what is only a sample all stand in the text, because an answer quotes it. Lines are separated by a line feed,
lines of a list begin with "1. ", so that a page can show them as lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge_base.entries import Faq, kind_of
from knowledge_base.rendering.items import ITEM
from knowledge_base.rendering.others import LIFE_EVENT, POLICY, directory_overview, faq_text
from knowledge_base.schema import Entry
from knowledge_base.terms import Element, EntryKind


@dataclass(frozen=True, slots=True)
class Section:
    """One element of one entry as text.

    `id` is `entry/element@version`, stable for published text. `text` is complete and in lines; lines of a list begin
    with "1. ". `title` is the element's name on screen. `item_id`, `item_name`: what the text is about, which is the
    entry itself except for an FAQ, which is about an item. `element`: likewise, an FAQ's is the one that it explains.
    """

    id: str
    entry_id: str
    kind: EntryKind
    item_id: str
    item_name: str
    element: Element
    title: str
    text: str
    version: int


def sections_of(entry: Entry, names: Mapping[str, str] | None = None) -> tuple[Section, ...]:
    """The entry's sections in the order of `Element`; an element that it lacks has none.

    `names`: of items by id, for entries that name items (FAQ, policies, life events); an unknown one shows as its id.
    """
    kind = kind_of(entry)
    if isinstance(entry, Faq):
        about = (names or {}).get(entry.item, entry.item)
        return (
            _section(
                entry, kind, entry.element, faq_text(entry), f"{entry.id}/{Element.ANSWER.value}", entry.item, about
            ),
        )
    sections = []
    for element, rendering in RENDERINGS[kind].items():
        text = rendering(entry, names or {}) if kind in NAMING else rendering(entry)
        if text is not None:
            sections.append(_section(entry, kind, element, text, f"{entry.id}/{element.value}", entry.id, entry.name))
    return tuple(sections)


def _section(
    entry: Entry, kind: EntryKind, element: Element, text: str, path: str, item_id: str, item_name: str
) -> Section:
    title = Element.ANSWER.display_name if kind is EntryKind.FAQ else element.display_name
    return Section(f"{path}@{entry.version}", entry.id, kind, item_id, item_name, element, title, text, entry.version)


NAMING = frozenset({EntryKind.POLICY, EntryKind.LIFE_EVENT})
"""Kinds whose text names items."""
RENDERINGS: dict[EntryKind, Mapping[Element, Callable[..., str | None]]] = {
    EntryKind.ITEM: ITEM,
    EntryKind.POLICY: POLICY,
    EntryKind.LIFE_EVENT: LIFE_EVENT,
    EntryKind.DIRECTORY: {Element.OVERVIEW: directory_overview},
}
"""What makes each element's text, by kind; an FAQ is one section."""
