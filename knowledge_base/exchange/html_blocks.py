"""HTML to blocks, as government sites publish guides: tables in tables, merged cells, forms around everything, inline styles.

Comes in: a parsed body. Goes out: paragraphs and tables in their order. Nothing is run, loaded or shown; scripts, images and
what the page hides are not read, and said. Nesting is walked with a list, so that its depth can't exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from core.errors import TooLarge
from knowledge_base.exchange.guide_blocks import Block

MOST_SPAN = 100
"""Rows or columns that one cell may cover; more are taken for a mistake of the page."""
MOST_CELLS = 20_000
LONGEST_HEADING = 30
_DROPPED = {
    "script": "脚本",
    "img": "图片",
    "iframe": "嵌入的页面",
    "object": "嵌入的对象",
    "embed": "嵌入的对象",
    "svg": "图片",
    "input": "表单项",
    "select": "表单项",
    "textarea": "表单项",
    "button": "按钮",
}
_SILENT = frozenset(
    {"style", "head", "template", "noscript", "-comment", "_comment", "link", "meta", "colgroup", "wbr"}
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "big",
        "br",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "label",
        "mark",
        "o:p",
        "q",
        "s",
        "small",
        "span",
    }
    | {"strong", "sub", "sup", "u", "-text"}
)
_BLOCKS = (
    "address, article, blockquote, center, dd, div, dl, dt, fieldset, form, h1, h2, h3, h4, h5, h6, li, main, ol, p, "
    "pre, section, table, ul"
)
_RICH = "table, h1, h2, h3, h4, h5, h6"
"""What makes a table's cell a part of the page rather than a value."""
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.IGNORECASE)


def html_blocks(body: LexborNode) -> Iterator[Block]:
    """The blocks of a page. Raises TooLarge (`guide_too_long`) for a table of too many cells."""
    waiting: list[LexborNode | list[LexborNode] | Block] = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Block):
            yield node
            continue
        if isinstance(node, list):
            yield from _paragraph(node, bold=False)
            continue
        tag = node.tag or ""
        if tag in _SILENT:
            continue
        if tag in _DROPPED or (tag != "-text" and _hidden(node)):
            yield Block(dropped=f"{_DROPPED.get(tag, '隐藏的内容')}没有读")
        elif tag in _HEADINGS:
            yield Block(text=" ".join(lines_of([node])), heading=True)
        elif tag == "table":
            waiting.extend(reversed(list(_table(node))))
        elif tag == "dl":
            yield from _definitions(node)
        elif tag in _INLINE or not _holds(node, _BLOCKS):
            yield from _paragraph([node], bold=_is_bold(node))
        else:
            waiting.extend(reversed(_runs(node)))


def _holds(node: LexborNode, selector: str) -> bool:
    """Whether anything inside `node` fits; a search at the node itself would find the node."""
    return any(child.css_first(selector) is not None for child in node.iter())


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))


def _runs(node: LexborNode) -> list[LexborNode | list[LexborNode]]:
    """A container's children; what stands in one line together."""
    found: list[LexborNode | list[LexborNode]] = []
    for child in node.iter(include_text=True):
        inline = (child.tag or "") in _INLINE and (child.tag == "-text" or not _holds(child, _BLOCKS))
        if not inline:
            found.append(child)
        elif found and isinstance(found[-1], list):
            found[-1].append(child)
        else:
            found.append([child])
    return found


def _paragraph(nodes: list[LexborNode], *, bold: bool) -> Iterator[Block]:
    for line in lines_of(nodes):
        yield Block(text=line, heading=bold and len(line) <= LONGEST_HEADING)
    yield from _dropped(nodes)


def _dropped(nodes: list[LexborNode]) -> Iterator[Block]:
    for node in nodes:
        if node.tag == "-text":
            continue
        for found in node.css(", ".join(_DROPPED)):
            yield Block(dropped=f"{_DROPPED[found.tag or '']}没有读")


def _is_bold(node: LexborNode) -> bool:
    """Whether a paragraph is all bold, by a tag or an inline style of its own or of its only child."""
    if node.tag == "-text":
        return False
    children = [child for child in node.iter(include_text=True) if child.tag != "-text" or (child.text() or "").strip()]
    only = children[0] if len(children) == 1 and children[0].tag != "-text" else None
    return any(
        one is not None and (one.tag in ("b", "strong") or bool(_BOLD.search(one.attributes.get("style") or "")))
        for one in (node, only)
    )


