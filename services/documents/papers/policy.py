"""How pages become papers, as policy.yaml says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.reading import load_yaml, read_file

FILE = Path(__file__).with_name("policy.yaml")
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SharedPage(_Strict):
    """Kinds of which two may lie on one page, and what both must show."""

    least_chance: Share
    least_lines: Annotated[int, Field(ge=1)]
    labels_twice: Annotated[int, Field(ge=1)]
    kinds: frozenset[str]


class Heading(_Strict):
    """What a page's own heading looks like."""

    times_larger: Annotated[float, Field(ge=1)]
    upper_share: Share


class Policy(_Strict):
    """The file. `public_fields`: per kind the fields whose text a sample may keep."""

    least_chance: Share
    shared_page: SharedPage
    several_pages: frozenset[str]
    heading: Heading
    public_fields: dict[str, frozenset[str]]


@cache
def load_policy(path: Path = FILE) -> Policy:
    """Raises ContentInvalid or pydantic's ValidationError if the file is wrong: it is part of the program."""
    return Policy.model_validate(load_yaml(read_file(path), source=path.name))
