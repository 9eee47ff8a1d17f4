"""Numbers in guides and in reworded answers, each as one comparable fact: bound, value, unit, bound.

二十个工作日内 and 20 个工作日以内 are one fact; 20 个工作日 and 20 天 are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from services.consult.numbers_said import chinese_number

_CHINESE = "零〇一二两三四五六七八九十百千万亿"
UNITS = (
    "个工作日|工作日|个自然日|自然日|日历日|个月|个季度|季度|周岁|岁|平方米|平方公里|立方米|公里|千米|千克|公斤|毫米|厘米|万元|亿元|元|角|分钟|小时|%|倍|"
    "份|张|套|名|人|个人|次|页|寸|项|日|天|周|星期|月|年|号|时|吨|米|级|类|条|款|种|件|本|册|度|点|户|家|处|台|辆|只"
)
# A clock, a date or a phone number is one value; digits may hold separators.
_PLAIN = r"\d+(?:[.:/\-]\d+)*"
_FACT = re.compile(rf"(?P<number>{_PLAIN}|百分之[{_CHINESE}]+|半|[{_CHINESE}]+)(?P<big>[万亿])?(?P<unit>{UNITS})?")


class Words(BaseModel):
    """words.yaml; the file's comments say what the fields mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    talk: tuple[str, ...]
    marks: dict[str, tuple[str, ...]]
    not_marks: tuple[str, ...]
    promises: tuple[str, ...]
    before: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]


@cache
def words() -> Words:
    """Read once."""
    text = (Path(__file__).with_name("words.yaml")).read_text(encoding="utf-8")
    return Words.model_validate(YAML(typ="safe").load(text))


def normalised(text: str) -> str:
    """Full-width and half-width made one, without white space between, small letters; line ends stay."""
    lines = unicodedata.normalize("NFKC", text).lower().replace("〇", "零").split("\n")
    # 1,200 is one number; a comma between Chinese words stays a comma.
    bare = [
        re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", re.sub(r"\s+", "", re.sub(r"^\s*\d+\.\s+", "", one))) for one in lines
    ]
    return "\n".join(line for line in bare if line)


def facts(text: str) -> frozenset[str]:
    """Every number of a normalised `text`, in one spelling: `不超过|20|个工作日|内`."""
    found = set()
    for match in _FACT.finditer(text):
        number, unit = match["number"], match["unit"] or ""
        if number[0] in _CHINESE + "半" and not unit and (len(number) == 1 or number[0] == "半"):
            continue  # 一般, 统一, 一次性: a sign of a word
        if number == "一" and text[match.end() : match.end() + 1] in ("性", "致"):
            continue
        value = _value(number, match["big"] or "")
        if number.startswith("百分之"):
            unit = "%"
        ahead, behind = text[: match.start()], text[match.end() :]
        unit = {"工作日": "个工作日", "自然日": "个自然日", "日": "天"}.get(unit, unit)
        found.add(f"{_beside(ahead, words().before, ends=True)}|{value}|{unit}|{_beside(behind, words().after)}")
    return frozenset(found)


def _value(number: str, big: str) -> str:
    if number.startswith("百分之"):
        number = number[3:]
    if number[0].isdigit():
        plain = number.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", number) else number
        return plain + big
    value = chinese_number(number)
    return number if value is None else f"{value:g}{big}"


def _beside(text: str, kinds: Sequence[Sequence[str]], *, ends: bool = False) -> str:
    """The first word of the list whose (longest) word stands directly beside the number, or ''."""
    beside = text.endswith if ends else text.startswith
    best = max(((len(word), kind[0]) for kind in kinds for word in kind if beside(word)), default=(0, ""))
    return best[1]
