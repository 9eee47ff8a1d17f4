"""A guide as people wrote it, to a draft of an item: blocks of a document to elements, with what was not understood.

Comes in: paragraphs and tables in their order (`guide_files`). Goes out: `GuideDraft`: a document that may be incomplete, and
what every block was understood as. Nothing is guessed: what no heading, label or table column names is left for people.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from knowledge_base.exchange.guide_blocks import Block, GuideDraft, UnderstoodBlock
from knowledge_base.exchange.guide_fields import basis, fee, limit, phone, visits, word, words
from knowledge_base.life.field_titles import title_of
from knowledge_base.reading import ContentInvalid, parse_entry
from knowledge_base.terms import (
    ApplicantKind,
    EntryKind,
    HandlingKind,
    ItemType,
    Level,
    MaterialKind,
    MaterialSource,
    Necessity,
)

_DATA = YAML(typ="safe").load(Path(__file__).with_suffix(".yaml"))


def _by_name(part: str) -> dict[str, str]:
    return {name: key for key, names in _DATA[part].items() for name in names}


HEADINGS, LABELS, MATERIAL_COLUMNS = _by_name("headings"), _by_name("labels"), _by_name("material_columns")
_NUMBER = re.compile(
    r"^(第?[一二三四五六七八九十]+[、.章节]|[（(][一二三四五六七八九十\d]+[）)]|\d+([.．]\d+)*[、.．)）]?)\s*"
)
_LABEL = re.compile(r"^([^：:]{2,14})[：:]\s*(.+)$", re.DOTALL)
NOT_UNDERSTOOD = "not_understood"
LONGEST_NAME = 60
HEAD_ROWS = 3
"""Above a table's head may stand a title or two."""


def read_guide(blocks: Sequence[Block]) -> GuideDraft:
    """The draft that the blocks give."""
    draft, element, headed = GuideDraft(), None, False
    for block in blocks:
        if block.dropped:
            _note(draft, block.text or block.dropped, "ignored", block.dropped)
        elif block.rows:
            _table(draft, block, element)
        else:
            found, rest = _heading(block)
            if found is not None:
                element, headed = found, True
                _note(draft, block.text if not rest else block.text[: -len(rest)], "heading", None)
                if rest:
                    _line(draft, rest, element)
            elif block.heading:
                element = _title(draft, block)
            else:
                _line(draft, block.text, element)
    if not headed:
        draft.notices.append("文档里没有认得的标题，只按“名称：内容”的写法读；其余请在编辑页面里填写。")
    draft.document.setdefault("version", 1)
    _missing(draft)
    return draft


def plain(text: str) -> str:
    """Without numbering, blanks and punctuation, for comparison."""
    return re.sub(r"[\s:：。*/、()（）]", "", _NUMBER.sub("", unicodedata.normalize("NFKC", text).strip()))


def _heading(block: Block) -> tuple[str | None, str]:
    match = _LABEL.match(_NUMBER.sub("", block.text.strip()))
    if match and plain(match[1]) in HEADINGS and plain(match[1]) not in LABELS:
        return HEADINGS[plain(match[1])], match[2]
    if not match and len(block.text) <= 24:
        return HEADINGS.get(plain(block.text)), ""
    return None, ""


def _title(draft: GuideDraft, block: Block) -> str | None:
    if "name" not in draft.document and len(block.text) <= LONGEST_NAME:
        draft.document["name"] = re.sub(r"(办事指南|服务指南)$", "", _NUMBER.sub("", block.text.strip())).strip(
            "“”《》 "
        )
        _note(draft, block.text, "name", None)
    else:
        _note(draft, block.text, NOT_UNDERSTOOD, "不认识的标题")
    return None


def _note(draft: GuideDraft, text: str, found: str, reason: str | None) -> None:
    titles = {"heading": "标题", "ignored": "没有读", NOT_UNDERSTOOD: "没有读懂"}
    draft.blocks.append(UnderstoodBlock(text[:500], found, titles.get(found) or title_of([found]), reason))


