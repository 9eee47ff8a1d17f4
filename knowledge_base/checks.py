"""Checks of an item's papers as data: rules over what was read, and the item's form. Part of the item's YAML.

Comes in: `checks:` and `form:` of a service item. Goes out: frozen models. Which fields a kind of paper has is known upstairs
(`services.precheck.publishing` is asked at publish); here only the form of a rule and the materials it names are checked.

A rule is CEL over: each material of the item by its id, as a map of field ids (`lease.tenant`); `form`, the same of the form;
`answers`, by question id; `today`, the day of application. Values are normal forms of `services/documents/extraction`: dates
"2026-12-01", periods "2024-01-01/2029-01-01" or ".../长期", money "12000.00", areas "86.5", all text; functions turn them into what
can be compared (FUNCTIONS). A rule that holds is in order; one that does not is a defect; one that can't be worked out, because a
field was not read, is undetermined. Beside its fields each material has `seals` (a list: what the rims say), `seal_count`,
`signature_count`, and `kind` (of its first paper).
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Self

import cel
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from knowledge_base.rules import COMPREHENSION, RuleInvalid

LONGEST = 500
FUNCTIONS = frozenset(
    {
        "size", "startsWith", "endsWith", "contains", "int", "double", "has",
        "same_name", "same_party", "same_number", "same_address", "part_of",
        "number", "money", "day", "first_day", "last_day", "days_between", "age_on", "is_open_ended", "in_date",
        "proven", "masked", "has_seal_of",
    }
)  # fmt: skip
"""What a check may call beside CEL's own operators: `services/precheck/expressions.py` has what they do. Nothing loops."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


@lru_cache(maxsize=8_192)
def compiled_check(expression: str) -> cel.Program:
    """The expression, compiled once. Raises RuleInvalid."""
    if len(expression) > LONGEST:
        raise RuleInvalid(f"规则太长，最多 {LONGEST} 个字符")
    try:
        program = cel.compile(expression)
    except ValueError as error:
        reason = str(error).rsplit("ERROR: <input>:", 1)[-1].split("\n", 1)[0]
        raise RuleInvalid(f"规则写法不对(CEL，行:列 {reason[:120]})") from None
    if COMPREHENSION in program.functions():
        raise RuleInvalid("规则里不能逐个枚举(exists、all、map、filter)")
    calls = [name for name in program.functions() if name.isidentifier() and name not in FUNCTIONS]
    if calls:
        raise RuleInvalid(f"规则里不能用函数 {'、'.join(calls)}；可用的有 {'、'.join(sorted(FUNCTIONS))}")
    return program


def _compiles(expression: str) -> str:
    compiled_check(expression)
    return expression


Expression = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_compiles)]


class CheckAspect(StrEnum):
    """What a check looks at (the values are those of `services.precheck.findings.Aspect`)."""

    COMPLETE = "complete"
    SIGNED = "signed"
    SEALED = "sealed"
    IN_DATE = "in_date"
    HOLDER = "holder"
    THRESHOLD = "threshold"
    FORM = "form"
    AGREEMENT = "agreement"
    STANDARD = "standard"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Check(_Strict):
    """One rule. `of`: the materials it is about; it runs when all of them are there. `only_if`: a rule over `answers`, `form` and
    the papers that says whether it is asked at all. `severity` note: told to the clerk, blocks nothing. `basis`: the words of the
    guide that it comes from."""

    id: Identifier
    aspect: CheckAspect
    of: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=6)]
    rule: Expression
    only_if: Expression | None = None
    severity: Annotated[str, StringConstraints(pattern="^(defect|note)$")] = "defect"
    clerk: Words
    applicant: Words
    mend: Words
    basis: Words | None = None


class FormFieldKind(StrEnum):
    """How a form's field is typed in and checked."""

    TEXT = "text"
    NAME = "name"
    PARTY = "party"
    DATE = "date"
    PERIOD = "period"
    MONEY = "money"
    AREA = "area"
    ADDRESS = "address"
    PHONE = "phone"
    IDENTITY_NUMBER = "identity_number"
    CREDIT_CODE = "credit_code"
    CHOICE = "choice"


class FormField(_Strict):
    """A field of the item's form. `sources` (`from`): where its value may be taken from, best first, as `material.field`,
    `profile.field` or `answers.question`."""

    # Written out as it is read: the editor, YAML and JSON know it as `from`.
    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, populate_by_name=True, serialize_by_alias=True
    )

    id: Identifier
    name: Words
    kind: FormFieldKind = FormFieldKind.TEXT
    required: bool = True
    options: tuple[Words, ...] = ()
    sources: Annotated[tuple[str, ...], Field(alias="from")] = ()
    note: Words | None = None

    @model_validator(mode="after")
    def _options_with_choice(self) -> Self:
        if (self.kind is FormFieldKind.CHOICE) != bool(self.options):
            raise ValueError("只有 kind: choice 写 options，且必须写")
        return self
