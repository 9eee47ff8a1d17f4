"""Elements that a guide lacks, and elements that disagree with each other: limits, fee, copies, visits, the sample mark.

Comes in: a `Draft` of an item. Goes out: findings. Limits are compared within one unit only: 工作日 and 自然日 are never
converted; 即办 is shorter than any number of days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge_base.lint.context import Context
from knowledge_base.lint.draft import Draft, words_at
from knowledge_base.lint.finding import LintFinding, Place, rule
from knowledge_base.lint.numerals import DIGITS, number_of
from knowledge_base.terms import ITEM_ELEMENTS, Element, EntryKind, HandlingKind, LimitUnit, MaterialKind

FIELDS: Mapping[Element, tuple[str, ...]] = {
    Element.OVERVIEW: ("summary",),
    Element.CONDITIONS: ("conditions",),
    Element.MATERIALS: ("materials",),
    Element.STEPS: ("steps",),
    Element.LIMITS: ("statutory_limit", "promised_limit"),
    Element.FEE: ("fee",),
    Element.RESULT: ("results",),
    Element.VISITS: ("visits",),
    Element.PLACES: ("places", "online_channels"),
    Element.HOURS: ("hours",),
    Element.PHONES: ("consult_phone", "supervise_phone"),
    Element.LEGAL_BASIS: ("legal_basis",),
}
"""Any of these fields gives the element."""

MOST_DAYS = 3_650
AMOUNT = re.compile(r"\d+(?:\.\d+)?\s*(?:万)?元")
_NOT_PAID = re.compile(r"[不免减停]|罚|取消|补贴|津贴|报销|额|价|资金|资产|收入|原来|低于|高于|以上|以下|超过")
_TO_PAY = re.compile(r"缴|交纳|收取|支付|工本费|登记费|手续费")
_COPIES = re.compile(rf"一式\s*({DIGITS})\s*份")
_MUST_COME = re.compile(r"(?:应当|必须|须|需要?)(?:由?(?:申请人|本人|双方))?(?:亲自)?到(?:现场|场|窗口|大厅|派出所)")
_HOTLINE = re.compile(r"1\d{2}|1\d{4}|9[56]\d{3,4}")
_TIME = re.compile(r"\d{1,2}[:：]\d{2}")


def element_faults(draft: Draft, _context: Context) -> Iterator[LintFinding]:
    """What an item's guide lacks, and where its elements disagree."""
    if draft.kind is not EntryKind.ITEM:
        return
    for element in ITEM_ELEMENTS:
        if not any(draft.data.get(field) for field in FIELDS[element]):
            yield rule("missing_element").found((FIELDS[element][0],), element=element.display_name)
    yield from _limits(draft)
    yield from _fee(draft)
    yield from _copies(draft)
    yield from _visits(draft)
    yield from _samples(draft)


def _limit(limit: Mapping[str, Any]) -> tuple[float, str] | None:
    """Length and unit; None for what isn't finished. 即办 has length 0."""
    unit, number = limit.get("unit"), limit.get("number")
    if unit == LimitUnit.IMMEDIATE:
        return 0.0, LimitUnit.IMMEDIATE.value
    if unit in (LimitUnit.WORKING_DAY, LimitUnit.CALENDAR_DAY) and isinstance(number, int) and 0 < number <= MOST_DAYS:
        return float(number), str(LimitUnit(unit).value)
    return None


def limit_words(limit: Mapping[str, Any]) -> str:
    """A limit as people write it; empty if it isn't finished."""
    found = _limit(limit)
    if found is None:
        return ""
    return found[1] if found[1] == LimitUnit.IMMEDIATE else f"{found[0]:.0f} 个{found[1]}"


