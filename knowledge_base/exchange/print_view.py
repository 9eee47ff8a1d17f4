"""The print view: one entry as an HTML page for A4 paper, for the window and the kiosk.

Comes in: an entry and its answers. Goes out: a whole page without scripts or anything from outside; every text is escaped.
With answers only what applies, or may still apply, is printed.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

from knowledge_base.entries import LifeEvent, kind_of
from knowledge_base.questionnaire import applicable
from knowledge_base.rules import Answer
from knowledge_base.schema import Conditional, Entry, ServiceItem
from knowledge_base.sections import Section, sections_of

_STYLE = """
@page { size: A4; margin: 18mm 16mm 20mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 178mm; padding: 8mm 0; color: #111; background: #fff; line-height: 1.7;
  font: 12pt/1.7 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
body.large { font-size: 17pt; }
h1 { font-size: 1.9em; line-height: 1.3; margin: 0 0 .2em; }
.facts { margin: 0 0 1em; color: #333; }
.mark { display: inline-block; border: 1.5pt solid #a33; color: #a33; padding: 0 .5em; font-weight: bold; }
.answers { border: 1pt solid #888; padding: .4em .8em; margin: 0 0 1em; }
h2 { font-size: 1.25em; margin: 1.1em 0 .3em; padding-bottom: .1em; border-bottom: 1.5pt solid #1f5fa8;
  break-after: avoid; }
section p { margin: .2em 0; break-inside: avoid; overflow-wrap: anywhere; }
section p.listed { padding-left: 2em; text-indent: -2em; }
footer { margin-top: 2em; padding-top: .4em; border-top: .75pt solid #888; font-size: .8em; color: #333; }
"""
PAGE_SECURITY: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'sha256-"
    + b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""Headers of the page: nothing runs, nothing is loaded, only the page's own style counts."""


def applying(entry: Entry, answers: Mapping[str, Answer]) -> Entry:
    """The entry without the parts that these answers rule out; the questions go too, for they are answered."""
    kept: dict[str, Any] = {}
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        if isinstance(value, tuple) and value and isinstance(value[0], Conditional):
            kept[name] = tuple(applicable(value, answers))
    if isinstance(entry, ServiceItem | LifeEvent):
        kept["situations"] = tuple(one for one in entry.situations if one.id not in answers)
    if isinstance(entry, ServiceItem) and entry.fee is not None:
        cases = tuple(applicable(entry.fee.cases, answers))
        kept["fee"] = entry.fee.model_copy(update={"cases": cases})
    return entry.model_copy(update=kept)


def print_page(
    entry: Entry,
    *,
    generation: str,
    names: Mapping[str, str] | None = None,
    answers: Mapping[str, Answer] | None = None,
    large: bool = False,
    today: date | None = None,
) -> str:
    """The page. `names`: of items by id; `answers`: as `questionnaire.read_answers` gives them; `large`: 长辈版."""
    shown = applying(entry, answers) if answers else entry
    sections = "".join(_section(section) for section in sections_of(shown, names))
    mark = '<p class="mark">示例内容，不作办事依据</p>' if entry.sample else ""
    day = today or date.today()
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(entry.name)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body{' class=large' if large else ''}><h1>{escape(entry.name)}</h1>"
        f'<p class="facts">{escape(kind_of(entry).display_name)} · {escape(entry.department)}</p>{mark}'
        f"{_answers(entry, answers or {})}{sections}"
        f"<footer>{escape(entry.id)} 第 {entry.version} 版 · 内容库第 {escape(generation)} 代 · "
        f"打印于 {day.year} 年 {day.month} 月 {day.day} 日"
        f"{' · 示例' if entry.sample else ''}</footer></body></html>"
    )


def _section(section: Section) -> str:
    lines = []
    for line in section.text.split("\n"):
        head, dot, _ = line.partition(". ")
        listed = ' class="listed"' if dot and head.isdecimal() else ""
        lines.append(f"<p{listed}>{escape(line)}</p>")
    return f"<section><h2>{escape(section.title)}</h2>{''.join(lines)}</section>"


def _answers(entry: Entry, answers: Mapping[str, Answer]) -> str:
    lines = []
    for situation in getattr(entry, "situations", ()):
        if situation.id not in answers:
            continue
        given, labels = answers[situation.id], {option.value: option.label for option in situation.options}
        if isinstance(given, bool):
            told = "是" if given else "否"
        elif isinstance(given, list):
            told = "、".join(labels.get(one, one) for one in given) or "都没有"
        elif isinstance(given, float):
            told = f"{given:g} {situation.unit or ''}"
        else:
            told = labels.get(given, given)
        lines.append(f"<p>{escape(situation.question)} <b>{escape(told)}</b></p>")
    return f'<div class="answers"><p>按以下情形打印：</p>{"".join(lines)}</div>' if lines else ""
