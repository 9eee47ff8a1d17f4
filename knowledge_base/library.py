"""The library: every entry that is in force, and its sections by id.

Comes in: entries, from the store (`knowledge_base.store`) or from a folder of YAML files. Goes out: `Library`, which never
changes; a new state is a new library. A file that breaks the schema is refused with its name, line, field and what was
expected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from core.errors import HubError, NotFound, shown
from knowledge_base.entries import DirectoryItem, Faq, LifeEvent, Policy
from knowledge_base.reading import CODE, ContentInvalid, Fault, read_entries
from knowledge_base.schema import Entry, ServiceItem
from knowledge_base.sections import Section, sections_of
from knowledge_base.terms import Element, EntryKind, ItemStatus

FOLDERS: dict[EntryKind, str] = {
    EntryKind.ITEM: "items",
    EntryKind.FAQ: "faq",
    EntryKind.POLICY: "policies",
    EntryKind.LIFE_EVENT: "life_events",
    EntryKind.DIRECTORY: "directory",
}
"""The folder of each kind inside a content folder."""


def read_folder(folder: Path) -> list[Entry]:
    """Every entry of a content folder: `items/<id>.yaml`, `faq/*.yaml`, `policies/`, `life_events/`, `directory/`.

    Raises:
        HubError: the folder is missing or holds no item (code `content_invalid`).
        ContentInvalid: a file breaks the schema, an id or an item's name is used twice, or an entry names an item that is
            not there.
    """
    if not folder.is_dir():
        raise HubError(f"办事指南目录 {folder} 不存在。请检查设置 content_dir。", code=CODE)
    entries: list[Entry] = []
    places: dict[str, str] = {}
    names: dict[str, str] = {}
    for kind, name in FOLDERS.items():
        for path in sorted((folder / name).glob("*.yaml")):
            for entry in read_entries(path, kind):
                if entry.id in places:
                    expected = f"编号 {entry.id} 与 {places[entry.id]} 重复，各条编号应各不相同"
                    raise ContentInvalid(path.name, [Fault(("id",), expected)])
                if kind is EntryKind.ITEM and entry.name in names:
                    expected = f"“{shown(entry.name)}”与 {names[entry.name]} 重复，事项名称应各不相同"
                    raise ContentInvalid(path.name, [Fault(("name",), expected)])
                places[entry.id] = path.name
                if kind is EntryKind.ITEM:
                    names[entry.name] = path.name
                entries.append(entry)
    items = {entry.id for entry in entries if isinstance(entry, ServiceItem)}
    if not items:
        raise HubError(f"办事指南目录 {folder} 里没有事项(items/*.yaml)。", code=CODE)
    for entry in entries:
        lacking = [item for item in items_named(entry) if item not in items]
        if lacking:
            raise ContentInvalid(places[entry.id], [Fault((), f"{entry.id} 所指的事项 {lacking[0]} 不在库里")])
    return entries


def items_named(entry: Entry) -> tuple[str, ...]:
    """The ids of items that an entry refers to."""
    if isinstance(entry, Faq):
        return (entry.item,)
    if isinstance(entry, Policy):
        return entry.items
    if isinstance(entry, LifeEvent):
        return tuple(part.item for part in entry.items)
    return ()


class Library:
    """Entries in force and their sections. Made by the store, by `Library.load(folder)`, or from entries in tests and
    tools. `generation`: what the store counts; made from the texts if it is not given. `like`: an earlier library; entries
    that are the very same objects there, and name items of the same names, are not rendered again."""

    def __init__(self, entries: Iterable[Entry], generation: str | None = None, *, like: Library | None = None) -> None:
        every = {entry.id: entry for entry in sorted(entries, key=lambda entry: entry.id)}
        self.entries: Mapping[str, Entry] = MappingProxyType(every)
        """Every entry by its id, in the order of ids."""
        self.items: Mapping[str, ServiceItem] = MappingProxyType(
            {entry.id: entry for entry in every.values() if isinstance(entry, ServiceItem)}
        )
        """The service items among them."""
        names = {item.id: item.name for item in self.items.values()}
        self._by_entry = {
            entry.id: like.sections_of_entry(entry.id)
            if like and like._renders_alike(entry, names)
            else rendered(entry, names)
            for entry in every.values()
        }
        self._by_id = {section.id: section for sections in self._by_entry.values() for section in sections}
        self.generation: str = generation or _generation(self._by_id)
        """Changes whenever any section's text does; at most 32 characters."""

    @classmethod
    def load(cls, folder: Path) -> Library:
        """Read a content folder. Raises what `read_folder` raises."""
        return cls(read_folder(folder))

    def _renders_alike(self, entry: Entry, names: Mapping[str, str]) -> bool:
        """Whether the entry's sections here would read the same among items of these names."""
        if self.entries.get(entry.id) is not entry:
            return False
        here = ((item, self.items.get(item)) for item in items_named(entry))
        return all((known.name if known else None) == names.get(item) for item, known in here)

    def item(self, item_id: str) -> ServiceItem:
        """The item with this id. Raises NotFound (`item_not_found`)."""
        try:
            return self.items[item_id]
        except KeyError:
            raise NotFound(f"没有编号为 {shown(item_id)} 的事项。", code="item_not_found") from None

    def offered(self, item_id: str) -> ServiceItem | None:
        """The item with this id if it is in use, so that it has sections."""
        item = self.items.get(item_id)
        return item if item is not None and in_use(item) else None

    def section(self, section_id: str) -> Section:
        """The section with this id (`entry/element@version`). Raises NotFound (`section_not_found`)."""
        try:
            return self._by_id[section_id]
        except KeyError:
            raise NotFound(f"没有编号为 {shown(section_id)} 的段落。", code="section_not_found") from None

    def sections(self, item_id: str | None = None, element: Element | str | None = None) -> tuple[Section, ...]:
        """Sections of items in use, in the order of items and elements; of one item or one element if given."""
        if item_id is not None:
            self.item(item_id)
            chosen = self._by_entry[item_id]
        else:
            chosen = tuple(section for section in self._by_id.values() if section.kind is EntryKind.ITEM)
        return chosen if element is None else tuple(section for section in chosen if section.element == element)

    def all_sections(self) -> tuple[Section, ...]:
        """The sections of every kind of entry, in the order of entries and elements."""
        return tuple(self._by_id.values())

    def sections_of_entry(self, entry_id: str) -> tuple[Section, ...]:
        """One entry's sections; none if it is suspended or not there."""
        return self._by_entry.get(entry_id, ())


def rendered(entry: Entry, names: Mapping[str, str]) -> tuple[Section, ...]:
    """The entry's sections; none if it is not in use. `names`: of items by id."""
    return sections_of(entry, names) if in_use(entry) else ()


def in_use(entry: Entry) -> bool:
    """Whether the entry is 在用; only items and directory entries can be anything else."""
    return not isinstance(entry, ServiceItem | DirectoryItem) or entry.status is ItemStatus.IN_USE


def _generation(sections: Mapping[str, Section]) -> str:
    digest = hashlib.sha256()
    for section_id, section in sections.items():
        digest.update(f"{section_id}\0{section.item_name}\0{section.text}\0".encode())
    return digest.hexdigest()[:16]
