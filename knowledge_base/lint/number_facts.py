"""Facts with a number that the texts of a guide state, and where two of them can't both be true.

Comes in: texts with their places. Goes out: `Fact`s (validity, renewal, age, deadline, limit) and the pairs that contradict.
Different numbers for different cases are normal, so two facts are only held against each other if they are of one kind, one
unit and one subject; what belongs to a part with its own `when` is not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge_base.lint.draft import TextAt
from knowledge_base.lint.finding import Place
from knowledge_base.lint.numerals import DIGITS, number_of

_CLAUSE = re.compile(r"[^。；;\n]+")
_VALIDITY = re.compile(rf"有效期(?:限)?(?:为|是|：|届满后)?\s*({DIGITS})\s*年(?![以内前后])")
_RENEWAL = re.compile(
    rf"(?:有效期(?:限)?)?(?:届满|期满|到期)(?:之日|的|日)?(?:前\s*({DIGITS})|\s*({DIGITS}))\s*(?:个)?(工作日|自然日|日|天|月)"
    r"(前|之前|以前|内|以内|之内)?(?!\s*(?:至|到|—|～|-))"
)
_AGE = re.compile(rf"(年满|已满|未满|不满)\s*({DIGITS})\s*周?岁")
_LIMIT = re.compile(rf"(法定|承诺)(?:办结)?(?:时限|期限|时间)?(?:为|是|：)?\s*({DIGITS})\s*个?(工作日|自然日)")
_DEADLINE = re.compile(
    rf"([一-龥]{{2,10}}?)(?:之日起|后|起)\s*({DIGITS})\s*个?(工作日|自然日|日|天|月|年)(?:之内|以内|内)，?"
    r"(?:应当?|可以|必须|须|由[一-龥]{2,8}?|向[一-龥]{2,14}?|到[一-龥]{2,10}?)*(申请|申报|提出|办理|登记|备案|告知|作出|决定|缴纳|领取|变更|换领|报告|送达|答复|补正)"
)
_TOPICS = (
    "监护人", "代为", "代办", "陪同", "申领", "申请", "结婚", "子女", "津贴", "退休", "体检", "婴幼儿", "入学", "驾驶", "男", "女",
    "收养", "护照", "签注", "身份证", "换证", "有效期", "学生", "照料", "养老", "高龄", "残疾", "补贴", "就业", "参保", "缴费",
)  # fmt: skip
_SUBJECT_NOISE = re.compile(
    r"(?:应当?|可以|须|需|在|于|自|距|离|其|该|本|的|证件|向.*)$|^(?:在|于|自|应当?|需要延续的|延续的|的|，)"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One stated number. `subject`: whose it is, "" if the clause does not say. `start`, `end`: its words in the text."""

    kind: str
    unit: str
    number: int
    subject: str
    place: Place
    start: int
    end: int
    words: str


def facts(texts: Iterable[TextAt]) -> Iterator[Fact]:
    """Every fact of the texts, in their order."""
    for found in texts:
        if found.place[0] in ("legal_basis", "name", "aliases", "situations"):
            continue
        for clause in _CLAUSE.finditer(found.text):
            yield from _facts(found, clause[0], clause.start())


def _facts(found: TextAt, clause: str, offset: int) -> Iterator[Fact]:
    def fact(kind: str, unit: str, written: str, subject: str, match: re.Match[str]) -> Iterator[Fact]:
        number = number_of(written)
        if number is not None:
            start = offset + match.start()
            yield Fact(kind, unit, number, subject, found.place, start, offset + match.end(), match[0].strip())

    if "有效期" in clause:
        for match in _VALIDITY.finditer(clause):
            yield from fact("validity", "年", match[1], _subject(clause, match.start()), match)
    if "满" in clause or "到期" in clause:
        for match in _RENEWAL.finditer(clause):
            # “届满前 30 日内” is a window that opens, “届满 30 日前” one that closes: not the same fact.
            closing = "内" if match[4] and "内" in match[4] else "前"
            unit = {"自然日": "日", "天": "日"}.get(match[3], match[3])
            yield from fact("renewal", unit + closing, match[1] or match[2], _subject(clause, match.start()), match)
    if "岁" in clause:
        ages = list(_AGE.finditer(clause))
        for match in ages if len(ages) == 1 and not re.search(r"\d\s*(?:至|到|—|-|～)\s*\d+\s*周?岁", clause) else ():
            side = "未满" if match[1] in ("未满", "不满") else "年满"
            topics = "、".join(topic for topic in _TOPICS if topic in clause)
            yield from fact("age", side, match[2], topics, match)
    if "内" in clause and ("起" in clause or "后" in clause):
        for match in _DEADLINE.finditer(clause):
            unit = {"自然日": "日", "天": "日"}.get(match[3], match[3])
            yield from fact("deadline", unit, match[2], f"{re.sub('^.*[自在]', '', match[1])[-4:]}…{match[4]}", match)
    if "法定" in clause or "承诺" in clause:
        for match in _LIMIT.finditer(clause):
            yield from fact("limit", match[1] + match[3], match[2], "", match)


def _subject(clause: str, position: int) -> str:
    """The noun right before the fact: 食品经营许可证 in “食品经营许可证有效期 5 年”."""
    subject = re.split(r"[，、：（）“”《》\s]", clause[:position])[-1]
    before = None
    while before != subject:
        before, subject = subject, _SUBJECT_NOISE.sub("", subject)
    return subject


def same_subject(one: Fact, other: Fact, owner: str) -> bool:
    """Whether two facts speak of the same thing. `owner`: the name of what the guide issues, meant where nothing is said."""
    if one.kind in ("age", "deadline"):
        return one.subject == other.subject != ""
    if one.kind == "limit":
        return True
    left, right = one.subject or owner, other.subject or owner
    return bool(left) and bool(right) and (left.endswith(right) or right.endswith(left))


def contradictions(every: Iterable[Fact], owner: str) -> Iterator[tuple[Fact, Fact]]:
    """Pairs (earlier, later) that can't both be true; each later fact at most once, each text against others only."""
    listed = list(every)
    for number, later in enumerate(listed):
        same = [
            one
            for one in listed[:number]
            if (one.kind, one.unit) == (later.kind, later.unit) and one.place != later.place
        ]
        against = [one for one in same if same_subject(one, later, owner)]
        if against and all(one.number != later.number for one in against):
            yield against[0], later
