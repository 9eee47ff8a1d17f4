"""What is known of a kind of paper: its fields, how they are labelled and what their values look like; one YAML file a
kind.

Comes in: `kinds/<id>.yaml`. Goes out: `PaperKind`. A new kind is a new file: labels, value types, a sample page that a
test reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from core.errors import Invalid
from knowledge_base.reading import ContentInvalid, load_yaml, read_file, validation_faults
from knowledge_base.terms import PaperType

FOLDER = Path(__file__).parent / "kinds"
CODE = "paper_kind_invalid"


class ValueType(StrEnum):
    """How a value is brought to its normal form and checked."""

    TEXT = "text"
    NAME = "name"
    """Of a person."""
    PARTY = "party"
    """The name of a person, a company, an office."""
    DATE = "date"
    PERIOD = "period"
    MONEY = "money"
    AREA = "area"
    ADDRESS = "address"
    IDENTITY_NUMBER = "identity_number"
    CREDIT_CODE = "credit_code"
    FOOD_LICENCE = "food_licence"
    SUBJECT_NUMBER = "subject_number"
    """A credit code or an identity number."""


class Rule(StrEnum):
    """What the fields of one paper say about each other (`cross_checks`)."""

    BIRTH_IN_NUMBER = "birth_in_number"
    """A birth date and an identity number."""
    SEX_IN_NUMBER = "sex_in_number"
    """男 or 女 and an identity number."""
    AGE_IN_NUMBER = "age_in_number"
    """An age, an identity number and the day of the age."""
    IN_ORDER = "in_order"
    """Days, or periods by their beginning: none before the one before it."""
    STARTS = "starts"
    """A day and the period that begins on it."""
    LASTS = "lasts"
    """A period, or its first and its last day: as many `years`, or a day less."""
    SAME = "same"
    """Values that are one."""
    ONE_OF = "one_of"
    """The first is one of the others."""
    YEAR_IN = "year_in"
    """A number that holds the year of a day."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldKind(_Strict):
    """One field of a kind of paper.

    Attributes:
        labels: printed forms, without spaces and colons.
        pattern: what the value must look like, searched in its text without spaces; a group `value` in it is the value.
        anywhere: where no label leads to it, search `pattern` in the whole page; with `last` at its foot.
        said: patterns with a group `value` for running text, over the page's lines put together.
        options: the only values there are.
        lines: how many printed lines the value may take.
        turn: which of several equal labels it belongs to, from 1 down the page.
        of: the field, whose label stands next before its own: the party that a number belongs to.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: str
    labels: tuple[str, ...] = ()
    type: ValueType = ValueType.TEXT
    pattern: str | None = None
    anywhere: bool = False
    last: bool = False
    said: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    lines: Annotated[int, Field(ge=1, le=20)] = 1
    turn: Annotated[int, Field(ge=1, le=9)] = 1
    of: str | None = None

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            _compiled(pattern)
        return pattern

    @field_validator("said")
    @classmethod
    def _all_compile(cls, said: tuple[str, ...]) -> tuple[str, ...]:
        for one in said:
            if "value" not in _compiled(one).groupindex:
                raise ValueError("said 里的每个正则都要有名为 value 的组")
        return said


class CrossCheck(_Strict):
    """What fields of one paper (`of`, their ids) have to say about each other; `years` for `lasts`."""

    rule: Rule
    of: Annotated[tuple[str, ...], Field(min_length=1)]
    years: tuple[int, ...] = ()


class SampleLine(_Strict):
    """A line of the sample: its text, and left, top, right, bottom as shares of the page."""

    text: str
    box: tuple[float, float, float, float]


class Sample(_Strict):
    """A made-up page of the kind, and the fields that stand on it."""

    width: int = 1000
    height: int = 1400
    lines: tuple[SampleLine, ...]
    fields: Mapping[str, str]


class PaperKind(_Strict):
    """A kind of paper. `other_labels`: printed labels of what is no field, where a value ends; `checks`: what its fields say about
    each other."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    paper_type: PaperType
    title: str
    fields: tuple[FieldKind, ...]
    other_labels: tuple[str, ...] = ()
    checks: tuple[CrossCheck, ...] = ()
    sample: Sample | None = None

    @field_validator("fields")
    @classmethod
    def _named_once(cls, fields: tuple[FieldKind, ...]) -> tuple[FieldKind, ...]:
        ids = [field.id for field in fields]
        if len(ids) != len(set(ids)):
            raise ValueError("字段 id 有重复")
        return fields

    @model_validator(mode="after")
    def _checks_its_own(self) -> Self:
        ids = {field.id for field in self.fields}
        named = {name for check in self.checks for name in check.of} | {one.of for one in self.fields if one.of}
        strange = sorted(named - ids)
        if strange:
            raise ValueError(f"checks 或 of 里有这类材料没有的字段：{'、'.join(strange)}")
        return self


def read_kind(path: Path) -> PaperKind:
    """The kind in a file.

    Raises:
        Invalid: `paper_kind_invalid`, with the file and every fault's place in it.
    """
    try:
        return _checked(load_yaml(read_file(path), source=path.name), path.name)
    except ContentInvalid as error:
        raise Invalid(error.message, code=CODE, detail=error.detail) from None


@cache
def paper_kinds(folder: Path = FOLDER) -> Mapping[str, PaperKind]:
    """All kinds of a folder by their ids. Raises what `read_kind` raises, and Invalid where an id isn't its file's name."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        kind = read_kind(path)
        if kind.id != path.stem:
            raise Invalid(f"{path.name} 的 id 是 {kind.id}，应与文件名相同。", code=CODE)
        found[kind.id] = kind
    return found


def _checked(data: object, source: str) -> PaperKind:
    try:
        return PaperKind.model_validate(data)
    except ValidationError as error:
        raise ContentInvalid(source, validation_faults(error)) from None


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"正则写错了：{error}") from error
