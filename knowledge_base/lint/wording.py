"""Where a word stands: in which clause, in which sentence, and whether inside a quoted title. Shared by the clause checks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import HubError
from knowledge_base.reading import load_yaml, read_file

CLAUSES_FILE = Path(__file__).with_name("clauses.yaml")
TITLE = re.compile(r"《[^《》]*(?:〈[^〉]*〉[^《》]*)*》")
EXPLAINED = re.compile(r"\s*(?:[（(][^）)]{2,}[）)]|[，,]即|[：:])")
CLAUSE_ENDS = "，。；：,;\n"
SENTENCE_ENDS = "。；;\n"


@dataclass(frozen=True, slots=True)
class Hit:
    """Words that have to go: offsets in the text, the rule, and a suggestion of their own."""

    rule: str
    start: int
    end: int
    suggestion: str | None = None


@dataclass(frozen=True)
class Wording:
    """A text and where its clauses and titles are."""

    text: str
    titles: tuple[tuple[int, int], ...] = field(default=())

    @classmethod
    def of(cls, text: str) -> Wording:
        """Find the titles once."""
        return cls(text, tuple(match.span() for match in TITLE.finditer(text)) if "《" in text else ())

    def in_title(self, start: int, end: int) -> bool:
        """Whether a span lies inside 《…》."""
        return any(left <= start and end <= right for left, right in self.titles)

    def clause_start(self, position: int) -> int:
        """Where the clause that holds `position` begins."""
        return _last(self.text, CLAUSE_ENDS, position)

    def clause_end(self, position: int) -> int:
        """Where the clause that holds `position` ends."""
        return _first(self.text, CLAUSE_ENDS, position)

    def sentence(self, position: int) -> str:
        """The sentence that holds `position`."""
        return self.text[_last(self.text, SENTENCE_ENDS, position) : _first(self.text, SENTENCE_ENDS, position)]

    def explained(self, end: int) -> bool:
        """Whether what stands right after says what was meant."""
        return EXPLAINED.match(self.text, end) is not None


def _last(text: str, marks: str, position: int) -> int:
    return max(text.rfind(mark, 0, position) for mark in marks) + 1


def _first(text: str, marks: str, position: int) -> int:
    found = [place for mark in marks if (place := text.find(mark, position)) >= 0]
    return min(found) if found else len(text)


@lru_cache(maxsize=1)
def clause_data() -> Mapping[str, Any]:
    """clauses.yaml. Raises HubError (`lint_rules_invalid`) if a part is missing."""
    data = load_yaml(read_file(CLAUSES_FILE), source=CLAUSES_FILE.name)
    lacking = {"skip", "patterns", "enumeration", "catch_all"} - set(data)
    if lacking:
        raise HubError(f"检查规则 clauses.yaml 缺少 {'、'.join(sorted(lacking))}。", code="lint_rules_invalid")
    return dict(data)


def expression(text: str, where: str) -> re.Pattern[str]:
    """A regular expression of clauses.yaml. Raises HubError (`lint_rules_invalid`) naming it."""
    try:
        return re.compile(text)
    except re.error as error:
        raise HubError(f"检查规则 clauses.yaml 的 {where} 写法不对：{error}。", code="lint_rules_invalid") from None
