"""The sheets and columns of the workbook, put together from workbook.yaml and the schema.

Goes out: `SHEETS`, in the order in which they stand in the workbook. Every column knows its type from the schema's field, so
the YAML says only what it is called.
"""

from __future__ import annotations

import types
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from ruamel.yaml import YAML

from knowledge_base.entries import ENTRY_TYPES
from knowledge_base.schema import Conditional
from knowledge_base.terms import EntryKind

_DATA = YAML(typ="safe").load(Path(__file__).with_name("workbook.yaml"))
GUIDE: Sequence[str] = tuple(_DATA["guide"])
GUIDE_TITLE = "填写说明"
OWNER_ID, OWNER_NAME = "事项编号", "事项名称"

CellType = Literal["text", "code", "whole", "number", "flag", "day", "word"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `path`: names of fields from the sheet's part; `many`: several values in lines of one cell; `words`: the
    closed list by value, if there is one."""

    heading: str
    path: tuple[str, ...]
    type: CellType
    many: bool
    required: bool
    words: Mapping[str, str]
    also: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `kind`: of the entries that its rows are; or `part`: the field of entries of `kinds` whose parts they are.
    `detail`: the part's own list that takes one row per element."""

    title: str
    kind: EntryKind | None
    part: tuple[str, ...]
    kinds: tuple[EntryKind, ...]
    detail: str | None
    columns: tuple[Column, ...]

    def column(self, *path: str) -> Column:
        """The column of a field. Raises KeyError."""
        for column in self.columns:
            if column.path == path:
                return column
        raise KeyError(path)


def plain_heading(text: object) -> str:
    """A heading as it is compared: no blanks, no star of required columns, half width."""
    return "".join(unicodedata.normalize("NFKC", str(text)).split()).strip("*")


def _parts_of(annotation: Any) -> tuple[Any, bool, bool]:
    """(type inside, whether it is a tuple of them, whether it may be None)."""
    many = optional = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            optional = True
            annotation = next(one for one in get_args(annotation) if one is not type(None))
        elif origin is tuple:
            many, annotation = True, get_args(annotation)[0]
        else:
            return annotation, many, optional


def _field(model: type[BaseModel], path: Sequence[str]) -> tuple[Any, bool, bool]:
    """(type, many, required) of a field of fields; only a field of the model itself can be required of every row."""
    info = model.model_fields[path[0]]
    inside, many, optional = _parts_of(info.annotation)
    if len(path) > 1:
        found, deep, _ = _field(inside, path[1:])
        return found, deep, False
    return inside, many, info.is_required() and not optional


def _column(model: type[BaseModel], given: Mapping[str, Any]) -> Column:
    path = tuple(given["field"].split("."))
    found, many, required = _field(model, path)
    words: dict[str, str] = {}
    kind: CellType = "text"
    if isinstance(found, type) and issubclass(found, StrEnum):
        kind = "word"
        labels = _DATA["labels"].get(found.__name__, {})
        words = {one.value: labels.get(one.value) or getattr(one, "display_name", one.value) for one in found}
    elif found is bool:
        kind = "flag"
    elif found is int:
        kind = "whole"
    elif found is float:
        kind = "number"
    elif found is date:
        kind = "day"
    elif path[-1] in ("id", "value", "item", "items", "rule", "number", "catalogue_code", "implementation_code"):
        kind = "code"
    also = tuple(given.get("also", ()))
    # An entry's id is made of its name where it is left out.
    return Column(given["heading"], path, kind, many, required and path != ("id",), words, also, given.get("note"))


def _entry_sheet(title: str, given: Mapping[str, Any]) -> Sheet:
    kind = EntryKind(given["kind"])
    columns = [_column(ENTRY_TYPES[kind], one) for one in (*_DATA["shared"], *given["columns"])]
    # The id first, then the entry's own columns, then what all entries have.
    ordered = (columns[0], *columns[len(_DATA["shared"]) :], *columns[1 : len(_DATA["shared"])])
    return Sheet(title, kind, (), (kind,), None, ordered)


def _part_sheet(title: str, given: Mapping[str, Any]) -> Sheet:
    kinds = tuple(EntryKind(kind) for kind in given["of"])
    part = tuple(given["part"].split("."))
    model = _field(ENTRY_TYPES[kinds[0]], part)[0]
    listed = [*given["columns"], *(_DATA["conditional"] if issubclass(model, Conditional) else ())]
    columns = []
    for one in listed:
        column = _column(model, one)
        required = model.model_fields[column.path[0]].is_required() and len(column.path) == 1
        columns.append(
            Column(
                column.heading, column.path, column.type, column.many, required, column.words, column.also, column.note
            )
        )
    return Sheet(title, None, part, kinds, given.get("detail"), tuple(columns))


SHEETS: tuple[Sheet, ...] = (
    *(_entry_sheet(title, given) for title, given in _DATA["entries"].items()),
    *(_part_sheet(title, given) for title, given in _DATA["parts"].items()),
)
SHEETS_BY_TITLE: Mapping[str, Sheet] = {sheet.title: sheet for sheet in SHEETS}
