"""An item's rule (CEL, `knowledge_base.checks`) worked out over the papers of a case.

Comes in: an expression and what it may look at. Goes out: `Outcome`: holds, fails, or can't be told and why, with the
fields that the expression names. Bounded: expressions have no loops (comprehensions are refused when the guide is read),
values are cut to `comparing.LONGEST`, functions are the ones below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cel

from core.check_digits import credit_code_holds, food_licence_holds, identity_number_holds
from knowledge_base.checks import compiled_check
from services.documents.extraction.amounts import read_money
from services.precheck import comparing
from services.precheck.comparing import LONGEST

_REFERENCE = re.compile(r"\b([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\b")
_FIGURES = re.compile(r"(?P<sum>[0-9][0-9,]*(?:\.[0-9]+)?)(?P<unit>万|亿)?元?整?")
_UNITS = {"": 1.0, "万": 1e4, "亿": 1e8}
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def money(text: str) -> float:
    """Yuan: "12000.00", 人民币500.0000万元整, 壹佰万元整. Raises ValueError."""
    plain = text.replace("人民币", "").strip()
    figures = _FIGURES.fullmatch(plain)
    if figures is not None:
        return float(figures["sum"].replace(",", "")) * _UNITS[figures["unit"] or ""]
    value = read_money(plain)
    if value is None:
        raise ValueError("no sum of money")
    return float(value)


def proven(value: str) -> bool:
    """Whether an identity number, credit code or food licence number has its check digit."""
    text = comparing.folded(value)
    return identity_number_holds(text) or credit_code_holds(text) or food_licence_holds(text)


def has_seal_of(seals: Any, name: str) -> bool:
    """Whether one of the rims says `name`."""
    return any(comparing.seal_says(str(one), name) for one in list(seals)[:20])


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "same_name": comparing.same_name,
    "same_party": comparing.same_party,
    "same_number": comparing.same_number,
    "same_address": comparing.same_address,
    "part_of": comparing.part_of,
    "number": float,
    "money": money,
    "day": comparing.ordinal,
    "first_day": comparing.first_day,
    "last_day": comparing.last_day,
    "days_between": lambda one, other: comparing.ordinal(other) - comparing.ordinal(one),
    "age_on": comparing.age_on,
    "is_open_ended": lambda period: comparing.last_day(period) == comparing.FOREVER,
    "in_date": comparing.in_date,
    "proven": proven,
    "masked": lambda value: "*" in value,
    "has_seal_of": has_seal_of,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`holds`: None where it can't be told, then `reason` says why: `field_missing`, or `rule_failed` (a value that doesn't fit
    what the rule does with it)."""

    holds: bool | None
    reason: str | None = None


@lru_cache(maxsize=4_096)
def references(expression: str) -> tuple[tuple[str, str], ...]:
    """The fields that an expression names, (material or `form` or `answers`, field), in order, each once."""
    found = _REFERENCE.findall(_QUOTED.sub("''", expression))
    return tuple(dict.fromkeys((str(material), str(field)) for material, field in found))


def worked_out(expression: str, variables: Mapping[str, Any]) -> Outcome:
    """Never raises."""
    named: frozenset[str] = frozenset()
    try:
        program = compiled_check(expression)
        context = cel.Context()
        for name, function in FUNCTIONS.items():
            context.add_function(name, _quietly(function))
        named = frozenset(program.variables())
        for name in named & variables.keys():
            context.add_variable(name, _bounded(variables[name]))
        value = program.execute(context)
    except KeyError:
        return Outcome(None, "field_missing")
    except Exception:  # a broken rule hides no other: whatever it was, it can't be told
        return Outcome(None, "rule_failed" if named <= variables.keys() else "field_missing")
    return Outcome(value) if isinstance(value, bool) else Outcome(None, "rule_failed")


def _quietly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The engine writes what a function raises to the error stream: it must not say a person's name or number."""

    def called(*values: Any) -> Any:
        try:
            return function(*values)
        except Exception:
            raise ValueError("the value does not fit") from None

    return called


def _bounded(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LONGEST]
    if isinstance(value, Mapping):
        return {key: _bounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_bounded(one) for one in value[:50]]
    return value