def _line(draft: GuideDraft, text: str, element: str | None) -> None:
    bare = _NUMBER.sub("", text.strip())
    match = _LABEL.match(bare)
    name = LABELS.get(plain(match[1])) if match else None
    if match and name is not None:
        stored = _labelled(draft.document, name, match[2].strip())
        _note(
            draft, text, name if stored else NOT_UNDERSTOOD, None if stored else "这一项的写法没有读懂，或前面已经有了"
        )
        return
    placed = _under(draft.document, element, bare) if element and bare else None
    _note(
        draft, text, placed or NOT_UNDERSTOOD, None if placed else "不知道属于哪一项" if not element else "写法没有读懂"
    )


def _labelled(document: dict[str, Any], name: str, text: str) -> bool:
    closed: Mapping[str, Any] = {"item_type": ItemType, "level": Level, "handling_kind": HandlingKind}
    if name in ("statutory_limit", "promised_limit"):
        value: Any = limit(text)
    elif name in closed:
        value = word(text, closed[name])
    elif name == "applicant_kinds":
        value = words(text, ApplicantKind) or None
    elif name == "fee":
        value = fee(text)
    elif name == "visits":
        value = visits(text)
    elif name in ("consult_phone", "supervise_phone"):
        value = phone(text)
    elif name in ("places", "hours", "results"):
        return _under(document, name, text) is not None
    else:
        value = text
    if value is None or name in document:
        return False
    document[name] = value
    return True


def _under(document: dict[str, Any], element: str, text: str) -> str | None:
    """Put a line under its element; the field that it went to."""
    if element in ("conditions", "hours"):
        document.setdefault(element, []).append({"text": text})
    elif element == "materials":
        document.setdefault(element, []).append(material({"name": text}, len(document.get(element, ())) + 1))
    elif element == "steps":
        match = _LABEL.match(text)
        number = len(document.get(element, ())) + 1
        step = (
            {"name": match[1].strip(), "text": match[2].strip()} if match else {"name": f"第 {number} 步", "text": text}
        )
        document.setdefault(element, []).append(step)
    elif element == "places":
        found = {"name": text} if not re.search(r"[路街道号弄]", text) else {"name": "办理地点", "address": text}
        document.setdefault(element, []).append(found)
    elif element == "results":
        kind = (
            "证照"
            if re.search(r"[证照]$", text)
            else "批文"
            if re.search(r"(批复|决定书|通知书|文件)$", text)
            else "其他"
        )
        document.setdefault(element, []).append({"name": text, "kind": kind})
    elif element == "legal_basis":
        cited = basis(text)
        if cited is None:
            return None
        document.setdefault(element, []).append(cited)
    elif element == "summary":
        document["summary"] = "；".join(part for part in (document.get("summary"), text) if part)
    elif element == "fee":
        value = fee(text)
        if value is None or "fee" in document:
            return None
        document["fee"] = value
    else:
        return None
    return element


def material(given: Mapping[str, str], number: int) -> dict[str, Any]:
    """A material of a table's row or a line; what the words don't say is left out."""
    found: dict[str, Any] = {"id": f"material_{number}"}
    for name, text in given.items():
        if name == "copies":
            if digits := re.search(r"\d+", unicodedata.normalize("NFKC", text)):
                found["copies"] = int(digits[0])
        elif name in ("kind", "source", "necessity"):
            lists: dict[str, Any] = {"kind": MaterialKind, "source": MaterialSource, "necessity": Necessity}
            if (value := word(text, lists[name])) is not None:
                found[name] = value
        elif text:
            found[name] = text
    return found


