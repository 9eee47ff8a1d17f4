"""Vague and catch-all clauses of an entry's texts: what the plan wants gone from every guide (杜绝模糊条款和兜底条款).

Comes in: a `Draft`. Goes out: findings with the words' offsets. Which words, and when they are innocent, is data
(clauses.yaml); where two rules want the same words, the one that says more (the longer, a catch-all first) has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import islice
from typing import Any

from knowledge_base.lint.catch_all import catch_alls
from knowledge_base.lint.context import Context
from knowledge_base.lint.draft import Draft, TextAt
from knowledge_base.lint.enumeration import open_enumerations
from knowledge_base.lint.finding import LintFinding, rule
from knowledge_base.lint.wording import Hit, Wording, clause_data, expression

CLAUSE_RULES = ("catch_all", "open_enumeration", "vague_reference", "discretion", "vague_amount", "vague_standard")
MOST_HITS = 100
"""Of one kind in one text: nobody reads more, and a draft comes from outside."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    rule: str
    words: re.Pattern[str]
    unless_before: re.Pattern[str] | None
    unless_after: re.Pattern[str] | None
    unless_within: re.Pattern[str] | None
    explained: bool
    suggestion: str | None


@lru_cache(maxsize=1)
def _patterns() -> tuple[_Pattern, ...]:
    return tuple(_pattern(number, fields) for number, fields in enumerate(clause_data()["patterns"], 1))


def _pattern(number: int, fields: dict[str, Any]) -> _Pattern:
    def optional(key: str, ending: str = "") -> re.Pattern[str] | None:
        return expression(f"(?:{fields[key]}){ending}", f"patterns 第 {number} 条 {key}") if key in fields else None

    words = optional("words")
    assert words is not None
    return _Pattern(
        rule=rule(fields["rule"]).code,
        words=words,
        unless_before=optional("unless_before", "$"),
        unless_after=optional("unless_after"),
        unless_within=optional("unless_within"),
        explained=bool(fields.get("explained", False)),
        suggestion=fields.get("suggestion"),
    )


def vague_clauses(draft: Draft, _context: Context) -> Iterator[LintFinding]:
    """Every vague or catch-all clause of the draft."""
    for found in draft.texts:
        if not _skipped(found.field):
            yield from _findings(found, explained=_has_note(draft, found))


@lru_cache(maxsize=1_024)
def _skipped(field: str) -> bool:
    return any(fnmatchcase(field, glob) for glob in clause_data()["skip"])


def _findings(found: TextAt, *, explained: bool) -> Iterator[LintFinding]:
    for hit in hits(found.text):
        if explained and hit.rule == "catch_all":
            continue
        words = found.text[hit.start : hit.end]
        yield rule(hit.rule).found(found.place, span=(hit.start, hit.end), words=words, suggestion=hit.suggestion)


def hits(text: str) -> list[Hit]:
    """What has to go from one text, in its order."""
    wording = Wording.of(text)
    found = (catch_alls(wording), open_enumerations(wording), _matched(wording))
    return _apart(hit for each in found for hit in islice(each, MOST_HITS))


def _matched(wording: Wording) -> Iterator[Hit]:
    text = wording.text
    for pattern in _patterns():
        for match in pattern.words.finditer(text):
            start, end = match.span()
            if start == end or wording.in_title(start, end):
                continue
            if pattern.unless_before and pattern.unless_before.search(text[wording.clause_start(start) : start]):
                continue
            if pattern.unless_after and pattern.unless_after.match(text, end):
                continue
            if pattern.unless_within and pattern.unless_within.search(wording.sentence(start)):
                continue
            if pattern.explained and wording.explained(end):
                continue
            yield Hit(pattern.rule, start, end, pattern.suggestion)


def _apart(found: Iterable[Hit]) -> list[Hit]:
    """Without overlaps: a catch-all has the words first, then the longer span."""
    kept: list[Hit] = []
    for hit in sorted(found, key=lambda hit: (hit.rule != "catch_all", hit.start - hit.end, hit.start)):
        if all(hit.end <= other.start or other.end <= hit.start for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)


def _has_note(draft: Draft, found: TextAt) -> bool:
    """Whether the text is an option's label whose note says what it means: “其他” with an explanation is no catch-all."""
    if found.field != "situations.options.label":
        return False
    part: Any = draft.data
    for key in found.place[:-1]:
        part = part[key]
    return bool(part.get("note"))
