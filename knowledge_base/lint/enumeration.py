"""等 at the end of an enumeration that is not closed, told apart from 等级, 平等, 等待 and from 等 3 项.

Comes in: a `Wording`. Goes out: the spans of 等 (and of 但不限于, ……, 之类, 什么的) that leave an enumeration open. The words
stand in clauses.yaml under `enumeration`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from knowledge_base.lint.wording import Hit, Wording, clause_data, expression

RULE = "open_enumeration"
_LIST_MARK = re.compile(r"[、]|[^以]及|或者?|和|》$|）$")


@lru_cache(maxsize=1)
def _words() -> dict[str, re.Pattern[str]]:
    data = clause_data()["enumeration"]

    def one_of(words: list[str], *, end: bool) -> re.Pattern[str]:
        return expression("(?:" + "|".join(words) + ")" + ("$" if end else ""), "enumeration")

    return {
        "compound_after": one_of(data["compound_after"], end=False),
        "compound_before": one_of(data["compound_before"], end=True),
        "not_compound": one_of(data["not_compound"], end=True),
        "verb_before": one_of(data["verb_before"], end=True),
        "examples": expression(data["examples"], "enumeration.examples"),
        "closed_count": expression(data["closed_count"], "enumeration.closed_count"),
        "heads": one_of(data["heads"], end=False),
        "also": expression(data["also"], "enumeration.also"),
    }


def open_enumerations(wording: Wording) -> Iterator[Hit]:
    """Every place where an enumeration stays open."""
    words = _words()
    position = wording.text.find("等")
    while position >= 0:
        if not wording.in_title(position, position + 1) and _open(wording, position):
            yield Hit(RULE, position, position + 1)
        position = wording.text.find("等", position + 1)
    for match in words["also"].finditer(wording.text):
        if not wording.in_title(*match.span()):
            yield Hit(RULE, *match.span())


def _open(wording: Wording, position: int) -> bool:
    words, text = _words(), wording.text
    before = text[wording.clause_start(position) : position]
    after = text[position + 1 : wording.clause_end(position)]
    beyond = text[position + 1 :]
    if not before.strip() or words["compound_after"].match(after):
        return False
    if words["compound_before"].search(before) and not words["not_compound"].search(before):
        return False
    if words["closed_count"].match(beyond.lstrip()):
        return False
    listed = "、" in before or before.endswith(("》", "）", "”"))
    if not listed and words["verb_before"].search(before):
        return False
    if words["examples"].search(text[:position].rsplit("。", 1)[-1]) and _illustrates(text, position):
        return False
    ends = not after.strip() or after[0] in "）)”、"
    return listed or ends or words["heads"].match(after.strip()) is not None or bool(_LIST_MARK.search(before))


def _illustrates(text: str, position: int) -> bool:
    """Whether the enumeration began with 如 or 例如: the rule stands before it, and these are examples."""
    found = None
    for found in _words()["examples"].finditer(text, 0, position):  # noqa: B007 - the last one is wanted
        pass
    return found is not None and not re.search(r"[，。；]", text[found.end() : position])
