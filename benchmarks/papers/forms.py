"""How the rows of a paper are laid out: columns, joined lines, values on rules, tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.papers.sheet import Pen, Run, Sheet

RULE = (60, 60, 62)


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what stands beside it. `value`: normalised; `text`: as printed."""

    label: str
    field: str
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a form looks. `colon` follows each label; `spread`: labels are spread to the width of the longest; `gap`: share of
    the size between rows."""

    label: Pen
    value: Pen
    colon: str = "："
    spread: bool = False
    gap: float = 1.0


def tell(sheet: Sheet, rows: Sequence[Row]) -> None:
    """The truth of what is going to be written."""
    for row in rows:
        if row.field:
            sheet.tell(row.field, row.value)


def columns(
    sheet: Sheet, rows: Sequence[Row], x: float, y: float, label_width: float, width: float, style: Style
) -> float:
    """Labels at x, values beside them from x + `label_width` on, broken at `width` pixels; returns the y below."""
    tell(sheet, rows)
    for row in rows:
        if style.spread and row.label:
            sheet.spread(x, y, row.label, style.label, label_width * 0.78)
        else:
            sheet.write(x, y, row.label + style.colon, style.label)
        below = sheet.paragraph(x + label_width, y, width, [Run(row.text, row.field)], style.value, 1.5)
        y = max(below, y + style.label.size * 1.5) + style.value.size * style.gap * 0.6
    return y


def joined(sheet: Sheet, rows: Sequence[Row], x: float, y: float, width: float, style: Style) -> float:
    """Label and value as one line of text, broken at `width` pixels."""
    tell(sheet, rows)
    for row in rows:
        runs = [Run(row.label + style.colon), Run(row.text, row.field)]
        y = sheet.paragraph(x, y, width, runs, style.value, 1.5) + style.value.size * style.gap * 0.6
    return y


def underlined(
    sheet: Sheet, rows: Sequence[Row], x: float, y: float, label_width: float, width: float, style: Style
) -> float:
    """As columns, each line of a value on a rule."""
    tell(sheet, rows)
    for row in rows:
        sheet.write(x, y, row.label + style.colon, style.label)
        below = sheet.paragraph(x + label_width, y, width, [Run(row.text, row.field)], style.value, 1.6)
        below = max(below, y + style.value.size * 1.6)
        rule = y + style.value.size * 1.3
        while rule < below:
            sheet.draw.line((x + label_width - 6, rule, x + label_width + width, rule), fill=RULE, width=2)
            rule += style.value.size * 1.6
        y = below + style.value.size * style.gap * 0.5
    return y


def table(
    sheet: Sheet, rows: Sequence[Sequence[Row]], x: float, y: float, width: float, style: Style, share: float = 0.22
) -> float:
    """A ruled table; each of `rows` holds the cells beside each other, a label taking `share` of the width of a pair."""
    pad = style.value.size * 0.55
    for pairs in rows:
        tell(sheet, pairs)
        pair_width = width / len(pairs)
        below = y + style.value.size * (2.0 + style.gap * 0.4)
        for number, row in enumerate(pairs):
            left = x + number * pair_width
            cell = pair_width * share * (1.0 if len(pairs) == 1 else 1.55)
            label_end = sheet.paragraph(left + pad, y + pad, cell - pad * 1.4, [Run(row.label)], style.label, 1.3)
            value_end = sheet.paragraph(
                left + cell + pad, y + pad, pair_width - cell - pad * 2, [Run(row.text, row.field)], style.value, 1.35
            )
            below = max(below, label_end + pad * 0.8, value_end + pad * 0.8)
        for number in range(len(pairs)):
            left = x + number * pair_width
            cell = pair_width * share * (1.0 if len(pairs) == 1 else 1.55)
            sheet.draw.rectangle((left, y, left + pair_width, below), outline=RULE, width=2)
            sheet.draw.line((left + cell, y, left + cell, below), fill=RULE, width=2)
        y = below
    return y