def _table(draft: GuideDraft, block: Block, element: str | None) -> None:
    for number, row in enumerate(block.rows[:HEAD_ROWS]):
        head = [MATERIAL_COLUMNS.get(plain(cell)) for cell in row]
        if "name" in head and len({one for one in head if one}) >= 2:
            for title in block.rows[:number]:
                known = len(set(title)) == 1 and plain(title[0]) in HEADINGS
                _note(
                    draft, " | ".join(title), "heading" if known else NOT_UNDERSTOOD, None if known else "不认识的表格"
                )
            _materials(draft, block, number, head)
            return
    for row in block.rows:
        _pairs(draft, row)


def _materials(draft: GuideDraft, block: Block, top: int, head: list[str | None]) -> None:
    """The rows of a table of materials under its head at `top`."""
    titles = block.rows[top]
    _note(draft, " | ".join(titles), "heading", None)
    lost = [
        cell for cell, name in zip(titles, head, strict=True)
        if name is None and cell and plain(cell) not in _DATA["skipped_columns"]
    ]  # fmt: skip
    if lost:
        draft.notices.append(f"材料表的列“{'”“'.join(dict.fromkeys(lost))}”没有读。")
    name_at = head.index("name")
    listed = draft.document.setdefault("materials", [])
    current: dict[str, str] | None = None
    for number, row in enumerate(block.rows[top + 1 :], top + 1):
        given: dict[str, str] = {}
        for name, cell in zip(head, row, strict=False):
            if name and cell.strip():
                given.setdefault(name, cell.strip())
        if len(row) > 1 and len({cell for cell in row if cell}) == 1 and len([cell for cell in row if cell]) > 1:
            # One cell across the table: a heading between the rows, or a remark under them.
            _note(draft, row[0], NOT_UNDERSTOOD, "这一行是合并的单元格，不是一份材料")
            current = None
        elif not given.get("name"):
            _note(draft, " | ".join(row), NOT_UNDERSTOOD, "没有材料名称")
            current = None
        elif (number, name_at) in block.continued and current is not None:
            # The same material over several rows: what differs is put together.
            for name, text in given.items():
                if text not in current.setdefault(name, text).split("\n"):
                    current[name] += f"\n{text}"
            listed[-1] = material({name: _joined(text) for name, text in current.items()}, len(listed))
            _note(draft, " | ".join(row), "materials", None)
        else:
            current = given
            listed.append(material({name: _joined(text) for name, text in given.items()}, len(listed) + 1))
            _note(draft, " | ".join(row), "materials", None)
    if not listed:
        del draft.document["materials"]


def _joined(text: str) -> str:
    """Lines of a cell as one; a field of a material has one line."""
    return re.sub(r"([；;，,。、：:])；", r"\1", "；".join(line.strip() for line in text.split("\n") if line.strip()))


def _pairs(draft: GuideDraft, row: tuple[str, ...]) -> None:
    """A row of names and values; before them may stand the name of the group that the row belongs to."""
    cells = [cell for number, cell in enumerate(row) if number == 0 or cell != row[number - 1]]
    for tried in (cells, cells[1:], [cell for cell in cells if cell]):
        pairs = list(zip(tried[::2], tried[1::2], strict=False))
        if (
            not pairs
            or len(tried) % 2
            or any(plain(name) not in LABELS and plain(name) not in HEADINGS for name, _ in pairs)
        ):
            continue
        for name, text in pairs:
            if not text.strip():
                _note(draft, name, "ignored", "没有填写")
            elif plain(name) in LABELS:
                _line(draft, f"{plain(name)}：{text}", None)
            else:
                for line in text.split("\n"):
                    _line(draft, line, HEADINGS[plain(name)])
        return
    if any(cell.strip() for cell in row):
        _note(draft, " | ".join(cells), NOT_UNDERSTOOD, "不认识的表格")


def _missing(draft: GuideDraft) -> None:
    try:
        parse_entry(EntryKind.ITEM, {"id": "draft", **draft.document})
    except ContentInvalid as error:
        draft.missing = [(fault.field, fault.expected) for fault in error.faults]
