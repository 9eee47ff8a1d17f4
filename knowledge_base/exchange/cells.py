r"""One cell: a value of the schema as it is written, and what stands in a cell as a value of the schema.

Texts keep every character: what XML can't hold is written as \uXXXX, a backslash twice, and in cells of several lines a line
feed inside a line as \n. Numbers, dates and codes may come as text, in full width, with blanks around.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time
from typing import Any

from core.errors import shown
from knowledge_base.exchange.layout import Column

LONGEST_CELL = 32_767
"""What a workbook holds in one cell."""
SAFE_DIGITS = 15
"""Digits that a number in a workbook keeps."""
_ILLEGAL = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WRITTEN = re.compile(r"\\(\\|n|u[0-9a-f]{4})")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")
_YES = frozenset({"是", "有", "true", "1", "y", "yes", "√"})
_NO = frozenset({"否", "无", "false", "0", "n", "no", "×"})


class CellInvalid(ValueError):
    """What is wrong with a cell, in Chinese."""


def written(column: Column, value: Any) -> str | int | float | bool | date | None:
    """What to write for a value that `model_dump(mode="json")` gave."""
    if value is None or value == []:
        return None
    if column.many:
        return "\n".join(escaped(_one(column, one)).replace("\n", "\\n") for one in value)
    if column.type == "flag":
        return "是" if value else "否"
    if column.type == "day":
        return date.fromisoformat(value)
    if column.type in ("whole", "number"):
        return value  # type: ignore[no-any-return]
    return escaped(_one(column, value))


def _one(column: Column, value: Any) -> str:
    return column.words[value] if column.words else str(value)


def escaped(text: str) -> str:
    """The text as a cell can hold it."""
    return _ILLEGAL.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\\", "\\\\"))


def unescaped(text: str, *, lines: bool) -> str:
    """What `escaped` made of a text, back."""

    def back(found: re.Match[str]) -> str:
        if found[1] == "\\":
            return "\\"
        if found[1] == "n":
            return "\n" if lines else found[0]
        return chr(int(found[1][1:], 16))

    return _WRITTEN.sub(back, text)


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing that a person would see."""
    return value is None or (isinstance(value, str) and not value.strip())


def read(column: Column, value: object) -> Any:
    """The plain value of a cell that is not blank. Raises CellInvalid."""
    if column.many:
        lines = [line for line in _text(value).replace("\r\n", "\n").split("\n") if line.strip()]
        if column.words or column.type == "code":
            # Words of closed lists and codes are also written in one line.
            lines = [word for line in lines for word in re.split(r"[、，,；;\s]+", line.strip()) if word]
        return [_word(column, line) if column.words else unescaped(line.strip(), lines=True) for line in lines]
    if column.type == "flag":
        return _flag(value)
    if column.type == "day":
        return _day(value)
    if column.type in ("whole", "number"):
        return _number(column, value)
    text = _text(value)
    if column.words:
        return _word(column, text)
    if column.type == "code":
        text = _narrow(text) if column.path[-1] != "rule" else text
    return unescaped(text.strip(), lines=False)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date | time):
        raise CellInvalid("应为文字，单元格里是日期；请把格式改为文本后重新填写")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and len(str(abs(value))) > SAFE_DIGITS:
        raise CellInvalid("是超过 15 位的数字，表格软件已改动其末尾；请把格式改为文本后重新填写")
    return str(value)


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _word(column: Column, text: str) -> str:
    found = unicodedata.normalize("NFKC", text).strip()
    for value, label in column.words.items():
        if found in (value, unicodedata.normalize("NFKC", label)) or text.strip() == label:
            return value
    raise CellInvalid(f"“{shown(text.strip())}”不在可选的范围里，应为 {'、'.join(column.words.values())} 之一")


def _flag(value: object) -> bool:
    text = _narrow(str(value)).lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise CellInvalid("应为 是 或 否")


def _day(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    found = _DAY.fullmatch(_narrow(str(value)))
    if found:
        try:
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        except ValueError:
            pass
    raise CellInvalid("应为日期，如 2026-01-31")


def _number(column: Column, value: object) -> int | float:
    if isinstance(value, bool | datetime | date | time):
        raise CellInvalid("应为数字")
    try:
        number = float(value) if isinstance(value, int | float) else float(_narrow(str(value)))
    except (ValueError, OverflowError):
        raise CellInvalid("应为数字，不要写单位") from None
    if not math.isfinite(number):
        raise CellInvalid("应为数字")
    if column.type == "number":
        return number
    if not number.is_integer():
        raise CellInvalid("应为整数")
    return int(number)
