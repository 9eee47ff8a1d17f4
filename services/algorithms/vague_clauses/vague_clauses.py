"""Vague-clause finder (模糊条款、兜底条款): what in a text leaves a reader not knowing what is wanted, with why and what to
write instead.

Comes in: `Text`, any text, not only a guide's. Goes out: `Clauses`. Which words and why is the checker's of the content library
(knowledge_base/lint), so that a department is told the same before it hands a text in as the editor is told after.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from knowledge_base.lint.clauses import hits
from knowledge_base.lint.finding import Severity, rule
from services.algorithms.taking import taken

MOST_CHARACTERS = 20_000


class Text(BaseModel):
    """At most 20,000 characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str


class Clause(BaseModel):
    """`words` stand in the text from `start` to `end` (characters, end excluded). `rule`: its code; `title`, `reason` and
    `suggestion` are Chinese."""

    model_config = ConfigDict(frozen=True)

    rule: str
    title: str
    severity: Severity
    start: int
    end: int
    words: str
    reason: str
    suggestion: str


class Clauses(BaseModel):
    """In the text's order."""

    model_config = ConfigDict(frozen=True)

    clauses: tuple[Clause, ...]


def run(given: Text) -> Clauses:
    """What is vague in `given`.

    Raises:
        Invalid, TooLarge: nothing to read, or too much (codes `text_empty`, `text_too_long`).
    """
    text = taken(given.text, MOST_CHARACTERS)
    found = []
    for hit in hits(text):
        words = text[hit.start : hit.end]
        finding = rule(hit.rule).found((), span=(hit.start, hit.end), words=words, suggestion=hit.suggestion)
        found.append(
            Clause(
                rule=hit.rule,
                title=rule(hit.rule).title,
                severity=finding.severity,
                start=hit.start,
                end=hit.end,
                words=words,
                reason=finding.reason,
                suggestion=finding.suggestion,
            )
        )
    return Clauses(clauses=tuple(found))
