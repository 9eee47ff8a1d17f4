"""Typed fields out of the words of a guide; None where the words don't say it for sure."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Any

_LIMIT = re.compile(r"^(?:自.{0,12}?起)?\s*(\d{1,4})\s*(?:个|\(个\))?\s*(工作日|自然日|日历日)")
_PHONE = re.compile(r"(?<![\d-])(\d{3,4}-\d{7,8}|1\d{10}|\d{7,8}|\d{5})(?![\d-])")
_BASIS = re.compile(
    r"《([^》]{2,80})》\s*(?:[（(]([^）)]{2,60})[）)])?\s*(第[一二三四五六七八九十百零〇\d]+条(?:第[一二三四五六七八九十\d]+[款项])*)?\s*[:：,，]?\s*(.*)$",
    re.DOTALL,
)


def word(text: str, words: type[StrEnum]) -> str | None:
    """The value of a closed list that the text is."""
    found = unicodedata.normalize("NFKC", text).strip()
    same = {unicodedata.normalize("NFKC", one.value): one.value for one in words}
    short = {
        "县级": "县（区）",
        "区级": "县（区）",
        "区": "县（区）",
        "市级": "市",
        "省级": "省",
        "是": "必要",
        "否": "非必要",
    }
    return same.get(found) or next((one.value for one in words if short.get(found) == one.value), None)


def words(text: str, every: type[StrEnum]) -> list[str]:
    """The values of a closed list that the text enumerates; none if a word is unknown."""
    found = [word(part, every) for part in re.split(r"[、，,;；/\s]+", text.strip()) if part]
    return [one for one in found if one is not None] if all(found) else []


def limit(text: str) -> dict[str, Any] | None:
    """20 个工作日. 日 alone is neither 工作日 nor 自然日."""
    found = unicodedata.normalize("NFKC", text)
    if re.match(r"^(即办|当场|即时)", found):
        return {"unit": "即办"}
    match = _LIMIT.match(found.strip())
    if not match:
        return None
    rest = found.strip()[match.end() :].strip("。;；,，()（）内 ")
    unit = "工作日" if match[2] == "工作日" else "自然日"
    return {"number": int(match[1]), "unit": unit, **({"notes": [rest]} if rest else {})}


def phone(text: str) -> dict[str, str] | None:
    """A telephone number and whose it is."""
    found = unicodedata.normalize("NFKC", text)
    numbers = _PHONE.findall(found)
    if len(numbers) != 1:
        return None
    return {"name": _PHONE.sub("", found).strip("()（）:：,， ") or "咨询服务", "number": numbers[0]}


def fee(text: str) -> dict[str, Any] | None:
    """Whether something is charged, and how much."""
    if re.match(r"^(不收费|否|免费|无)", text.strip()):
        return {"charged": False, **({"standard": text.strip()} if len(text.strip()) > 3 else {})}
    return {"charged": True, "standard": text.strip()} if re.search(r"\d.*元", text) else None


def visits(text: str) -> dict[str, int] | None:
    """到现场次数."""
    match = re.fullmatch(r"(?:最多)?\s*(\d)\s*次?", unicodedata.normalize("NFKC", text).strip())
    return {"count": int(match[1])} if match else None


def basis(text: str) -> dict[str, str] | None:
    """《law》（document number）article: text."""
    match = _BASIS.match(text.strip())
    if not match:
        return None
    named = {"law": match[1], "document_number": match[2], "article": match[3], "text": match[4].strip("。 ")}
    return {key: value for key, value in named.items() if value}
