"""What a guide is read as: blocks of its document, and the draft of an item with what became of each block."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a table's rows, where a merged cell stands in every place that it covers.

    `heading`: the document marks it as one. `dropped`: what kind of thing was left out. `continued`: (row, column) of cells
    that are merged with the one above.
    """

    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    heading: bool = False
    dropped: str | None = None
    continued: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class UnderstoodBlock:
    """A block and the field that it went to: `not_understood`, `heading`, `ignored`, or a field of the item."""

    text: str
    field: str
    title: str
    reason: str | None = None


@dataclass
class GuideDraft:
    """A draft of one item. `missing`: what the schema still wants, as (field, what)."""

    document: dict[str, Any] = field(default_factory=dict)
    blocks: list[UnderstoodBlock] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
