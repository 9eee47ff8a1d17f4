"""A readable difference between two texts of an entry: by element and field, words marked inside long texts.

Comes in: two documents (plain data, drafts may be incomplete). Goes out: what an editor or a reviewer reads. Parts of a
list are matched by what names them (id, name, law, question, ...), then by likeness, never by their place in the list: a
material put in front of the others is one new material, not ten changed ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from knowledge_base.life.field_titles import ELEMENTS, title_of
from knowledge_base.terms import ELEMENT_TITLES, Element, EntryKind

Operation = Literal["same", "added", "removed"]
NAMING = ("id", "value", "name", "item", "law", "question", "text")
LABELS = ("name", "question", "label", "law", "item", "text", "value", "clerk", "id")
ALIKE = 0.5
"""From this share on, two unnamed parts are one part that was changed."""
SHORTEST_ANCHOR = 2
LABEL_LENGTH = 20
_WORD = re.compile(r"[0-9]+(?:\.[0-9]+)?|[A-Za-z]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words that stands in both texts, or in one of them only."""

    operation: Operation
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One difference. `place`: the field in the new document (the old one, if it was removed): materials.2.name. `title`:
    the same in words. `before`, `after`: plain data, None where there was nothing. `words`: for two texts."""

    place: str
    title: str
    change: Literal["added", "removed", "changed", "moved"]
    before: Any = None
    after: Any = None
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class ElementChange:
    """The differences in one part of the entry."""

    element: str
    title: str
    changes: tuple[FieldChange, ...]


def difference(kind: EntryKind, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ElementChange]:
    """What changed from `before` to `after`, in the order in which parts are shown; empty if nothing did."""
    found = []
    for element, (title, fields) in ELEMENTS.items():
        changes = [
            change
            for name in fields
            for change in _field((name,), (title_of((name,)),), before.get(name), after.get(name))
        ]
        if changes:
            if kind is EntryKind.POLICY and element == Element.CONDITIONS.value:
                title = "享受条件"
            elif kind is EntryKind.ITEM and element in ELEMENT_TITLES:
                title = Element(element).display_name
            found.append(ElementChange(element, title, tuple(changes)))
    return found


Path = tuple[str | int, ...]


def _field(path: Path, titles: tuple[str, ...], before: Any, after: Any) -> Iterator[FieldChange]:
    before, after = _plain(before), _plain(after)
    if before == after:
        return
    if before is None or after is None:
        change: Literal["added", "removed"] = "added" if before is None else "removed"
        yield FieldChange(_place(path), _title(titles), change, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _field((*path, key), (*titles, _name(path, key)), before.get(key), after.get(key))
    elif isinstance(before, Sequence) and isinstance(after, Sequence) and not isinstance(before, str | bytes):
        yield from _lists(path, titles, before, after)
    elif isinstance(before, str) and isinstance(after, str):
        yield FieldChange(_place(path), _title(titles), "changed", before, after, words_of(before, after))
    else:
        yield FieldChange(_place(path), _title(titles), "changed", before, after)


def _plain(value: Any) -> Any:
    """Nothing said is nothing, however it is written."""
    return None if value in ("", [], {}, ()) else value


def _place(path: Path) -> str:
    return ".".join(str(part) for part in path)


def _title(titles: tuple[str, ...]) -> str:
    return " › ".join(titles)


def _name(path: Path, key: str) -> str:
    return title_of([*(part for part in path if isinstance(part, str)), key])


def _label(part: Any, number: int) -> str:
    text = part if isinstance(part, str) else ""
    if isinstance(part, Mapping):
        text = next((str(part[key]) for key in LABELS if isinstance(part.get(key), str) and part[key]), "")
    if not text:
        return f"第 {number + 1} 条"
    return f"“{text if len(text) <= LABEL_LENGTH else text[:LABEL_LENGTH] + '…'}”"


def _lists(path: Path, titles: tuple[str, ...], before: Sequence[Any], after: Sequence[Any]) -> Iterator[FieldChange]:
    pairs = matched(before, after)
    old_of = {new: old for old, new in pairs}
    stayed = _in_order([old_of[new] for new in sorted(old_of)])
    for new, part in enumerate(after):
        titled = (*titles, _label(part, new))
        if new not in old_of:
            yield FieldChange(_place((*path, new)), _title(titled), "added", None, part)
            continue
        yield from _field((*path, new), titled, before[old_of[new]], part)
        if old_of[new] not in stayed:
            yield FieldChange(_place((*path, new)), _title(titled), "moved", old_of[new] + 1, new + 1)
    kept = {old for old, _ in pairs}
    for old, part in enumerate(before):
        if old not in kept:
            yield FieldChange(_place((*path, old)), _title((*titles, _label(part, old))), "removed", part, None)


def matched(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[int, int]]:
    """Which part of `before` became which part of `after`: the same, the same by name, or alike; each at most once."""
    pairs: list[tuple[int, int]] = []
    old, new = set(range(len(before))), set(range(len(after)))

    def pair(same: Any) -> None:
        for one in sorted(new):
            other = next((number for number in sorted(old) if same(before[number], after[one])), None)
            if other is not None:
                pairs.append((other, one))
                old.remove(other)
                new.remove(one)

    pair(lambda left, right: left == right)
    for key in NAMING:
        pair(lambda left, right, key=key: _named(left, key) is not None and _named(left, key) == _named(right, key))
    likeness = [
        (ratio, one, other)
        for one in new
        for other in old
        if type(before[other]) is type(after[one]) and (ratio := _likeness(before[other], after[one])) >= ALIKE
    ]
    for _, one, other in sorted(likeness, key=lambda found: (-found[0], found[1], found[2])):
        if one in new and other in old:
            pairs.append((other, one))
            old.remove(other)
            new.remove(one)
    return pairs


def _named(part: Any, key: str) -> Any:
    return part.get(key) if isinstance(part, Mapping) else None


def _likeness(left: Any, right: Any) -> float:
    if isinstance(left, Mapping):
        left, right = (" ".join(str(value) for value in part.values()) for part in (left, right))
    return SequenceMatcher(None, str(left), str(right), autojunk=False).ratio()


def _in_order(numbers: Sequence[int]) -> set[int]:
    """The longest run of numbers that rise: parts that stayed in their order; the others were moved."""
    runs: list[list[int]] = []
    for number in numbers:
        before: list[int] = []
        for run in runs:
            if run[-1] < number and len(run) > len(before):
                before = run
        runs.append([*before, number])
    return set(sorted(runs, key=len)[-1]) if runs else set()


def words_of(before: str, after: str) -> tuple[Words, ...]:
    """Both texts as one: what stayed, what went, what came. Single characters between two changes go with them."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    runs: list[Words] = []
    for tag, i1, i2, j1, j2 in _merged(SequenceMatcher(None, old, new, autojunk=False).get_opcodes()):
        if tag == "equal":
            runs.append(Words("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            runs.append(Words("removed", "".join(old[i1:i2])))
        if j2 > j1:
            runs.append(Words("added", "".join(new[j1:j2])))
    return tuple(runs)


Opcode = tuple[str, int, int, int, int]


def _merged(opcodes: Sequence[Opcode]) -> list[Opcode]:
    merged: list[Opcode] = []
    for number, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        between = 0 < number < len(opcodes) - 1
        if tag == "equal" and not (between and i2 - i1 < SHORTEST_ANCHOR):
            merged.append((tag, i1, i2, j1, j2))
        elif merged and merged[-1][0] != "equal":
            _, first, _, second, _ = merged[-1]
            merged[-1] = ("replace", first, i2, second, j2)
        else:
            merged.append(("replace", i1, i2, j1, j2))
    return merged
