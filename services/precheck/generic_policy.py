"""What the pre-check asks of every item (generic.yaml) and the form of items without one (generic_form.yaml), read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.checks import FormField
from knowledge_base.reading import load_yaml, read_file

FOLDER = Path(__file__).parent
Share = Annotated[float, Field(ge=0, le=1)]
Words = tuple[str, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RoleWords(_Strict):
    """A role, and the words in a material's name that say so."""

    role: str
    words: Words


class MarkWords(_Strict):
    """Words of acceptance standards, and kinds of paper that carry marks of the applicant's side."""

    signature: Words
    seal: Words
    either: Words
    either_words: Words
    of_organisations: Words
    kinds: frozenset[str]


class PersonFields(_Strict):
    """Ids of the fields that name a person (or, of a principal, a company)."""

    name: str
    number: str | None = None


class CompanyFields(_Strict):
    """Ids of the fields that name a company."""

    name: str
    code: str | None = None
    head: str | None = None


class FormFields(CompanyFields):
    """Ids of the fields of an application form; `number` is of the person, or of the company's head."""

    number: str | None = None


class KindPolicy(_Strict):
    """What a kind of paper says, by field ids.

    Attributes:
        needed: without these it can't be used.
        valid: its term, or its last day.
        people: whose it is. one_of: the applicant is one of them.
        company: whose licence it is; `older`: it may say what has since been changed.
        tenant, principal, agent, form, premises: see the kinds that have them.
    """

    needed: Words = ()
    valid: str | None = None
    people: tuple[PersonFields, ...] = ()
    one_of: tuple[PersonFields, ...] = ()
    company: CompanyFields | None = None
    older: bool = False
    tenant: str | None = None
    principal: PersonFields | None = None
    agent: PersonFields | None = None
    form: FormFields | None = None
    premises: str | None = None


class Policy(_Strict):
    """generic.yaml. `titles`: what generic rules are called on screen, by the second part of their ids."""

    least_confidence: Share
    least_kind_chance: Share
    misread_from: Share
    roles: tuple[RoleWords, ...]
    several: Words
    marks: MarkWords
    shared: frozenset[str]
    changing: Words
    kinds: dict[str, KindPolicy]
    in_date_if_said: frozenset[str]
    said_in_date: Words
    old_papers: Words
    titles: dict[str, str]
    typed: dict[str, Words]
    prefilled: dict[str, Words]

    def kind(self, kind: str) -> KindPolicy:
        """Of a kind of paper; an empty one for those that nothing is asked of."""
        return self.kinds.get(kind, _NOTHING)

    def meaning(self, field: str) -> str | None:
        """What a field of the typed form means."""
        return next((meaning for meaning, ids in self.typed.items() if field in ids), None)


class GenericForm(_Strict):
    """generic_form.yaml."""

    person: tuple[FormField, ...]
    company: tuple[FormField, ...]
    agent: tuple[FormField, ...]


_NOTHING = KindPolicy()


@cache
def load_policy() -> Policy:
    """Raises ContentInvalid or pydantic's ValidationError if the file is wrong: it is part of the program."""
    return Policy.model_validate(_file("generic.yaml"))


@cache
def load_form() -> GenericForm:
    """As `load_policy`."""
    return GenericForm.model_validate(_file("generic_form.yaml"))


def _file(name: str) -> Mapping[str, object]:
    found: Mapping[str, object] = load_yaml(read_file(FOLDER / name), source=name)
    return found
