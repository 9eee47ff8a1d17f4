"""What fields are called on screen, for differences, faults and the editor's form; the words stand in field_titles.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from knowledge_base.entries import ENTRY_TYPES
from knowledge_base.terms import EntryKind

_DATA = YAML(typ="safe").load(Path(__file__).with_suffix(".yaml"))
TITLES: Mapping[str, str] = _DATA["fields"]
ELEMENTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    name: (part["title"], tuple(part["fields"])) for name, part in _DATA["elements"].items()
}
"""Parts of an entry in their order: title and the top fields that belong to each."""


def title_of(names: Sequence[str]) -> str:
    """The title of the last field of a path of field names (without indices): ("materials", "kind") is 形式."""
    name = names[-1]
    for parent in reversed(names[:-1]):
        if (title := TITLES.get(f"{parent}.{name}")) is not None:
            return title
    return TITLES.get(name, name)


def titled_schema(kind: EntryKind) -> dict[str, Any]:
    """The JSON schema of a kind of entry, its fields titled in Chinese; for drawing a form."""
    schema = ENTRY_TYPES[kind].model_json_schema()
    parents: dict[str, str] = {}
    _find_parents(schema, parents, None)
    _title(schema, ())
    for name, part in schema.get("$defs", {}).items():
        _title(part, (parents[name],) if name in parents else ())
    schema["title"] = kind.display_name
    return schema


def _find_parents(part: Any, parents: dict[str, str], field: str | None) -> None:
    """Which field uses each definition; the first one names it."""
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and field is not None:
            parents.setdefault(reference.rsplit("/", 1)[-1], field)
        for key, value in part.items():
            if key == "properties":
                for name, inner in value.items():
                    _find_parents(inner, parents, name)
            else:
                _find_parents(value, parents, field)
    elif isinstance(part, list):
        for inner in part:
            _find_parents(inner, parents, field)


def _title(part: dict[str, Any], parents: tuple[str, ...]) -> None:
    for name, field in part.get("properties", {}).items():
        field["title"] = title_of((*parents, name))
    part.pop("title", None)
    part.pop("description", None)