def lines_of(nodes: list[LexborNode]) -> list[str]:
    """The text as the page shows it, line by line: broken at <br> and at blocks, every kind of blank one space."""
    parts: list[str] = []
    waiting: list[LexborNode | None] = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        if node is None:
            parts.append("\n")
            continue
        tag = node.tag or ""
        if tag == "-text":
            # A line that only the source breaks has no blank in Chinese.
            whole = re.sub(r"(?<=[㐀-鿿，。；：、])\s*\n\s*(?=[㐀-鿿])", "", node.text(deep=False) or "")
            parts.append(re.sub(r"\s+", " ", whole))
        elif tag == "br":
            parts.append("\n")
        elif tag not in _SILENT and tag not in _DROPPED and not _hidden(node):
            if tag not in _INLINE:
                parts.append("\n")
                waiting.append(None)
            waiting.extend(reversed(list(node.iter(include_text=True))))
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in "".join(parts).split("\n"))
    return [line for line in lines if line]


def _definitions(node: LexborNode) -> Iterator[Block]:
    rows: list[list[str]] = []
    for child in node.iter():
        text = "\n".join(lines_of([child]))
        if child.tag == "dt":
            rows.append([text, ""])
        elif child.tag == "dd" and rows:
            rows[-1][1] = "\n".join(filter(None, (rows[-1][1], text)))
    if rows:
        yield Block(rows=tuple((name, text) for name, text in rows))
    yield from _dropped([node])


@dataclass
class _Grid:
    """A table as it is put together: `above`: by column, a text that reaches down and how many rows it still does."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    continued: set[tuple[int, int]] = field(default_factory=set)
    above: dict[int, tuple[str, int]] = field(default_factory=dict)

    def add(self, cells: list[LexborNode]) -> int:
        """Add a row, every merged cell in each place that it covers; how many cells that were."""
        row: list[str] = []
        waiting = list(cells)
        while waiting or any(column >= len(row) for column in self.above):
            column = len(row)
            if column in self.above:
                text, left = self.above.pop(column)
                self.continued.add((len(self.rows), column))
                row.append(text)
                if left > 1:
                    self.above[column] = (text, left - 1)
            elif waiting:
                cell = waiting.pop(0)
                text = "\n".join(lines_of([cell]))
                for _ in range(_span(cell, "colspan")):
                    if (down := _span(cell, "rowspan")) > 1:
                        self.above[len(row)] = (text, down - 1)
                    row.append(text)
            else:
                row.append("")
        if any(row):
            self.rows.append(tuple(row))
        return len(row)

    def block(self) -> Block:
        """What was added."""
        return Block(rows=tuple(self.rows), continued=frozenset(self.continued))


def _span(cell: LexborNode, name: str) -> int:
    digits = re.match(r"\d{1,4}", (cell.attributes.get(name) or "").strip())
    return max(1, min(MOST_SPAN, int(digits[0]))) if digits else 1


def _table(table: LexborNode) -> Iterator[LexborNode | list[LexborNode] | Block]:
    """A cell with a table or headings in it is a part of the page, and walked like one; the other rows are tables."""
    grid, cells_read = _Grid(), 0
    yield from (child for child in table.iter() if child.tag == "caption")
    for row in _own_rows(table):
        cells = [cell for cell in row.iter() if cell.tag in ("td", "th") and not _hidden(cell)]
        if any(_holds(cell, _RICH) for cell in cells):
            if grid.rows:
                yield grid.block()
            grid = _Grid()
            for cell in cells:
                yield from _runs(cell)
        else:
            cells_read += grid.add(cells)
            yield from _dropped(cells)
        if cells_read > MOST_CELLS:
            raise TooLarge(f"表格超过 {MOST_CELLS:,} 格；一份文档只写一个事项。", code="guide_too_long", param="file")
    if grid.rows:
        yield grid.block()


def _own_rows(table: LexborNode) -> Iterator[LexborNode]:
    """The rows of a table without those of tables in it; the parser puts every row into a body."""
    for child in table.iter():
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child.iter() if row.tag == "tr")
