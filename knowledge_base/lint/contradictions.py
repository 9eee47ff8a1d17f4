"""Numbers that contradict each other inside one entry, and an FAQ that contradicts the guide of its item.

Comes in: a `Draft`, for an FAQ with the library. Goes out: findings at the later of the two texts, at the FAQ's answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from knowledge_base.lint.context import Context
from knowledge_base.lint.draft import Draft, TextAt, words_at
from knowledge_base.lint.elements import AMOUNT, limit_words, paid_amounts
from knowledge_base.lint.finding import LintFinding, Place, rule
from knowledge_base.lint.number_facts import Fact, contradictions, facts
from knowledge_base.lint.numerals import DIGITS, number_of
from knowledge_base.terms import Element, EntryKind

MOST_FACTS = 300
"""Of one entry: every two are compared. A real guide has some ten."""
RULES = {
    "validity": "validity_contradicted",
    "renewal": "renewal_contradicted",
    "age": "age_contradicted",
    "deadline": "deadline_contradicted",
}
_YEARS = re.compile(rf"(?:有效期(?:限)?(?:为|是|：)?)?\s*({DIGITS})\s*年(?![以内前后])")
_FREE = re.compile(r"不收费|免费|免收|不用交钱|不要钱|不收取")
_CHARGE = re.compile(r"工本费|登记费|手续费|收费|缴纳|收取")


def number_contradictions(draft: Draft, context: Context) -> Iterator[LintFinding]:
    """Contradictions inside an item or policy; of an FAQ, with its item."""
    if draft.kind is EntryKind.FAQ:
        yield from _faq(draft, context)
    elif draft.kind in (EntryKind.ITEM, EntryKind.POLICY):
        owner = _issued(draft)
        for one, later in contradictions(item_facts(draft), owner):
            if one.kind in RULES:
                yield rule(RULES[one.kind]).found(
                    later.place,
                    span=(later.start, later.end),
                    words=later.words,
                    other=_where(one.place),
                    others=one.words,
                )
        yield from _limits(draft, facts(draft.texts))


def item_facts(draft: Draft) -> list[Fact]:
    """The facts of an entry that hold for everybody; a result's validity comes first."""
    everybody = [found for found in draft.texts if not _of_some(draft, found)]
    stated = facts(found for found in everybody if found.field != "results.validity")
    return [*_validity(draft), *islice(stated, MOST_FACTS)]


def _validity(draft: Draft) -> Iterator[Fact]:
    """The validity of what is issued, where there is one result and one number of years."""
    results = draft.parts("results")
    if len(results) != 1:
        return
    ((place, result),) = results
    text = words_at(result, "validity")
    years = {number_of(match[1]) for match in _YEARS.finditer(text)}
    match = _YEARS.match(text)
    if match and len(years) == 1 and (number := number_of(match[1])) is not None:
        where = (*place, "validity")
        yield Fact(
            "validity", "年", number, words_at(result, "name"), where, match.start(), match.end(), match[0].strip()
        )


def _issued(draft: Draft) -> str:
    results = draft.parts("results")
    return words_at(results[0][1], "name") if len(results) == 1 else ""


def _of_some(draft: Draft, found: TextAt) -> bool:
    """Whether the text belongs to a part that only some people see."""
    part: Any = draft.data
    for key in found.place:
        if isinstance(part, Mapping) and (part.get("when") or part.get("rule")):
            return True
        part = part[key]
    return False


def _limits(item: Draft, stated: Iterator[Fact] | list[Fact]) -> Iterator[LintFinding]:
    """Statements about the limits, against the limits themselves."""
    for fact in stated:
        if fact.kind != "limit":
            continue
        title, key = (
            ("法定办结时限", "statutory_limit") if fact.unit.startswith("法定") else ("承诺办结时限", "promised_limit")
        )
        limit = item.part(key)
        if limit.get("unit") == fact.unit[2:] and limit.get("number") != fact.number:
            yield rule("limit_contradicted").found(
                fact.place, span=(fact.start, fact.end), words=fact.words, title=title, limit=limit_words(limit)
            )


def _faq(faq: Draft, context: Context) -> Iterator[LintFinding]:
    item_id = faq.text("item")
    item = context.item(item_id)
    if item is None:
        if context.library is not None and item_id:
            yield rule("faq_item_missing").found(("item",), span=(0, len(item_id)), words=item_id)
        return
    answers = [found for found in faq.texts if found.field == "answer"]
    stated = list(islice(facts(answers), MOST_FACTS))
    guide = item_facts(item)
    for fact in stated:
        against = [one for one, later in contradictions([*guide, fact], _issued(item)) if later is fact]
        if against:
            yield rule("faq_contradicts_item").found(
                fact.place,
                span=(fact.start, fact.end),
                words=fact.words,
                element=_where(against[0].place),
                others=against[0].words,
            )
    yield from _limits(item, stated)
    for found in answers:
        yield from _fees(faq, item, found)


def _fees(faq: Draft, item: Draft, found: TextAt) -> Iterator[LintFinding]:
    charged = item.part("fee").get("charged")
    # An answer that says so itself goes on to what else costs something: another certificate, another item.
    if charged is False and not _FREE.search(found.text):
        yield from paid_amounts(found.place, found.text)
    if charged is not True or faq.data.get("element") != Element.FEE:
        return
    told = {_amount(match[0]) for text in item.texts for match in AMOUNT.finditer(text.text)}
    for match in AMOUNT.finditer(found.text):
        clause = found.text[max(0, match.start() - 20) : match.start()]
        if told and _amount(match[0]) not in told and _CHARGE.search(clause):
            yield rule("faq_contradicts_item").found(
                found.place,
                span=match.span(),
                words=match[0],
                element=Element.FEE.display_name,
                others="、".join(sorted(told)),
            )


def _amount(written: str) -> str:
    return re.sub(r"\s+", "", written)


_TITLES = {
    "summary": "事项概述",
    "conditions": "受理条件",
    "materials": "申请材料",
    "steps": "办理流程",
    "fee": "收费",
    "results": "办理结果",
    "statutory_limit": "法定办结时限",
    "promised_limit": "承诺办结时限",
    "visits": "到现场次数",
    "places": "办理地点",
    "hours": "办理时间",
    "amounts": "政策内容与标准",
    "deadlines": "申报期限",
    "answer": "解答",
}


def _where(place: Place) -> str:
    """A place in words: 申请材料第 2 项."""
    title = _TITLES.get(str(place[0]), str(place[0]))
    return f"{title}第 {place[1] + 1} 项" if len(place) > 1 and isinstance(place[1], int) else title
