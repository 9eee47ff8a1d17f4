"""Rules of a guide: CEL expressions (Common Expression Language, github.com/google/cel-spec) over a person's answers.

Comes in: an expression and the answers given so far, by question id. Goes out: true, false, or None while it depends on a
question that has not been answered. CEL's own logic does the rest: `a || b` is true when b is, whatever a is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import cel

Answer = str | float | bool | list[str]
"""One answer: an option's value, a number, yes or no, or several options' values."""

LONGEST = 500
"""Characters of an expression: a rule that is longer is a program."""


class RuleInvalid(ValueError):
    """The expression does not compile; the message is Chinese and says where."""


@lru_cache(maxsize=8_192)
def compiled(expression: str) -> cel.Program:
    """The expression, compiled once. Raises RuleInvalid."""
    if len(expression) > LONGEST:
        raise RuleInvalid(f"规则太长，最多 {LONGEST} 个字符")
    try:
        program = cel.compile(expression)
    except ValueError as error:
        reason = str(error).rsplit("ERROR: <input>:", 1)[-1].split("\n", 1)[0]
        raise RuleInvalid(f"规则写法不对(CEL，行:列 {reason[:120]})") from None
    calls = [name for name in program.functions() if name.isidentifier() and name not in FUNCTIONS]
    if COMPREHENSION in program.functions():
        raise RuleInvalid("规则里不能逐个枚举(exists、all、map、filter)；多选题请写 'x' in 题号")
    if calls:
        raise RuleInvalid(f"规则里不能用函数 {'、'.join(calls)}；可用的有 {'、'.join(sorted(FUNCTIONS))}")
    return program


FUNCTIONS = frozenset({"size", "startsWith", "endsWith", "contains", "int", "double"})
"""What a rule may call: enough to compare answers, nothing that could run long."""
COMPREHENSION = "@not_strictly_false"
"""What CEL's macros over lists are made of."""


def variables(expression: str) -> frozenset[str]:
    """The questions that the expression depends on. Raises RuleInvalid."""
    return frozenset(compiled(expression).variables())


def holds(expression: str, answers: Mapping[str, Answer]) -> bool | None:
    """Whether the rule holds; None if it depends on a question that `answers` lacks.

    Raises:
        RuleInvalid: it doesn't compile, compares what can't be compared, or gives something else than yes or no.
    """
    program = compiled(expression)
    try:
        value = program.execute(dict(answers))
    except RuntimeError:
        if frozenset(program.variables()) <= answers.keys():
            raise RuleInvalid(f"规则算不出结果：{expression}") from None
        return None
    except (TypeError, ValueError):
        raise RuleInvalid(f"规则比较了不能比较的值：{expression}") from None
    if not isinstance(value, bool):
        raise RuleInvalid(f"规则的结果应为是或否：{expression}")
    return value
