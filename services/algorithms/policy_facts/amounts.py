"""Sums and shares in a policy's sentence: 每人每月300元, 最高不超过50万元, 不低于30%, 800元/人·月.

Comes in: text. Goes out: `Amount`s with their spans: the value in yuan or percent, what it is for (每人每月), and whether
it is a bound. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from core.numerals import NUMERALS, read_integer

_EACH = r"(?:每(?:人次|人|户|月|年|季度|学年|学期|次|日|天|个岗位|个家庭|个项目|家|名|平方米|亩|台|件|位|胎|孩))+"
_NUMBER = rf"(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]+(?:\.[0-9]+)?|[{NUMERALS}]{{1,8}}(?=[万亿]?元|个百分点))"
_AMOUNT = re.compile(
    rf"(?P<each>{_EACH})?(?:标准)?(?P<bound>最高不超过|最多不超过|不得?超过|不得?高于|最高可?(?:达|至)?|最多|不得?低于|不少于|至少|最低)?"
    rf"(?P<each2>{_EACH})?(?:(?<=[月年人户次])(?:补贴|补助|给予|为))?(?:约|人民币)?(?P<number>{_NUMBER})\s?(?:(?P<big>[万亿])?元|(?P<percent>%|个百分点))(?:人民币)?"
    r"(?:/(?P<per>[人户月年次日天学·/]{1,6}))?"
)
_LEAST = re.compile("低于|不少于|至少|最低")
_PER = {"人": "每人", "户": "每户", "月": "每月", "年": "每年", "次": "每次", "日": "每日", "天": "每天", "学": "每学"}


class Amount(BaseModel):
    """`value` in `unit` (元 or %). `each`: what it is for, or nothing. `bound`: most, least, or nothing."""

    model_config = ConfigDict(frozen=True)

    value: float
    unit: str
    each: str
    bound: str
    start: int
    end: int


def amounts(text: str) -> Iterator[Amount]:
    """Every sum of `text`."""
    for match in _AMOUNT.finditer(text):
        digits = match["number"].replace(",", "")
        number = float(digits) if digits[0].isdigit() else read_integer(digits)
        if number is None:
            continue
        value = float(number) * {"万": 1e4, "亿": 1e8}.get(match["big"] or "", 1)
        each = (match["each"] or "") + (match["each2"] or "") or "".join(
            _PER.get(one, "") for one in match["per"] or ""
        )
        bound = match["bound"] or ""
        yield Amount(
            value=value,
            unit="%" if match["percent"] else "元",
            each=each,
            bound="" if not bound else "least" if _LEAST.search(bound) else "most",
            start=match.start(),
            end=match.end(),
        )
