"""其他材料, 其他条件 and their like: what lets a window ask for more than the guide says.

Comes in: a `Wording`. Goes out: spans, from the words that hand the decision to somebody (法律法规规定的…, …认为需要的…) to the
end of the catch-all. 其他 in 其他组织, in “没有其他费用” or before its own explanation is innocent. Words stand in clauses.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from knowledge_base.lint.wording import Hit, Wording, clause_data, expression

RULE = "catch_all"
_JOINED = re.compile(r"(?:以及|及|或者|或|和|与|、|并)$")
_JOINS = re.compile(r"以及|或者|及|或|和")
_HANDED = re.compile(
    r"(?:规定|要求|认为|需要|应当?|必要|提供|提交|确定|明确|列明|制定|具备|符合|出具|开具)[^、]{0,10}$"
)


@lru_cache(maxsize=1)
def _words() -> dict[str, re.Pattern[str]]:
    data = clause_data()["catch_all"]
    heads = "|".join(data["heads"])
    return {
        "other": expression(
            rf"其[他它](?!{data['others']})(?:[^，。；：、（）()\s]{{0,24}}?)(?:{heads})(?=$|[，。；、：）)”\s（]|等|另行)",
            "catch_all.heads",
        ),
        "law_words": expression(f"(?:{data['law_words']})$", "catch_all.law_words"),
        "negated": expression(data["negated"], "catch_all.negated"),
        "without_other": expression(data["without_other"], "catch_all.without_other"),
    }


def catch_alls(wording: Wording) -> Iterator[Hit]:
    """Every catch-all of the text."""
    words, text = _words(), wording.text
    last = 0
    for match in words["other"].finditer(text):
        left = text[wording.clause_start(match.start()) : match.start()]
        if wording.in_title(*match.span()) or wording.explained(match.end()) or words["negated"].search(left):
            continue
        if left.strip() and not _JOINED.search(left) and not _HANDED.search(left):
            continue
        start = match.start() - _reach(left)
        last = match.end()
        yield Hit(RULE, start, match.end())
    for match in words["without_other"].finditer(text, last):
        left = text[wording.clause_start(match.start()) : match.start()]
        if (
            not wording.in_title(*match.span())
            and not words["negated"].search(left)
            and not wording.explained(match.end())
        ) and ("认为" in match[0] or not left.strip() or _handing(left)):
            yield Hit(RULE, match.start() - _reach(left), match.end())


def _handing(left: str) -> bool:
    return re.search(r"(?:部门|机关|机构|中心|局|窗口|单位|法规?|规定)$", left) is not None


def _reach(left: str) -> int:
    """How many characters before 其他 belong to the catch-all: those that hand the decision to a law or an office."""
    law_words = _words()["law_words"]
    if not _HANDED.search(left):
        joined = _JOINED.search(left)
        if joined is None:
            decider = left.split("、")[-1]
            return len(decider) if law_words.search(decider) else 0
        return len(joined[0]) if joined[0] != "、" else 0
    pieces = left.split("、")
    kept = [pieces[-1]]
    for piece in reversed(pieces[:-1]):
        if not law_words.search(piece):
            break
        kept.insert(0, piece)
    reach = len("、".join(kept))
    for joined in _JOINS.finditer(left):
        if joined[0] == "以及" or not law_words.search(left[: joined.start()]):
            reach = min(reach, len(left) - joined.start())
    return reach
