"""What the checker reports, and the rules that it reports under.

Comes in: `rules.yaml` (code, title, severity, reason, suggestion), which a policy person edits. Goes out: `LintFinding`,
frozen, with its place and the words' offsets, so that the editor can mark them in the field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import HubError
from knowledge_base.reading import load_yaml, read_file

Place = tuple[str | int, ...]
"""Keys and indices from the entry's root: ("materials", 2, "acceptance_standard"); () for the whole entry."""

RULES_FILE = Path(__file__).with_name("rules.yaml")


class Severity(StrEnum):
    """How much a finding matters: an error must go before publishing, a warning should, an info is for the writer."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def display_name(self) -> str:
        """What it is called on screen."""
        return {"error": "错误", "warning": "警告", "info": "提示"}[self.value]

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing to look at.

    `start`, `end`: offsets (characters) of `words` in the text that stands at `place`; both 0 and `words` empty if the
    finding is about the place as a whole. `reason` and `suggestion` are Chinese. `entry_id` is empty for a draft without one.
    """

    rule: str
    severity: Severity
    place: Place
    start: int
    end: int
    words: str
    reason: str
    suggestion: str
    entry_id: str = ""

    @property
    def field(self) -> str:
        """The place as people write it: materials.2.copies."""
        return ".".join(str(part) for part in self.place)


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule of rules.yaml. `severity_at`: another severity for fields whose dotted name (without indices) matches."""

    code: str
    title: str
    severity: Severity
    reason: str
    suggestion: str
    severity_at: tuple[tuple[str, Severity], ...] = ()

    def severity_for(self, field: str) -> Severity:
        """The severity in a field, named without indices: materials.name."""
        return next((severity for glob, severity in self.severity_at if fnmatchcase(field, glob)), self.severity)

    def found(
        self,
        place: Place,
        *,
        span: tuple[int, int] = (0, 0),
        words: str = "",
        severity: Severity | None = None,
        suggestion: str | None = None,
        **facts: object,
    ) -> LintFinding:
        """A finding under this rule; `facts` fill the braces of its reason and suggestion."""
        return LintFinding(
            rule=self.code,
            severity=severity or self.severity_for(field_name(place)),
            place=place,
            start=span[0],
            end=span[1],
            words=words,
            reason=self.reason.format(words=words, **facts),
            suggestion=(suggestion or self.suggestion).format(words=words, **facts),
        )


def field_name(place: Iterable[str | int]) -> str:
    """A place without its indices: ("materials", 2, "name") is materials.name."""
    return ".".join(part for part in place if isinstance(part, str))


@lru_cache(maxsize=1)
def lint_rules() -> Mapping[str, LintRule]:
    """Every rule by its code.

    Raises:
        HubError: rules.yaml lacks something (code `lint_rules_invalid`).
    """
    data = load_yaml(read_file(RULES_FILE), source=RULES_FILE.name)
    try:
        return {code: _rule(code, fields) for code, fields in data.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise HubError(f"检查规则 rules.yaml 有误：{error}。", code="lint_rules_invalid") from None


def _rule(code: str, fields: Mapping[str, Any]) -> LintRule:
    return LintRule(
        code=code,
        title=fields["title"],
        severity=Severity(fields["severity"]),
        reason=fields["reason"],
        suggestion=fields["suggestion"],
        severity_at=tuple((glob, Severity(value)) for glob, value in fields.get("severity_at", {}).items()),
    )


def rule(code: str) -> LintRule:
    """The rule with this code. Raises KeyError: a check names a rule that rules.yaml does not have."""
    return lint_rules()[code]