def _limits(draft: Draft) -> Iterator[LintFinding]:
    statutory, promised = draft.part("statutory_limit"), draft.part("promised_limit")
    by_law, by_promise = _limit(statutory), _limit(promised)
    if by_law and by_promise:
        comparable = by_law[1] == by_promise[1] or by_law[1] == LimitUnit.IMMEDIATE
        if comparable and by_promise[0] > by_law[0]:
            yield rule("promised_exceeds_statutory").found(
                ("promised_limit",), promised=limit_words(promised), statutory=limit_words(statutory)
            )
    immediate = draft.data.get("handling_kind") == HandlingKind.IMMEDIATE
    # One day is how many districts write 即办件: done while you wait, at the latest the day after.
    at_once = by_promise is not None and (by_promise[1] == LimitUnit.IMMEDIATE or (immediate and by_promise[0] <= 1))
    if by_promise and draft.data.get("handling_kind") and immediate != at_once:
        handling = HandlingKind.IMMEDIATE if immediate else HandlingKind.PROMISED
        yield rule("immediate_with_days").found(
            ("promised_limit",), handling=handling.value, promised=f" {limit_words(promised)} "
        )


def _fee(draft: Draft) -> Iterator[LintFinding]:
    fee = draft.part("fee")
    charged = fee.get("charged")
    if charged is True:
        told = "".join(found.text for found in draft.texts if found.place[0] == "fee")
        if not re.search(r"\d|《|万分之|千分之|百分之", told):
            yield rule("fee_without_amount").found(("fee", "standard"))
    if charged is False:
        for found in draft.texts:
            if found.place[0] == "fee" or found.field == "steps.text":
                yield from paid_amounts(found.place, found.text)


def paid_amounts(place: Place, text: str) -> Iterator[LintFinding]:
    """Amounts that somebody has to pay, in the texts of an item that is free of charge."""
    for clause in re.finditer(r"[^。；;]+", text):
        if _NOT_PAID.search(clause[0]) or not _TO_PAY.search(clause[0]):
            continue
        amount = AMOUNT.search(clause[0])
        if amount:
            start = clause.start() + amount.start()
            yield rule("fee_contradicted").found(place, span=(start, start + len(amount[0])), words=amount[0])


def _copies(draft: Draft) -> Iterator[LintFinding]:
    for place, material in draft.parts("materials"):
        copies = material.get("copies")
        if not isinstance(copies, int) or isinstance(copies, bool):
            continue
        kind = material.get("kind")
        if kind and (copies == 0) != (kind == MaterialKind.ELECTRONIC):
            yield rule("copies_contradicted").found((*place, "copies"), words=str(kind), copies=copies)
        for key in ("filling_notes", "acceptance_standard", "name", "page_format"):
            for match in _COPIES.finditer(words_at(material, key)):
                if number_of(match[1]) != copies:
                    yield rule("copies_contradicted").found(
                        (*place, key), span=match.span(), words=match[0], copies=copies
                    )


def _visits(draft: Draft) -> Iterator[LintFinding]:
    if draft.part("visits").get("count") != 0:
        return
    for place, step in draft.parts("steps"):
        match = _MUST_COME.search(words_at(step, "text"))
        if match and not step.get("when"):
            yield rule("visits_contradicted").found((*place, "text"), span=match.span(), words=match[0], count=0)


def _samples(draft: Draft) -> Iterator[LintFinding]:
    whole = draft.data.get("sample") is True
    for place, one in draft.parts("places"):
        address = words_at(one, "address")
        if not one.get("sample") and ((whole and address) or "示例" in address + words_at(one, "window")):
            yield rule("sample_unmarked").found((*place, "sample"), words=address or words_at(one, "window"))
    for place, hours in draft.parts("hours"):
        text = words_at(hours, "text")
        if whole and not hours.get("sample") and _TIME.search(text):
            yield rule("sample_unmarked").found((*place, "sample"), words=text)
    for key in ("consult_phone", "supervise_phone"):
        phone = draft.part(key)
        number = words_at(phone, "number")
        if whole and number and not phone.get("sample") and not _HOTLINE.fullmatch(number):
            yield rule("sample_unmarked").found((key, "sample"), words=number)
